#include "broker/server/router.h"

#include <sys/resource.h>
#include <zmq.h>

#include <algorithm>
#include <map>

#include "broker/connections/connection_monitor.h"
#include "broker/connections/routing_ids.h"
#include "broker/server/zap.h"
#include "core/base/limits.h"
#include "core/codecs/codecs.h"

namespace relais::broker {

namespace {

constexpr int kReceiveHwm = 32;             // frames buffered for one peer
constexpr std::int64_t kCurveBytes = 1024;  // what CURVE adds to a frame, and some
constexpr int kSendHwm = 2048;              // above what credit and requests in flight allow
constexpr int kHandshakeMs = 10'000;
constexpr int kHeartbeatMs = 15'000;
constexpr int kHeartbeatTimeoutMs = 45'000;
constexpr int kReadsPerTurn = 256;
constexpr std::ptrdiff_t kConnectionsOfStation = 16;  // one speaks; others are not gone yet
// What one organisation may have of all sessions: the others are not its to keep out.
constexpr std::ptrdiff_t kShareOfOrganisation = 4;
constexpr int kPollMs = 500;
constexpr int kPollConnectedMs = 50;                       // as often as connections are measured
constexpr auto kGoodbye = std::chrono::milliseconds(250);  // for a last frame to leave

struct MessageOf {
    zmq_msg_t raw;
    MessageOf() { zmq_msg_init(&raw); }
    ~MessageOf() { zmq_msg_close(&raw); }
    MessageOf(const MessageOf&) = delete;
    MessageOf& operator=(const MessageOf&) = delete;
    [[nodiscard]] ByteView view() {
        return {static_cast<const std::uint8_t*>(zmq_msg_data(&raw)), zmq_msg_size(&raw)};
    }
};

struct Peer {
    SessionId session;
    StationId station;
    std::string routing_id;
    PeerSocket socket;
    std::string user;  // the User-Id of every frame that is its own
    std::string organisation;
    bool welcomed = false;  // its Hello was answered: it has a session
    bool cut = false;
};

using Moment = std::chrono::steady_clock::time_point;

constexpr GuardLimits kGuardLimits{
    .strangers_max = limits::kStrangersMax,
    .first_within = limits::kFirstFrameWithin,
    .messages_are_trust = true,
    .stranger_bytes_max = limits::kStrangerBytesMax,
    .unfinished_bytes_max = limits::kUnfinishedBytesMax,
    .waiting_bytes_max = (kReceiveHwm + 2) * (limits::kFrameBytesMax + kCurveBytes),
    .unread_bytes_max = limits::kUnreadBytesMax,
    .unread_bytes_all_max = limits::kUnreadBytesAllMax,
};

// Read anew each time: an operator may change the limit of a process that runs.
std::size_t connections_allowed() {
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return SIZE_MAX;
    const auto all = static_cast<std::size_t>(files.rlim_cur);
    return all - std::min(limits::kDescriptorsReserved, all / 2);
}

std::string organisation_of(const SharedDirectory& directory, const StationId& station) {
    return directory.read([&](const auto& state) {
        const auto* entry = state.station(station);
        return entry == nullptr ? std::string() : entry->organisation;
    });
}

}  // namespace

struct Router::State {
    RouterOptions options;
    SessionNumbers& numbers;
    Pipeline& pipeline;
    void* context = nullptr;
    void* socket = nullptr;
    const SharedDirectory& directory;
    ConnectionMonitor monitor;
    ConnectionGuard guard{kGuardLimits};
    RoutingIds routing_ids;
    std::unique_ptr<ZapHandler> zap;
    std::string endpoint;
    Outbox outbox;
    std::atomic<bool> reading{true};
    std::atomic<bool> running{true};
    std::thread thread;

    std::map<std::string, Peer> peers;            // by routing id
    std::map<SessionId, std::string> by_session;  // to routing id
    std::map<int, std::string> by_descriptor;     // to routing id
    std::multimap<Moment, SessionId> goodbyes;    // to be cut then
    std::multimap<Moment, SessionId> unwelcomed;  // to be ended then, where they have no session

