#include "core/database/gathering_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <new>
#include <optional>
#include <utility>

#include "core/base/bytes.h"
#include "core/base/check.h"
#include "core/files/files.h"

namespace relais {

namespace {

constexpr std::size_t kGatheredBytesMax = 120 * 1024;  // one call of the system's VFS takes 128 KiB
constexpr std::size_t kReadAheadBytes = 64 * 1024;
constexpr sqlite3_int64 kFrameHeaderBytes = 24;  // between two pages of the log

sqlite3_vfs* system_vfs() {
    static sqlite3_vfs* const found = sqlite3_vfs_find(nullptr);
    return found;
}

// SQLite allocates it, with the system's file behind it.
struct File {
    sqlite3_file base;
    File* database = nullptr;  // of a log; itself for a database
    File* log = nullptr;       // of a database, while it is open
    bool is_log = false;
    bool gathers = false;
    std::uint64_t locks = 0;                        // calls on the locks of a database so far
    std::optional<std::filesystem::path> unsynced;  // folder whose names may not be durable yet

    LeftSyncs* left_syncs = nullptr;  // of a database (kLeaveSyncs)
    bool begins = false;              // of a log: its first bytes were written since its last sync
    bool left = false;                // of a log: commits since its last sync

    Bytes written;  // and not yet handed on
    sqlite3_int64 written_at = 0;
    int failed = SQLITE_OK;  // of what was handed on since the last sync

    // Valid until the next call on the locks: until then nobody else may change what SQLite reads.
    Bytes ahead;
    sqlite3_int64 ahead_at = 0;
    std::uint64_t ahead_locks = 0;
    sqlite3_int64 next_read = -1;  // where the page after the last one that was read begins

    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
    const sqlite3_io_methods& on_real() { return *real()->pMethods; }
    [[nodiscard]] sqlite3_int64 written_end() const {
        return written_at + static_cast<sqlite3_int64>(written.size());
    }
    // Of a log whose syncs are left to the caller: its commits may be in the memory alone.
    [[nodiscard]] bool is_lost() const {
        return is_log && database->left_syncs != nullptr && database->left_syncs->lost;
    }
    int flush();
    int sync(int flags);
    int sync_log_first();
    int write(const void* data, int size, sqlite3_int64 at);
    int read(void* data, int size, sqlite3_int64 at);
    bool read_ahead(void* data, int size, sqlite3_int64 at);
    void fill_ahead(sqlite3_int64 at);
};

File& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }

// What failed is told to the call that needed it, and again to the next sync: SQLite looks away
// from the answers of some calls, and from none of a sync.
int File::flush() {
    ahead.clear();
    if (written.empty()) return SQLITE_OK;
    const int code =
        on_real().xWrite(real(), written.data(), static_cast<int>(written.size()), written_at);
    written.clear();
    if (code != SQLITE_OK) failed = code;
    return code;
}

// A log whose name the disk never had is no log. The system's VFS syncs the folder of a new file as
// well, but says nothing when that fails.
int File::sync(int flags) {
    if (is_lost()) return SQLITE_IOERR_FSYNC;
    int code = on_real().xSync(real(), flags);
    if (code == SQLITE_OK && unsynced && !sync_folder(*unsynced).ok()) {
        code = SQLITE_IOERR_DIR_FSYNC;
    }
    if (code != SQLITE_OK) {
        if (is_log && database->left_syncs != nullptr) database->left_syncs->lost = true;
        return code;
    }
    unsynced.reset();
    begins = false;
    left = false;
    return SQLITE_OK;
}

// Before a checkpoint changes the database.
int File::sync_log_first() {
    if (log == nullptr || !log->left) return SQLITE_OK;
    return log->sync(SQLITE_SYNC_NORMAL);
}

int File::write(const void* data, int size, sqlite3_int64 at) {
    ahead.clear();
    if (const int code = sync_log_first(); code != SQLITE_OK) return code;
    begins = begins || (is_log && at == 0);
    if (!gathers) return on_real().xWrite(real(), data, size, at);
    const auto more = static_cast<std::size_t>(size);
    const bool follows = at == written_end() && written.size() + more <= kGatheredBytesMax;
    if (!written.empty() && !follows) {
        if (const int code = flush(); code != SQLITE_OK) return code;
    }
    if (written.empty()) written_at = at;
    append(written, {static_cast<const std::uint8_t*>(data), more});
    return SQLITE_OK;
}

// Where two pages of the log are read one after the other, more are likely to be: a checkpoint.
bool File::read_ahead(void* data, int size, sqlite3_int64 at) {
    const bool follows = at == next_read;
    next_read = at + size + kFrameHeaderBytes;
    const auto known = [&] {
        return ahead_locks == database->locks && at >= ahead_at &&
               at + size <= ahead_at + static_cast<sqlite3_int64>(ahead.size());
    };
    if (!known() && follows) fill_ahead(at);
    if (!known()) return false;
    std::copy_n(ahead.begin() + (at - ahead_at), size, static_cast<std::uint8_t*>(data));
    return true;
}

void File::fill_ahead(sqlite3_int64 at) {
    sqlite3_int64 end = 0;
    ahead.clear();
    if (on_real().xFileSize(real(), &end) != SQLITE_OK || end <= at) return;
    ahead.resize(std::min(kReadAheadBytes, static_cast<std::size_t>(end - at)));
    ahead_at = at;
    ahead_locks = database->locks;
    const int code = on_real().xRead(real(), ahead.data(), static_cast<int>(ahead.size()), at);
    if (code != SQLITE_OK) ahead.clear();
}

int File::read(void* data, int size, sqlite3_int64 at) {
    if (!written.empty() && at < written_end() && at + size > written_at) {
        if (const int code = flush(); code != SQLITE_OK) return code;
    }
    if (is_log && read_ahead(data, size, at)) return SQLITE_OK;
    return on_real().xRead(real(), data, size, at);
}

// After `flush`, the same call on the system's file.
template <auto Method, typename... Arguments>
int flushed(sqlite3_file* file, Arguments... arguments) {
    if (const int code = of(file).flush(); code != SQLITE_OK) return code;
    return (of(file).on_real().*Method)(of(file).real(), arguments...);
}
template <auto Method, typename... Arguments>
int passed(sqlite3_file* file, Arguments... arguments) {
    return (of(file).on_real().*Method)(of(file).real(), arguments...);
}

// All that a commit or a checkpoint relied on was synced; the rest belongs to none.
int close_file(sqlite3_file* file) {
    (void)of(file).flush();
    const int code = of(file).on_real().xClose(of(file).real());
    if (of(file).is_log) of(file).database->log = nullptr;
    of(file).~File();
    return code;
}

int sync_file(sqlite3_file* file, int flags) {
    File& self = of(file);
    (void)self.flush();
    if (const int code = std::exchange(self.failed, SQLITE_OK); code != SQLITE_OK) return code;
    if (self.is_lost()) return SQLITE_IOERR_FSYNC;
    const bool can_wait = self.is_log && !self.begins && !self.unsynced;
    if (!can_wait || self.database->left_syncs == nullptr) return self.sync(flags);
    self.left = true;
    self.database->left_syncs->owed = true;
    return SQLITE_OK;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
    if (const int code = of(file).sync_log_first(); code != SQLITE_OK) return code;
    return flushed<&sqlite3_io_methods::xTruncate>(file, size);
}

int control_file(sqlite3_file* file, int what, void* argument) {
    if (what != kLeaveSyncs) return passed<&sqlite3_io_methods::xFileControl>(file, what, argument);
    of(file).left_syncs = static_cast<LeftSyncs*>(argument);
    return SQLITE_OK;
}

// A database that has a log is written by checkpoints alone, which are synced. Others (copies that
// are being made) are written at once: SQLite may close them without a sync.
int map_shared(sqlite3_file* file, int region, int bytes, int extend, void volatile** memory) {
    of(file).gathers = true;
    return passed<&sqlite3_io_methods::xShmMap>(file, region, bytes, extend, memory);
}
// With a lock goes the right to write: what a transaction that was rolled back or a checkpoint that
// failed left behind is written while that is still ours, or never. Nothing relies on it.
int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
    File& database = of(file);
    ++database.locks;
    for (File* each : {&database, database.log}) {
        if (each == nullptr) continue;
        (void)each->flush();
        each->failed = SQLITE_OK;
    }
    return passed<&sqlite3_io_methods::xShmLock>(file, offset, count, flags);
}
void shared_barrier(sqlite3_file* file) { of(file).on_real().xShmBarrier(of(file).real()); }

