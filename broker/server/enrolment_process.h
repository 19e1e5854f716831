// enrolment_process.h: starts and ends the process that listens to strangers, which runs only while
// an invitation is open: relais-enrolment, with a memory limit of its own and no key but its
// socket's.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>

#include "broker/server/local_socket.h"
#include "core/base/secret.h"

namespace relais::broker {

struct EnrolmentOptions {
    std::string program;   // path of relais-enrolment
    std::string endpoint;  // tcp://address:port
};

class EnrolmentProcess {
public:
    EnrolmentProcess(const EnrolmentOptions& options, const Secret& curve_secret,
                     LocalSockets& sockets);
    ~EnrolmentProcess();

    // From the engine's thread. Starts or ends the process; `tend` starts it again if it died.
    void set_wanted(bool wanted);
    void tend();
    [[nodiscard]] pid_t pid() const { return pid_; }

private:
    void start();
    void end();

    EnrolmentOptions options_;
    Secret curve_secret_;
    LocalSockets& sockets_;
    bool wanted_ = false;
    pid_t pid_ = -1;
    std::chrono::steady_clock::time_point not_before_{};
};

}  // namespace relais::broker