    State(const RouterOptions& router_options, const SharedDirectory& shared,
          SessionNumbers& session_numbers, Pipeline& frames)
        : options(router_options), numbers(session_numbers), pipeline(frames), directory(shared) {}
    ~State();

    Result<void> bind(const CurveKeyPair& keys);
    Result<void> configure(const CurveKeyPair& keys);
    void run();
    void read_frames();
    bool read_frame();
    void drain_parts(std::vector<std::size_t>& parts);
    Peer* peer_of(const std::string& routing_id, zmq_msg_t& message);
    bool has_room(const StationId& station, const std::string& organisation);
    Peer* new_peer(const std::string& routing_id, const std::string& user, int descriptor);
    void carry_out(const Output& output);
    void send(const SendFrame& send);
    void watch_connections();
    void closed(int descriptor);
    void drop(const std::string& routing_id);
    void cut_due();
    void end_unwelcomed();
    void report_refused();
    void refused(const StationId& station, ErrorCode code, std::uint32_t count = 1) const;
};

Router::State::~State() {
    running = false;
    outbox.wake();
    if (thread.joinable()) thread.join();
    monitor.close();
    if (socket != nullptr) zmq_close(socket);
    if (context != nullptr) zmq_ctx_shutdown(context);
    zap.reset();
    if (context != nullptr) zmq_ctx_term(context);
}

Result<void> Router::State::configure(const CurveKeyPair& keys) {
    const int one = 1;
    const int zero = 0;
    const int frame_bytes = static_cast<int>(limits::kFrameBytesMax);
    const auto set = [&](int option, const void* value, std::size_t size) {
        return zmq_setsockopt(socket, option, value, size) == 0;
    };
    const auto set_int = [&](int option, int value) { return set(option, &value, sizeof value); };
    const std::int64_t message_bytes_max = frame_bytes + kCurveBytes;
    const bool done =
        set_int(ZMQ_CURVE_SERVER, one) &&
        set(ZMQ_CURVE_SECRETKEY, keys.secret_key.expose().data(), keys.secret_key.size()) &&
        set(ZMQ_ZAP_DOMAIN, "relais", 6) && set_int(ZMQ_ROUTER_MANDATORY, one) &&
        set_int(ZMQ_RCVHWM, kReceiveHwm) && set_int(ZMQ_SNDHWM, kSendHwm) &&
        set(ZMQ_MAXMSGSIZE, &message_bytes_max, sizeof message_bytes_max) &&
        set_int(ZMQ_HANDSHAKE_IVL, kHandshakeMs) && set_int(ZMQ_HEARTBEAT_IVL, kHeartbeatMs) &&
        set_int(ZMQ_HEARTBEAT_TIMEOUT, kHeartbeatTimeoutMs) && set_int(ZMQ_LINGER, zero) &&
        set_int(ZMQ_TCP_KEEPALIVE, one) && set_int(ZMQ_BACKLOG, 512) &&
        set_int(ZMQ_IPV6, options.endpoint.find('[') != std::string::npos ? one : zero);
    if (!done) return fail(ErrorCode::io_failed, "socket options");
    return {};
}

Result<void> Router::State::bind(const CurveKeyPair& keys) {
    if (zmq_has("curve") == 0) {
        return fail(ErrorCode::bad_configuration, "this libzmq was built without CURVE");
    }
    context = zmq_ctx_new();
    zmq_ctx_set(context, ZMQ_MAX_SOCKETS, 65535);
    RELAIS_ASSIGN(zap, ZapHandler::start(context, directory));
    socket = RoutingIds::open_router(context);
    if (socket == nullptr) return fail(ErrorCode::io_failed, "socket");
    RELAIS_TRY(configure(keys));
    if (!routing_ids.begin(context, socket)) return fail(ErrorCode::io_failed, "routing ids");
    if (!monitor.watch(context, socket)) return fail(ErrorCode::io_failed, "monitor");
    if (zmq_bind(socket, options.endpoint.c_str()) != 0) {
        return fail(ErrorCode::io_failed, options.endpoint + ": " + zmq_strerror(zmq_errno()));
    }
    char bound[256];
    std::size_t size = sizeof bound;
    zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, bound, &size);
    endpoint = bound;
    return {};
}

