// The process that strangers reach runs while it is wanted, and its end never waits for its
// consent: a broker that is told to stop stops, whatever became of that process. A shell script
// stands in.
#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>

#include <fstream>
#include <thread>

#include "broker/server/enrolment_process.h"
#include "core/crypto/p256.h"
#include "tests/support/folder.h"

namespace relais::broker {
namespace {

class EnrolmentProcessTest : public testing::Test {
protected:
    // As the broker does before it starts any thread.
    EnrolmentProcessTest() {
        sigset_t stops;
        sigemptyset(&stops);
        sigaddset(&stops, SIGTERM);
        sigaddset(&stops, SIGINT);
        pthread_sigmask(SIG_BLOCK, &stops, &before_);
    }
    ~EnrolmentProcessTest() override { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

    // A program that runs `body`, then waits until its broker is gone.
    std::string program(const std::string& body) {
        const std::string path = folder_.file("program");
        std::ofstream(path) << "#!/bin/sh\n" << body << "\nread -r line <&3\n";
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
        return path;
    }
    void wait_for(const std::string& name) const {
        while (!std::filesystem::exists(folder_.file(name))) std::this_thread::yield();
    }
    static bool runs(pid_t pid) { return ::kill(pid, 0) == 0; }

    sigset_t before_{};
    test::TestFolder folder_;
    const P256Verifier verifier_;
    SharedDirectory directory_{directory::DirectoryState(Name::parse("indre").value(), Digest())};
    const Checks checks_{directory_, verifier_};
    Pipeline pipeline_{checks_, 1};
    SessionNumbers numbers_;
    LocalSockets sockets_{numbers_, pipeline_};
    const Secret key_{32};
};

TEST_F(EnrolmentProcessTest, RunsWhileItIsWantedAndNoLonger) {
    EnrolmentProcess process({program(""), "tcp://127.0.0.1:0"}, key_, sockets_);
    EXPECT_EQ(process.pid(), -1);
    process.set_wanted(true);
    const pid_t pid = process.pid();
    ASSERT_GT(pid, 0);
    EXPECT_TRUE(runs(pid));
    process.set_wanted(false);
    EXPECT_FALSE(runs(pid));
    EXPECT_EQ(process.pid(), -1);
}

TEST_F(EnrolmentProcessTest, OneThatIgnoresSignalsCannotDelayItsEnd) {
    const std::string stubborn = program("trap '' TERM INT HUP; : > " + folder_.file("ready"));
    pid_t pid = -1;
    {
        EnrolmentProcess process({stubborn, "tcp://127.0.0.1:0"}, key_, sockets_);
        process.set_wanted(true);
        pid = process.pid();
        ASSERT_GT(pid, 0);
        wait_for("ready");
    }
    EXPECT_FALSE(runs(pid));
}

// Not a shell here: shells unblock signals by themselves.
TEST_F(EnrolmentProcessTest, DoesNotInheritTheBlockedSignalsOfItsBroker) {
    EnrolmentProcess process({"/usr/bin/sleep", "1000"}, key_, sockets_);
    process.set_wanted(true);
    ASSERT_GT(process.pid(), 0);
    std::ifstream status("/proc/" + std::to_string(process.pid()) + "/status");
    std::string word;
    while (status >> word && word != "SigBlk:") {
    }
    std::string mask;
    status >> mask;
    EXPECT_EQ(mask, std::string(16, '0'));
}

}  // namespace
}  // namespace relais::broker
