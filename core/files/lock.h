// lock.h: one process per folder, or per file that is written anew. The lock goes with the process,
// however it ends.
#pragma once

#include <filesystem>

#include "core/base/result.h"

namespace relais {

class FileLock {
public:
    // Errors: locked  another process holds it; io_failed.
    static Result<FileLock> take(const std::filesystem::path& path);
    // Waits for the lock of a file whose writers put another in its place, or of a folder: nobody
    // else who asks for it does so until the lock ends. Nothing is left beside the file.
    // Errors: not_found; wrong_permissions; io_failed.
    static Result<FileLock> wait_for(const std::filesystem::path& path);

    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&& other) noexcept;
    ~FileLock();

private:
    explicit FileLock(int fd) : fd_(fd) {}
    int fd_;
};

enum class Wait { no, yes };

// Locks what `fd`, opened by that name, refers to, a folder too, as long as it is open. False: the
// name is another's by now, whose holder gave it away; to be opened again.
// Errors: locked  another process holds it, with Wait::no; io_failed.
Result<bool> lock_opened(int fd, const std::filesystem::path& path, Wait wait);

}  // namespace relais
