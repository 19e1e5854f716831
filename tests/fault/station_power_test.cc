// D4, D7 and counters when a station's power goes: at every change that it makes to its disk, what
// was synced stays and the rest vanishes, survives or tears. See docs/testing.md.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>

#include "tests/fault/station_scene.h"

namespace relais::station {
namespace {

class StationPower : public testing::Test {
protected:
    void complain(const std::string& point, const std::string& wrong) const {
        const auto* test = testing::UnitTest::GetInstance()->current_test_info();
        ADD_FAILURE() << point << " " << wrong << "\n  again: RELAIS_SEED=" << seed_
                      << " RELAIS_POINT=" << point << " build/dev/tests/fault_station"
                      << " --gtest_filter=StationPower." << test->name();
    }
    [[nodiscard]] static std::string wanted() {
        const char* point = std::getenv("RELAIS_POINT");
        return point == nullptr ? "" : point;
    }

    std::uint64_t seed_ = test::campaign_seed(1);
    test::WatchedDisk disk_;
    test::Budget budget_;
};

TEST_F(StationPower, WhatOthersWereToldIsThereOnceAfterEveryCut) {
    constexpr std::size_t kPoints = 2000;
    constexpr std::size_t kPointsLong = 200'000;
    StationScene scene(disk_, seed_);
    scene.work(test::long_campaign() ? 60 : 30);
    const test::Recorded recorded = scene.recorded();
    scene.close();
    const test::PowerTest test{[&] { return scene.reopen(); },
                               [&](std::size_t changes) { return scene.judge(changes); },
                               [&] { scene.close(); }};
    const auto result = test::cut_power(disk_, recorded, test,
                                        {.seed = seed_,
                                         .fates = test::long_campaign() ? 1'100UL : 20UL,
                                         .judge_every = 1,
                                         .points_max = 0,
                                         .replay = wanted()});
    std::printf("%zu changes, %zu points, %zu contents, %zu judged\n", recorded.changes.size(),
                result.points, result.contents, result.judged);
    test::tell_reached("power cuts of a station", std::to_string(result.points) + " points", seed_);
    for (const std::string& failure : result.failures) {
        const std::size_t blank = failure.find(' ');
        complain(failure.substr(0, blank), failure.substr(blank + 1));
    }
    if (wanted().empty() && !budget_.bounded()) {
        EXPECT_GE(result.points, test::long_campaign() ? kPointsLong : kPoints);
    }
}

// A call that fails ends the station's process, or nothing; half of the time the power goes too.
TEST_F(StationPower, ACallThatFailsLosesNothingThatOthersWereTold) {
    constexpr std::size_t kFailedCalls = 10;
    const std::uint64_t every = test::long_campaign() ? 1 : 9;
    std::size_t points = 0;
    for (std::uint64_t call = 1 + seed_ % every; !budget_.over(); call += every) {
        if (!wanted().empty()) call = std::strtoull(wanted().c_str(), nullptr, 10);
        StationScene scene(disk_, seed_);
        disk_.fail_call(call, call % 3 == 0 ? ENOSPC : EIO);
        const auto went = scene.try_work(test::long_campaign() ? 30 : 16);
        const std::string point = std::to_string(call);
        const std::string where = " (failed: " + disk_.failed() + ")";
        const bool fired = disk_.fired();
        if (!went.ok() && !fired) complain(point, "fails by itself: " + went.error().describe());
        const test::Files left =
            disk_.image().after_power_cut(call % 2 == 0 ? 0 : 2 + seed_ + call);
        const std::size_t changes = disk_.changes().size();
        scene.close();
        disk_.hold(left);
        const auto contents = scene.reopen();
        const std::string wrong =
            contents.ok() ? scene.judge(changes) : contents.error().describe();
        if (!wrong.empty()) complain(point, wrong + where);
        scene.close();
        if (!fired || !wanted().empty() || HasFailure()) break;
        ++points;
    }
    test::tell_reached("failed calls of a station", std::to_string(points) + " calls", seed_);
    if (wanted().empty() && !budget_.bounded()) {
        EXPECT_GE(points, kFailedCalls);
    }
}

}  // namespace
}  // namespace relais::station
