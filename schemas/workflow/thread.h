// thread.h: one case under a kind: its state and that of each party. A plain value; the broker
// keeps it, stations rebuild theirs from the acts they see.
#pragma once

#include <optional>
#include <vector>

#include "core/base/names.h"
#include "core/base/time.h"
#include "schemas/workflow/kind.h"

namespace relais::workflow {

struct Party {
    Address mailbox;
    StateIndex state;
    std::uint32_t since;  // Thread::steps when it entered its state: the order of a queue
    // What is sent to it is held until this condition, and nothing is said to it; at_once: reached.
    Release waits = Release::at_once;
    // Reads and acts in its place, once called in: while the party is away.
    std::optional<Address> delegate{};
    bool delegated = false;  // the delegate was called in
};

// An act done by a person, kept once for quorums.
struct Done {
    ActIndex act;
    PersonId by;           // for whom it was signed
    std::string signer{};  // their RPPS; empty: none
};

struct Thread {
    ThreadId id;
    Digest kind;
    StateIndex state = 0;
    Address opener;
    std::vector<Party> parties{};  // in the order of the opening act's recipients
    std::uint32_t steps = 0;       // acts and clock ends so far
    std::vector<Done> done{};      // of acts that some quorum counts
    Digest last_change{};          // header digest of the act that last changed a state
    WallTime opened{};             // when the opening act was accepted
    std::optional<ThreadId> follows{};
    std::vector<Address> groups{};  // to which it was opened; then it has no parties
    // What is sent to their members is held until this condition; at_once: reached.
    Release groups_wait = Release::at_once;

    // The party that a mailbox is, or whose delegate it was called in as.
    [[nodiscard]] std::optional<std::size_t> party(const Address& mailbox) const;
    // The party whose delegate the mailbox is, called in or not.
    [[nodiscard]] std::optional<std::size_t> stood_in_for(const Address& delegate) const;
    // Whether the mailbox is the opener's or a party's; of groups, permission.h says who is a
    // member.
    [[nodiscard]] bool takes_part(const Address& mailbox) const;
};

}  // namespace relais::workflow
