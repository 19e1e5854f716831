#include "clients/station/link/link.h"

#include <zmq.h>

#include "core/base/limits.h"

namespace relais::station {

namespace {

constexpr int kHwm = 4096;
constexpr int kFramesPerWait = 512;
constexpr std::int64_t kCurveBytes = 1024;  // what CURVE adds to a frame, and some
constexpr int kHeartbeatMs = 15'000;
constexpr int kHeartbeatTimeoutMs = 45'000;
constexpr int kHandshakeMs = 10'000;
constexpr int kLingerMs = 200;
constexpr const char* kMonitorEndpoint = "inproc://relais.link.monitor";

struct Message {
    zmq_msg_t raw;
    Message() { zmq_msg_init(&raw); }
    ~Message() { zmq_msg_close(&raw); }
    Message(const Message&) = delete;
    Message& operator=(const Message&) = delete;
    [[nodiscard]] ByteView view() {
        return {static_cast<const std::uint8_t*>(zmq_msg_data(&raw)), zmq_msg_size(&raw)};
    }
    [[nodiscard]] bool more() { return zmq_msg_more(&raw) != 0; }
};

}  // namespace

struct Link::State {
    void* context = nullptr;
    void* socket = nullptr;
    void* monitor = nullptr;

    ~State() {
        if (monitor != nullptr) zmq_close(monitor);
        if (socket != nullptr) zmq_close(socket);
        if (context != nullptr) zmq_ctx_term(context);
    }
    bool configure(const CurvePublic& server, const CurveKeyPair& own);
    void read_monitor(Arrivals& arrivals);
    void read_frames(Arrivals& arrivals);
};

bool Link::State::configure(const CurvePublic& server, const CurveKeyPair& own) {
    const auto set = [&](int option, const void* value, std::size_t size) {
        return zmq_setsockopt(socket, option, value, size) == 0;
    };
    const auto set_int = [&](int option, int value) { return set(option, &value, sizeof value); };
    const std::int64_t bytes_max = limits::kFrameBytesMax + kCurveBytes;
    return set(ZMQ_CURVE_SERVERKEY, server.bytes.data(), CurvePublic::kSize) &&
           set(ZMQ_CURVE_PUBLICKEY, own.public_key.bytes.data(), CurvePublic::kSize) &&
           set(ZMQ_CURVE_SECRETKEY, own.secret_key.expose().data(), own.secret_key.size()) &&
           set(ZMQ_MAXMSGSIZE, &bytes_max, sizeof bytes_max) && set_int(ZMQ_SNDHWM, kHwm) &&
           set_int(ZMQ_RCVHWM, kHwm) && set_int(ZMQ_LINGER, kLingerMs) &&
           set_int(ZMQ_IMMEDIATE, 1) && set_int(ZMQ_RECONNECT_IVL, -1) &&
           set_int(ZMQ_HANDSHAKE_IVL, kHandshakeMs) && set_int(ZMQ_HEARTBEAT_IVL, kHeartbeatMs) &&
           set_int(ZMQ_HEARTBEAT_TIMEOUT, kHeartbeatTimeoutMs);
}

Link::Link(std::unique_ptr<State> state) : state_(std::move(state)) {}
Link::~Link() = default;

Result<std::unique_ptr<Link>> Link::open(const std::string& endpoint, const CurvePublic& server,
                                         const CurveKeyPair& own) {
    if (zmq_has("curve") == 0) {
        return fail(ErrorCode::bad_configuration, "this libzmq was built without CURVE");
    }
    auto state = std::make_unique<State>();
    state->context = zmq_ctx_new();
    state->socket = zmq_socket(state->context, ZMQ_DEALER);
    if (state->socket == nullptr || !state->configure(server, own)) {
        return fail(ErrorCode::io_failed, "socket options");
    }
    state->monitor = zmq_socket(state->context, ZMQ_PAIR);
    if (zmq_socket_monitor(state->socket, kMonitorEndpoint, ZMQ_EVENT_ALL) != 0 ||
        zmq_connect(state->monitor, kMonitorEndpoint) != 0) {
        return fail(ErrorCode::io_failed, "monitor");
    }
    if (zmq_connect(state->socket, endpoint.c_str()) != 0) {
        return fail(ErrorCode::bad_configuration, "endpoint " + endpoint);
    }
    return std::unique_ptr<Link>(new Link(std::move(state)));
}

void Link::State::read_monitor(Arrivals& arrivals) {
    constexpr std::uint16_t kOver =
        ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
        ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
    for (;;) {
        Message event;
        if (zmq_msg_recv(&event.raw, monitor, ZMQ_DONTWAIT) < 0) return;
        std::uint16_t number = 0;
        if (event.view().size() == 6) std::memcpy(&number, event.view().data(), sizeof number);
        Message address;
        if (event.more()) zmq_msg_recv(&address.raw, monitor, ZMQ_DONTWAIT);
        if (number == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) arrivals.connected = true;
        if ((number & kOver) != 0) arrivals.broken = true;
        if (number == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) arrivals.refused = true;
    }
}

void Link::State::read_frames(Arrivals& arrivals) {
    for (int i = 0; i < kFramesPerWait; ++i) {
        Message message;
        if (zmq_msg_recv(&message.raw, socket, ZMQ_DONTWAIT) < 0) return;
        // A broker sends single parts; anything else is not one.
        if (message.more()) arrivals.broken = true;
        arrivals.frames.push_back(to_bytes(message.view()));
    }
}

Link::Arrivals Link::wait(std::chrono::milliseconds patience, int extra) {
    zmq_pollitem_t items[] = {{state_->socket, 0, ZMQ_POLLIN, 0},
                              {state_->monitor, 0, ZMQ_POLLIN, 0},
                              {nullptr, extra, ZMQ_POLLIN, 0}};
    zmq_poll(items, extra < 0 ? 2 : 3, static_cast<long>(patience.count()));
    Arrivals arrivals;
    // Frames first: what came before a break counts.
    state_->read_frames(arrivals);
    state_->read_monitor(arrivals);
    return arrivals;
}

void Link::pause(std::chrono::milliseconds patience, int extra) {
    zmq_pollitem_t item{nullptr, extra, ZMQ_POLLIN, 0};
    zmq_poll(&item, extra < 0 ? 0 : 1, static_cast<long>(patience.count()));
}

bool Link::send(ByteView frame) {
    return zmq_send(state_->socket, frame.data(), frame.size(), ZMQ_DONTWAIT) >= 0;
}

}  // namespace relais::station
