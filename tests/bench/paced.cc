#include "tests/bench/paced.h"

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

#include "core/base/limits.h"
#include "schemas/envelope/envelope.h"
#include "tests/bench/row_list.h"

namespace relais::bench {

namespace {

constexpr std::chrono::milliseconds kPacedStep{20};
constexpr std::chrono::milliseconds kSampledEvery{100};
constexpr std::uint64_t kArrivalsSeed = 20'261;

std::vector<double> times_of(const Pace& pace) {
    std::mt19937_64 random(kArrivalsSeed);
    std::exponential_distribution<double> gap(pace.per_second);
    std::vector<double> times;
    double at = 0;
    for (std::size_t i = 0; i < pace.count; ++i) {
        times.push_back(at);
        at += pace.arrivals == Arrivals::even ? 1 / pace.per_second : gap(random);
    }
    return times;
}

SteadyClock::time_point after(SteadyClock::time_point begun, double seconds) {
    return begun + std::chrono::duration_cast<SteadyClock::duration>(
                       std::chrono::duration<double>(seconds));
}

// Reads answers until then, without being late.
void turn_until(Peer& peer, SteadyClock::time_point due) {
    using std::chrono::milliseconds;
    for (;;) {
        const auto left = std::chrono::duration_cast<milliseconds>(due - SteadyClock::now());
        if (left < milliseconds(2)) break;
        peer.turn(left - milliseconds(1));
    }
    peer.turn(milliseconds(0));
    std::this_thread::sleep_until(due);
}

struct Shared {
    SteadyClock::time_point begun;
    std::vector<double> times;
    std::vector<double> delivered;  // when, by place
    std::atomic<std::size_t> sent{0};
    std::atomic<std::size_t> arrived{0};
    std::atomic<bool> over{false};
    Failures failures;
};

void receive(Shared& shared, Reader& reader, Lane lane) {
    reader.on_delivery = [&](const wire::Delivery& delivery) {
        if (delivery.lane != lane || shared.arrived == shared.times.size()) return;
        shared.delivered[shared.arrived++] = seconds_since(shared.begun);
    };
    while (!shared.over && shared.arrived < shared.times.size()) reader.turn(kPacedStep);
}

// What the post had not acknowledged when it was here last comes again before that.
void wait_for(Reader& reader, Peer& peer, Bytes envelope) {
    const auto sent = Envelope::parse(envelope);
    bool here = false;
    reader.on_delivery = [&](const wire::Delivery& delivery) {
        const auto* entry = std::get_if<EnvelopeEntry>(&delivery.entry);
        here |= entry != nullptr && header_digest(entry->header.bytes) == sent->digest();
    };
    peer.ask(wire::Submit{std::move(envelope)});
    peer.settle();
    while (!here) reader.turn(kPacedStep);
    reader.on_delivery = nullptr;
}

void watch(Shared& shared, const BrokerProcess& broker, Delays& delays) {
    while (!shared.over) {
        // Read first: what arrived was due. What is due and still in the outbox is on the way too.
        const auto arrived = static_cast<std::ptrdiff_t>(shared.arrived);
        const auto due = std::ranges::upper_bound(shared.times, seconds_since(shared.begun));
        delays.on_the_way.push_back(static_cast<double>(due - shared.times.begin() - arrived));
        delays.frames_waiting.push_back(broker.metric("relais_pipeline_frames"));
        std::this_thread::sleep_for(kSampledEvery);
    }
}

void send_all(Shared& shared, Peer& peer, const std::vector<Bytes>& frames) {
    for (std::size_t i = 0; i < frames.size(); ++i) {
        turn_until(peer, after(shared.begun, shared.times[i]));
        // A station keeps to what the protocol lets be in flight; the rest waits in its outbox, and
        // its time runs.
        while (peer.waiting() >= limits::kRequestsInFlightMax) peer.turn(kPacedStep);
        peer.send(frames[i]);
        ++shared.sent;
    }
    peer.settle();
}

}  // namespace

Delays send_paced(const BrokerProcess& broker, Domain& domain, Producer& producer, const Seat& post,
                  Lane lane, const Pace& pace) {
    Peer peer(broker, producer.seat);
    Correspondence to(domain, producer, {post.mailbox}, lane);
    Reader reader(broker, post);
    reader.attach();
    wait_for(reader, peer, to.opening());
    std::vector<Bytes> frames;
    for (Bytes& envelope : to.notes(pace.count, 1)) {
        frames.push_back(peer.encode(wire::Submit{std::move(envelope)}));
    }

    Shared shared;
    shared.times = times_of(pace);
    shared.delivered.resize(pace.count);
    shared.begun = SteadyClock::now() + std::chrono::milliseconds(50);
    Delays delays;
    const std::size_t acknowledged = reader.acknowledgements();
    std::thread receiver([&] { shared.failures.keep([&] { receive(shared, reader, lane); }); });
    std::thread watcher([&] { shared.failures.keep([&] { watch(shared, broker, delays); }); });
    shared.failures.keep([&] { send_all(shared, peer, frames); });
    if (shared.sent < pace.count) shared.over = true;
    receiver.join();
    shared.over = true;
    watcher.join();
    shared.failures.tell();
    delays.acknowledgements = reader.acknowledgements() - acknowledged;
    for (std::size_t i = 0; i < pace.count; ++i) {
        delays.seconds.push_back(shared.delivered[i] - shared.times[i]);
    }
    return delays;
}

}  // namespace relais::bench
