// zap.h: who may connect (ZAP, RFC 27 of ZeroMQ): CURVE keys of stations that stand in the
// directory, of organisations that are not suspended. Their User-Id is the station's id, which the
// broker trusts from then on. With no ZAP handler libzmq would admit every key: this one is bound
// before any socket. A station that connects again and again is held back for a while: many
// connections of one key could take ids that libzmq will give (broker/connections/routing_ids.h).
//
// One thread, its own.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <thread>

#include "broker/engine/shared_directory.h"

namespace relais::broker {

class ZapHandler {
public:
    // `context` is the zmq::context_t of the router. Errors: io_failed  another handler is bound.
    static Result<std::unique_ptr<ZapHandler>> start(void* context,
                                                     const SharedDirectory& directory);
    ~ZapHandler();

    // Connections refused since the last call.
    std::uint32_t take_refused() { return refused_.exchange(0); }
    // The same of stations that were held back.
    std::map<StationId, std::uint32_t> take_held_back();

private:
    explicit ZapHandler(const SharedDirectory& directory);
    void run();
    bool holds_back(const StationId& station);

    const SharedDirectory& directory_;
    void* socket_ = nullptr;
    std::atomic<std::uint32_t> refused_{0};
    std::chrono::steady_clock::time_point counted_since_{};
    std::map<StationId, std::size_t> connects_;  // since then
    std::mutex mutex_;
    std::map<StationId, std::uint32_t> held_back_;  // under mutex_
    std::thread thread_;
};

}  // namespace relais::broker
