// check.h: judges a store: SQLite's pages, both logs from their raw records, the directory against
// its replay, every mailbox entry against the audit, every thread against the replay of its acts.
// Reads only. What the audit says is the measure, since signed heads cover it.
//
// Memory: about a kilobyte for each leaf.
#pragma once

#include <filesystem>

#include "broker/store/sqlite_store.h"
#include "tools/fsck/report.h"

namespace relais::fsck {

// One view of the database throughout: the broker may go on meanwhile. `chunks`: the folder of the
// chunks of attachments; empty: their rows are judged, not their files.
// Errors: those that leave nothing to judge: the database cannot be read at all.
Result<Report> check_store(broker::SqliteStore& store, const std::filesystem::path& chunks = {});

}  // namespace relais::fsck
