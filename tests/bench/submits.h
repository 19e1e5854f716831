// submits.h: the load of four producers, for the rows that begin from a broker's own maximum.
#pragma once

#include "tests/bench/peer.h"

namespace relais::bench {

enum class Message : std::uint8_t { note, admission };

struct Load {
    Message message = Message::note;
    std::size_t signed_at_once = 1;
    std::size_t messages = 0;
};

struct Submitted {
    double per_second = 0;
    std::string cpu{};  // told by CpuShare
    std::size_t frame_bytes = 0;
};

// Acknowledged submits a second, from every producer to that post, 1,024 in flight in all.
Submitted submit(const BrokerProcess& broker, Domain& domain, const Seat& post, const Load& load);

}  // namespace relais::bench
