#include "tools/evidence/parallel.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace relais::evidence {

namespace {

constexpr std::uint64_t kPartsForAnother = 4;  // below, a thread costs more than it brings

}  // namespace

void in_parallel(std::uint64_t parts, const std::function<void(std::uint64_t)>& work) {
    std::atomic<std::uint64_t> next = 0;
    const auto take = [&] {
        for (std::uint64_t part = next++; part < parts; part = next++) work(part);
    };
    const std::uint64_t others = std::min<std::uint64_t>(
        std::max(1U, std::thread::hardware_concurrency()) - 1, parts / kPartsForAnother);
    std::vector<std::jthread> threads;
    for (std::uint64_t i = 0; i < others; ++i) threads.emplace_back(take);
    take();
}

}  // namespace relais::evidence
