// gathering_vfs.h: the system's files for SQLite with fewer system calls. SQLite writes its log and
// its checkpoints page by page, a log's page even in two parts, and reads the log back as small:
// four calls for each page of 4 KiB, most of what a large commit costs. Here what follows each
// other is put together and written at once: at the latest when SQLite syncs the file, which it
// does before it relies on what it wrote.
//
// Private to core/database. Thread rule: as the Database that opens with it.
#pragma once

namespace relais {

// Its name, for sqlite3_open_v2(); registered at the first call. Any thread.
const char* gathering_vfs();

// For sqlite3_file_control() on a database, with a std::atomic<bool>* that outlives it: from then
// on the sync that ends a commit is left to the caller, and the flag set instead. What SQLite's
// order rests on is synced as before: the beginning of a log, and all of it before a checkpoint
// writes.
inline constexpr int kLeaveSyncs = 0x52454C;

}  // namespace relais
