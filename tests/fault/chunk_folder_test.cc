// D1: a chunk that is said to be on the disk is, whole, whenever the power goes and whatever became
// of the process before; what is half there is swept.
#include <gtest/gtest.h>

#include <cerrno>

#include "broker/store/chunk_file.h"
#include "core/crypto/sha256.h"
#include "tests/support/campaign.h"
#include "tests/support/disk/watched_disk.h"
#include "tests/support/printers.h"

namespace relais::broker {
namespace {

class ChunkFolderTest : public testing::Test {
protected:
    ChunkFolderTest() { disk_.hold({}); }

    [[nodiscard]] std::string path() const { return disk_.file("chunks"); }
    [[nodiscard]] ChunkFolder open() const { return ChunkFolder::open(path()).value(); }
    [[nodiscard]] bool has(const Bytes& chunk) const {
        const auto read = read_chunk(path(), sha256(chunk));
        return read.ok() && *read == chunk;
    }
    [[nodiscard]] std::size_t files() const { return disk_.held().size(); }

    std::uint64_t seed_ = test::campaign_seed(1);
    test::SeededRandom random_{seed_};
    test::WatchedDisk disk_;
};

TEST_F(ChunkFolderTest, WhatIsSaidToBeThereIsThereAfterEveryCut) {
    const std::size_t fates = test::long_campaign() ? 2000 : 12;
    std::vector<std::pair<std::size_t, Bytes>> said;  // changes of the disk before it was
    {
        ChunkFolder chunks = open();
        for (int i = 0; i < 12; ++i) {
            const Bytes chunk = random_.bytes(500 + random_.below(9000));
            chunks.write(sha256(chunk), chunk).value();
            said.emplace_back(disk_.changes().size(), chunk);
        }
        // Another process says it of a chunk that is there already.
        ChunkFolder other = open();
        other.write(sha256(said[0].second), said[0].second).value();
    }
    const auto changes = disk_.changes();
    test::DiskImage image(disk_.before());
    std::size_t points = 0;
    for (std::size_t n = 1; n <= changes.size(); ++n) {
        image.apply(changes[n - 1]);
        for (std::size_t fate = 0; fate < fates; ++fate, ++points) {
            disk_.hold(image.after_power_cut(fate < 2 ? fate : seed_ * 1000 + fate));
            std::size_t there = 0;
            for (const auto& [before, chunk] : said) {
                EXPECT_TRUE(has(chunk) || before > n) << "change " << n << ", fate " << fate;
                there += has(chunk) ? 1 : 0;
            }
            std::size_t found = 0;
            open().sweep([&](const Digest&) { ++found; });
            EXPECT_EQ(found, files()) << "a half is left";
            EXPECT_GE(found, there);
        }
    }
    test::tell_reached("power cuts of chunk files", std::to_string(points) + " points", seed_);
}

TEST_F(ChunkFolderTest, AFolderThatADeadProcessMadeIsMadeDurableByTheNext) {
    const Bytes chunk = random_.bytes(5000);
    {
        ChunkFolder first = open();
        disk_.fail_next("fsync", EIO);  // of the folder that names the new one
        EXPECT_FALSE(first.write(sha256(chunk), chunk).ok());
        EXPECT_EQ(disk_.failed(), "fsync chunks");
    }
    open().write(sha256(chunk), chunk).value();
    const test::DiskImage image = disk_.image();
    for (std::uint64_t fate = 0; fate < 200; ++fate) {
        disk_.hold(image.after_power_cut(fate));
        ASSERT_TRUE(has(chunk)) << "fate " << fate;
    }
}

TEST_F(ChunkFolderTest, NoCallThatFailsIsSaidToBeWell) {
    const Bytes chunk = random_.bytes(5000);
    std::uint64_t failed = 0;
    for (std::uint64_t call = 1;; ++call) {
        disk_.hold({});
        ChunkFolder chunks = open();
        disk_.fail_call(call, call % 2 == 0 ? EIO : ENOSPC);
        const auto written = chunks.write(sha256(chunk), chunk);
        const test::DiskImage image = disk_.image();
        const bool fired = disk_.fired();
        for (std::uint64_t fate = 0; written.ok() && fate < 50; ++fate) {
            disk_.hold(image.after_power_cut(fate));
            EXPECT_TRUE(has(chunk)) << "call " << call << ", fate " << fate;
        }
        if (!fired) break;
        ++failed;
    }
    EXPECT_GE(failed, 5U) << "to make the folder and the file, write, sync, rename, sync it";
}

}  // namespace
}  // namespace relais::broker
