// restored_log.h: what the audit log of a broker that was restored says that it lost, and whether
// that covers a head which somebody had seen of it under its former name. One rule for whoever
// reads the log and for whoever cosigns it. Pure functions.
#pragma once

#include <string>

#include "core/merkle/checkpoint.h"
#include "schemas/directory/state.h"
#include "schemas/wire/frame.h"

namespace relais::station {

struct ToldLoss {
    std::uint64_t first = 0;  // leaves that the backup had
    std::string cited;        // the last head known to be lost; empty: none
    std::string head;         // of the log under its present name, which proves that it says so
};

// The leaf by which the log took the name that it has, or cited a later head, proven.
// Errors: inconsistent_log  the leaf tells of no restore; those of a proof, a head and a leaf.
Result<ToldLoss> told_loss(const directory::DirectoryState& state, const wire::Proof& proof);
// That a head of a former name stood beyond the backup, and not beyond the last head that is cited.
// Errors: inconsistent_log.
Result<void> check_told(const ToldLoss& told, const merkle::Checkpoint& known,
                        const merkle::LogTrust& former);

}  // namespace relais::station
