#include "broker/server/peer_socket.h"

#include <sys/socket.h>

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

void PeerSocket::shut_down() const {
    if (alive()) ::shutdown(descriptor_, SHUT_RDWR);
}

}  // namespace relais::broker
