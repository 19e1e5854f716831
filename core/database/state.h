// state.h: what a Database holds. Private to core/database.
#pragma once

#include <sqlite3.h>

#include "core/database/database.h"

namespace relais {

struct Database::State {
    sqlite3* handle = nullptr;
    std::map<std::string, sqlite3_stmt*, std::less<>> statements;  // by their text

    ~State();
};

// The error of a SQLite result code.
Error database_error(sqlite3* handle, int code);

// Makes a new name in the folder of `path` last. Errors: io_failed.
Result<void> sync_folder_of(const std::string& path);

}  // namespace relais
