// connection_monitor.h: tells a ConnectionGuard which connections a ZeroMQ socket accepts and
// loses.
//
// Confined to the thread that owns the socket.
#pragma once

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

private:
    void* monitor_ = nullptr;
};

}  // namespace relais::broker
