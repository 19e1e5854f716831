#include "tests/process/support/hostile_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zmq.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "tests/process/support/must.h"

namespace relais::test {

namespace {

constexpr std::chrono::seconds kGuard{60};
constexpr long kTurnMs = 20;
constexpr std::size_t kHeardBytes = 4096;  // kept of a message
constexpr const char* kMonitor = "inproc://hostile.monitor";
constexpr int kOver = ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED |
                      ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                      ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

sockaddr_in address_of(const std::string& endpoint) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port =
        htons(static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1))));
    return address;
}

void allow_descriptors() {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace

struct HostilePeer::State {
    void* context = zmq_ctx_new();
    void* socket = zmq_socket(context, ZMQ_DEALER);
    void* monitor = nullptr;
    bool connected = false;
    bool over = false;
    std::size_t messages = 0;
    Bytes heard;

    ~State() {
        if (monitor != nullptr) zmq_close(monitor);
        zmq_close(socket);
        zmq_ctx_term(context);
    }
    void set(int option, int value) const { zmq_setsockopt(socket, option, &value, sizeof value); }
    void look(long patience) {
        zmq_pollitem_t item{monitor, 0, ZMQ_POLLIN, 0};
        zmq_poll(&item, 1, patience);
        unsigned char event[6];
        char address[256];
        while (zmq_recv(monitor, event, sizeof event, ZMQ_DONTWAIT) >= 0) {
            std::uint16_t number = 0;
            std::memcpy(&number, event, sizeof number);
            zmq_recv(monitor, address, sizeof address, ZMQ_DONTWAIT);
            if (number == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) connected = true;
            if ((number & kOver) != 0) over = true;
        }
    }
    void take() {
        Bytes bytes(kHeardBytes);
        const int size = zmq_recv(socket, bytes.data(), bytes.size(), ZMQ_DONTWAIT);
        if (size < 0) return;
        ++messages;
        bytes.resize(std::min(static_cast<std::size_t>(size), kHeardBytes));
        heard = std::move(bytes);
    }
    bool wait(const bool& what) {
        const auto limit = std::chrono::steady_clock::now() + kGuard;
        while (!what && !over) {
            if (std::chrono::steady_clock::now() > limit) fail_test("nothing happens");
            look(kTurnMs);
            take();
        }
        return what;
    }
};

HostilePeer::HostilePeer(const std::string& endpoint, const CurvePublic& server,
                         const CurveKeyPair& own, Reads reads, const std::string& routing_id)
    : state_(std::make_unique<State>()) {
    void* const socket = state_->socket;
    zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, server.bytes.data(), CurvePublic::kSize);
    zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, own.public_key.bytes.data(), CurvePublic::kSize);
    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, own.secret_key.expose().data(),
                   own.secret_key.size());
    if (!routing_id.empty()) {
        zmq_setsockopt(socket, ZMQ_ROUTING_ID, routing_id.data(), routing_id.size());
    }
    if (reads != Reads::everything) state_->set(ZMQ_RCVHWM, 1);
    if (reads == Reads::nothing) state_->set(ZMQ_RCVBUF, 4096);
    state_->set(ZMQ_SNDHWM, 8);
    state_->set(ZMQ_LINGER, 0);
    state_->set(ZMQ_IMMEDIATE, 1);
    state_->set(ZMQ_RECONNECT_IVL, -1);
    zmq_socket_monitor(socket, kMonitor, ZMQ_EVENT_ALL);
    state_->monitor = zmq_socket(state_->context, ZMQ_PAIR);
    zmq_connect(state_->monitor, kMonitor);
    zmq_connect(socket, endpoint.c_str());
}

HostilePeer::~HostilePeer() = default;

bool HostilePeer::connected() { return state_->wait(state_->connected); }

bool HostilePeer::read() {
    const auto limit = std::chrono::steady_clock::now() + kGuard;
    const std::size_t before = state_->messages;
    while (state_->messages == before && !state_->over) {
        if (std::chrono::steady_clock::now() > limit) fail_test("nothing comes");
        zmq_pollitem_t item{state_->socket, 0, ZMQ_POLLIN, 0};
        zmq_poll(&item, 1, kTurnMs);
        state_->take();
        state_->look(0);
    }
    return state_->messages != before;
}

std::size_t HostilePeer::messages() const { return state_->messages; }

std::optional<wire::Body> HostilePeer::heard() const {
    const auto frame = wire::parse_frame(state_->heard);
    return frame.ok() ? std::optional(frame->body) : std::nullopt;
}

bool HostilePeer::ended() { return state_->wait(state_->over); }

bool HostilePeer::over() {
    state_->look(0);
    return state_->over;
}

void HostilePeer::say_parts(ByteView part, std::size_t count) {
    for (std::size_t i = 1; i <= count; ++i) {
        zmq_msg_t message;
        auto* bytes = const_cast<std::uint8_t*>(part.data());
        zmq_msg_init_data(
            &message, bytes, part.size(), [](void*, void*) {}, nullptr);
        const int flags = ZMQ_DONTWAIT | (i < count ? ZMQ_SNDMORE : 0);
        if (zmq_msg_send(&message, state_->socket, flags) < 0) zmq_msg_close(&message);
    }
}

bool HostilePeer::say(ByteView part, bool more) {
    const auto limit = std::chrono::steady_clock::now() + kGuard;
    const int flags = ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0);
    while (zmq_send(state_->socket, part.data(), part.size(), flags) < 0) {
        state_->look(kTurnMs);
        if (state_->over) return false;
        // A libzmq whose reader is blocked does not see the end of the connection.
        state_->take();
        if (std::chrono::steady_clock::now() > limit) fail_test("nothing is taken, nor refused");
    }
    state_->look(0);
    return !state_->over;
}

SilentConnections::SilentConnections(const std::string& endpoint, std::size_t count,
                                     ByteView greeting) {
    allow_descriptors();
    const sockaddr_in address = address_of(endpoint);
    for (std::size_t i = 0; i < count; ++i) {
        const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (made < 0) fail_test("no more descriptors for the test");
        sockets_.push_back(made);
        if (::connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            fail_test("a connection was not taken");
        }
        if (!greeting.empty()) ::send(made, greeting.data(), greeting.size(), MSG_NOSIGNAL);
    }
}

SilentConnections::~SilentConnections() {
    for (const int descriptor : sockets_) ::close(descriptor);
}

std::size_t SilentConnections::ended() const {
    std::size_t ended = 0;
    for (const int descriptor : sockets_) {
        char bytes[256];
        ssize_t got = 0;
        do {
            got = ::recv(descriptor, bytes, sizeof bytes, MSG_DONTWAIT);
        } while (got > 0);
        ended += got == 0 || errno != EAGAIN;
    }
    return ended;
}

long memory_kib(pid_t process, const std::string& field) {
    std::ifstream status("/proc/" + std::to_string(process) + "/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(field + ":")) return std::stol(line.substr(field.size() + 1));
    }
    fail_test("no " + field);
}

std::optional<pid_t> child_of(pid_t process) {
    const std::filesystem::directory_iterator threads("/proc/" + std::to_string(process) + "/task");
    for (const auto& thread : threads) {
        std::ifstream file(thread.path() / "children");
        pid_t child = 0;
        if (file >> child) return child;
    }
    return std::nullopt;
}

std::size_t descriptors_of(pid_t process) {
    const std::filesystem::directory_iterator open("/proc/" + std::to_string(process) + "/fd");
    return static_cast<std::size_t>(std::distance(begin(open), end(open)));
}

}  // namespace relais::test