Router::Router(std::unique_ptr<State> state) : state_(std::move(state)) {}
Router::~Router() = default;

Result<std::unique_ptr<Router>> Router::start(const RouterOptions& options,
                                              const CurveKeyPair& keys,
                                              const SharedDirectory& directory,
                                              SessionNumbers& numbers, Pipeline& pipeline) {
    auto state = std::make_unique<State>(options, directory, numbers, pipeline);
    RELAIS_TRY(state->bind(keys));
    state->thread = std::thread([raw = state.get()] { raw->run(); });
    return std::unique_ptr<Router>(new Router(std::move(state)));
}

const std::string& Router::endpoint() const { return state_->endpoint; }
Outbox& Router::outbox() { return state_->outbox; }

void Router::stop_reading() {
    state_->reading = false;
    state_->outbox.wake();
}

void Router::State::run() {
    while (running) {
        const bool may_read = reading && pipeline.has_room();
        zmq_pollitem_t items[] = {
            {nullptr, outbox.descriptor(), ZMQ_POLLIN, 0},
            {monitor.socket(), 0, ZMQ_POLLIN, 0},
            {socket, 0, ZMQ_POLLIN, 0},
        };
        // A full pipeline is looked at again soon: the socket waits meanwhile, and its peers with
        // it.
        const int quiet = guard.connections() == 0 ? kPollMs : kPollConnectedMs;
        const long patience = may_read && goodbyes.empty() ? quiet : 2;
        zmq_poll(items, may_read ? 3 : 2, patience);
        for (const Output& output : outbox.take()) carry_out(output);
        guard.set_connections_max(connections_allowed());
        monitor.read(guard, std::chrono::steady_clock::now());
        if (may_read) read_frames();
        end_unwelcomed();
        watch_connections();
        cut_due();
        report_refused();
    }
}

void Router::State::read_frames() {
    for (int i = 0; i < kReadsPerTurn; ++i) {
        if (!pipeline.has_room()) return;
        if (!read_frame()) return guard.drained();
    }
}

// A message is a routing id, which libzmq puts there, and one frame. More parts are not ours.
bool Router::State::read_frame() {
    MessageOf id;
    if (zmq_msg_recv(&id.raw, socket, ZMQ_DONTWAIT) < 0) return false;
    const std::string routing_id(as_text(id.view()));
    if (zmq_msg_more(&id.raw) == 0) return true;
    MessageOf message;
    if (zmq_msg_recv(&message.raw, socket, ZMQ_DONTWAIT) < 0) return true;
    const bool one_part = zmq_msg_more(&message.raw) == 0;
    const int descriptor = zmq_msg_get(&message.raw, ZMQ_SRCFD);
    std::vector<std::size_t> parts{message.view().size()};
    if (!one_part) drain_parts(parts);
    const bool welcome = guard.received(descriptor, parts, std::chrono::steady_clock::now());
    Peer* peer = welcome ? peer_of(routing_id, message.raw) : nullptr;
    if (peer == nullptr || peer->cut) return true;
    if (!one_part) {
        pipeline.push_ready({peer->session, Principal::station, peer->station, 0,
                             Malformed{fail(ErrorCode::malformed, "several parts")}});
        return true;
    }
    // A peer that asks faster than it can be answered, beyond what the protocol allows.
    if (!pipeline.push({peer->session, Principal::station, peer->station},
                       to_bytes(message.view()))) {
        refused(peer->station, ErrorCode::quota_reached);
        peer->cut = true;
        goodbyes.emplace(std::chrono::steady_clock::now() + kGoodbye, peer->session);
    }
    return true;
}

