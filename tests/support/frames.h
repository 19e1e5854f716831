// frames.h: one frame body of each kind, every field filled.
#pragma once

#include <vector>

#include "schemas/wire/frame.h"
#include "tests/support/random.h"

namespace relais::wire {

[[nodiscard]] EnvelopeEntry sample_envelope_entry(test::SeededRandom& random);
// One entry of each kind, in the order of ChannelEntry.
[[nodiscard]] std::vector<ChannelEntry> sample_entries(test::SeededRandom& random);
// One body of each kind, in the order of Body, so that sample_bodies(random)[i].index() == i.
[[nodiscard]] std::vector<Body> sample_bodies(test::SeededRandom& random);

}  // namespace relais::wire
