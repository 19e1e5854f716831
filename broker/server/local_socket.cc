#include "broker/server/local_socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/base/limits.h"

namespace relais::broker {

namespace {

constexpr int kLookMs = 500;
constexpr std::size_t kConnectionsMax = 16;
constexpr std::size_t kLengthBytes = 4;

// Root, or the user that runs the broker.
bool allowed(int descriptor) {
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return false;
    return credentials.uid == 0 || credentials.uid == ::geteuid();
}

bool write_all(int descriptor, ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t put = ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
    return true;
}

bool write_frame(int descriptor, const wire::Frame& frame) {
    const Bytes bytes = wire::encode_frame(frame);
    Bytes length;
    append_u32(length, static_cast<std::uint32_t>(bytes.size()));
    return write_all(descriptor, length) && write_all(descriptor, bytes);
}

}  // namespace

LocalSockets::Connection::~Connection() {
    if (thread.joinable()) thread.join();
    ::close(descriptor);
}

LocalSockets::LocalSockets(SessionNumbers& numbers, Pipeline& pipeline)
    : numbers_(numbers), pipeline_(pipeline) {}

LocalSockets::~LocalSockets() {
    running_ = false;
    pipeline_.stop();  // ends a wait for room that nobody may make any more
    if (acceptor_.joinable()) acceptor_.join();
    if (listener_ >= 0) ::close(listener_);
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove(path_, ignored);
    for (auto& [session, connection] : connections_) {
        connection->over = true;
        ::shutdown(connection->descriptor, SHUT_RDWR);  // ends a send to one that does not read
        connection->outbox.wake();
    }
    connections_.clear();
}

Result<void> LocalSockets::listen(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.native().size() >= sizeof address.sun_path) {
        return fail(ErrorCode::bad_configuration, "socket path too long: " + path.string());
    }
    std::memcpy(address.sun_path, path.c_str(), path.native().size() + 1);
    std::error_code ignored;
    std::filesystem::remove(path, ignored);  // of a former run: the data folder's lock is ours
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const mode_t before = ::umask(0177);
    const bool bound = listener_ >= 0 && ::bind(listener_, reinterpret_cast<sockaddr*>(&address),
                                                sizeof address) == 0;
    ::umask(before);
    if (!bound || ::listen(listener_, 8) != 0) {
        return fail(ErrorCode::io_failed, path.string() + ": " + std::strerror(errno));
    }
    path_ = path;
    acceptor_ = std::thread([this] { accept_loop(); });
    return {};
}

void LocalSockets::accept_loop() {
    while (running_) {
        pollfd waited{listener_, POLLIN, 0};
        if (::poll(&waited, 1, kLookMs) <= 0) continue;
        const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (descriptor < 0) continue;
        if (!allowed(descriptor)) {
            ::close(descriptor);
            continue;
        }
        serve(descriptor, Principal::registrar);
    }
}

void LocalSockets::reap() {
    std::erase_if(connections_, [](const auto& item) { return item.second->over.load(); });
}

void LocalSockets::serve(int descriptor, Principal principal) {
    auto connection = std::make_unique<Connection>();
    connection->session = numbers_.next(Transport::local);
    connection->principal = principal;
    connection->descriptor = descriptor;
    const std::lock_guard lock(mutex_);
    reap();
    if (connections_.size() >= kConnectionsMax) return;  // closed with the connection
    Connection& kept = *connection;
    connections_.emplace(kept.session, std::move(connection));
    kept.thread = std::thread([this, &kept] { run(kept); });
}

void LocalSockets::put(std::vector<Output> outputs) {
    const std::lock_guard lock(mutex_);
    for (Output& output : outputs) {
        SessionId session = 0;
        if (const auto* frame = std::get_if<SendFrame>(&output)) session = frame->session;
        if (const auto* cut = std::get_if<CutSession>(&output)) session = cut->session;
        const auto found = connections_.find(session);
        if (found == connections_.end()) continue;
        std::vector<Output> one;
        one.push_back(std::move(output));
        found->second->outbox.put(std::move(one));
    }
}

void LocalSockets::run(Connection& connection) {
    Bytes pending;
    bool open = true;
    while (open && running_ && !connection.over) {
        pollfd waited[] = {{connection.descriptor, POLLIN, 0},
                           {connection.outbox.descriptor(), POLLIN, 0}};
        ::poll(waited, 2, kLookMs);
        for (const Output& output : connection.outbox.take()) {
            const auto* frame = std::get_if<SendFrame>(&output);
            open = open && frame != nullptr && write_frame(connection.descriptor, frame->frame);
        }
        if (open && waited[0].revents != 0) open = read_some(connection, pending);
    }
    ::shutdown(connection.descriptor, SHUT_RDWR);
    connection.over = true;
}

// False where the peer is gone or does not keep to the form.
bool LocalSockets::read_some(Connection& connection, Bytes& pending) {
    std::uint8_t piece[64 * 1024];
    const ssize_t got = ::recv(connection.descriptor, piece, sizeof piece, MSG_DONTWAIT);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return true;
    if (got <= 0) return false;
    append(pending, ByteView(piece, static_cast<std::size_t>(got)));
    while (pending.size() >= kLengthBytes) {
        const std::size_t length = read_u32(pending);
        if (length > limits::kFrameBytesMax) return false;
        if (pending.size() < kLengthBytes + length) break;
        const auto begin = pending.begin() + kLengthBytes;
        Bytes frame(begin, begin + static_cast<std::ptrdiff_t>(length));
        pending.erase(pending.begin(), begin + static_cast<std::ptrdiff_t>(length));
        if (!pipeline_.push_waiting({connection.session, connection.principal, {}},
                                    std::move(frame))) {
            return false;
        }
    }
    return true;
}

}  // namespace relais::broker
