// lock.h: one process per folder. The lock goes with the process, however it ends.
#pragma once

#include <filesystem>

#include "core/base/result.h"

namespace relais {

class FileLock {
public:
    // Errors: locked  another process holds it; io_failed.
    static Result<FileLock> take(const std::filesystem::path& path);

    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&& other) noexcept;
    ~FileLock();

private:
    explicit FileLock(int fd) : fd_(fd) {}
    int fd_;
};

}  // namespace relais
