#include "broker/server/pipeline.h"

#include <algorithm>
#include <array>

#include "core/base/limits.h"

namespace relais::broker {

namespace {

constexpr std::size_t kCheckedAtOnceMax = 4;

Request check_frame(const Checks& checks, ByteView bytes, std::uint64_t& number) {
    auto frame = wire::parse_frame(bytes);
    if (!frame.ok()) return Malformed{frame.error()};
    if (frame->number == 0) return Malformed{fail(ErrorCode::invalid_field, "number")};
    number = frame->number;
    return checks.check(std::move(frame->body));
}

// What an answer may come to where it is much larger than what asks for it. Answers wait in memory
// until they are on their way, those of several steps together: so few such requests go in one.
std::size_t answer_bytes(const Request& request) {
    const bool large = std::holds_alternative<wire::FetchProposals>(request) ||
                       std::holds_alternative<wire::FetchBundle>(request) ||
                       std::holds_alternative<wire::FetchLeaves>(request) ||
                       std::holds_alternative<wire::FetchRegister>(request);
    return large ? limits::kFrameBytesMax : 0;
}

}  // namespace

Pipeline::Pipeline(const Checks& checks, unsigned workers)
    : checks_(checks), workers_max_(std::max(workers, 1U)) {
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

Pipeline::Slot::Slot(const Origin& from, Bytes bytes_of)
    : origin(from), frame(std::move(bytes_of)), bytes(frame.size()) {}

void Pipeline::enqueue(std::unique_ptr<Slot> slot) {
    bytes_ += slot->bytes;
    ++waiting_[slot->origin.session];
    to_check_.push_back(slot.get());
    slots_.push_back(std::move(slot));
    unclaimed_.notify_one();
}

bool Pipeline::push(const Origin& origin, Bytes frame) {
    auto slot = std::make_unique<Slot>(origin, std::move(frame));
    const std::lock_guard lock(mutex_);
    if (stopped_) return true;  // nobody is at fault
    const auto waiting = waiting_.find(origin.session);
    if (waiting != waiting_.end() && waiting->second >= limits::kRequestsWaitingMax) return false;
    enqueue(std::move(slot));
    return true;
}

bool Pipeline::push_waiting(const Origin& origin, Bytes frame) {
    auto slot = std::make_unique<Slot>(origin, std::move(frame));
    std::unique_lock lock(mutex_);
    has_room_.wait(lock, [this] { return stopped_ || room(); });
    if (stopped_) return false;
    enqueue(std::move(slot));
    return true;
}

void Pipeline::push_ready(Input input) {
    auto slot = std::make_unique<Slot>(Origin{}, Bytes());
    slot->checked = true;
    slot->input = std::move(input);
    const std::lock_guard lock(mutex_);
    slots_.push_back(std::move(slot));
    head_ready_.notify_one();
}

void Pipeline::check(Slot& slot) const {
    slot.input.session = slot.origin.session;
    slot.input.principal = slot.origin.principal;
    slot.input.station = slot.origin.station;
    slot.input.request = check_frame(checks_, slot.frame, slot.input.number);
    slot.frame = Bytes();
}

void Pipeline::work() {
    std::array<Slot*, kCheckedAtOnceMax> claimed{};
    std::unique_lock lock(mutex_);
    for (;;) {
        unclaimed_.wait(lock, [this] { return stopped_ || !to_check_.empty(); });
        if (to_check_.empty()) return;  // stopped, and nothing left to check
        // Some at once where many wait, with something left for the other workers.
        const std::size_t share = to_check_.size() / workers_max_;
        const std::size_t count = std::clamp<std::size_t>(share, 1, kCheckedAtOnceMax);
        std::copy_n(to_check_.begin(), count, claimed.begin());
        to_check_.erase(to_check_.begin(), to_check_.begin() + static_cast<std::ptrdiff_t>(count));
        lock.unlock();
        for (std::size_t i = 0; i < count; ++i) check(*claimed[i]);
        lock.lock();
        for (std::size_t i = 0; i < count; ++i) claimed[i]->checked = true;
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
    std::vector<std::unique_ptr<Slot>> taken;
    std::size_t taken_bytes = 0;
    std::size_t answers_bytes = 0;
    while (!slots_.empty() && slots_.front()->checked && taken.size() < limits::kBatchFramesMax &&
           taken_bytes + answers_bytes < limits::kBatchBytesMax) {
        take_off(*slots_.front());
        taken_bytes += slots_.front()->bytes;
        answers_bytes += answer_bytes(slots_.front()->input.request);
        taken.push_back(std::move(slots_.front()));
        slots_.pop_front();
    }
    bytes_ -= taken_bytes;
    if (!taken.empty()) has_room_.notify_all();
    lock.unlock();  // the others need not wait for the rest
    std::vector<Input> batch;
    batch.reserve(taken.size());
    for (const auto& slot : taken) batch.push_back(std::move(slot->input));
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
