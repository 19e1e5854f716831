// Rules of the system's ports: randomness and clocks.
#include "core/base/system.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace relais {
namespace {

TEST(SystemRandom, FillsEveryByteAndNeverTwiceTheSame) {
    SystemRandom random;
    std::set<Digest> seen;
    Bytes touched(70000, 0);  // more than one getrandom call gives
    Bytes ever(touched.size(), 0);
    for (int round = 0; round < 16; ++round) {
        EXPECT_TRUE(seen.insert(random.make<Digest>()).second);
        random.fill(touched);
        for (std::size_t i = 0; i < touched.size(); ++i) ever[i] |= touched[i];
    }
    EXPECT_EQ(std::ranges::count(ever, 0), 0);
    random.fill({});
}

TEST(SystemClock, BootTimeNeverGoesBackAndTheBootStaysTheSame) {
    SystemClock clock;
    ClockReading last = clock.read();
    EXPECT_GT(last.wall.ms, 1'600'000'000'000);
    EXPECT_GT(last.boot.ms, 0);
    for (int i = 0; i < 1000; ++i) {
        const ClockReading now = clock.read();
        ASSERT_GE(now.boot, last.boot);
        ASSERT_EQ(now.boot_id, last.boot_id);
        last = now;
    }
    EXPECT_EQ(SystemClock().read().boot_id, last.boot_id);
}

}  // namespace
}  // namespace relais
