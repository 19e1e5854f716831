// D4, D7 and counters when a station's power goes: at every change that it makes to its disk, what
// was synced stays and the rest vanishes, survives or tears. See docs/testing.md.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/fault/station_scene.h"

namespace relais::station {
namespace {

TEST(StationPower, WhatOthersWereToldIsThereOnceAfterEveryCut) {
    const std::uint64_t seed = test::campaign_seed(1);
    test::WatchedDisk disk;
    StationScene scene(disk, seed);
    scene.work(test::long_campaign() ? 60 : 18);
    const test::Recorded recorded = scene.recorded();
    scene.close();
    const char* point = std::getenv("RELAIS_POINT");
    const test::PowerTest test{[&] { return scene.reopen(); },
                               [&](std::size_t changes) { return scene.judge(changes); },
                               [&] { scene.close(); }};
    const auto result = test::cut_power(disk, recorded, test,
                                        {.seed = seed,
                                         .fates = 3,
                                         .judge_every = 1,
                                         .points_max = 0,
                                         .replay = point == nullptr ? "" : point});
    std::printf("%zu changes, %zu points, %zu contents, %zu judged\n", recorded.changes.size(),
                result.points, result.contents, result.judged);
    for (const std::string& failure : result.failures) {
        ADD_FAILURE() << failure << "\n  again: RELAIS_SEED=" << seed
                      << " RELAIS_POINT=" << failure.substr(0, failure.find(' '))
                      << " build/dev/tests/fault_station";
    }
}

}  // namespace
}  // namespace relais::station
