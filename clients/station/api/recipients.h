// recipients.h: what this station knows of those it is about to write to, before it does: whether
// the kind reaches them, whether somebody is there, and when it last had a sign of them. Functions
// of its replica and its store; one thread. When a recipient's stations were last connected is not
// among it: the broker tells nobody.
#pragma once

#include "clients/station/api/compose.h"
#include "clients/station/sync/signs.h"
#include "core/calendar/hours.h"

namespace relais::station {

// Whether somebody works there now, as far as it was said.
struct Presence {
    Address mailbox;
    calendar::Hours hours{};  // by whose clock what follows is said
    std::optional<WallTime> closed_until{};
    std::optional<WallTime> away_until{};
};

struct RecipientFacts {
    Presence presence;
    bool known = false;                   // such a mailbox exists
    bool confirmed = false;               // its organisation is established
    bool takes = false;                   // it takes openings of this kind
    bool read = false;                    // some station can open what is sealed to it
    std::optional<Presence> delegate{};   // reads and answers in its place, where it gets the act
    std::optional<Presence> fallback{};   // gets it where nobody answers in time
    bool rung = false;                    // it declares how it is told outside of Relais
    std::string phone{};                  // may be empty
    bool ours = false;                    // this station serves it
    std::optional<LastSign> last_sign{};  // absent: none yet, or it is a group
};

// Of the parties of a case of the kind, those that an act to all of them can reach today, and those
// that are there no more, or are suspended: these do not keep it from the others.
struct EveryParty {
    std::vector<Address> there;
    std::vector<Address> gone;
};
[[nodiscard]] EveryParty every_party(const directory::DirectoryState& directory,
                                     const workflow::Kind& kind, const workflow::Thread& thread);

// In the order of the draft. Errors: the store's.
Result<std::vector<RecipientFacts>> recipient_facts(Station& station, const Draft& draft);

}  // namespace relais::station
