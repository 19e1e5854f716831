// heads.h: the heads of the two logs, as a reader holds the broker to them: each new one continues
// the last one seen, the directory's is the replica's, and how many independent organisations
// cosigned. What contradicts is kept (sync/contradictions.h). Asks the broker; not thread-safe.
#pragma once

#include "clients/station/api/station.h"
#include "schemas/witness/witness.h"

namespace relais::station {

struct LogHead {
    wire::LogName log;
    std::string origin;
    std::uint64_t size = 0;            // of the last head seen
    std::uint64_t witnessed_size = 0;  // of the last head that is witnessed as asked; 0: none
    witness::Standing standing{};      // of that one
};

// Fetches the present heads and verifies them. Errors: inconsistent_log  they contradict what this
// station had seen, both kept; note_invalid, malformed; those of Station::ask.
Result<std::vector<LogHead>> check_heads(Station& station, std::chrono::milliseconds patience);
// The same as last checked, from the store. Errors: the store's.
Result<std::vector<LogHead>> known_heads(Station& station);

// That a verified head, wherever it came from, is of the log as this station has seen it.
// Errors: as check_heads; timed_out  the log grew faster than it was asked.
Result<void> check_of_log(Station& station, wire::LogName log,
                          const merkle::VerifiedCheckpoint& head);

}  // namespace relais::station
