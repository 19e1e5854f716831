// The watched disk itself: what it records, what it keeps after a cut, what it makes fail.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>

#include "core/files/files.h"
#include "tests/support/disk/watched_disk.h"
#include "tests/support/printers.h"

namespace relais::test {
namespace {

constexpr std::uint64_t kSeeds = 300;

class DiskTest : public testing::Test {
protected:
    DiskTest() { disk_.hold({{"old", Bytes(1000, 'a')}}); }

    void put(const std::string& name, std::size_t size, char fill, bool sync) const {
        const int fd = ::open(disk_.file(name).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        const Bytes bytes(size, static_cast<std::uint8_t>(fill));
        EXPECT_EQ(::pwrite(fd, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(size));
        const int synced = sync ? ::fsync(fd) : 0;
        EXPECT_EQ(synced, 0);
        ::close(fd);
    }
    [[nodiscard]] std::set<Bytes> outcomes(const std::string& name) const {
        std::set<Bytes> all;
        const DiskImage image = disk_.image();
        for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
            const Files files = image.after_power_cut(seed);
            const auto found = files.find(name);
            all.insert(found == files.end() ? Bytes{} : found->second);
        }
        return all;
    }

    WatchedDisk disk_;
};

TEST_F(DiskTest, WhatIsSyncedStays) {
    put("old", 1000, 'b', true);
    EXPECT_EQ(outcomes("old"), (std::set<Bytes>{Bytes(1000, 'b')}));
}

TEST_F(DiskTest, WhatIsNotSyncedSurvivesVanishesOrTears) {
    put("old", 1000, 'b', false);
    const auto all = outcomes("old");
    EXPECT_TRUE(all.contains(Bytes(1000, 'a')));
    EXPECT_TRUE(all.contains(Bytes(1000, 'b')));
    EXPECT_GT(all.size(), 10u);
}

TEST_F(DiskTest, ASyncedFileHasItsNameOnlyWithItsFolder) {
    put("new", 10, 'n', true);
    EXPECT_EQ(outcomes("new"), (std::set<Bytes>{Bytes{}, Bytes(10, 'n')}));
    const int folder = ::open(disk_.folder().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    EXPECT_EQ(::fsync(folder), 0);
    ::close(folder);
    EXPECT_EQ(outcomes("new"), (std::set<Bytes>{Bytes(10, 'n')}));
}

TEST_F(DiskTest, AFileWrittenWithCareIsTheOldOrTheNewOne) {
    for (std::size_t n = 0;; ++n) {
        disk_.hold({{"key", Bytes(3000, 'a')}});
        disk_.fail_call(n, n % 2 == 0 ? EIO : ENOSPC);
        const auto written = write_file(disk_.file("key"), Bytes(5000, 'b'), 0600, Replace::yes);
        const auto all = outcomes("key");
        EXPECT_TRUE(all.contains(Bytes(5000, 'b')) || !written.ok());
        EXPECT_TRUE(!written.ok() || all.size() == 1) << "said, and not certain: call " << n;
        for (const Bytes& one : all) {
            EXPECT_TRUE(one == Bytes(3000, 'a') || one == Bytes(5000, 'b')) << "call " << n;
        }
        if (n > 0 && !disk_.fired()) break;
    }
}

TEST_F(DiskTest, ACutInTheMidstOfAFileWrittenWithCareLeavesTheOldOrTheNewOne) {
    write_file(disk_.file("old"), Bytes(50'000, 'b'), 0600, Replace::yes).value();
    DiskImage image(disk_.before());
    for (const DiskChange& change : disk_.changes()) {
        image.apply(change);
        for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
            const Bytes found = image.after_power_cut(seed).at("old");
            EXPECT_TRUE(found == Bytes(1000, 'a') || found == Bytes(50'000, 'b'));
        }
    }
}

TEST_F(DiskTest, WhatASyncFailedToWriteIsLostWhateverIsSyncedLater) {
    const int fd = ::open(disk_.file("old").c_str(), O_RDWR | O_CLOEXEC);
    const Bytes bytes(1000, 'b');
    EXPECT_EQ(::pwrite(fd, bytes.data(), bytes.size(), 0), 1000);
    disk_.fail_call(1, EIO);
    EXPECT_NE(::fsync(fd), 0);
    EXPECT_TRUE(disk_.fired());
    EXPECT_EQ(disk_.failed(), "fsync old");
    EXPECT_EQ(::fsync(fd), 0);
    EXPECT_TRUE(outcomes("old").contains(Bytes(1000, 'a')));
    EXPECT_EQ(::pwrite(fd, bytes.data(), bytes.size(), 0), 1000);
    EXPECT_EQ(::fsync(fd), 0);
    EXPECT_EQ(outcomes("old"), (std::set<Bytes>{bytes})) << "written again, and synced";
    ::close(fd);
}

TEST_F(DiskTest, ADiskWithoutRoomTakesWhatFitsAndNoMore) {
    disk_.set_room(1500);
    put("old", 1000, 'b', true);
    const int fd = ::open(disk_.file("old").c_str(), O_RDWR | O_CLOEXEC);
    const Bytes bytes(600, 'c');
    EXPECT_EQ(::pwrite(fd, bytes.data(), bytes.size(), 1000), -1);
    EXPECT_EQ(errno, ENOSPC);
    EXPECT_EQ(::pwrite(fd, bytes.data(), 500, 1000), 500);
    ::close(fd);
}

}  // namespace
}  // namespace relais::test
