#include "broker/connections/connection_monitor.h"

#include <zmq.h>

#include <cstring>

namespace relais::broker {

namespace {

constexpr const char* kEventsEndpoint = "inproc://relais.connections";
constexpr std::size_t kEventBytes = 6;  // number, then value: of a connection its descriptor

// One part into `bytes`, as much as fits; its size, or -1 where there is none now.
int receive(void* socket, void* bytes, std::size_t size) {
    return zmq_recv(socket, bytes, size, ZMQ_DONTWAIT);
}

}  // namespace

bool ConnectionMonitor::watch(void* context, void* socket) {
    // Not ACCEPT_FAILED: at the limit of descriptors it would come as fast as the I/O thread spins.
    constexpr int kEvents =
        ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL;
    if (zmq_socket_monitor(socket, kEventsEndpoint, kEvents) != 0) return false;
    monitor_ = zmq_socket(context, ZMQ_PAIR);
    if (monitor_ == nullptr) return false;
    const int unlimited = 0;  // the I/O thread must never wait for us
    zmq_setsockopt(monitor_, ZMQ_RCVHWM, &unlimited, sizeof unlimited);
    return zmq_connect(monitor_, kEventsEndpoint) == 0;
}

void ConnectionMonitor::close() {
    if (monitor_ != nullptr) zmq_close(monitor_);
    monitor_ = nullptr;
}

void ConnectionMonitor::read(ConnectionGuard& guard, ConnectionGuard::Moment now) {
    for (;;) {
        unsigned char event[kEventBytes];
        const int size = receive(monitor_, event, sizeof event);
        if (size < 0) return;
        char address[1];
        receive(monitor_, address, sizeof address);
        if (size != static_cast<int>(kEventBytes)) continue;
        std::uint16_t number = 0;
        std::int32_t descriptor = 0;
        std::memcpy(&number, event, sizeof number);
        std::memcpy(&descriptor, event + sizeof number, sizeof descriptor);
        if (number == ZMQ_EVENT_ACCEPTED) guard.accepted(descriptor, now);
        if (number == ZMQ_EVENT_DISCONNECTED) guard.disconnected(descriptor);
        if (number == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL) ++failed_;
    }
}

}  // namespace relais::broker
