// read.h: from a domain's store to its figures.
#pragma once

#include "broker/store/sqlite_store.h"
#include "tools/indicators/report.h"

namespace relais::indicators {

// Reads kinds, threads and registers, in one view, and no envelope: what was exchanged is not
// looked at, were it readable or not. `periods` as Tally::begin requires. Cost: one walk over the
// threads, in constant memory. Errors: corrupt, and those of the database; not_found  no tz
// database.
Result<Report> read_figures(broker::SqliteStore& store, const std::vector<Period>& periods,
                            WallTime now);

}  // namespace relais::indicators
