// delays.h: many delays in bounded memory, and the value below which half or nine tenths of them
// lie. Counted by minutes: exact to the minute up to 127 minutes; above, in 64 steps for each
// doubling, so that what is given is never less than the true value and at most one 64th (1.6 %)
// above it. After 2^17 minutes (91 days) everything counts as that. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/base/time.h"

namespace relais::indicators {

class Delays {
public:
    // Rounded up to whole minutes. Requires delay >= 0.
    void add(Milliseconds delay);

    [[nodiscard]] std::uint64_t count() const { return count_; }
    // The nearest-rank percentile, in minutes: `percent` of them, at least, were no longer.
    // Requires count() > 0 and percent from 1 to 100.
    [[nodiscard]] std::uint64_t percentile(unsigned percent) const;
    // The same of `all`, of whom only those that were added have a delay; none where these are not
    // `percent` of them. Requires all >= count() and all > 0.
    [[nodiscard]] std::optional<std::uint64_t> percentile_of(unsigned percent,
                                                             std::uint64_t all) const;

private:
    static constexpr std::uint64_t kExact = 128;  // minutes counted one by one
    static constexpr std::uint64_t kMinutesMax = (1U << 17) - 1;
    static constexpr std::size_t kBuckets = kExact + std::size_t{10} * 64;

    [[nodiscard]] static std::size_t bucket_of(std::uint64_t minutes);
    [[nodiscard]] static std::uint64_t greatest_of(std::size_t bucket);

    std::array<std::uint32_t, kBuckets> counts_{};
    std::uint64_t count_ = 0;
};

}  // namespace relais::indicators
