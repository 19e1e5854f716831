#include "tests/bench/peer.h"

#include "core/base/contexts.h"
#include "core/base/limits.h"
#include "core/merkle/tree.h"
#include "schemas/envelope/statements.h"

namespace relais::bench {

namespace {

using test::fail_test;
using test::must;

constexpr std::chrono::milliseconds kStep{20};
constexpr double kSilenceSeconds = 60;
constexpr std::size_t kAcknowledgeAt = 64;  // entries of a busy lane

}  // namespace

double seconds_since(SteadyClock::time_point begun) {
    return std::chrono::duration<double>(SteadyClock::now() - begun).count();
}

Peer::Peer(const BrokerProcess& broker, const Seat& seat)
    : link_(must(station::Link::open(broker.endpoint(), broker.curve(), seat.curve))) {
    while (!connected_) turn(kStep);
    ask(wire::Hello{wire::kProtocolVersion, "bench"});
    settle();
}

Bytes Peer::encode(wire::Body body) { return wire::encode_frame({++numbered_, std::move(body)}); }

void Peer::send(const Bytes& frame) {
    if (!link_->send(frame)) fail_test("the link takes no more");
    ++sent_;
}

void Peer::turn(std::chrono::milliseconds patience) {
    const auto arrivals = link_->wait(patience);
    if (arrivals.broken) fail_test("the connection broke");
    if (arrivals.connected) connected_ = true;
    if (arrivals.connected || !arrivals.frames.empty()) heard_ = SteadyClock::now();
    if (waiting() != 0 && seconds_since(heard_) > kSilenceSeconds)
        fail_test("the broker is silent");
    for (const Bytes& bytes : arrivals.frames) {
        wire::Frame frame = must(wire::parse_frame(bytes));
        if (const auto* refusal = std::get_if<wire::Refusal>(&frame.body)) {
            fail_test("refused: " + std::string(error_info(refusal->code).name) + " " +
                      refusal->detail);
        }
        if (frame.number == 0) {
            if (on_push) on_push(frame.body);
            continue;
        }
        ++answered_;
        if (on_reply) on_reply(frame);
    }
}

void Peer::settle() {
    while (waiting() != 0) turn(kStep);
}

Reader::Reader(const BrokerProcess& broker, const Seat& seat) : seat_(seat), peer_(broker, seat) {
    peer_.on_push = [this](wire::Body& body) {
        if (const auto* delivery = std::get_if<wire::Delivery>(&body)) take(*delivery);
    };
}

void Reader::attach() {
    std::array<ChannelSeq, kLanes> next{};
    peer_.on_reply = [&](const wire::Frame& frame) {
        const auto* attached = std::get_if<wire::Attached>(&frame.body);
        if (attached == nullptr) return;
        incarnation_ = attached->incarnation;
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            next[lane] = attached->lanes[lane].acknowledged.next();
        }
    };
    // First with no credit, to learn where it was; then from there.
    wire::Attach attach{seat_.mailbox, std::nullopt, {}};
    attach.lanes.fill({{1}, 0});
    peer_.ask(attach);
    peer_.settle();
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        attach.lanes[lane] = {next[lane], limits::kCreditEntriesMax};
    }
    attach.incarnation = incarnation_;
    peer_.ask(attach);
    peer_.settle();
    peer_.on_reply = nullptr;
}

void Reader::take(const wire::Delivery& delivery) {
    Held& held = held_[static_cast<std::size_t>(delivery.lane)];
    if (held.digests.empty()) held.first = delivery.seq;
    held.last = delivery.seq;
    held.digests.push_back(entry_digest(delivery.entry));
    ++delivered_;
    if (on_delivery) on_delivery(delivery);
    if (held.digests.size() >= kAcknowledgeAt) acknowledge(delivery.lane);
}

void Reader::acknowledge(Lane lane) {
    Held& held = held_[static_cast<std::size_t>(lane)];
    if (held.digests.empty()) return;
    const DeliveredStatement statement{seat_.station,
                                       seat_.mailbox,
                                       incarnation_,
                                       lane,
                                       held.first,
                                       held.last,
                                       merkle::tree_root(held.digests)};
    const Statement made =
        make_statement(contexts::kDelivered, encode_delivered(statement), *seat_.signing);
    peer_.ask(wire::Acknowledge{encode_statement(made)});
    ++acknowledgements_;
    held = {};
}

void Reader::turn(std::chrono::milliseconds patience) {
    const std::size_t before = delivered_;
    peer_.turn(patience);
    // Where nothing more comes at once, what is held is acknowledged, little as it is.
    if (delivered_ == before) {
        for (const Lane lane : kLanesByUrgency) acknowledge(lane);
    }
}

}  // namespace relais::bench
