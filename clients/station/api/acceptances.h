// acceptances.h: holds the broker to what it says of each message: that it was accepted, under that
// leaf, at that time and size of the directory. For each envelope that this station received, its
// own sent ones included, the leaf is fetched with its inclusion proof and compared, in order,
// once. An envelope judged at another size of the directory than the log records is found here.
#pragma once

#include "clients/station/api/station.h"

namespace relais::station {

struct AcceptancesChecked {
    std::size_t good = 0;
    std::size_t bad = 0;   // kept as contradictions
    bool complete = true;  // nothing left to check, but what no head covers yet
};
// At most `count` messages. Errors: those of Station::ask; inconsistent_log.
Result<AcceptancesChecked> check_acceptances(Station& station, std::size_t count);

}  // namespace relais::station
