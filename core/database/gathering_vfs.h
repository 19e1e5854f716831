// gathering_vfs.h: the system's files for SQLite with fewer system calls. SQLite writes its log and
// its checkpoints page by page, a log's page even in two parts, and reads the log back as small:
// four calls for each page of 4 KiB, most of what a large commit costs. Here what follows each
// other is put together and written at once: at the latest when SQLite syncs the file, which it
// does before it relies on what it wrote.
//
// Private to core/database. Thread rule: as the Database that opens with it.
#pragma once

#include <atomic>

namespace relais {

// Its name, for sqlite3_open_v2(); registered at the first call. Any thread.
const char* gathering_vfs();

// What the VFS says to whoever syncs the log in its place.
struct LeftSyncs {
    std::atomic<bool> owed{false};  // something was committed since
    std::atomic<bool> lost{false};  // a sync of the log failed: none may be believed any more
};

// For sqlite3_file_control() on a database, with a LeftSyncs* that outlives it: from then on the
// sync that ends a commit is left to the caller. What SQLite's order rests on is synced as before:
// the beginning of a log, and all of it before a checkpoint writes. A checkpoint that fails is
// nothing to SQLite, since it takes the commit for durable; `lost` says that it is not, and a later
// sync, which finds nothing left to write, says nothing at all. So every sync fails from then on,
// and with it every commit; no checkpoint writes to the database what the log may not have.
inline constexpr int kLeaveSyncs = 0x52454C;

}  // namespace relais
