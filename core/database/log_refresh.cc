// log_refresh.cc: makes what a former process left in the write-ahead log durable before anything
// is built on it.
//
// When an fsync fails, Linux takes the pages for written: readers see them, no later fsync writes
// them. A process that ended on such a failure may have left a whole commit that only the machine's
// memory has; SQLite would recover it, append what is acknowledged next, and lose both with the
// power. So the log's bytes are written once more, as they are, and synced.
#include <fcntl.h>
#include <unistd.h>

#include "core/database/state.h"

namespace relais {

namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;

Result<void> write_again(int file, const std::string& path) {
    Bytes piece(kPieceBytes);
    for (off_t at = 0;;) {
        const ssize_t got = ::pread(file, piece.data(), piece.size(), at);
        if (got < 0) return fail(ErrorCode::io_failed, path);
        if (got == 0) break;
        if (::pwrite(file, piece.data(), static_cast<std::size_t>(got), at) != got) {
            return fail(ErrorCode::io_failed, path);
        }
        at += got;
    }
    if (::fdatasync(file) != 0) return fail(ErrorCode::io_failed, path);
    return {};
}

}  // namespace

Result<void> refresh_log(Database& database, const std::string& path) {
    const std::string log = path + "-wal";
    const int file = ::open(log.c_str(), O_RDWR | O_CLOEXEC);
    if (file < 0) return {};  // none: all is in the database, which its checkpoint synced
    Result<void> done = database.execute("BEGIN IMMEDIATE");  // nobody appends meanwhile
    const bool in_use = done.code() == ErrorCode::locked;     // by one that did this when it began
    if (in_use) {
        done = {};
    } else if (done.ok()) {
        done = write_again(file, log);
    }
    database.rollback();
    ::close(file);
    return done;
}

}  // namespace relais
