// syncer.h: makes what was committed durable, on a thread of its own, while the engine goes on with
// its next step. One sync serves all that was committed before it began.
//
// Thread rule: all from the engine's thread; the sync runs, and `done` is called, on the one
// inside.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

#include "core/base/result.h"

namespace relais::broker {

class Syncer {
public:
    // `done` is called after each sync.
    Syncer(std::function<Result<void>()> sync, std::function<void()> done);
    ~Syncer();
    Syncer(const Syncer&) = delete;
    Syncer& operator=(const Syncer&) = delete;

    // What was committed so far is to be made durable. Gives its number, which rises.
    std::uint64_t ask();
    // The last number that is durable. Errors: those of the sync, for good.
    [[nodiscard]] Result<std::uint64_t> durable() const;
    // Waits for that number. Errors: as durable().
    Result<void> wait(std::uint64_t number) const;

private:
    void work();

    std::function<Result<void>()> sync_;
    std::function<void()> done_;
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::uint64_t asked_ = 0;
    std::uint64_t durable_ = 0;
    Result<void> verdict_;
    bool over_ = false;
    std::thread thread_;
};

}  // namespace relais::broker
