// D1, D2, D3 when the power goes: at every change that the broker makes to its disk, in a mixed
// workload, what was synced stays and the rest vanishes, survives or tears. See docs/testing.md.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/fault/broker_scene.h"

namespace relais::broker {
namespace {

TEST(BrokerPower, WhatWasAcknowledgedIsThereOnceAfterEveryCut) {
    const std::uint64_t seed = test::campaign_seed(1);
    test::WatchedDisk disk;
    BrokerScene scene(disk, seed);
    scene.work(14);
    const test::Recorded recorded = scene.recorded();
    scene.close();
    const char* point = std::getenv("RELAIS_POINT");
    const test::PowerTest test{[&] { return scene.reopen(); },
                               [&](std::size_t changes) { return scene.judge(changes); },
                               [&] { scene.close(); }};
    const auto result = test::cut_power(
        disk, recorded, test,
        {.seed = seed, .replay = point == nullptr ? "" : point});
    std::printf("%zu changes, %zu points, %zu contents, %zu judged\n", recorded.changes.size(),
                result.points, result.contents, result.judged);
    for (const std::string& failure : result.failures) {
        ADD_FAILURE() << failure << "\n  again: RELAIS_SEED=" << seed << " RELAIS_POINT="
                      << failure.substr(0, failure.find(' '))
                      << " build/dev/tests/fault_broker --gtest_filter=BrokerPower.*";
    }
}

}  // namespace
}  // namespace relais::broker
