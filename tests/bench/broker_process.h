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

    // Of all its threads, in both modes, so far.
    [[nodiscard]] double cpu_seconds() const;

    void kill() { child_.kill(); }
    void stop() { child_.terminate(); }

private:
    const Domain& domain_;
    test::Child child_;
    std::string http_;
};

// Of this process, the load, so far.
[[nodiscard]] double own_cpu_seconds();

// What broker and load spent since it was made: it does not depend on who else uses the machine.
class CpuShare {
public:
    explicit CpuShare(const BrokerProcess& broker)
        : broker_(broker.cpu_seconds()), own_(own_cpu_seconds()) {}
    // "processor time a message: broker 90 us, load 30 us"
    [[nodiscard]] std::string told(const BrokerProcess& broker, std::size_t messages) const;

private:
    double broker_;
    double own_;
};

}  // namespace relais::bench
