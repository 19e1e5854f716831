// crowd_rows.cc: a thousand stations: to connect them all, and to reach them all.
#include <algorithm>

#include "core/base/limits.h"
#include "tests/bench/bare.h"
#include "tests/bench/notes.h"
#include "tests/bench/peer.h"
#include "tests/bench/row_list.h"

namespace relais::bench {

namespace {

using test::fail_test;
using test::must;

constexpr std::size_t kStations = 1000;

std::vector<const CurveKeyPair*> keys_of(const Domain& domain) {
    std::vector<const CurveKeyPair*> keys;
    for (const Seat& seat : domain.posts) keys.push_back(&seat.curve);
    return keys;
}

// The stations of all posts, each saying Hello and attaching its mailbox.
class Stations {
public:
    // Begins to connect; attached() once each has its answer.
    Stations(const BrokerProcess& broker, const Domain& domain)
        : crowd_(broker.endpoint(), broker.curve(), keys_of(domain)) {
        crowd_.on_frame = [this, &domain](std::size_t who, ByteView bytes) {
            take(domain, who, must(wire::parse_frame(bytes)), bytes.size());
        };
        const Bytes hello = wire::encode_frame({1, wire::Hello{wire::kProtocolVersion, "bench"}});
        for (std::size_t i = 0; i < crowd_.size(); ++i) crowd_.send(i, hello);
    }
    void await_attached() {
        crowd_.until([this] { return attached_ == crowd_.size(); });
    }
    void await_delivered(std::size_t count) {
        crowd_.until([&] { return delivered_ >= count; });
    }
    [[nodiscard]] std::size_t delivered() const { return delivered_; }
    [[nodiscard]] std::size_t delivery_bytes() const { return delivery_bytes_; }

private:
    void take(const Domain& domain, std::size_t who, const wire::Frame& frame, std::size_t bytes) {
        if (std::holds_alternative<wire::Welcome>(frame.body)) {
            wire::Attach attach{domain.posts[who].mailbox, std::nullopt, {}};
            attach.lanes.fill({{1}, limits::kCreditEntriesMax});
            crowd_.send(who, wire::encode_frame({2, attach}));
        } else if (std::holds_alternative<wire::Attached>(frame.body)) {
            ++attached_;
        } else if (std::holds_alternative<wire::Delivery>(frame.body)) {
            ++delivered_;
            delivery_bytes_ = bytes;
        } else {
            fail_test("not what a station expects");
        }
    }

    Crowd crowd_;
    std::size_t attached_ = 0;
    std::size_t delivered_ = 0;
    std::size_t delivery_bytes_ = 0;
};

// Connections to the bare router, each with its echo.
class Bare {
public:
    explicit Bare(const Domain& domain)
        : crowd_(router_.endpoint(), router_.curve(), keys_of(domain)) {
        crowd_.on_frame = [this](std::size_t, ByteView) { ++arrived_; };
        const Bytes echo(64, 'e');
        for (std::size_t i = 0; i < crowd_.size(); ++i) crowd_.send(i, echo);
    }
    void await_connected() {
        crowd_.until([this] { return arrived_ >= crowd_.size(); });
    }
    // One frame of that size to every connection, asked for by another one.
    double send_to_all_seconds(std::size_t bytes) {
        const CurveKeyPair key = generate_curve_keys();
        Crowd sender(router_.endpoint(), router_.curve(), {&key});
        bool there = false;
        sender.on_frame = [&](std::size_t, ByteView) { there = true; };
        sender.send(0, Bytes(64, 'e'));
        sender.until([&] { return there; });
        const std::size_t before = arrived_;
        const auto begun = SteadyClock::now();
        sender.send(0, Bytes(bytes, 'b'));
        crowd_.until([&] { return arrived_ >= before + crowd_.size(); });
        return seconds_since(begun);
    }

private:
    BareRouter router_;
    Crowd crowd_;
    std::size_t arrived_ = 0;
};

double bare_connect_seconds(const Domain& domain) {
    // The router runs before the clock does, as a broker would.
    const BareRouter router;
    const auto begun = SteadyClock::now();
    Crowd crowd(router.endpoint(), router.curve(), keys_of(domain));
    std::size_t arrived = 0;
    crowd.on_frame = [&](std::size_t, ByteView) { ++arrived; };
    for (std::size_t i = 0; i < crowd.size(); ++i) crowd.send(i, Bytes(64, 'e'));
    crowd.until([&] { return arrived == crowd.size(); });
    return seconds_since(begun);
}

std::vector<Figure> measure_connect(const Effort& effort, Domain& domain,
                                    const BrokerProcess& broker) {
    Figure figure{"connect",
                  "1,000 stations connect, say Hello and attach",
                  "s",
                  "1,000 bare CURVE connections with one exchange",
                  Target::ratio_at_most,
                  2};
    for (int run = 0; run < effort.runs; ++run) {
        Sample sample;
        sample.reference = bare_connect_seconds(domain);
        const auto begun = SteadyClock::now();
        Stations stations(broker, domain);
        stations.await_attached();
        sample.value = seconds_since(begun);
        figure.samples.push_back(sample);
        tell_run(figure);
    }
    return {std::move(figure)};
}

std::vector<Figure> measure_group(const Effort& effort, Domain& domain,
                                  const BrokerProcess& broker) {
    Figure figure{"group",
                  "one content to 1,000 connected stations, to the last",
                  "ms",
                  "1,000 CURVE sends of the same bytes",
                  Target::ratio_at_most,
                  2.1};
    Stations stations(broker, domain);
    stations.await_attached();
    Bare bare(domain);
    bare.await_connected();
    Peer peer(broker, domain.producers[0].seat);
    Correspondence posts(domain, domain.producers[0], {domain.group()}, Lane::urgent);
    peer.ask(wire::Submit{posts.post()});
    stations.await_delivered(domain.posts.size());
    for (int run = 0; run < effort.runs; ++run) {
        Sample sample;
        sample.reference = bare.send_to_all_seconds(stations.delivery_bytes()) * 1e3;
        const Bytes frame = peer.encode(wire::Submit{posts.post()});
        const std::size_t before = stations.delivered();
        const auto begun = SteadyClock::now();
        peer.send(frame);
        stations.await_delivered(before + domain.posts.size());
        sample.value = seconds_since(begun) * 1e3;
        peer.settle();
        figure.samples.push_back(sample);
        tell_run(figure);
    }
    return {std::move(figure)};
}

using Measure = std::vector<Figure> (*)(const Effort&, Domain&, const BrokerProcess&);

// On a territory of a thousand posts, fresh for each row.
std::function<std::vector<Figure>(const Effort&)> among_many(Measure measure) {
    return [measure](const Effort& effort) {
        Domain domain({.producers = 1, .posts = static_cast<int>(effort.of(kStations, 70))});
        InProcess(domain).close();
        const BrokerProcess broker(domain);
        return measure(effort, domain, broker);
    };
}

}  // namespace

std::vector<Row> crowd_rows() {
    return {{"connect", "1,000 stations connect and attach", among_many(measure_connect)},
            {"group", "one content to 1,000 connected stations", among_many(measure_group)}};
}

}  // namespace relais::bench
