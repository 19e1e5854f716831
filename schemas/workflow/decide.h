// decide.h: the table of a kind applied to a thread: from a state and an act (or the end of a
// clock) to the next state and its consequences. Pure: nothing is sent, stored or read here.
#pragma once

#include <string>
#include <variant>

#include "schemas/workflow/thread.h"

namespace relais::workflow {

struct Addressee {
    Address mailbox;  // or a group
    Standing standing = Standing::party;
    std::optional<Address> delegate{};  // who stands in for it while it is away
};

// What the table needs to know of an act. Who may sign it is decided elsewhere (permission.h, whose
// act_input() makes one of a header).
struct ActInput {
    ActIndex act;
    Address from;
    std::vector<Addressee> to;  // delegates stand with whom they stand in for
    std::vector<PublicField> publics;
    PersonId by;  // for whom it is signed
    Digest header;
    WallTime time{};          // when it was accepted
    std::uint16_t roles = 0;  // bit n: whoever it is signed for holds role n
    std::string signer{};     // their RPPS; may be empty
    std::string attention{};  // RPPS of the one person to whose attention it is; may be empty
    std::optional<ThreadId> follows{};
    bool member = false;          // `from` is a member of the thread's groups
    std::vector<Address> gone{};  // parties that an act to every party may leave out
};

// The latest values of registers.
class RegisterReader {
public:
    virtual ~RegisterReader() = default;
    // None where the key has no entry. Errors: those of where they are kept.
    virtual Result<std::optional<std::int64_t>> latest(const std::string& kind,
                                                       const std::string& name,
                                                       const std::string& key) const = 0;
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
// It is to hear in which state it is; without a party, the opener that a clock has ended which
// changes nothing.
struct Told {
    std::optional<std::size_t> party;
};
struct Released {
    Release condition;
    std::size_t party;
};
// What is held for the members of the thread's groups.
struct GroupsReleased {
    Release condition;
};
// An entry of a register of this kind.
struct Registered {
    RegisterIndex reg;
    std::string key;
    std::int64_t value;
};
struct Ended {};

using Consequence = std::variant<StartClock, StopClock, Withdrawn, Promoted, Told, Released,
                                 GroupsReleased, Registered, Ended>;

struct Outcome {
    Thread thread;
    std::vector<Consequence> consequences;  // in the order of the row's effects
};

// `registers`: null where they are not at hand (a station that looks at what a broker accepted):
// what a guard asks of a register then holds.

// Opens a thread; every mailbox among the recipients becomes a party in the first party state, a
// fallback in its own. Groups become those of the thread.
// Errors: act_refused  not an opening act, or no row fits; register_refused  one would fit but for
// what a register says; recipient_refused; those of `registers`.
Result<Outcome> open_thread(const Kind& kind, const ThreadId& id, const ActInput& input,
                            const RegisterReader* registers);

// Errors: recipient_refused  the sender takes no part, or the recipients are not those of the act;
//         act_refused        no row fits the state; the thread is unchanged;
//         register_refused, and those of `registers`.
Result<Outcome> apply_act(const Kind& kind, const Thread& thread, const ActInput& input,
                          const RegisterReader* registers);

// What another thread, opened by `input.from` to follow this one, brings about here. Errors:
// act_refused  no row fits: nothing happens; recipient_refused  its opener is no party here.
Result<Outcome> apply_followed(const Kind& kind, const Thread& thread, const Opening& opening,
                               const ActInput& input, const RegisterReader* registers);

// The end of a clock; requires a `party` where it is one of a party, and none elsewhere. Errors:
// act_refused  no row fits: the clock was overtaken, and nothing happens.
Result<Outcome> apply_clock_end(const Kind& kind, const Thread& thread, ClockIndex clock,
                                std::optional<std::size_t> party);

// What a set_register of this act puts into its register; none where a part of the key, or the
// value, is not given in the act.
[[nodiscard]] std::optional<Registered> registered_by(const Effect& effect, const ThreadId& thread,
                                                      const ActInput& input);

// Acts that the table may accept from `mailbox` in the present state, guards apart; for an act of
// the opener to one party, if it fits at least one. `member`: of the thread's groups.
[[nodiscard]] std::vector<ActIndex> possible_acts(const Kind& kind, const Thread& thread,
                                                  const Address& mailbox, bool member = false);

// Whether the act, which the state admits, lacks persons all the same were `by` to sign it: each of
// its rows that fit asks for more of them.
[[nodiscard]] bool lacks_persons(const Kind& kind, const Thread& thread, const Done& by);

}  // namespace relais::workflow
