// connection_monitor.h: tells a ConnectionGuard which connections a ZeroMQ socket accepts and
// loses, and counts those that never came to show a key.
//
// Confined to the thread that owns the socket.
#pragma once

#include <utility>

#include "broker/connections/connection_guard.h"

namespace relais::broker {

class ConnectionMonitor {
public:
    ConnectionMonitor() = default;
    ~ConnectionMonitor() { close(); }
    ConnectionMonitor(const ConnectionMonitor&) = delete;
    ConnectionMonitor& operator=(const ConnectionMonitor&) = delete;

    // Before the socket is bound. False where libzmq refuses.
    [[nodiscard]] bool watch(void* context, void* socket);
    // Before the socket is closed.
    void close();
    // To be polled for reading; null before watch().
    [[nodiscard]] void* socket() const { return monitor_; }
    // Everything that has been told since.
    void read(ConnectionGuard& guard, ConnectionGuard::Moment now);
    // Handshakes that broke the protocol, since the last call: in clear, by a password, or towards
    // another key than ours. Peers of ZMTP before 3.0 are ended unseen.
    [[nodiscard]] std::uint32_t take_failed() { return std::exchange(failed_, 0); }

private:
    void* monitor_ = nullptr;
    std::uint32_t failed_ = 0;
};

}  // namespace relais::broker
