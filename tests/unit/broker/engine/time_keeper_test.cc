// The domain's own time: it never goes back, follows the boot clock, and doubts the wall clock
// where the two disagree.
#include "broker/engine/time_keeper.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/support/random.h"
#include "tests/unit/broker/engine/fixture.h"

namespace relais::broker {
namespace {

constexpr Milliseconds kSecond{1000};

ClockReading at(std::int64_t wall, std::int64_t boot, std::uint8_t boot_id = 1) {
    ClockReading reading{{wall}, {boot}, {}};
    reading.boot_id.bytes[0] = boot_id;
    return reading;
}

struct Machine {
    ClockReading now = at(1'000'000'000, 50'000);
    void run(Milliseconds time) {
        now.wall = now.wall + time;
        now.boot = now.boot + time;
    }
};

TEST(TimeKeeper, FollowsTheBootClockAndNotTheWall) {
    Machine machine;
    TimeKeeper keeper = TimeKeeper::start(machine.now);
    const EngineTime begun = keeper.time();
    machine.run(kMinute);
    machine.now.wall = machine.now.wall + kDay;
    keeper.advance(machine.now);
    EXPECT_EQ(keeper.time() - begun, kMinute);
}

TEST(TimeKeeper, AStepOverTwoMinutesIsSuspectAndOneOfTwoIsNot) {
    Machine machine;
    TimeKeeper keeper = TimeKeeper::start(machine.now);
    machine.now.wall = machine.now.wall + 2 * kMinute;
    EXPECT_FALSE(keeper.advance(machine.now));
    EXPECT_FALSE(keeper.suspect());
    Machine other;
    TimeKeeper doubting = TimeKeeper::start(other.now);
    other.now.wall = other.now.wall + 2 * kMinute + Milliseconds(1);
    EXPECT_TRUE(doubting.advance(other.now));
    EXPECT_TRUE(doubting.suspect());
}

TEST(TimeKeeper, AStepBackIsSuspectToo) {
    Machine machine;
    TimeKeeper keeper = TimeKeeper::start(machine.now);
    machine.now.wall = machine.now.wall + -3 * kMinute;
    keeper.advance(machine.now);
    EXPECT_TRUE(keeper.suspect());
}

TEST(TimeKeeper, SmallCorrectionsNeverAddUpToSuspicion) {
    Machine machine;
    TimeKeeper keeper = TimeKeeper::start(machine.now);
    for (int i = 0; i < 10'000; ++i) {
        machine.run(kSecond);
        machine.now.wall = machine.now.wall + Milliseconds(100);
        keeper.advance(machine.now);
        ASSERT_FALSE(keeper.suspect());
    }
}

TEST(TimeKeeper, SuspicionEndsWhenTheWallIsBackInStepOrTrusted) {
    Machine machine;
    TimeKeeper keeper = TimeKeeper::start(machine.now);
    machine.now.wall = machine.now.wall + kDay;
    keeper.advance(machine.now);
    machine.now.wall = machine.now.wall + -kDay;
    EXPECT_TRUE(keeper.advance(machine.now));
    EXPECT_FALSE(keeper.suspect());
    machine.now.wall = machine.now.wall + kDay;
    keeper.advance(machine.now);
    keeper.trust(machine.now);
    EXPECT_FALSE(keeper.suspect());
    machine.run(kMinute);
    keeper.advance(machine.now);
    EXPECT_FALSE(keeper.suspect()) << "the new wall is the measure now";
}

TEST(TimeKeeper, ItsDoubtSurvivesARestartOfTheProcess) {
    Machine machine;
    TimeKeeper keeper = TimeKeeper::start(machine.now);
    machine.now.wall = machine.now.wall + kDay;
    keeper.advance(machine.now);
    machine.run(kMinute);
    TimeKeeper resumed = TimeKeeper::resume(keeper.record(), machine.now);
    EXPECT_TRUE(resumed.suspect());
    EXPECT_EQ(resumed.time() - keeper.time(), kMinute);
    machine.now.wall = machine.now.wall + -kDay;
    resumed.advance(machine.now);
    EXPECT_FALSE(resumed.suspect());
}

TEST(TimeKeeper, AStepWhileTheProcessWasDownIsSuspect) {
    Machine machine;
    const TimeKeeper keeper = TimeKeeper::start(machine.now);
    machine.now.wall = machine.now.wall + kDay;
    EXPECT_TRUE(TimeKeeper::resume(keeper.record(), machine.now).suspect());
}

TEST(TimeKeeper, AcrossARebootItFollowsTheWall) {
    const TimeKeeper keeper = TimeKeeper::start(at(1'000'000'000, 50'000));
    const TimeKeeper resumed =
        TimeKeeper::resume(keeper.record(), at(1'000'000'000 + 90'000, 5'000, 2));
    EXPECT_EQ(resumed.time() - keeper.time(), Milliseconds(90'000));
    EXPECT_FALSE(resumed.suspect());
}

TEST(TimeKeeper, AWallThatWentBackOverARebootIsSuspectUntilItHasCaughtUp) {
    const TimeKeeper keeper = TimeKeeper::start(at(1'000'000'000, 50'000));
    TimeKeeper resumed = TimeKeeper::resume(keeper.record(), at(999'000'000, 5'000, 2));
    EXPECT_TRUE(resumed.suspect());
    EXPECT_EQ(resumed.time(), keeper.time());
    TimeKeeper again = TimeKeeper::resume(resumed.record(), at(999'500'000, 505'000, 2));
    EXPECT_TRUE(again.suspect()) << "a restart of the process is no proof";
    again.advance(at(1'000'000'000, 1'005'000, 2));
    EXPECT_FALSE(again.suspect());
}

TEST(TimeKeeper, ALeapOverARebootWaitsForTheOperatorThroughRestarts) {
    const TimeKeeper keeper = TimeKeeper::start(at(1'000'000'000, 50'000));
    const std::int64_t later = 1'000'000'000 + (100 * kDay).count();
    TimeKeeper resumed = TimeKeeper::resume(keeper.record(), at(later, 5'000, 2));
    EXPECT_TRUE(resumed.suspect());
    EXPECT_EQ(resumed.time(), keeper.time());
    TimeKeeper again = TimeKeeper::resume(resumed.record(), at(later + 60'000, 65'000, 2));
    EXPECT_TRUE(again.suspect());
    again.trust(at(later + 60'000, 65'000, 2));
    EXPECT_FALSE(again.suspect());
    EXPECT_EQ(again.time() - keeper.time(), 100 * kDay + kMinute);
}

RC_GTEST_PROP(TimeKeeper, NeverGoesBackWhateverTheClocksDo, ()) {
    test::SeededRandom random(*rc::gen::arbitrary<std::uint64_t>());
    ClockReading now = at(1'000'000'000'000, 50'000);
    TimeKeeper keeper = TimeKeeper::start(now);
    std::uint8_t boot = 1;
    for (int i = 0; i < 60; ++i) {
        const EngineTime before = keeper.time();
        const auto passed = static_cast<std::int64_t>(random.below(100'000'000));
        now.boot.ms += passed;
        now.wall.ms += passed;
        if (random.one_in(4)) {
            now.wall.ms +=
                static_cast<std::int64_t>(random.below(40ULL * 86'400'000)) - 20LL * 86'400'000;
        }
        if (random.one_in(8)) {
            now.boot.ms = static_cast<std::int64_t>(random.below(100'000));
            now.boot_id.bytes[0] = ++boot;
            keeper = TimeKeeper::resume(keeper.record(), now);
        } else if (random.one_in(4)) {
            keeper = TimeKeeper::resume(keeper.record(), now);
        } else {
            keeper.advance(now);
        }
        if (random.one_in(10)) keeper.trust(now);
        RC_ASSERT(keeper.time() >= before);
    }
}

}  // namespace
}  // namespace relais::broker
