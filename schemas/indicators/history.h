// history.h: the course of a thread, a few bytes a step: what indicators are counted from. It holds
// no content, no person and no message, and so may stay when the messages are gone. Plain values.
#pragma once

#include <optional>
#include <vector>

#include "schemas/workflow/kind.h"

namespace relais::indicators {

// Of one thread; what happens after that many steps is in no figure.
inline constexpr std::size_t kStepsMax = 64;

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
    std::optional<std::uint16_t> party;  // act: whose it was; none: the opener's
    std::uint16_t called = 0;            // opened: parties that were called at once
    std::vector<PublicField> publics;    // of the act, by rising number

    bool operator==(const Step& other) const;
};

// In the order in which they happened.
using History = std::vector<Step>;

}  // namespace relais::indicators
