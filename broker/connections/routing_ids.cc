#include "broker/connections/routing_ids.h"

#include <sys/random.h>
#include <zmq.h>

#include <cstdlib>

namespace relais::broker {

namespace {

constexpr const char* kFirstEndpoint = "inproc://relais.first";
constexpr std::size_t kIdBytes = 5;  // zero, then the number, big-endian
// Connections whose first message may be read before the monitor has told of them.
constexpr std::uint64_t kNotTold = 4096;

// The id that libzmq gives to the first peer, one of our own; its size, or -1.
int first_id(void* router, void* peer, char (&id)[kIdBytes]) {
    if (zmq_bind(router, kFirstEndpoint) != 0 || zmq_connect(peer, kFirstEndpoint) != 0) return -1;
    if (zmq_send(peer, "", 0, 0) != 0) return -1;
    const int size = zmq_recv(router, id, sizeof id, 0);
    char none[1];
    const int rest = zmq_recv(router, none, sizeof none, 0);
    return rest == 0 && zmq_unbind(router, kFirstEndpoint) == 0 ? size : -1;
}

}  // namespace

void* RoutingIds::open_router(void* context) {
    unsigned seed = 0;
    if (::getrandom(&seed, sizeof seed, 0) != static_cast<ssize_t>(sizeof seed)) return nullptr;
    std::srand(seed);  // libzmq draws the number of the first id when it makes the socket
    return zmq_socket(context, ZMQ_ROUTER);
}

bool RoutingIds::begin(void* context, void* socket) {
    void* const peer = zmq_socket(context, ZMQ_DEALER);
    if (peer == nullptr) return false;
    char id[kIdBytes];
    const int size = first_id(socket, peer, id);
    zmq_close(peer);
    const auto number = size == static_cast<int>(kIdBytes)
                            ? number_of(std::string_view(id, kIdBytes))
                            : std::nullopt;
    first_ = number.value_or(0);
    return number.has_value();
}

std::optional<std::uint32_t> RoutingIds::number_of(std::string_view routing_id) {
    if (routing_id.size() != kIdBytes || routing_id[0] != 0) return std::nullopt;
    std::uint32_t number = 0;
    for (const char byte : routing_id.substr(1)) {
        number = number << 8 | static_cast<unsigned char>(byte);
    }
    return number;
}

bool RoutingIds::given(std::string_view routing_id, std::uint64_t connections) const {
    const auto number = number_of(routing_id);
    if (!number) return false;
    const std::uint32_t place = *number - first_;  // the count goes round
    return place != 0 && place <= connections + kNotTold;
}

}  // namespace relais::broker
