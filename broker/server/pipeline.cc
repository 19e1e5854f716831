#include "broker/server/pipeline.h"

#include "core/base/limits.h"

namespace relais::broker {

namespace {

Request check_frame(const Checks& checks, ByteView bytes, std::uint64_t& number) {
    auto frame = wire::parse_frame(bytes);
    if (!frame.ok()) return Malformed{frame.error()};
    if (frame->number == 0) return Malformed{fail(ErrorCode::invalid_field, "number")};
    number = frame->number;
    return checks.check(std::move(frame->body));
}

}  // namespace

Pipeline::Pipeline(const Checks& checks, unsigned workers) : checks_(checks) {
    for (unsigned i = 0; i < workers; ++i) workers_.emplace_back([this] { work(); });
}

Pipeline::~Pipeline() {
    stop();
    for (std::thread& worker : workers_) worker.join();
}

bool Pipeline::room() const {
    return slots_.size() < limits::kPipelineFramesMax && bytes_ < limits::kPipelineBytesMax;
}

bool Pipeline::has_room() const {
    const std::lock_guard lock(mutex_);
    return room();
}

std::size_t Pipeline::depth() const {
    const std::lock_guard lock(mutex_);
    return slots_.size();
}

void Pipeline::enqueue(const Origin& origin, Bytes frame) {
    auto slot = std::make_unique<Slot>();
    slot->origin = origin;
    slot->bytes = frame.size();
    slot->frame = std::move(frame);
    bytes_ += slot->bytes;
    ++waiting_[origin.session];
    to_check_.push_back(slot.get());
    slots_.push_back(std::move(slot));
    unclaimed_.notify_one();
}

bool Pipeline::push(const Origin& origin, Bytes frame) {
    const std::lock_guard lock(mutex_);
    if (stopped_) return true;  // nobody is at fault
    const auto waiting = waiting_.find(origin.session);
    if (waiting != waiting_.end() && waiting->second >= limits::kRequestsWaitingMax) return false;
    enqueue(origin, std::move(frame));
    return true;
}

bool Pipeline::push_waiting(const Origin& origin, Bytes frame) {
    std::unique_lock lock(mutex_);
    has_room_.wait(lock, [this] { return stopped_ || room(); });
    if (stopped_) return false;
    enqueue(origin, std::move(frame));
    return true;
}

void Pipeline::push_ready(Input input) {
    const std::lock_guard lock(mutex_);
    auto slot = std::make_unique<Slot>();
    slot->checked = true;
    slot->input = std::move(input);
    slots_.push_back(std::move(slot));
    head_ready_.notify_one();
}

void Pipeline::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        unclaimed_.wait(lock, [this] { return stopped_ || !to_check_.empty(); });
        if (to_check_.empty()) return;  // stopped, and nothing left to check
        Slot& slot = *to_check_.front();
        to_check_.pop_front();
        lock.unlock();
        slot.input.session = slot.origin.session;
        slot.input.principal = slot.origin.principal;
        slot.input.station = slot.origin.station;
        slot.input.request = check_frame(checks_, slot.frame, slot.input.number);
        slot.frame = Bytes();
        lock.lock();
        slot.checked = true;
        if (!slots_.empty() && slots_.front()->checked) head_ready_.notify_one();
    }
}

// Of what its session has waiting; what was pushed ready was never counted.
void Pipeline::take_off(const Slot& slot) {
    const auto waiting = waiting_.find(slot.origin.session);
    if (waiting != waiting_.end() && --waiting->second == 0) waiting_.erase(waiting);
}

std::vector<Input> Pipeline::collect(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    head_ready_.wait_for(lock, patience, [this] {
        return woken_ || (!slots_.empty() && slots_.front()->checked) ||
               (stopped_ && slots_.empty());
    });
    woken_ = false;
    std::vector<Input> batch;
    std::size_t batch_bytes = 0;
    while (!slots_.empty() && slots_.front()->checked && batch.size() < limits::kBatchFramesMax &&
           batch_bytes < limits::kBatchBytesMax) {
        take_off(*slots_.front());
        batch_bytes += slots_.front()->bytes;
        batch.push_back(std::move(slots_.front()->input));
        slots_.pop_front();
    }
    bytes_ -= batch_bytes;
    if (!batch.empty()) has_room_.notify_all();
    return batch;
}

void Pipeline::wake() {
    const std::lock_guard lock(mutex_);
    woken_ = true;
    head_ready_.notify_one();
}

void Pipeline::stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    unclaimed_.notify_all();
    has_room_.notify_all();
    head_ready_.notify_all();
}

}  // namespace relais::broker
