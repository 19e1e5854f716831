#include "tools/indicators/suppression.h"

#include <algorithm>

#include "core/base/check.h"

namespace relais::indicators {

namespace {

// How far the sum of the small cells must stay from the least and the greatest that it can be: near
// these, the sum alone says what each of them is.
constexpr std::uint64_t kMargin = 5;

// Of `cells` small ones that are not zero. Zeros are no cover: who knows that a thing cannot happen
// knows them.
bool give_themselves_away(std::uint64_t cells, std::uint64_t sum) {
    if (cells <= 1) return true;
    return sum < kMargin || sum + kMargin > cells * (kLeastShown - 1);
}

}  // namespace

std::vector<bool> hidden_cells(std::span<const std::uint64_t> counts) {
    RELAIS_CHECK(counts.size() >= 2);
    std::vector<bool> hidden;
    std::uint64_t small = 0;
    std::uint64_t sum = 0;
    std::uint64_t total = 0;
    for (const std::uint64_t count : counts) {
        hidden.push_back(count < kLeastShown);
        total += count;
        if (!hidden.back()) continue;
        if (count != 0) ++small;
        sum += count;
    }
    if (total == 0) return std::vector<bool>(counts.size(), false);
    const bool some = std::ranges::find(hidden, true) != hidden.end();
    if (!some || !give_themselves_away(small, sum)) return hidden;
    for (std::size_t place = counts.size(); place-- > 0;) {
        if (hidden[place]) continue;
        hidden[place] = true;
        break;
    }
    return hidden;
}

}  // namespace relais::indicators
