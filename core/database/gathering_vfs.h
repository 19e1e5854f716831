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

}  // namespace relais
