// Medians and ninth deciles in bounded memory, with the error that is announced and no more.
#include "tools/indicators/delays.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

namespace relais::indicators {
namespace {

constexpr std::uint64_t kExactBelow = 128;

std::uint64_t nearest_rank(std::vector<std::uint64_t> minutes, unsigned percent) {
    std::ranges::sort(minutes);
    return minutes[(minutes.size() * percent + 99) / 100 - 1];
}

RC_GTEST_PROP(Delays, APercentileIsNeverLessThanTheTrueOneAndAtMostOne64thAbove, ()) {
    const auto minutes = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::uint64_t>>(
        rc::gen::oneOf(rc::gen::inRange<std::uint64_t>(0, 300),
                       rc::gen::inRange<std::uint64_t>(0, 1U << 17))));
    Delays delays;
    for (const std::uint64_t each : minutes) {
        delays.add(std::chrono::minutes(static_cast<std::int64_t>(each)));
    }
    RC_ASSERT(delays.count() == minutes.size());
    for (const unsigned percent : {50U, 90U, 100U}) {
        const std::uint64_t truth = nearest_rank(minutes, percent);
        const std::uint64_t said = delays.percentile(percent);
        RC_ASSERT(said >= truth);
        RC_ASSERT(said - truth <= truth / 64);
        RC_ASSERT(truth >= kExactBelow || said == truth);
    }
}

TEST(Delays, AreRoundedUpToWholeMinutes) {
    Delays delays;
    delays.add(Milliseconds(1));
    EXPECT_EQ(delays.percentile(50), 1);
    Delays none;
    none.add(Milliseconds(0));
    EXPECT_EQ(none.percentile(90), 0);
}

TEST(Delays, OfAllHaveNoPercentileThatFewerReached) {
    Delays delays;
    for (int minutes = 1; minutes <= 12; ++minutes) delays.add(std::chrono::minutes(minutes));
    EXPECT_EQ(delays.percentile_of(50, 20), 10);
    EXPECT_EQ(delays.percentile_of(50, 24), 12) << "the last one that counts";
    EXPECT_FALSE(delays.percentile_of(50, 25).has_value());
    EXPECT_FALSE(delays.percentile_of(90, 20).has_value());
    EXPECT_EQ(delays.percentile_of(90, 12), delays.percentile(90));
}

TEST(Delays, AreNoLongerThan91Days) {
    Delays delays;
    delays.add(std::chrono::hours(24 * 400));
    EXPECT_EQ(delays.percentile(90), (1U << 17) - 1);
}

}  // namespace
}  // namespace relais::indicators
