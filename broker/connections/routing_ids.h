// routing_ids.h: which routing ids of a ROUTER are libzmq's own. A peer may ask for any id, one
// that looks like libzmq's included: a zero byte and a number that libzmq counts up from the first
// result of rand(). Who holds the next one makes libzmq abort the process when it gives it to
// somebody else. So the count begins where nobody can know, and an id out of its range is a peer's.
//
// Confined to the thread that owns the ZeroMQ socket.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace relais::broker {

class RoutingIds {
public:
    // A new ROUTER socket whose ids begin at a random number; null where libzmq refuses.
    [[nodiscard]] static void* open_router(void* context);

    // Takes the first id of a socket that is bound to nothing yet. False where libzmq refuses.
    [[nodiscard]] bool begin(void* context, void* socket);
    // Whether libzmq gave this id by itself to one of so many connections.
    [[nodiscard]] bool given(std::string_view routing_id, std::uint64_t connections) const;

private:
    static std::optional<std::uint32_t> number_of(std::string_view routing_id);
    std::uint32_t first_ = 0;
};

}  // namespace relais::broker
