#include "broker/connections/peer_socket.h"

// Linux's own: the C library's <netinet/tcp.h> knows a shorter tcp_info.
#include <linux/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstring>

namespace relais::broker {

namespace {

// Zeroed first, so that two addresses compare as bytes.
std::optional<sockaddr_storage> peer_name(int descriptor) {
    sockaddr_storage address;
    std::memset(&address, 0, sizeof address);
    socklen_t size = sizeof address;
    if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        return std::nullopt;
    }
    return address;
}

}  // namespace

std::optional<PeerSocket> PeerSocket::of(int descriptor) {
    const auto address = descriptor < 0 ? std::nullopt : peer_name(descriptor);
    if (!address) return std::nullopt;
    return PeerSocket(descriptor, *address);
}

bool PeerSocket::alive() const {
    const auto now = peer_name(descriptor_);
    return now && std::memcmp(&*now, &address_, sizeof address_) == 0;
}

std::optional<Traffic> PeerSocket::traffic() const {
    tcp_info info{};
    socklen_t size = sizeof info;
    int unread = 0;  // asked last: what comes between the two makes `taken` less, never more
    if (!alive() || ::getsockopt(descriptor_, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
        size < offsetof(tcp_info, tcpi_bytes_received) + sizeof info.tcpi_bytes_received ||
        ::ioctl(descriptor_, FIONREAD, &unread) != 0) {
        return std::nullopt;
    }
    const std::uint64_t came = info.tcpi_bytes_received;
    const auto waiting = static_cast<std::uint64_t>(unread < 0 ? 0 : unread);
    return Traffic{came < waiting ? 0 : came - waiting, info.tcpi_bytes_acked};
}

std::string PeerSocket::source() const {
    constexpr std::size_t kNetworkBytes = 8;
    constexpr std::size_t kMappedAt = 12;  // where an IPv4 address stands within an IPv6 one
    if (address_.ss_family == AF_INET) {
        const auto& four = reinterpret_cast<const sockaddr_in&>(address_);
        return {reinterpret_cast<const char*>(&four.sin_addr), sizeof four.sin_addr};
    }
    const auto& six = reinterpret_cast<const sockaddr_in6&>(address_);
    const std::string whole(reinterpret_cast<const char*>(&six.sin6_addr), sizeof six.sin6_addr);
    return IN6_IS_ADDR_V4MAPPED(&six.sin6_addr) ? whole.substr(kMappedAt)
                                                : whole.substr(0, kNetworkBytes);
}

void PeerSocket::shut_down() const {
    if (alive()) ::shutdown(descriptor_, SHUT_RDWR);
}

}  // namespace relais::broker
