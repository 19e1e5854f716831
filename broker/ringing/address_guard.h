// address_guard.h: which addresses of the network a unit may have rung. A webhook's URL is written
// by an organisation and asked for by the broker's machine, which may stand where that organisation
// has no business: loopback, private and link-local networks are refused, and whatever else is no
// public unicast address, the IPv4 addresses inside IPv6 ones included. Pure.
#pragma once

#include <sys/socket.h>

namespace relais::broker {

[[nodiscard]] bool is_public_address(const sockaddr& address);
[[nodiscard]] bool is_loopback_address(const sockaddr& address);

}  // namespace relais::broker
