#include "tests/bench/broker_process.h"

#include <httplib.h>

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

}  // namespace relais::bench
