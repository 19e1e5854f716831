#include "core/database/database.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "core/database/gathering_vfs.h"
#include "core/database/state.h"
#include "core/files/files.h"

namespace relais {

namespace {

constexpr int kBusyTimeoutMs = 5000;
constexpr std::size_t kPlacesMax = 1024;

// A repeated key is something that a caller may expect; every other broken constraint is our
// mistake.
bool repeats_a_key(int sqlite) {
    return sqlite == SQLITE_CONSTRAINT_UNIQUE || sqlite == SQLITE_CONSTRAINT_PRIMARYKEY ||
           sqlite == SQLITE_CONSTRAINT_ROWID;
}

// The index of the WAL could not grow: no block was left for it.
bool is_want_of_room(int extended) { return extended == SQLITE_IOERR_SHMSIZE; }

// SQLite needs files beside the database even to read it: a folder that cannot be written is said
// as what it is.
Result<void> check_folder_of(const std::string& path) {
    const std::string folder = std::filesystem::path(path).parent_path().string();
    if (::access(folder.empty() ? "." : folder.c_str(), W_OK) == 0) return {};
    if (errno != EROFS && errno != EACCES) return {};  // opening the file will tell
    return fail(ErrorCode::wrong_permissions, folder + ": " + std::strerror(errno));
}

Result<bool> is_there(const std::string& path) {
    std::error_code failed;
    const bool there = std::filesystem::exists(path, failed);
    if (failed) return fail(ErrorCode::io_failed, path + ": " + failed.message());
    return there;
}

ErrorCode code_of(int sqlite) {
    switch (sqlite & 0xFF) {
        case SQLITE_FULL: return ErrorCode::storage_full;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return ErrorCode::corrupt;
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return ErrorCode::locked;
        case SQLITE_CONSTRAINT:
            return repeats_a_key(sqlite) ? ErrorCode::already_exists : ErrorCode::io_failed;
        case SQLITE_PERM:
        case SQLITE_READONLY: return ErrorCode::wrong_permissions;
        default: return ErrorCode::io_failed;
    }
}

}  // namespace

Error database_error(sqlite3* handle, int code) {
    const int extended = handle == nullptr ? code : sqlite3_extended_errcode(handle);
    return fail(is_want_of_room(extended) ? ErrorCode::storage_full : code_of(code),
                "SQLite " + std::to_string(extended) + ": " + sqlite3_errstr(code));
}

Database::State::~State() {
    for (const auto& [sql, statement] : statements) sqlite3_finalize(statement);
    sqlite3_close(handle);
    if (log_file >= 0) ::close(log_file);
}

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<Database> Database::open(const std::string& path, const Options& options) {
    const bool memory = path == ":memory:";
    if (!memory && options.mode != Mode::create) {
        RELAIS_ASSIGN(const bool there, is_there(path));
        if (!there) return fail(ErrorCode::not_found, path);
    }
    if (!memory && options.vfs.empty() && options.mode != Mode::read_only) {
        RELAIS_TRY(check_folder_of(path));
    }
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    flags |= options.mode == Mode::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    if (options.mode == Mode::create) flags |= SQLITE_OPEN_CREATE;
    auto state = std::make_unique<State>();
    const int code = sqlite3_open_v2(path.c_str(), &state->handle, flags,
                                     options.vfs.empty() ? gathering_vfs() : options.vfs.c_str());
    if (code != SQLITE_OK) return database_error(state->handle, code);
    sqlite3_busy_timeout(state->handle, kBusyTimeoutMs);
    Database database(std::move(state));
    RELAIS_TRY(
        database.execute("PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;"
                         "PRAGMA temp_store=MEMORY; PRAGMA cell_size_check=ON;"
                         "PRAGMA secure_delete=ON;"));  // what is deleted is overwritten
    if (options.mode != Mode::read_only) {
        // A checkpoint every 8 MiB: pages that change at each commit are copied back less often,
        // and the log fits in half of the broker's reserve on a full disk.
        RELAIS_TRY(
            database.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                             "PRAGMA wal_autocheckpoint=2048;"));
    }
    RELAIS_TRY(
        database.execute("PRAGMA schema_version"));  // reads the file, which opening does not
    if (options.mode != Mode::read_only && !memory) RELAIS_TRY(refresh_log(database, path));
    if (options.durable == Durable::at_sync && !memory) RELAIS_TRY(database.leave_syncs(path));
    return database;
}

