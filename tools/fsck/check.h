// check.h: judges a store: SQLite's pages, both logs from their raw records, the directory against
// its replay, every mailbox entry against the audit, every thread against the replay of its acts.
// Reads only. What the audit says is the measure, since signed heads cover it.
//
// Memory: about a kilobyte for each leaf.
#pragma once

#include <filesystem>
#include <functional>
#include <set>

#include "broker/store/sqlite_store.h"
#include "tools/fsck/report.h"

namespace relais::fsck {

// The chunks of attachments that are to be there when it is called.
using ChunksNow = std::function<Result<std::set<Digest>>()>;

// One view of the database throughout: the broker may go on meanwhile. `chunks`: the folder of the
// chunks of attachments; empty: their rows are judged, not their files. A file that is not what its
// row says is damage only where `now` names it still: its envelope may have ended since the view
// began. Without `now` the view is all there is.
// Errors: those that leave nothing to judge: the database cannot be read at all; those of `now`.
Result<Report> check_store(broker::SqliteStore& store, const std::filesystem::path& chunks = {},
                           const ChunksNow& now = {});

}  // namespace relais::fsck
