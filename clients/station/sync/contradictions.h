// contradictions.h: what a station keeps where the broker contradicts itself: both statements,
// whole, beside each other, for whoever has to be shown. Never overwritten, never removed. Confined
// to the station's thread.
#pragma once

#include <string>
#include <vector>

#include "clients/station/store/station_store.h"
#include "core/base/time.h"

namespace relais::station {

struct Contradiction {
    ErrorCode code;
    std::string about;   // a log's origin, or a message's id
    std::string first;   // as it was known: a signed note, or what a receipt said
    std::string second;  // what contradicts it
    WallTime seen;
};

// Keeps it unless the same two are kept already. The first limits::kContradictionsKeptMax stay.
Result<void> keep_contradiction(StationStore& store, const Contradiction& contradiction);
// In the order in which they were seen. Errors: corrupt; the store's.
Result<std::vector<Contradiction>> contradictions(StationStore& store);

}  // namespace relais::station
