// engine_loop.h: the engine's thread: takes what has arrived and been checked, steps, and hands
// what may be said to the transports once it is durable. While one step is made durable the next is
// under way, and the batch after that gathers.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <mutex>

#include "broker/engine/engine.h"
#include "broker/server/chunk_files.h"
#include "broker/server/enrolment_process.h"
#include "broker/server/router.h"
#include "broker/server/syncer.h"

namespace relais::broker {

class EngineLoop {
public:
    // `sync` makes what the engine committed so far durable (D1); called from two threads, never
    // at once.
    EngineLoop(Engine& engine, std::function<Result<void>()> sync, Clock& clock, Pipeline& pipeline,
               Router& router, LocalSockets& sockets, EnrolmentProcess& enrolment,
               ChunkFiles& chunks);

    // What is done with the notice of each erasure, after its commit. Before run().
    void on_erased(std::function<void(const Bytes&)> action) { erased_ = std::move(action); }
    // What is done with each ring, after its commit. Before run().
    void on_ring(std::function<void(Ring)> action) { ring_ = std::move(action); }
    // On the calling thread, until stop(); then what has arrived is finished and the logs are
    // signed. Errors: the store's: nothing more may be done with it, the process should end.
    Result<void> run();
    // From any thread or a signal's handler thread.
    void stop();

    [[nodiscard]] EngineCounts counts() const;
    // Time that steps with a commit took, since the start, and their number; without the sync where
    // another step was waiting meanwhile.
    struct StepTimes {
        std::uint64_t count = 0;
        double seconds = 0;
    };
    [[nodiscard]] StepTimes step_times() const;

    // What an operator has to know of at once.
    struct Standing {
        bool room = true;  // for new messages
        bool clock_suspect = false;
        bool operator==(const Standing&) const = default;
    };
    // Called by run(), with what was and what is, where it changed. Set before run().
    using OnChange = std::function<void(const Standing& before, const Standing& now)>;
    void on_change(OnChange told) { on_change_ = std::move(told); }
    [[nodiscard]] Standing standing() const;

private:
    // What a step gave and the disk does not have yet: nobody is told.
    struct Unsaid {
        std::uint64_t number;  // of the syncer
        std::vector<Output> outputs;
    };

    Result<bool> turn(bool more);
    Result<void> make_durable(std::vector<Output> outputs);
    Result<void> say_what_lasts();
    Result<void> say_all();
    void dispatch(std::vector<Output> outputs);
    void publish(double seconds);

    Engine& engine_;
    std::function<Result<void>()> sync_;
    Clock& clock_;
    Pipeline& pipeline_;
    Router& router_;
    LocalSockets& sockets_;
    EnrolmentProcess& enrolment_;
    ChunkFiles& chunks_;
    std::function<void(const Bytes&)> erased_;
    std::function<void(Ring)> ring_;
    std::atomic<bool> stopping_{false};
    mutable std::mutex mutex_;
    EngineCounts counts_;
    StepTimes times_;
    Standing standing_;
    OnChange on_change_;
    std::deque<Unsaid> unsaid_;
    Syncer syncer_;
};

}  // namespace relais::broker
