// broker.h: one broker of one domain, put together: its folder locked, its store opened, its
// sockets bound, its engine run until a signal.
#pragma once

#include "broker/config/config.h"
#include "core/base/log.h"

namespace relais::broker {

struct RunOptions {
    bool after_restore = false;     // begin a new incarnation of every sequence
    std::string enrolment_program;  // path of relais-enrolment
};

// Runs until SIGTERM or SIGINT. Errors: locked  another broker has the folder; wrong_permissions,
// wrong_domain, corrupt, io_failed, bad_configuration: it did not start, or had to stop.
Result<void> run_broker(const Config& config, const RunOptions& options, Log& log);

}  // namespace relais::broker
