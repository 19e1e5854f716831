// responses.h: who was called by the acts of a thread, who has answered them, who has not, how
// soon, in which role: as the service that called sees it, at any moment, from the signed answers
// that it holds. Nothing here names a kind: who is called is whom an act of the opener goes to, an
// answer is an act of theirs that declares a public code.
#pragma once

#include <optional>

#include "clients/station/api/threads.h"

namespace relais::station {

struct Answer {
    PersonId by;
    std::string code;   // of its first public code: "RECEIVED"
    std::string label;  // French
    WallTime time;
    bool outdated = false;  // to a version that a later act has corrected
};

struct CalledMailbox {
    Address mailbox;
    WallTime called;                // first
    std::optional<WallTime> first;  // of its answers
    std::optional<Answer> last;     // none: it has not answered
    bool left = false;              // the groups that were called: it is in none any more
};

// A role that may answer, where somebody of those called holds it.
struct RoleReach {
    std::string label;
    std::size_t called = 0;        // mailboxes of organisations that have such a person
    std::size_t acknowledged = 0;  // mailboxes for which such a person answered
    std::optional<Milliseconds> first_after;
};

struct Reach {
    WallTime since;                     // the first that was called
    std::vector<CalledMailbox> called;  // by rising address
    // Members of the groups now that were not: without a station, or come since.
    std::vector<Address> not_called;
    std::vector<RoleReach> roles;  // in the order of the kind

    [[nodiscard]] std::size_t acknowledged() const;
    [[nodiscard]] std::size_t answered_with(std::string_view code) const;
    // From when each was called, until so many percent of them had answered; none: not yet, or
    // nobody was called. Requires 1 to 100.
    [[nodiscard]] std::optional<Milliseconds> time_to(unsigned percent) const;
};

// Requires a view whose kind is known. Errors: forbidden  seen from another mailbox than the one
// that called: answers go to that one alone; not_found  nothing in the thread calls anybody yet.
Result<Reach> reach_of(Station& station, const ThreadView& view);

}  // namespace relais::station