constexpr sqlite3_io_methods kMethods{
    .iVersion = 2,  // no memory maps of the database
    .xClose = close_file,
    .xRead = [](sqlite3_file* file, void* data, int size,
                sqlite3_int64 at) { return of(file).read(data, size, at); },
    .xWrite = [](sqlite3_file* file, const void* data, int size,
                 sqlite3_int64 at) { return of(file).write(data, size, at); },
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = flushed<&sqlite3_io_methods::xFileSize, sqlite3_int64*>,
    .xLock = passed<&sqlite3_io_methods::xLock, int>,
    .xUnlock = passed<&sqlite3_io_methods::xUnlock, int>,
    .xCheckReservedLock = passed<&sqlite3_io_methods::xCheckReservedLock, int*>,
    .xFileControl = control_file,
    .xSectorSize = passed<&sqlite3_io_methods::xSectorSize>,
    .xDeviceCharacteristics = passed<&sqlite3_io_methods::xDeviceCharacteristics>,
    .xShmMap = map_shared,
    .xShmLock = lock_shared,
    .xShmBarrier = shared_barrier,
    .xShmUnmap = passed<&sqlite3_io_methods::xShmUnmap, int>,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int open_file(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* given) {
    File* const made = new (file) File{};
    const int code = system_vfs()->xOpen(system_vfs(), name, made->real(), flags, given);
    if (made->real()->pMethods == nullptr) {
        made->~File();
        file->pMethods = nullptr;
        return code;
    }
    made->base.pMethods = &kMethods;
    made->is_log = (flags & SQLITE_OPEN_WAL) != 0;
    made->gathers = made->is_log;
    made->database = made->is_log ? &of(sqlite3_database_file_object(name)) : made;
    if (made->is_log) {
        made->database->log = made;
        made->unsynced = std::filesystem::path(name).parent_path();
    }
    return code;
}

}  // namespace

const char* gathering_vfs() {
    static sqlite3_vfs vfs = [] {
        sqlite3_vfs made = *system_vfs();
        made.szOsFile += static_cast<int>(sizeof(File));
        made.pNext = nullptr;
        made.zName = "relais";
        made.xOpen = open_file;  // the other calls know nothing of files and are the system's own
        return made;
    }();
    static const bool registered = sqlite3_vfs_register(&vfs, 0) == SQLITE_OK;
    RELAIS_CHECK(registered);
    return vfs.zName;
}

}  // namespace relais