Result<void> Database::leave_syncs(const std::string& path) {
    state_->log_file = ::open((path + "-wal").c_str(), O_RDWR | O_CLOEXEC);
    if (state_->log_file < 0) return fail(ErrorCode::io_failed, path + "-wal");
    // Another VFS knows nothing of it and syncs each commit, which is as good.
    const int code = sqlite3_file_control(state_->handle, "main", kLeaveSyncs, &state_->left_syncs);
    if (code != SQLITE_OK && code != SQLITE_NOTFOUND) return database_error(state_->handle, code);
    return {};
}

Result<void> Database::sync() {
    const std::lock_guard lock(state_->syncing);
    LeftSyncs& left = state_->left_syncs;
    if (left.owed.exchange(false) && ::fdatasync(state_->log_file) != 0) left.lost = true;
    if (left.lost) return fail(ErrorCode::io_failed, "the log cannot be synced");
    return {};
}

Query Database::query(const char* sql) {
    const auto placed = state_->by_place.find(sql);
    if (placed != state_->by_place.end() && std::strcmp(sqlite3_sql(placed->second), sql) == 0) {
        return {*this, placed->second};
    }
    const auto known = state_->statements.find(std::string_view(sql));
    auto& statement = known != state_->statements.end() ? known->second : state_->statements[sql];
    if (statement == nullptr) {
        const int code = sqlite3_prepare_v3(state_->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                            &statement, nullptr);
        if (code != SQLITE_OK) statement = nullptr;  // row() reports it
    }
    if (state_->by_place.size() >= kPlacesMax) state_->by_place.clear();
    if (statement != nullptr) state_->by_place[sql] = statement;
    return {*this, statement};
}

Result<void> Database::execute(const std::string& sql) {
    const int code = sqlite3_exec(state_->handle, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return database_error(state_->handle, code);
    return {};
}

Result<void> Database::begin() { return query("BEGIN IMMEDIATE").run(); }

Result<void> Database::commit() { return query("COMMIT").run(); }

void Database::rollback() {
    // After some errors SQLite has rolled back by itself; the state asked for is reached either
    // way.
    if (sqlite3_get_autocommit(state_->handle) == 0) {
        sqlite3_exec(state_->handle, "ROLLBACK", nullptr, nullptr, nullptr);
    }
}

Result<bool> Database::empty_log() {
    sqlite3_busy_timeout(state_->handle, 0);
    Query checkpoint = query("PRAGMA wal_checkpoint(TRUNCATE)");
    const Result<bool> row = checkpoint.row();  // busy, frames in the log, frames copied
    const bool emptied = row.ok() && *row && checkpoint.integer(0) == 0;
    sqlite3_busy_timeout(state_->handle, kBusyTimeoutMs);
    if (!row.ok()) return row.error();
    return emptied;
}

void Database::begin_reading() { (void)query("BEGIN").run(); }

void Database::end_reading() {
    const bool begun = sqlite3_get_autocommit(state_->handle) == 0;
    if (begun && !commit().ok()) rollback();
}

std::int64_t Database::last_row() const { return sqlite3_last_insert_rowid(state_->handle); }

Result<void> sync_file(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return fail(ErrorCode::io_failed, path);
    const bool synced = ::fsync(file) == 0;
    ::close(file);
    if (!synced) return fail(ErrorCode::io_failed, path);
    return {};
}

Result<void> Database::copy_to(const std::string& path) {
    RELAIS_ASSIGN(const bool there, is_there(path));
    if (there) return fail(ErrorCode::already_exists, path);
    Result<void> done = query("VACUUM INTO ?").bind(path).run();
    if (done.ok()) done = sync_file(path);
    if (done.ok()) return sync_folder(std::filesystem::path(path).parent_path());
    std::error_code ignored;
    std::filesystem::remove(path, ignored);  // the first part of a copy is none
    return done;
}

}  // namespace relais
