#include "broker/server/outbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <iterator>
#include <utility>

#include "core/base/check.h"

namespace relais::broker {

Outbox::Outbox() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) { RELAIS_CHECK(event_ >= 0); }

Outbox::~Outbox() { ::close(event_); }

void Outbox::put(std::vector<Output> outputs) {
    if (outputs.empty()) return;
    {
        const std::lock_guard lock(mutex_);
        waiting_.insert(waiting_.end(), std::make_move_iterator(outputs.begin()),
                        std::make_move_iterator(outputs.end()));
    }
    wake();
}

void Outbox::wake() {
    const std::uint64_t one = 1;
    // It can fail only where the counter is full, and then the descriptor is readable already.
    [[maybe_unused]] const ssize_t put = ::write(event_, &one, sizeof one);
}

std::vector<Output> Outbox::take() {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = ::read(event_, &count, sizeof count);
    const std::lock_guard lock(mutex_);
    return std::exchange(waiting_, {});
}

}  // namespace relais::broker
