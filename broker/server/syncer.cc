#include "broker/server/syncer.h"

namespace relais::broker {

Syncer::Syncer(std::function<Result<void>()> sync, std::function<void()> done)
    : sync_(std::move(sync)), done_(std::move(done)), thread_([this] { work(); }) {}

Syncer::~Syncer() {
    {
        const std::lock_guard lock(mutex_);
        over_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

std::uint64_t Syncer::ask() {
    const std::lock_guard lock(mutex_);
    ++asked_;
    changed_.notify_all();
    return asked_;
}

Result<std::uint64_t> Syncer::durable() const {
    const std::lock_guard lock(mutex_);
    if (!verdict_.ok()) return verdict_.error();
    return durable_;
}

Result<void> Syncer::wait(std::uint64_t number) const {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return durable_ >= number || !verdict_.ok(); });
    return verdict_;
}

void Syncer::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return over_ || (asked_ > durable_ && verdict_.ok()); });
        if (over_) return;
        const std::uint64_t number = asked_;
        lock.unlock();
        const Result<void> synced = sync_();
        lock.lock();
        verdict_ = synced;
        if (synced.ok()) durable_ = number;
        changed_.notify_all();
        lock.unlock();
        done_();
        lock.lock();
    }
}

}  // namespace relais::broker
