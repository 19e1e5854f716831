#include "tools/indicators/delays.h"

#include <algorithm>
#include <bit>

#include "core/base/check.h"

namespace relais::indicators {

void Delays::add(Milliseconds delay) {
    RELAIS_CHECK(delay.count() >= 0);
    const auto minutes =
        static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::minutes>(delay).count());
    ++counts_[bucket_of(std::min(minutes, kMinutesMax))];
    ++count_;
}

std::uint64_t Delays::percentile(unsigned percent) const {
    RELAIS_CHECK(count_ > 0);
    return percentile_of(percent, count_).value();
}

std::optional<std::uint64_t> Delays::percentile_of(unsigned percent, std::uint64_t all) const {
    RELAIS_CHECK(all > 0 && all >= count_ && percent >= 1 && percent <= 100);
    const std::uint64_t rank = (all * percent + 99) / 100;
    if (rank > count_) return std::nullopt;
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
        seen += counts_[bucket];
        if (seen >= rank) return greatest_of(bucket);
    }
    return kMinutesMax;
}

// Above the exact ones: the seven highest bits of the number, and how far they are shifted.
std::size_t Delays::bucket_of(std::uint64_t minutes) {
    if (minutes < kExact) return minutes;
    const auto shift = static_cast<std::size_t>(std::bit_width(minutes)) - 7;
    return kExact + (shift - 1) * 64 + ((minutes >> shift) - 64);
}

std::uint64_t Delays::greatest_of(std::size_t bucket) {
    if (bucket < kExact) return bucket;
    const std::size_t shift = (bucket - kExact) / 64 + 1;
    const std::uint64_t high = (bucket - kExact) % 64 + 64;
    return ((high + 1) << shift) - 1;
}

}  // namespace relais::indicators