void Router::State::drain_parts(std::vector<std::size_t>& parts) {
    for (bool more = true; more;) {
        MessageOf part;
        if (zmq_msg_recv(&part.raw, socket, ZMQ_DONTWAIT) < 0) return;
        parts.push_back(part.view().size());
        more = zmq_msg_more(&part.raw) != 0;
    }
}

// The peer of a routing id, new or known. Null for one that chose its routing id, or over the
// limit; and where the id is known, but the frame is another's: libzmq gives the id of a connection
// that has just ended to whoever asks for it, before its end is heard of here.
Peer* Router::State::peer_of(const std::string& routing_id, zmq_msg_t& message) {
    const char* said = zmq_msg_gets(&message, "User-Id");
    const std::string user = said == nullptr ? "" : said;
    const int descriptor = zmq_msg_get(&message, ZMQ_SRCFD);
    const auto known = peers.find(routing_id);
    if (known == peers.end()) return new_peer(routing_id, user, descriptor);
    const Peer& peer = known->second;
    if (peer.user == user && peer.socket.descriptor() == descriptor) return &known->second;
    guard.refuse(descriptor, ErrorCode::forbidden);
    return nullptr;
}

// Of one station some, of one organisation a share: neither keeps the others out.
bool Router::State::has_room(const StationId& station, const std::string& organisation) {
    const auto count = [&](const auto& like) {
        return std::ranges::count_if(peers, [&](const auto& item) { return like(item.second); });
    };
    const auto all = static_cast<std::ptrdiff_t>(options.sessions_max);
    const auto share = std::max(all / kShareOfOrganisation, kConnectionsOfStation);
    return std::ssize(peers) < all &&
           count([&](const Peer& peer) { return peer.station == station; }) <
               kConnectionsOfStation &&
           count([&](const Peer& peer) { return peer.organisation == organisation; }) < share;
}

Peer* Router::State::new_peer(const std::string& routing_id, const std::string& user,
                              int descriptor) {
    const auto station = hex_from<StationId>(user);
    const auto peer_socket = PeerSocket::of(descriptor);
    const bool given_by_us = routing_ids.given(routing_id, guard.seen());
    const std::string organisation = station.ok() ? organisation_of(directory, *station) : "";
    const bool room = station.ok() && has_room(*station, organisation);
    if (!peer_socket) return nullptr;  // gone before its frame was read
    if (!station.ok() || !given_by_us || !room) {
        guard.refuse(descriptor,
                     station.ok() && given_by_us ? ErrorCode::busy : ErrorCode::forbidden);
        return nullptr;
    }
    // A new connection on a descriptor means that the old one is over.
    closed(descriptor);
    const SessionId session = numbers.next(Transport::router);
    by_session[session] = routing_id;
    by_descriptor[descriptor] = routing_id;
    unwelcomed.emplace(std::chrono::steady_clock::now() + limits::kFirstFrameWithin, session);
    const auto made = peers.emplace(
        routing_id, Peer{session, *station, routing_id, *peer_socket, user, organisation});
    return &made.first->second;
}

void Router::State::carry_out(const Output& output) {
    if (const auto* frame = std::get_if<SendFrame>(&output)) return send(*frame);
    if (const auto* cut = std::get_if<CutSession>(&output)) {
        const auto known = by_session.find(cut->session);
        if (known == by_session.end()) return;
        peers.at(known->second).cut = true;
        goodbyes.emplace(std::chrono::steady_clock::now() + kGoodbye, cut->session);
    }
}

