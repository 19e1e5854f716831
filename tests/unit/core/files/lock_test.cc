// One process per folder; the lock ends with whoever holds it.
#include "core/files/lock.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <optional>
#include <thread>

#include "tests/support/folder.h"
#include "tests/support/markers.h"
#include "tests/support/printers.h"

namespace relais {
namespace {

class Lock : public testing::Test {
protected:
    [[nodiscard]] std::string path() const { return folder_.file("lock"); }
    test::TestFolder folder_;
};

TEST_F(Lock, IsHeldOnce) {
    const auto held = FileLock::take(path());
    ASSERT_TRUE(held.ok());
    EXPECT_EQ(FileLock::take(path()).code(), ErrorCode::locked);
    EXPECT_TRUE(FileLock::take(folder_.file("other")).ok());
}

// A tool that root starts must not keep the broker's own user out afterwards.
TEST_F(Lock, OfRootBelongsToWhoeverHasTheFolder) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root makes files of others";
    constexpr uid_t kNobody = 65534;
    ASSERT_EQ(::chown(folder_.path().c_str(), kNobody, kNobody), 0);
    ASSERT_TRUE(FileLock::take(path()).ok());
    struct stat status {};
    ASSERT_EQ(::stat(path().c_str(), &status), 0);
    EXPECT_EQ(status.st_uid, kNobody);
    EXPECT_EQ(status.st_gid, kNobody);
}

TEST_F(Lock, EndsWithItsHolder) {
    { const auto held = FileLock::take(path()); }
    EXPECT_TRUE(FileLock::take(path()).ok());
}

TEST_F(Lock, MovesWithItsHolder) {
    std::optional<FileLock> second;
    {
        FileLock first = FileLock::take(path()).value();
        second.emplace(std::move(first));
    }
    EXPECT_EQ(FileLock::take(path()).code(), ErrorCode::locked);
    second.reset();
    EXPECT_TRUE(FileLock::take(path()).ok());
}

TEST_F(Lock, OfAFolderThatIsNotThereFails) {
    EXPECT_EQ(FileLock::take(folder_.path() / "none" / "lock").code(), ErrorCode::io_failed);
}

// Who waited holds the file that has the name now, not the one that had it when it began to wait.
TEST_F(Lock, OfAFileThatItsHolderReplacesIsThatOfTheNewOne) {
    EXPECT_EQ(FileLock::wait_for(path()).code(), ErrorCode::not_found);
    std::ofstream(path()) << "old";
    std::optional<FileLock> held = FileLock::wait_for(path()).value();
    std::atomic<bool> had = false;
    std::thread waiting([&] {
        const auto lock = FileLock::wait_for(path());
        EXPECT_TRUE(lock.ok());
        EXPECT_EQ(test::whole_file(path()), "new");
        had = true;
    });
    std::ofstream(folder_.file("aside")) << "new";
    std::filesystem::rename(folder_.file("aside"), path());
    EXPECT_FALSE(had);
    held.reset();
    waiting.join();
    EXPECT_TRUE(had);
}

// However the process ends: no stale lock keeps a broker from starting.
TEST_F(Lock, EndsWithItsProcessThoughKilled) {
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const auto held = FileLock::take(path());
        const char verdict = held.ok() ? 'y' : 'n';
        [[maybe_unused]] const ssize_t put = ::write(ready[1], &verdict, 1);
        for (;;) ::pause();
    }
    char verdict = 0;
    ASSERT_EQ(::read(ready[0], &verdict, 1), 1);
    EXPECT_EQ(verdict, 'y');
    EXPECT_EQ(FileLock::take(path()).code(), ErrorCode::locked);
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(FileLock::take(path()).ok());
    ::close(ready[0]);
    ::close(ready[1]);
}

}  // namespace
}  // namespace relais
