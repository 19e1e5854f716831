// broker_process.h: the release's broker on a domain's folder, as a process of its own.
#pragma once

#include <chrono>

#include "tests/bench/domain.h"
#include "tests/process/support/child.h"

namespace relais::bench {

class BrokerProcess {
public:
    // Starts it; ready when it returns. `flush_added`: what each flush of a file takes besides.
    explicit BrokerProcess(const Domain& domain,
                           std::chrono::microseconds flush_added = std::chrono::microseconds(0));
    ~BrokerProcess() = default;

    [[nodiscard]] const CurvePublic& curve() const { return domain_.keys().curve.public_key; }
    [[nodiscard]] const std::string& endpoint() const { return domain_.endpoint(); }
    [[nodiscard]] pid_t pid() const { return child_.pid(); }
    // A number that it publishes, such as "relais_pipeline_frames".
    [[nodiscard]] double metric(const std::string& name) const;
    // Resident memory, now (VmRSS) and at most so far (VmHWM).
    [[nodiscard]] std::uint64_t resident_bytes(const char* field = "VmRSS:") const;

    void kill() { child_.kill(); }
    void stop() { child_.terminate(); }

private:
    const Domain& domain_;
    test::Child child_;
    std::string http_;
};

}  // namespace relais::bench
