#include "broker/ringing/ringing.h"

#include "broker/ringing/message.h"
#include "core/base/contexts.h"
#include "core/base/limits.h"
#include "core/base/system.h"
#include "core/codecs/codecs.h"

namespace relais::broker {

namespace {

// One each for all that the engine hands out at once: none waits for another's receiver.
constexpr std::size_t kCallsMax = limits::kRingCallsMax[static_cast<std::size_t>(Lane::crisis)];

}  // namespace

Ringing::Ringing(std::optional<RingingOptions> options, BrokerSigner& signer, Tell tell)
    : options_(std::move(options)), signer_(signer), tell_(std::move(tell)) {
    if (!options_) return;
    Courier::begin_process();
    for (std::size_t i = 0; i < kCallsMax; ++i) threads_.emplace_back([this] { work(); });
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
        if (under_way_ < kCallsMax) {
            ++under_way_;
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
    Ring ring = std::move(waiting_.front());
    waiting_.pop_front();
    return ring;
}

void Ringing::work() {
    while (const auto ring = take()) {
        const Result<void> outcome = carry_out(*ring);
        if (outcome.code() == ErrorCode::shutting_down) continue;
        {
            const std::lock_guard lock(mutex_);
            --under_way_;  // before it is told: the next may come at once
        }
        tell(*ring, outcome.code());
    }
}

Result<void> Ringing::carry_out(const Ring& ring) {
    Courier courier(*options_, stopped_);
    const WallTime now = SystemClock().read().wall;
    if (ring.way == directory::RingWay::email) {
        return courier.mail(ring.to, mail_text(ring, *options_, now));
    }
    std::string body = hook_text(ring, *options_, now);
    const auto [key, signature] = signer_.sign_named(signed_message(kRingContext, as_bytes(body)));
    return courier.post({ring.to, std::move(body), hex(key.view()), base64(signature.view())});
}

void Ringing::tell(const Ring& ring, ErrorCode code) {
    tell_({0,
           Principal::registrar,
           {},
           0,
           Rung{ring.thread, ring.message, ring.mailbox, ring.step, ring.attempt, ring.way, code}});
}

}  // namespace relais::broker
