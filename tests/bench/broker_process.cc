#include "tests/bench/broker_process.h"

#include <httplib.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

namespace relais::bench {

namespace {

using test::fail_test;

std::vector<std::string> environment(std::chrono::microseconds flush_added) {
    if (flush_added.count() == 0) return {};
    return {"LD_PRELOAD=" RELAIS_FLUSH_SHIM,
            "RELAIS_BENCH_FLUSH_US=" + std::to_string(flush_added.count())};
}

}  // namespace

BrokerProcess::BrokerProcess(const Domain& domain, std::chrono::microseconds flush_added)
    : domain_(domain),
      child_(test::program("relais-broker"), {"--config", domain.config_file().string()},
             environment(flush_added)) {
    const auto line = child_.wait_for_line("started");
    if (!line) {
        child_.kill();
        fail_test("the broker did not start: " + child_.said());
    }
    const std::string mark = "http=";
    http_ = line->substr(line->find(mark) + mark.size());
}

double BrokerProcess::metric(const std::string& name) const {
    httplib::Client client("http://" + http_);
    const auto answer = client.Get("/metrics");
    if (!answer || answer->status != 200) fail_test("no metrics");
    std::istringstream lines(answer->body);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(name + " ")) return std::stod(line.substr(name.size() + 1));
    }
    fail_test("no metric " + name);
}

std::uint64_t BrokerProcess::resident_bytes(const char* field) const {
    std::ifstream status("/proc/" + std::to_string(pid()) + "/status");
    std::uint64_t kib = 0;
    for (std::string word; status >> word;) {
        if (word == field) status >> kib;
    }
    return kib * 1024;
}

double BrokerProcess::cpu_seconds() const {
    std::ifstream file("/proc/" + std::to_string(pid()) + "/stat");
    std::string text;
    std::getline(file, text);
    std::istringstream fields(text.substr(text.rfind(')') + 2));
    std::string skipped;
    for (int i = 3; i < 14; ++i) fields >> skipped;  // to utime, the 14th (proc(5))
    double user = 0;
    double system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double own_cpu_seconds() {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

std::string CpuShare::told(const BrokerProcess& broker, std::size_t messages) const {
    const double each = 1e6 / static_cast<double>(messages);
    char text[100];
    std::snprintf(text, sizeof text, "processor time a message: broker %.0f us, load %.0f us",
                  (broker.cpu_seconds() - broker_) * each, (own_cpu_seconds() - own_) * each);
    return text;
}

}  // namespace relais::bench
