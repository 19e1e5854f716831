// D1, D2, D3 when the power goes: at every change that the broker makes to its disk, in a mixed
// workload, what was synced stays and the rest vanishes, survives or tears. See docs/testing.md.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>

#include "tests/fault/broker_scene.h"

namespace relais::broker {
namespace {

std::string environment(const char* name) {
    const char* text = std::getenv(name);
    return text == nullptr ? "" : text;
}

class BrokerPower : public testing::Test {
protected:
    void record(std::size_t exchanges) {
        scene_.work(exchanges);
        recorded_ = scene_.recorded();
        scene_.close();
    }
    void complain(const std::string& point, const std::string& wrong) const {
        const auto* test = testing::UnitTest::GetInstance()->current_test_info();
        ADD_FAILURE() << point << " " << wrong << "\n  again: RELAIS_SEED=" << seed_
                      << " RELAIS_POINT=" << point << " build/dev/tests/fault_broker"
                      << " --gtest_filter=" << test->test_suite_name() << "." << test->name();
    }

    std::uint64_t seed_ = test::campaign_seed(1);
    test::Budget budget_;
    test::WatchedDisk disk_;
    BrokerScene scene_{disk_, seed_};
    test::Recorded recorded_;
};

TEST_F(BrokerPower, WhatWasAcknowledgedIsThereOnceAfterEveryCut) {
    constexpr std::size_t kPoints = 2000;
    constexpr std::size_t kPointsLong = 200'000;
    record(test::long_campaign() ? 60 : 16);
    const test::PowerTest test{[&] { return scene_.reopen(); },
                               [&](std::size_t changes) { return scene_.judge(changes); },
                               [&] { scene_.close(); }};
    const auto result = test::cut_power(disk_, recorded_, test,
                                        {.seed = seed_,
                                         .fates = test::long_campaign() ? 600UL : 14UL,
                                         .replay = environment("RELAIS_POINT")});
    std::printf("%zu changes, %zu points, %zu contents, %zu judged\n", recorded_.changes.size(),
                result.points, result.contents, result.judged);
    test::tell_reached("power cuts of a broker", std::to_string(result.points) + " points", seed_);
    for (const std::string& failure : result.failures) {
        const std::size_t blank = failure.find(' ');
        complain(failure.substr(0, blank), failure.substr(blank + 1));
    }
    if (environment("RELAIS_POINT").empty() && !budget_.bounded()) {
        EXPECT_GE(result.points, test::long_campaign() ? kPointsLong : kPoints);
    }
}

// A call that fails ends the process or nothing; whatever was said before holds, and the rest can
// be had again. Half of the time the power goes with it.
TEST_F(BrokerPower, ACallThatFailsNeverMakesAFalseAcknowledgement) {
    constexpr std::uint64_t kEvery = 3;
    constexpr std::size_t kFailedCalls = 20;
    record(test::long_campaign() ? 60 : 14);
    const std::string wanted = environment("RELAIS_POINT");
    std::size_t points = 0;
    std::size_t failures = 0;
    for (std::size_t i = 0; i < scene_.exchanges().size() && !budget_.over(); ++i) {
        const std::uint64_t step = test::long_campaign() ? 1 : kEvery;
        for (std::uint64_t call = 1 + (seed_ + i) % step; failures < 5 && !budget_.over();
             call += step) {
            const std::string point = std::to_string(i) + "/" + std::to_string(call);
            BrokerScene::Failing failing{.call = call,
                                         .error = (call / step + i) % 3 == 0 ? ENOSPC : EIO,
                                         .whole = i % 5 == 0};
            if ((call / step) % 2 == 0) failing.cut = 2 + seed_ + 1000 * i + call;
            if (!wanted.empty() && wanted != point) {
                if (call > 5000) break;
                continue;
            }
            const auto failed = scene_.fail_in(recorded_, scene_.exchanges()[i], failing);
            if (!failed.wrong.empty()) {
                complain(point, failed.wrong);
                ++failures;
            }
            if (!failed.fired) break;
            ++points;
        }
    }
    test::tell_reached("failed calls of a broker", std::to_string(points) + " calls", seed_);
    if (wanted.empty() && !budget_.bounded()) {
        EXPECT_GE(points, kFailedCalls);
    }
}

// The kernel takes what a failed sync left for written: later syncs do not write it, readers see it
// all the same. A store that goes on from it would acknowledge on sand.
TEST_F(BrokerPower, WhatFollowsASyncThatFailedIsDurableAllTheSame) {
    scene_.work(9);
    scene_.lose_a_sync();
    scene_.work(2);
    recorded_ = scene_.recorded();
    const test::DiskImage image = disk_.image();
    scene_.close();
    for (std::uint64_t cut = 1; cut < 12; ++cut) {
        disk_.hold(image.after_power_cut(cut));
        const auto contents = scene_.reopen();
        std::string wrong =
            contents.ok() ? scene_.judge(recorded_.changes.size()) : contents.error().describe();
        if (!wrong.empty()) complain(std::to_string(cut), wrong);
        scene_.close();
        if (!wrong.empty()) return;
    }
}

}  // namespace
}  // namespace relais::broker
