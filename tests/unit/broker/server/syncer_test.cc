// What is committed is made durable beside the engine: in order, many at once, and a failure is the
// last word.
#include "broker/server/syncer.h"

#include <gtest/gtest.h>

#include <atomic>

#include "tests/support/printers.h"

namespace relais::broker {
namespace {

TEST(SyncerTest, ANumberIsDurableOnceASyncThatBeganAfterItIsOver) {
    std::mutex disk;
    std::atomic<int> syncs = 0;
    std::unique_lock held(disk);
    Syncer syncer(
        [&]() -> Result<void> {
            const std::lock_guard lock(disk);
            ++syncs;
            return {};
        },
        [] {});
    const std::uint64_t first = syncer.ask();
    EXPECT_EQ(*syncer.durable(), 0U) << "the disk has not answered";
    std::uint64_t last = first;
    for (int i = 0; i < 100; ++i) last = syncer.ask();
    held.unlock();
    EXPECT_TRUE(syncer.wait(last).ok());
    EXPECT_EQ(*syncer.durable(), last);
    EXPECT_LE(syncs, 2) << "one sync serves all that waits";
}

TEST(SyncerTest, WhoeverWaitsIsToldAfterEachSync) {
    std::atomic<int> told = 0;
    {
        Syncer syncer([]() -> Result<void> { return {}; }, [&] { ++told; });
        for (int i = 0; i < 5; ++i) EXPECT_TRUE(syncer.wait(syncer.ask()).ok());
    }
    EXPECT_EQ(told, 5);
}

TEST(SyncerTest, AfterAFailureNothingIsDurableAnyMore) {
    std::atomic<int> syncs = 0;
    Syncer syncer(
        [&]() -> Result<void> {
            if (++syncs == 2) return fail(ErrorCode::io_failed, "the disk");
            return {};
        },
        [] {});
    EXPECT_TRUE(syncer.wait(syncer.ask()).ok());
    EXPECT_EQ(syncer.wait(syncer.ask()).code(), ErrorCode::io_failed);
    EXPECT_EQ(syncer.wait(syncer.ask()).code(), ErrorCode::io_failed);
    EXPECT_EQ(syncer.durable().code(), ErrorCode::io_failed);
    EXPECT_EQ(syncs, 2) << "it is not tried again: what was lost is not written by a later sync";
}

TEST(SyncerTest, ItEndsWithSomethingStillToBeSynced) {
    for (int i = 0; i < 50; ++i) {
        Syncer syncer([]() -> Result<void> { return {}; }, [] {});
        syncer.ask();
    }
}

}  // namespace
}  // namespace relais::broker
