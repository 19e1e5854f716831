// parts.h: what a work of some length has written so far, and nobody may find afterwards: keys in
// clear, a copy of a database, half a backup. Of a fixed name, locked while it is worked on, so
// that the next run takes over what one that was killed left; gone where the work does not come to
// its end, a signal included.
#pragma once

#include <filesystem>

#include "core/base/result.h"

namespace relais::backup {

// From now on SIGINT, SIGTERM and SIGHUP, those that are not ignored, remove every part of this
// process before they end it. Called once, before other threads are started.
void remove_parts_on_signals();

// A part that a signal removes while this lives. Thread-safe.
class WatchedPart {
public:
    explicit WatchedPart(std::filesystem::path path);
    WatchedPart(WatchedPart&& other) noexcept;
    WatchedPart& operator=(WatchedPart&&) = delete;
    ~WatchedPart() { release(); }

    // From now on it is no part: it is about to get its name, or it is gone. Does not return where
    // a signal is ending the process.
    void release();

private:
    std::filesystem::path path_;  // empty: released
};

// A private folder (mode 0700), empty at first.
class PartFolder {
public:
    // Errors: locked  another process works there; wrong_permissions  another user's; io_failed.
    static Result<PartFolder> take(const std::filesystem::path& path);
    PartFolder(PartFolder&& other) noexcept;
    PartFolder& operator=(PartFolder&&) = delete;
    ~PartFolder();  // with all that is in it, unless it got a name

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    // It stays, under that name, which is free or an empty folder's. Errors: io_failed.
    Result<void> give_name(const std::filesystem::path& name);

private:
    PartFolder(std::filesystem::path path, int fd);
    std::filesystem::path path_;  // empty: moved from, or named
    int fd_;                      // holds the lock
    WatchedPart watched_;
};

}  // namespace relais::backup
