// ringing.h: carries out what the engine wants rung, each call on a thread of its own, and tells it
// of each outcome: always one Rung for one Ring, unless the process ends first. There are as many
// threads as the engine has calls under way (limits::kRingCallsMax): beyond, it hears quota_reached
// and nobody is called. Without options nothing can be rung, and it hears bad_configuration, so
// that the audit says so.
//
// Thread rule: put from one thread, it never waits; some threads inside.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "broker/engine/broker_signer.h"
#include "broker/engine/commands.h"
#include "broker/ringing/courier.h"

namespace relais::broker {

class Ringing {
public:
    using Tell = std::function<void(Input)>;  // to the engine, from any thread

    // `signer` signs webhooks; has to outlive it.
    Ringing(std::optional<RingingOptions> options, BrokerSigner& signer, Tell tell);
    // What waits or is under way is given up: the engine makes it again after the next start.
    ~Ringing();
    Ringing(const Ringing&) = delete;
    Ringing& operator=(const Ringing&) = delete;

    void put(Ring ring);

private:
    void work();
    std::optional<Ring> take();
    Result<void> carry_out(const Ring& ring);
    void tell(const Ring& ring, ErrorCode code);

    std::optional<RingingOptions> options_;
    BrokerSigner& signer_;
    Tell tell_;
    std::mutex mutex_;
    std::condition_variable filled_;
    std::deque<Ring> waiting_;   // for a thread that is about to be free
    std::size_t under_way_ = 0;  // those that wait, too
    std::atomic<bool> stopped_{false};
    std::vector<std::thread> threads_;
};

}  // namespace relais::broker
