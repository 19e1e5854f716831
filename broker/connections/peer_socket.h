// peer_socket.h: the TCP connection behind a ZeroMQ peer. libzmq cannot close one peer of a ROUTER;
// a shutdown(2) of its descriptor does, once it is sure that the descriptor is still that peer's.
#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <optional>
#include <string>

namespace relais::broker {

// What the kernel counts of a TCP connection.
struct Traffic {
    std::uint64_t taken;     // bytes that came, less those that nobody has read from the kernel yet
    std::uint64_t received;  // bytes of ours that the other end has acknowledged
};

class PeerSocket {
public:
    // Of a descriptor that ZeroMQ named; nothing where it is no connected socket (any more).
    static std::optional<PeerSocket> of(int descriptor);

    [[nodiscard]] int descriptor() const { return descriptor_; }
    // Whether the descriptor still leads to the same address and port.
    [[nodiscard]] bool alive() const;
    // Nothing where the connection is over.
    [[nodiscard]] std::optional<Traffic> traffic() const;
    // Who it is, as far as the network tells: the address without its port; of IPv6, the first 64
    // bits, which one subscriber has.
    [[nodiscard]] std::string source() const;
    // Ends the connection, if it is alive.
    void shut_down() const;

private:
    PeerSocket(int descriptor, const sockaddr_storage& address)
        : descriptor_(descriptor), address_(address) {}
    int descriptor_;
    sockaddr_storage address_;
};

}  // namespace relais::broker
