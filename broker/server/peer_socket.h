// peer_socket.h: the TCP connection behind a ZeroMQ peer. libzmq cannot close one peer of a ROUTER;
// a shutdown(2) of its descriptor does, once it is sure that the descriptor is still that peer's.
#pragma once

#include <netinet/in.h>

#include <optional>

namespace relais::broker {

class PeerSocket {
public:
    // Of a descriptor that ZeroMQ named; nothing where it is no connected socket (any more).
    static std::optional<PeerSocket> of(int descriptor);

    [[nodiscard]] int descriptor() const { return descriptor_; }
    // Whether the descriptor still leads to the same address and port.
    [[nodiscard]] bool alive() const;
    // Ends the connection, if it is alive.
    void shut_down() const;

private:
    PeerSocket(int descriptor, const sockaddr_storage& address)
        : descriptor_(descriptor), address_(address) {}
    int descriptor_;
    sockaddr_storage address_;
};

}  // namespace relais::broker
