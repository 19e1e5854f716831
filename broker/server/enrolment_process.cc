#include "broker/server/enrolment_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace relais::broker {

namespace {

constexpr std::chrono::seconds kRestartDelay{2};
constexpr int kChannelDescriptor = 3;  // in the child: the broker's socket pair
constexpr int kKeyDescriptor = 4;      // in the child: a pipe that holds the secret key

}  // namespace

EnrolmentProcess::EnrolmentProcess(const EnrolmentOptions& options, const Secret& curve_secret,
                                   LocalSockets& sockets)
    : options_(options), curve_secret_(curve_secret.duplicate()), sockets_(sockets) {}

EnrolmentProcess::~EnrolmentProcess() { end(); }

void EnrolmentProcess::set_wanted(bool wanted) {
    wanted_ = wanted;
    if (wanted_) {
        tend();
    } else {
        end();
    }
}

void EnrolmentProcess::tend() {
    if (pid_ > 0) {
        int status = 0;
        if (::waitpid(pid_, &status, WNOHANG) != pid_) return;
        pid_ = -1;
        not_before_ = std::chrono::steady_clock::now() + kRestartDelay;
    }
    if (wanted_ && std::chrono::steady_clock::now() >= not_before_) start();
}

void EnrolmentProcess::start() {
    int channel[2];
    int key[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel) != 0) return;
    if (::pipe2(key, O_CLOEXEC) != 0) {
        ::close(channel[0]);
        ::close(channel[1]);
        return;
    }
    // The key fits in the pipe's buffer: nothing waits for the child.
    const ByteView secret = curve_secret_.expose();
    const bool written =
        ::write(key[1], secret.data(), secret.size()) == static_cast<ssize_t>(secret.size());
    ::close(key[1]);

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    // By way of high numbers, so that neither duplicate overwrites the other's source.
    const int channel_high = ::fcntl(channel[1], F_DUPFD_CLOEXEC, 64);
    const int key_high = ::fcntl(key[0], F_DUPFD_CLOEXEC, 64);
    posix_spawn_file_actions_adddup2(&actions, channel_high, kChannelDescriptor);
    posix_spawn_file_actions_adddup2(&actions, key_high, kKeyDescriptor);
    // The broker blocks the signals that stop it; the child must not inherit that.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    char* arguments[] = {options_.program.data(), options_.endpoint.data(), nullptr};
    char* environment[] = {nullptr};
    const bool ready = written && channel_high >= 0 && key_high >= 0;
    const bool started = ready && ::posix_spawn(&pid_, options_.program.c_str(), &actions,
                                                &attributes, arguments, environment) == 0;
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (channel_high >= 0) ::close(channel_high);
    if (key_high >= 0) ::close(key_high);
    ::close(channel[1]);
    ::close(key[0]);
    if (!started) {
        pid_ = -1;
        ::close(channel[0]);
        not_before_ = std::chrono::steady_clock::now() + kRestartDelay;
        return;
    }
    sockets_.serve(channel[0], Principal::enrolment);
}

void EnrolmentProcess::end() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);  // it keeps nothing, and what strangers reached must not delay a stop
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
}

}  // namespace relais::broker
