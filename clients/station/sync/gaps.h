// gaps.h: numbers that a correspondent's station used towards a mailbox and that never came:
// between one message and the next, of one station, mailbox and lane. A gap proves nothing by
// itself (an envelope that was refused, or a content held for another service, leaves one too), but
// a message that the broker withheld leaves one as well: it is shown, for the correspondent to be
// asked.
#pragma once

#include <vector>

#include "clients/station/store/station_store.h"

namespace relais::station {

struct Gap {
    StationId station;
    std::string mailbox;
    Lane lane;
    std::uint64_t first;
    std::uint64_t last;
};

// The newest 256 are kept.
Result<void> note_gap(StationStore& store, const Gap& gap);
// That number came after all (a box that was held).
Result<void> fill_gap(StationStore& store, const StationId& station, const std::string& mailbox,
                      Lane lane, std::uint64_t counter);
Result<std::vector<Gap>> gaps(StationStore& store);

}  // namespace relais::station
