#include "broker/server/engine_loop.h"

#include <algorithm>

namespace relais::broker {

namespace {

constexpr Milliseconds kPatience{1000};
constexpr std::size_t kUnsaidMax = 4;  // steps that wait for the disk

bool is_chunk_work(const Output& output) {
    return std::holds_alternative<StoreChunk>(output) ||
           std::holds_alternative<SendChunk>(output) ||
           std::holds_alternative<RemoveChunks>(output);
}

}  // namespace

EngineLoop::EngineLoop(Engine& engine, std::function<Result<void>()> sync, Clock& clock,
                       Pipeline& pipeline, Router& router, LocalSockets& sockets,
                       EnrolmentProcess& enrolment, ChunkFiles& chunks)
    : engine_(engine),
      sync_(std::move(sync)),
      clock_(clock),
      pipeline_(pipeline),
      router_(router),
      sockets_(sockets),
      enrolment_(enrolment),
      chunks_(chunks),
      syncer_(sync_, [this] { pipeline_.wake(); }) {}

Result<void> EngineLoop::run() {
    chunks_.start_sweep();
    bool more = true;  // the first turn says what a former run left open
    while (!stopping_ || pipeline_.depth() > 0) {
        RELAIS_ASSIGN(more, turn(more));
    }
    RELAIS_TRY(say_all());
    RELAIS_TRY(engine_.close(clock_.read()));
    return sync_();
}

void EngineLoop::stop() {
    stopping_ = true;
    router_.stop_reading();
    pipeline_.stop();
}

Result<bool> EngineLoop::turn(bool more) {
    RELAIS_TRY(say_what_lasts());
    RELAIS_ASSIGN(const auto wake, engine_.next_wake(clock_.read()));
    const bool due = wake && wake->count() == 0;
    const Milliseconds patience =
        more || due ? Milliseconds(0) : std::min(kPatience, wake.value_or(kPatience));
    std::vector<Input> inputs = pipeline_.collect(patience);
    enrolment_.tend();
    if (inputs.empty() && !more && !due) return false;
    for (const Input& input : inputs) {
        if (std::holds_alternative<Disconnected>(input.request)) chunks_.forget(input.session);
    }
    const auto begun = std::chrono::steady_clock::now();
    RELAIS_ASSIGN(Engine::Step step, engine_.step(std::move(inputs), clock_.read()));
    publish(std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
    RELAIS_TRY(make_durable(std::move(step.outputs)));
    return step.more;
}

// Where nothing else waits, at once: another thread could only be later.
Result<void> EngineLoop::make_durable(std::vector<Output> outputs) {
    if (unsaid_.empty() && pipeline_.depth() == 0) {
        RELAIS_TRY(sync_());
        dispatch(std::move(outputs));
        return {};
    }
    unsaid_.push_back({syncer_.ask(), std::move(outputs)});
    if (unsaid_.size() > kUnsaidMax) RELAIS_TRY(syncer_.wait(unsaid_.front().number));
    return say_what_lasts();
}

Result<void> EngineLoop::say_what_lasts() {
    RELAIS_ASSIGN(const std::uint64_t durable, syncer_.durable());
    while (!unsaid_.empty() && unsaid_.front().number <= durable) {
        dispatch(std::move(unsaid_.front().outputs));
        unsaid_.pop_front();
    }
    return {};
}

Result<void> EngineLoop::say_all() {
    if (unsaid_.empty()) return {};
    RELAIS_TRY(syncer_.wait(unsaid_.back().number));
    return say_what_lasts();
}

void EngineLoop::dispatch(std::vector<Output> outputs) {
    std::vector<Output> to_router;
    std::vector<Output> to_local;
    for (Output& output : outputs) {
        if (const auto* invitations = std::get_if<InvitationsOpen>(&output)) {
            enrolment_.set_wanted(invitations->open);
            continue;
        }
        if (is_chunk_work(output)) {
            chunks_.put(std::move(output));
            continue;
        }
        if (const auto* erased = std::get_if<Erased>(&output)) {
            if (erased_) erased_(erased->statement);
            continue;
        }
        if (auto* ring = std::get_if<Ring>(&output)) {
            if (ring_) ring_(std::move(*ring));
            continue;
        }
        SessionId session = 0;
        if (const auto* frame = std::get_if<SendFrame>(&output)) session = frame->session;
        if (const auto* cut = std::get_if<CutSession>(&output)) {
            session = cut->session;
            chunks_.forget(session);
        }
        if (session == 0) continue;  // KeysChanged: the ZAP handler reads the directory itself
        auto& target =
            SessionNumbers::transport_of(session) == Transport::router ? to_router : to_local;
        target.push_back(std::move(output));
    }
    router_.outbox().put(std::move(to_router));
    sockets_.put(std::move(to_local));
}

void EngineLoop::publish(double seconds) {
    const Standing now{engine_.has_room(), engine_.clock_suspect()};
    const Standing before = standing();
    {
        const std::lock_guard lock(mutex_);
        counts_ = engine_.counts();
        ++times_.count;
        times_.seconds += seconds;
        standing_ = now;
    }
    if (now != before && on_change_) on_change_(before, now);
}

EngineLoop::Standing EngineLoop::standing() const {
    const std::lock_guard lock(mutex_);
    return standing_;
}

EngineCounts EngineLoop::counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

EngineLoop::StepTimes EngineLoop::step_times() const {
    const std::lock_guard lock(mutex_);
    return times_;
}

}  // namespace relais::broker
