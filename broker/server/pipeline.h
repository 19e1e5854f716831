// pipeline.h: from frames as they arrive to Inputs as the engine takes them: parsed and their
// signatures checked on worker threads, side by side, and handed over in the order of arrival all
// the same. Bounded: when it is full, producers wait, and what they read from waits with them.
//
// Thread rule: push from any thread, collect from the engine's.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "broker/engine/checks.h"

namespace relais::broker {

class Pipeline {
public:
    Pipeline(const Checks& checks, unsigned workers);
    ~Pipeline();

    // Where a frame came from.
    struct Origin {
        SessionId session;
        Principal principal;
        StationId station;
    };
    // Takes the frame. Producers ask has_room() first; one frame each may come above the bound.
    // False, and the frame is not taken, where too many of this session wait already.
    bool push(const Origin& origin, Bytes frame);
    // Waits for room. False where the pipeline was stopped.
    bool push_waiting(const Origin& origin, Bytes frame);
    // What needs no check: always taken, in its place in the order.
    void push_ready(Input input);
    [[nodiscard]] bool has_room() const;

    // The frames at the head that are checked, at most a batch; waits up to `patience` for the
    // first. `woken` (from wake(), or a stop) ends the wait with nothing.
    std::vector<Input> collect(std::chrono::milliseconds patience);
    void wake();
    // No more is taken; collect still gives what is there.
    void stop();
    [[nodiscard]] std::size_t depth() const;

private:
    struct Slot {
        Slot(const Origin& from, Bytes bytes_of);
        Origin origin;
        Bytes frame;
        std::size_t bytes;
        bool checked = false;
        Input input{};
    };

    void work();
    [[nodiscard]] bool room() const;
    void enqueue(std::unique_ptr<Slot> slot);
    void check(Slot& slot) const;
    void take_off(const Slot& slot);

    const Checks& checks_;
    const std::size_t workers_max_;
    mutable std::mutex mutex_;
    std::condition_variable unclaimed_;   // workers wait for frames
    std::condition_variable head_ready_;  // the engine waits for the head
    std::condition_variable has_room_;
    std::deque<std::unique_ptr<Slot>> slots_;
    std::deque<Slot*> to_check_;
    std::map<SessionId, std::size_t> waiting_;  // frames of each session in slots_
    std::size_t bytes_ = 0;
    bool stopped_ = false;
    bool woken_ = false;
    std::vector<std::thread> workers_;
};

}  // namespace relais::broker
