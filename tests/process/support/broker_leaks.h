// broker_leaks.h: everything of a running broker in which a marker could have been left.
#pragma once

#include "tests/process/support/marker_scan.h"
#include "tests/process/support/running_broker.h"

namespace relais::test {

// Its files, its memory, its audit, its pages, and, once it has ended, its log. Where the marker
// was found, in words; empty: nowhere. Stops the broker.
std::vector<std::string> leaks_of(RunningBroker& broker, const MarkerScan& scan);

}  // namespace relais::test
