// paced.h: a load in open loop: each message leaves at its own time, whatever came of the others,
// and its delay counts from that time.
#pragma once

#include "tests/bench/notes.h"
#include "tests/bench/peer.h"

namespace relais::bench {

enum class Arrivals : std::uint8_t { even, random };  // random: a Poisson process

struct Pace {
    double per_second = 500;
    std::size_t count = 0;
    Arrivals arrivals = Arrivals::even;
};

struct Delays {
    std::vector<double> seconds;  // from its time to its delivery, in the order of sending
    // Messages whose time had come and that were not yet delivered, and frames waiting in the
    // broker; sampled as it went.
    std::vector<double> on_the_way;
    std::vector<double> frames_waiting;
    std::size_t acknowledgements = 0;  // that the post signed: each is checked as a message is
};

// Sends notes from that producer to that post, whose station is connected and takes them, and waits
// for the last. `post` has nothing else to deliver in this lane.
Delays send_paced(const BrokerProcess& broker, Domain& domain, Producer& producer, const Seat& post,
                  Lane lane, const Pace& pace);

}  // namespace relais::bench
