// history.h: the course of a thread, a few bytes a step: what indicators are counted from. It holds
// no content, no person and no message, and so may stay when the messages are gone. Plain values.
//
// What members of a group do has bounds of its own: three thousand answers to an alert must not
// crowd out its end.
#pragma once

#include <optional>
#include <vector>

#include "schemas/workflow/kind.h"

namespace relais::indicators {

// Of one thread, acts of members apart; what happens after that many steps is in no figure.
inline constexpr std::size_t kStepsMax = 64;
// Of one member in one thread.
inline constexpr std::size_t kMemberStepsMax = 16;

enum class Trigger : std::uint8_t {
    opened = 0,     // the act that opened it
    act = 1,        // a later act
    clock_end = 2,  // a clock ended, and the table had a row for it
    followed = 3,   // another thread was opened that follows this one
};

struct Step {
    Trigger trigger{};
    std::uint8_t index = 0;              // of the act or clock; followed: of the first row for it
    workflow::StateIndex state = 0;      // of the thread, after it
    WallTime at{};                       // when the broker accepted it, or noticed the end
    std::optional<std::uint16_t> party;  // act: whose it was; none: the opener's, or a member's
    std::uint16_t called = 0;            // parties, or members of groups, that it was the first to
                                         // reach
    std::vector<PublicField> publics;    // of the act, by rising number
    std::optional<std::uint64_t> member{};  // act: a number that each member keeps in all threads

    bool operator==(const Step& other) const;
};

// In the order in which they happened.
using History = std::vector<Step>;

// What a member did, kept apart from the course of its thread, and where in it.
struct MemberStep {
    std::uint32_t after = 0;  // so many steps of the course came before
    std::uint32_t order = 0;  // among those of members
    Step step;
};

// The whole course. Requires the acts of members of this thread, in any order.
[[nodiscard]] History whole(History course, std::vector<MemberStep> members);

}  // namespace relais::indicators
