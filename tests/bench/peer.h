// peer.h: one connection that speaks frames as fast as it can and keeps nothing: what a load is
// made of. Confined to one thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "clients/station/link/link.h"
#include "schemas/wire/frame.h"
#include "tests/bench/broker_process.h"

namespace relais::bench {

using SteadyClock = std::chrono::steady_clock;
[[nodiscard]] double seconds_since(SteadyClock::time_point begun);

class Peer {
public:
    // Connected, and welcome.
    Peer(const BrokerProcess& broker, const Seat& seat);

    // Called by turn() for what arrives; replies are matched and good already.
    std::function<void(const wire::Frame&)> on_reply;
    std::function<void(wire::Body&)> on_push;

    // The frame of a request; it takes the number that it will be sent under.
    Bytes encode(wire::Body body);
    // Sends frames of encode(), each once, in their order.
    void send(const Bytes& frame);
    void ask(wire::Body body) { send(encode(std::move(body))); }
    // Reads what is there; waits for the first at most so long. Fails the run where the broker is
    // silent for too long, breaks, or refuses.
    void turn(std::chrono::milliseconds patience);
    // Until nothing waits for an answer.
    void settle();
    [[nodiscard]] std::size_t waiting() const { return sent_ - answered_; }

private:
    std::unique_ptr<station::Link> link_;
    bool connected_ = false;
    std::uint64_t numbered_ = 0;
    std::size_t sent_ = 0;
    std::size_t answered_ = 0;
    SteadyClock::time_point heard_ = SteadyClock::now();
};

// A post that takes what is delivered and acknowledges it, signed, as a station would.
class Reader {
public:
    Reader(const BrokerProcess& broker, const Seat& seat);

    // Called for each delivery.
    std::function<void(const wire::Delivery&)> on_delivery;
    // From where this station was, with full credit in every lane.
    void attach();
    void turn(std::chrono::milliseconds patience);
    [[nodiscard]] std::size_t delivered() const { return delivered_; }
    [[nodiscard]] std::size_t acknowledgements() const { return acknowledgements_; }
    Peer& peer() { return peer_; }

private:
    struct Held {
        std::vector<Digest> digests;
        ChannelSeq first;
        ChannelSeq last;
    };
    void take(const wire::Delivery& delivery);
    void acknowledge(Lane lane);

    const Seat& seat_;
    Peer peer_;
    Incarnation incarnation_;
    std::array<Held, kLanes> held_;
    std::size_t delivered_ = 0;
    std::size_t acknowledgements_ = 0;
};

}  // namespace relais::bench
