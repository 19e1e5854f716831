// decide.h: the table of a kind applied to a thread: from a state and an act (or the end of a
// clock) to the next state and its consequences. Pure: nothing is sent, stored or read here.
#pragma once

#include <variant>

#include "schemas/workflow/thread.h"

namespace relais::workflow {

// What the table needs to know of an act. Who may sign it is decided elsewhere (broker/engine).
struct ActInput {
    ActIndex act;
    Address from;
    std::vector<Address> to;
    std::vector<PublicField> publics;
    PersonId by;
    Digest header;
};

struct StartClock {
    ClockIndex clock;
    std::optional<std::size_t> party;
};
struct StopClock {
    ClockIndex clock;
    std::optional<std::size_t> party;
};
struct Withdrawn {
    std::size_t party;
};
struct Promoted {
    std::size_t party;
};
struct Released {
    Release condition;
    std::size_t party;
};
struct Ended {};

using Consequence = std::variant<StartClock, StopClock, Withdrawn, Promoted, Released, Ended>;

struct Outcome {
    Thread thread;
    std::vector<Consequence> consequences;  // in the order of the row's effects
};

// Opens a thread; every recipient becomes a party in the first party state.
// Errors: act_refused  not an opening act, or no row fits.
Result<Outcome> open_thread(const Kind& kind, const ThreadId& id, const ActInput& input);

// Errors: recipient_refused  the sender takes no part, or the recipients are not those of the act;
//         act_refused        no row fits the state; the thread is unchanged.
Result<Outcome> apply_act(const Kind& kind, const Thread& thread, const ActInput& input);

// The end of a clock; requires a `party` where it is one of a party, and none elsewhere. Errors:
// act_refused  no row fits: the clock was overtaken, and nothing happens.
Result<Outcome> apply_clock_end(const Kind& kind, const Thread& thread, ClockIndex clock,
                                std::optional<std::size_t> party);

// Acts that the table may accept from `mailbox` in the present state, guards apart; for an act of
// the opener to one party, if it fits at least one.
[[nodiscard]] std::vector<ActIndex> possible_acts(const Kind& kind, const Thread& thread,
                                                  const Address& mailbox);

}  // namespace relais::workflow
