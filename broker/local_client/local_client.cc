#include "broker/local_client/local_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "core/base/limits.h"

namespace relais::broker {

Result<LocalClient> LocalClient::connect(const std::filesystem::path& socket_path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string& path = socket_path.native();
    if (path.size() >= sizeof address.sun_path) return fail(ErrorCode::unreachable, path);
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    LocalClient client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (client.descriptor_ < 0 ||
        ::connect(client.descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        return fail(ErrorCode::unreachable, path + ": " + std::strerror(errno));
    }
    return client;
}

LocalClient::LocalClient(LocalClient&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), last_number_(other.last_number_) {}

LocalClient::~LocalClient() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void LocalClient::pause(std::chrono::milliseconds time) {
    ::poll(nullptr, 0, static_cast<int>(time.count()));
}

Result<Bytes> LocalClient::read_exactly(std::size_t count,
                                        std::chrono::steady_clock::time_point until) {
    Bytes bytes(count);
    std::size_t have = 0;
    while (have < count) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            until - std::chrono::steady_clock::now());
        if (left.count() <= 0) return fail(ErrorCode::timed_out, "the broker does not answer");
        pollfd waited{descriptor_, POLLIN, 0};
        if (::poll(&waited, 1, static_cast<int>(std::min<long>(left.count(), 60'000))) <= 0) {
            continue;
        }
        const ssize_t got = ::recv(descriptor_, bytes.data() + have, count - have, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return fail(ErrorCode::unreachable, "the broker closed the connection");
        have += static_cast<std::size_t>(got);
    }
    return bytes;
}

Result<wire::Body> LocalClient::ask(wire::Body request, std::chrono::milliseconds patience) {
    const auto until = std::chrono::steady_clock::now() + patience;
    const std::uint64_t number = ++last_number_;
    const Bytes frame = wire::encode_frame({number, std::move(request)});
    Bytes message;
    append_u32(message, static_cast<std::uint32_t>(frame.size()));
    append(message, frame);
    for (ByteView rest = message; !rest.empty();) {
        const ssize_t put = ::send(descriptor_, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return fail(ErrorCode::unreachable, "the broker closed the connection");
        rest = rest.subspan(static_cast<std::size_t>(put));
    }
    for (;;) {
        RELAIS_ASSIGN(const Bytes length, read_exactly(4, until));
        const std::size_t size = read_u32(length);
        if (size > limits::kFrameBytesMax) return fail(ErrorCode::too_large, "reply");
        RELAIS_ASSIGN(const Bytes bytes, read_exactly(size, until));
        RELAIS_ASSIGN(wire::Frame reply, wire::parse_frame(bytes));
        if (reply.number != number) continue;  // of a request that was given up
        if (const auto* refusal = std::get_if<wire::Refusal>(&reply.body)) {
            return fail(refusal->code, refusal->detail);
        }
        return std::move(reply.body);
    }
}

}  // namespace relais::broker
