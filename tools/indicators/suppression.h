// suppression.h: which cells of a breakdown may be shown beside its total, so that nobody learns
// how often something happened to fewer than eleven people. Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace relais::indicators {

// Fewer cases than that are not shown, and give no median.
inline constexpr std::uint64_t kLeastShown = 11;

// True for each cell that must be hidden, given that the total of all is published.
//
// Hidden are the cells below kLeastShown. Where what is left of the total would give them away
// (one of them is not 0, or they are nearly all as small or as great as they can be), the last of
// the other cells is hidden too: which one does not depend on any number. Whoever knows this rule,
// the total and every cell that is shown is left with at least two values for each hidden cell; so
// is one who knows besides which of them are 0, for each of the others that is small, unless that
// one is all there is. The cells of a total of 0 are shown. Requires two cells or more; fewer have
// no breakdown.
[[nodiscard]] std::vector<bool> hidden_cells(std::span<const std::uint64_t> counts);

}  // namespace relais::indicators
