// thread_holds.h: of one's own acts, what the broker holds back on purpose, for whom and until
// what: a fallback before its clock, a record before the choice, a later turn, an alert before its
// second signature. Plain values; one thread.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "schemas/directory/state.h"
#include "schemas/workflow/decide.h"

namespace relais::station {

// What one reader of an act does not get yet.
struct Held {
    Release until = Release::at_once;
    std::optional<WallTime> end{};  // of a clock that hands it over, where one runs
    bool over = false;              // nothing can hand it over any more
    bool operator==(const Held&) const = default;
};

class ThreadHolds {
public:
    explicit ThreadHolds(const directory::DirectoryState& directory) : directory_(directory) {}

    // An act of ours was accepted; `after` is the thread that it led to.
    void sent(const workflow::Kind& kind, const workflow::Thread& after, workflow::ActIndex act,
              const Header& header, const Digest& digest);
    // What a step handed over.
    void follow(const workflow::Outcome& outcome);

    // What that act waits for before the mailbox gets it; at_once: nothing.
    [[nodiscard]] Release of(const Digest& act, const Address& mailbox) const;

private:
    struct Waiting {
        Release until;
        bool of_member;  // of a group
    };
    const directory::DirectoryState& directory_;
    std::map<Digest, std::map<std::string, Waiting>> waiting_;
};

// Whether some way through the table hands over what waits for `condition`: to that party, or
// without one to the members of the thread's groups.
[[nodiscard]] bool may_release(const workflow::Kind& kind, const workflow::Thread& thread,
                               std::optional<std::size_t> party, Release condition);

}  // namespace relais::station
