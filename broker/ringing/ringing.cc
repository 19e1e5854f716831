#include "broker/ringing/ringing.h"

#include <algorithm>

#include "broker/ringing/message.h"
#include "core/base/contexts.h"
#include "core/base/system.h"
#include "core/codecs/codecs.h"

namespace relais::broker {

namespace {

constexpr std::size_t kWaitingMax = 256;
constexpr int kThreads = 4;  // so that one receiver that hangs does not hold up the others

}  // namespace

Ringing::Ringing(std::optional<RingingOptions> options, P256Key& broker_key, Tell tell)
    : options_(std::move(options)), broker_key_(broker_key), tell_(std::move(tell)) {
    if (!options_) return;
    Courier::begin_process();
    for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this] { work(); });
}

Ringing::~Ringing() {
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
    }
    filled_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

void Ringing::put(Ring ring) {
    if (!options_) return tell(ring, ErrorCode::bad_configuration);
    {
        const std::lock_guard lock(mutex_);
        if (waiting_.size() < kWaitingMax) {
            waiting_.push_back(std::move(ring));
            filled_.notify_one();
            return;
        }
    }
    tell(ring, ErrorCode::quota_reached);
}

std::optional<Ring> Ringing::take() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
    if (stopped_) return std::nullopt;
    const auto most = std::ranges::max_element(waiting_, {}, &Ring::lane);  // the first of equals
    Ring ring = std::move(*most);
    waiting_.erase(most);
    return ring;
}

void Ringing::work() {
    while (const auto ring = take()) {
        const Result<void> outcome = carry_out(*ring);
        if (outcome.code() != ErrorCode::shutting_down) tell(*ring, outcome.code());
    }
}

Result<void> Ringing::carry_out(const Ring& ring) {
    Courier courier(*options_, stopped_);
    const WallTime now = SystemClock().read().wall;
    if (ring.way == directory::RingWay::email) {
        return courier.mail(ring.to, mail_text(ring, *options_, now));
    }
    std::string body = hook_text(ring, *options_, now);
    const Signature signature = broker_key_.sign(signed_message(kRingContext, as_bytes(body)));
    return courier.post(
        {ring.to, std::move(body), hex(broker_key_.public_key().view()), base64(signature.view())});
}

void Ringing::tell(const Ring& ring, ErrorCode code) {
    tell_({0,
           Principal::registrar,
           {},
           0,
           Rung{ring.thread, ring.message, ring.mailbox, ring.step, ring.attempt, ring.way, code}});
}

}  // namespace relais::broker
