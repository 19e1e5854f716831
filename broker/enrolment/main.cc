// main.cc: relais-enrolment, the process that listens to strangers while an invitation is open.
// Started by the broker alone, with its socket pair as descriptor 3 and its CURVE key in a pipe as
// descriptor 4. It holds nothing else: what it takes to pieces can only ask to enrol, at a bounded
// rate, in bounded memory. Ends when the broker does.
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zmq.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "broker/connections/connection_monitor.h"
#include "broker/connections/request_rate.h"
#include "broker/connections/routing_ids.h"
#include "broker/local_client/local_client.h"
#include "core/base/limits.h"
#include "core/base/process.h"
#include "core/base/sanitizer.h"
#include "core/base/secret.h"

namespace relais::broker {
namespace {

constexpr int kChannelDescriptor = 3;
constexpr int kKeyDescriptor = 4;
constexpr rlim_t kMemoryBytesMax = 512 << 20;
constexpr rlim_t kDescriptorsMax = 512;
constexpr int kRequestsPerSecond = 50;
constexpr int kRequestsOfSource = 10;  // of them, from one address
constexpr int kPollMs = 50;            // as often as connections are measured
constexpr int kReceiveHwm = 8;
constexpr std::int64_t kMessageBytesMax = limits::kProposalBytesMax + 1024;
constexpr std::chrono::seconds kBrokerPatience{5};

// Any key is let in here: what a connection said makes it no better than the others.
constexpr GuardLimits kGuardLimits{
    .strangers_max = limits::kEnrolmentConnectionsMax,
    .first_within = limits::kEnrolmentConversation,
    .messages_are_trust = false,
    .stranger_bytes_max = 4 * kMessageBytesMax,
    .unfinished_bytes_max = 4 * kMessageBytesMax,
    .waiting_bytes_max = (kReceiveHwm + 2) * kMessageBytesMax,
    .unread_bytes_max = 64 * 1024,
    .unread_bytes_all_max = 4 << 20,
};

void limit_process() {
    const rlimit memory{kMemoryBytesMax, kMemoryBytesMax};
    const rlimit descriptors{kDescriptorsMax, kDescriptorsMax};
    if (!kUnderSanitizer) ::setrlimit(RLIMIT_AS, &memory);
    ::setrlimit(RLIMIT_NOFILE, &descriptors);
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

Secret read_key() {
    Secret key(32);
    const ssize_t got = ::read(kKeyDescriptor, key.expose_mutable().data(), key.size());
    ::close(kKeyDescriptor);
    RELAIS_CHECK(got == static_cast<ssize_t>(key.size()));
    return key;
}

// Any client key may connect: what it says is checked by the inviter, not here.
void* listen(void* context, const char* endpoint, const Secret& key, ConnectionMonitor& monitor,
             RoutingIds& routing_ids) {
    void* socket = RoutingIds::open_router(context);
    const int one = 1;
    const int few = kReceiveHwm;
    const int handshake_ms = 5000;
    const int linger_ms = 1000;
    const std::int64_t bytes_max = kMessageBytesMax;
    zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &one, sizeof one);
    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, key.expose().data(), key.size());
    zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &bytes_max, sizeof bytes_max);
    zmq_setsockopt(socket, ZMQ_RCVHWM, &few, sizeof few);
    zmq_setsockopt(socket, ZMQ_SNDHWM, &few, sizeof few);
    zmq_setsockopt(socket, ZMQ_HANDSHAKE_IVL, &handshake_ms, sizeof handshake_ms);
    zmq_setsockopt(socket, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
    if (!routing_ids.begin(context, socket) || !monitor.watch(context, socket)) return nullptr;
    return zmq_bind(socket, endpoint) == 0 ? socket : nullptr;
}

// Enrolment requests alone pass; the broker answers them.
wire::Body answer(LocalClient& broker, ByteView bytes, bool within_rate) {
    const auto refuse = [](ErrorCode code) {
        return wire::Refusal{code, error_info(code).retry, "", std::nullopt};
    };
    if (!within_rate) return refuse(ErrorCode::busy);
    auto frame = wire::parse_frame(bytes);
    if (!frame.ok()) return refuse(ErrorCode::malformed);
    const bool ours = std::holds_alternative<wire::Enrol>(frame->body) ||
                      std::holds_alternative<wire::EnrolmentStatus>(frame->body);
    if (!ours) return refuse(ErrorCode::forbidden);
    auto reply = broker.ask(std::move(frame->body), kBrokerPatience);
    if (reply.ok()) return std::move(reply).value();
    if (reply.code() == ErrorCode::unreachable || reply.code() == ErrorCode::timed_out) {
        std::exit(0);  // the broker is gone or ends us: so do we
    }
    return refuse(reply.code());
}

struct Message {
    zmq_msg_t raw;
    Message() { zmq_msg_init(&raw); }
    ~Message() { zmq_msg_close(&raw); }
    Message(const Message&) = delete;
    Message& operator=(const Message&) = delete;
    [[nodiscard]] ByteView view() {
        return {static_cast<const std::uint8_t*>(zmq_msg_data(&raw)), zmq_msg_size(&raw)};
    }
};

struct Door {
    void* socket;
    LocalClient& broker;
    ConnectionGuard& guard;
    const RoutingIds& routing_ids;
    RequestRate rate;
};

// False where nothing waits.
bool serve_one(Door& door) {
    void* const socket = door.socket;
    Message id;
    if (zmq_msg_recv(&id.raw, socket, ZMQ_DONTWAIT) < 0) return false;
    if (zmq_msg_more(&id.raw) == 0) return true;
    Message request;
    if (zmq_msg_recv(&request.raw, socket, ZMQ_DONTWAIT) < 0) return true;
    const int descriptor = zmq_msg_get(&request.raw, ZMQ_SRCFD);
    std::vector<std::size_t> parts{request.view().size()};
    bool more = zmq_msg_more(&request.raw) != 0;
    const bool one_part = !more;
    while (more) {
        Message part;
        if (zmq_msg_recv(&part.raw, socket, ZMQ_DONTWAIT) < 0) return true;
        parts.push_back(part.view().size());
        more = zmq_msg_more(&part.raw) != 0;
    }
    const auto now = std::chrono::steady_clock::now();
    const bool welcome = door.guard.received(descriptor, parts, now);
    if (!one_part || !welcome) return true;
    if (!door.routing_ids.given(as_text(id.view()), door.guard.seen())) {
        door.guard.refuse(descriptor, ErrorCode::forbidden);
        return true;
    }
    std::uint64_t number = 0;
    if (const auto frame = wire::parse_frame(request.view()); frame.ok()) number = frame->number;
    const bool within_rate = door.rate.take(door.guard.source(descriptor), now);
    const Bytes reply =
        wire::encode_frame({number, answer(door.broker, request.view(), within_rate)});
    if (!door.guard.said(descriptor, reply.size())) return true;
    zmq_send(socket, id.view().data(), id.view().size(), ZMQ_SNDMORE | ZMQ_DONTWAIT);
    zmq_send(socket, reply.data(), reply.size(), ZMQ_DONTWAIT);
    return true;
}

int run(const char* endpoint) {
    limit_process();
    const Secret key = read_key();
    LocalClient broker = LocalClient::adopt(kChannelDescriptor);
    void* context = zmq_ctx_new();
    ConnectionMonitor monitor;
    ConnectionGuard guard(kGuardLimits);
    RoutingIds routing_ids;
    void* socket = listen(context, endpoint, key, monitor, routing_ids);
    if (socket == nullptr) {
        std::fprintf(stderr, "relais-enrolment: cannot listen on %s: %s\n", endpoint,
                     zmq_strerror(zmq_errno()));
        return 8;
    }
    Door door{socket, broker, guard, routing_ids, {kRequestsOfSource, kRequestsPerSecond}};
    for (;;) {
        zmq_pollitem_t items[] = {{socket, 0, ZMQ_POLLIN, 0},
                                  {nullptr, kChannelDescriptor, ZMQ_POLLIN, 0},
                                  {monitor.socket(), 0, ZMQ_POLLIN, 0}};
        if (zmq_poll(items, 3, kPollMs) < 0) return 0;
        // Between requests the broker says nothing: what is readable then is its end.
        if (items[1].revents != 0) return 0;
        monitor.read(guard, std::chrono::steady_clock::now());
        if (!serve_one(door)) guard.drained();
        guard.look(std::chrono::steady_clock::now());
    }
}

}  // namespace
}  // namespace relais::broker

int main(int argc, char** argv) {
    relais::leave_no_core_file();
    const std::string_view first = argc == 2 ? argv[1] : "";
    if (first == "--version") {
        std::puts("relais-enrolment " RELAIS_VERSION);
        return 0;
    }
    if (first.empty() || first == "--help") {
        std::fputs(
            "relais-enrolment ENDPOINT: receives those who hold an invitation. Started by\n"
            "relais-broker alone, which gives it its key; see docs/operations.md.\n",
            first.empty() ? stderr : stdout);
        return first.empty() ? 2 : 0;
    }
    return relais::broker::run(argv[1]);
}
