#include "broker/server/zap.h"

#include <zmq.h>

#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/codecs/codecs.h"

namespace relais::broker {

namespace {

constexpr const char* kEndpoint = "inproc://zeromq.zap.01";
constexpr std::size_t kConnectsOfStationMax = 64;  // let in within
constexpr std::chrono::seconds kConnectsCountedFor{20};
constexpr std::size_t kFrames = 7;  // version, id, domain, address, identity, mechanism, key

// All frames of one message; empty where the context was terminated.
std::vector<std::string> receive(void* socket) {
    std::vector<std::string> frames;
    for (;;) {
        zmq_msg_t message;
        zmq_msg_init(&message);
        int got = zmq_msg_recv(&message, socket, 0);
        while (got < 0 && zmq_errno() == EINTR) got = zmq_msg_recv(&message, socket, 0);
        if (got < 0) {
            zmq_msg_close(&message);
            return {};
        }
        frames.emplace_back(static_cast<const char*>(zmq_msg_data(&message)),
                            zmq_msg_size(&message));
        const bool more = zmq_msg_more(&message) != 0;
        zmq_msg_close(&message);
        if (!more) return frames;
    }
}

void reply(void* socket, const std::string& request_id, const char* status,
           const std::string& user_id) {
    const std::string frames[] = {"1.0", request_id, status, "", user_id, ""};
    for (std::size_t i = 0; i < std::size(frames); ++i) {
        const int flags = i + 1 < std::size(frames) ? ZMQ_SNDMORE : 0;
        zmq_send(socket, frames[i].data(), frames[i].size(), flags);
    }
}

// The station of a key that may connect.
std::optional<StationId> admitted(const SharedDirectory& directory, const CurvePublic& key) {
    return directory.read([&](const directory::DirectoryState& state) -> std::optional<StationId> {
        const auto* station = state.station_by_curve(key);
        if (station == nullptr || state.suspended(station->organisation)) return std::nullopt;
        return station->station.id;
    });
}

}  // namespace

ZapHandler::ZapHandler(const SharedDirectory& directory) : directory_(directory) {}

Result<std::unique_ptr<ZapHandler>> ZapHandler::start(void* context,
                                                      const SharedDirectory& directory) {
    std::unique_ptr<ZapHandler> handler(new ZapHandler(directory));
    handler->socket_ = zmq_socket(context, ZMQ_REP);
    if (handler->socket_ == nullptr || zmq_bind(handler->socket_, kEndpoint) != 0) {
        return fail(ErrorCode::io_failed, "ZAP handler");
    }
    handler->thread_ = std::thread([raw = handler.get()] { raw->run(); });
    return handler;
}

ZapHandler::~ZapHandler() {
    if (thread_.joinable()) {
        thread_.join();  // the context is terminated before, which ends its receive
    } else if (socket_ != nullptr) {
        zmq_close(socket_);
    }
}

bool ZapHandler::holds_back(const StationId& station) {
    const auto now = std::chrono::steady_clock::now();
    if (now - counted_since_ >= kConnectsCountedFor) {
        counted_since_ = now;
        connects_.clear();
    }
    if (++connects_[station] <= kConnectsOfStationMax) return false;
    const std::lock_guard lock(mutex_);
    ++held_back_[station];
    return true;
}

std::map<StationId, std::uint32_t> ZapHandler::take_held_back() {
    const std::lock_guard lock(mutex_);
    return std::exchange(held_back_, {});
}

void ZapHandler::run() {
    for (;;) {
        const std::vector<std::string> frames = receive(socket_);
        if (frames.empty()) break;
        const bool curve = frames.size() == kFrames && frames[0] == "1.0" && frames[5] == "CURVE" &&
                           frames[6].size() == CurvePublic::kSize;
        const auto station =
            curve ? admitted(directory_, CurvePublic::from(as_bytes(frames[6]))) : std::nullopt;
        const std::string id = frames.size() > 1 ? frames[1] : std::string();
        if (station && holds_back(*station)) {
            reply(socket_, id, "300", "");  // libzmq ends it and says nothing: it may try again
        } else if (station) {
            reply(socket_, id, "200", hex(station->view()));
        } else {
            refused_.fetch_add(1);
            reply(socket_, id, "400", "");
        }
    }
    zmq_close(socket_);
}

}  // namespace relais::broker
