// state.h: what a Database holds. Private to core/database.
#pragma once

#include <sqlite3.h>

#include <mutex>
#include <unordered_map>

#include "core/database/database.h"
#include "core/database/gathering_vfs.h"

namespace relais {

struct Database::State {
    sqlite3* handle = nullptr;
    std::map<std::string, sqlite3_stmt*, std::less<>> statements;  // by their text
    // The same by where the text stood when it was asked for last: nearly always a literal.
    std::unordered_map<const char*, sqlite3_stmt*> by_place;

    // Of Sync::later. The log has a descriptor of its own, so that any thread can sync it.
    std::mutex syncing;
    LeftSyncs left_syncs;
    int log_file = -1;

    ~State();
};

// The error of a SQLite result code.
Error database_error(sqlite3* handle, int code);

// Writes the write-ahead log once more and syncs it (log_refresh.cc). Other processes may read and
// wait to write meanwhile. Errors: io_failed, storage_full.
Result<void> refresh_log(Database& database, const std::string& path);

}  // namespace relais
