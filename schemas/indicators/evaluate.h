// evaluate.h: what the course of one thread adds to an indicator. Pure; any thread.
#pragma once

#include "schemas/indicators/history.h"
#include "schemas/indicators/indicator.h"

namespace relais::indicators {

// What counts, and when. Its time is that of the moment which completes it, and nothing that comes
// later changes it: what a month counted is final once the month is over.
struct Case {
    WallTime at;
    std::optional<std::int64_t> by;  // value of the field of the breakdown; none: it was not given
    std::uint32_t count = 1;         // share: 1 or 0; reach: parties or members that acted
    std::uint32_t of = 1;            // share: 1; reach: parties or members that were called
    // Never below 0. delay: one; reach: of each that acted, rising.
    std::vector<Milliseconds> delays{};
};

// In the order of time but for `reach`. An indicator of a register has none. The breakdown looks at
// the act that counts, then at the act that opened the thread.
[[nodiscard]] std::vector<Case> cases_of(const Indicator& indicator, const History& history);

}  // namespace relais::indicators
