// clock.h: how long a clock runs and when it ends: the same for the broker, which keeps it, and for
// a station, which shows it. Pure; any thread.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <vector>

#include "core/calendar/hours.h"
#include "schemas/workflow/decide.h"

namespace relais::workflow {

// What starts a clock. It outlives none of what it names.
struct ClockCause {
    const Kind& kind;
    const Thread& thread;  // as the step left it
    const Header* header;  // of the act; null: the end of another clock
};

// Whether the act may say that public field.
[[nodiscard]] bool may_say(const Act& act, std::uint16_t number);

// The public fields of a party's last act that may say `number`; null where it sent none.
using LastSaid =
    std::function<const std::vector<PublicField>*(std::size_t party, std::uint16_t number)>;

// As the act that starts it says. Where a party is moved up by the end of a clock, or by an act of
// another party, as its own last act said that could.
[[nodiscard]] std::chrono::seconds clock_length(const ClockCause& cause, const StartClock& start,
                                                const LastSaid& last_said);

// The opening hours of a mailbox; nothing where they are not known.
using HoursOf = std::function<std::optional<calendar::Hours>(const Address&)>;

// After its start, whatever it counts: where its declaration says nothing shorter.
inline constexpr Milliseconds kClockEndsWithin = std::chrono::days(366);

// When a clock of that length ends which starts at `from`: `at_most` after it at the latest, or a
// year where it declares none. One of the whole thread follows the hours of whichever party opens
// first, of those that know of it. Hours that this machine cannot reckon with (a zone that it
// lacks) count as always open: a clock must end. Nothing where hours that matter are not known.
[[nodiscard]] std::optional<WallTime> clock_end(const ClockCause& cause, const StartClock& start,
                                                WallTime from, std::chrono::seconds length,
                                                const HoursOf& hours_of);

// When it reminds: after half of what it counts, of its `at_most` at the latest; of a day, in the
// middle of what is left of it. Always before its end. Requires a clock that reminds.
[[nodiscard]] std::optional<WallTime> clock_half(const ClockCause& cause, const StartClock& start,
                                                 WallTime from, std::chrono::seconds length,
                                                 const HoursOf& hours_of);

}  // namespace relais::workflow