void Router::State::send(const SendFrame& frame) {
    const auto known = by_session.find(frame.session);
    if (known == by_session.end()) return;
    const std::string routing_id = known->second;
    // libzmq closes a descriptor before it lets the routing id go: while the one lives, the other
    // is nobody else's.
    if (!peers.at(routing_id).socket.alive()) return drop(routing_id);
    if (std::holds_alternative<wire::Welcome>(frame.frame.body)) {
        peers.at(routing_id).welcomed = true;
    }
    const Bytes bytes = wire::encode_frame(frame.frame);
    // One that reads nothing of what it asked for is ended. That is counted now: before its next
    // answer finds the connection gone, and with it whose it was.
    if (!guard.said(peers.at(routing_id).socket.descriptor(), bytes.size())) {
        return watch_connections();
    }
    const bool sent =
        zmq_send(socket, routing_id.data(), routing_id.size(), ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0 &&
        zmq_send(socket, bytes.data(), bytes.size(), ZMQ_DONTWAIT) >= 0;
    if (sent) return;
    // A peer that is gone, or one with too many frames unread.
    if (zmq_errno() == EAGAIN) refused(peers.at(routing_id).station, ErrorCode::quota_reached);
    drop(routing_id);
}

// For the audit, under the station's name.
void Router::State::refused(const StationId& station, ErrorCode code, std::uint32_t count) const {
    pipeline.push_ready({0, Principal::station, station, 0, KeysRefused{count, code}});
}

void Router::State::drop(const std::string& routing_id) {
    const auto found = peers.find(routing_id);
    if (found == peers.end()) return;
    const Peer& peer = found->second;
    peer.socket.shut_down();
    pipeline.push_ready({peer.session, Principal::station, peer.station, 0, Disconnected{}});
    by_session.erase(peer.session);
    by_descriptor.erase(peer.socket.descriptor());
    peers.erase(found);
}

void Router::State::closed(int descriptor) {
    const auto found = by_descriptor.find(descriptor);
    if (found == by_descriptor.end()) return;
    drop(std::string(found->second));
}

// Ends that the guard made are counted for the audit, those of a station under its name.
void Router::State::watch_connections() {
    std::map<std::pair<StationId, ErrorCode>, std::uint32_t> ends;
    for (const auto& [descriptor, code] : guard.look(std::chrono::steady_clock::now())) {
        const auto known = by_descriptor.find(descriptor);
        const Peer* peer = known == by_descriptor.end() ? nullptr : &peers.at(known->second);
        // The descriptor may serve a newer connection by now, whose first frame was read before.
        const bool older = peer != nullptr && peer->socket.alive() &&
                           (code == ErrorCode::ok || !guard.ended(descriptor));
        if (code != ErrorCode::ok) {
            ++ends[{peer == nullptr || older ? StationId{} : peer->station, code}];
        }
        if (peer != nullptr && !older) closed(descriptor);
    }
    for (const auto& [who, count] : ends) refused(who.first, who.second, count);
}

void Router::State::cut_due() {
    const Moment now = std::chrono::steady_clock::now();
    while (!goodbyes.empty() && goodbyes.begin()->first <= now) {
        const auto known = by_session.find(goodbyes.begin()->second);
        goodbyes.erase(goodbyes.begin());
        if (known == by_session.end()) continue;
        const PeerSocket connection = peers.at(known->second).socket;
        drop(std::string(known->second));
        // What it still had on the way begins no session anew.
        if (connection.alive()) guard.refuse(connection.descriptor(), ErrorCode::ok);
    }
}

// Who has said a frame, and in time no Hello that was answered, is no better than a stranger.
void Router::State::end_unwelcomed() {
    const Moment now = std::chrono::steady_clock::now();
    while (!unwelcomed.empty() && unwelcomed.begin()->first <= now) {
        const auto known = by_session.find(unwelcomed.begin()->second);
        unwelcomed.erase(unwelcomed.begin());
        if (known == by_session.end()) continue;
        const Peer& peer = peers.at(known->second);
        if (!peer.welcomed) guard.refuse(peer.socket.descriptor(), ErrorCode::timed_out);
    }
}

void Router::State::report_refused() {
    for (const auto& [station, count] : zap->take_held_back()) {
        refused(station, ErrorCode::busy, count);
    }
    const std::uint32_t unknown = zap->take_refused() + monitor.take_failed();
    if (unknown != 0) refused({}, ErrorCode::unknown_key, unknown);
}

}  // namespace relais::broker
