// watched_disk.h: a folder whose every system call is watched: what SQLite, core/files and anything
// else of this process do to its files is recorded (disk_image.h), counted, and fails where a test
// says so. It stands below SQLite's own VFS, which is therefore the one that is tested, with its
// syncs of folders, its locks and its shared memory; no program under test knows of it.
//
// Done by defining open, write, fsync, ... in the test program (system_calls.cc): the dynamic
// linker prefers them to libc's. One disk at a time, one thread.
#pragma once

#include <filesystem>
#include <vector>

#include "tests/support/disk/disk_image.h"

namespace relais::test {

class WatchedDisk {
public:
    // A new folder, in memory where the machine has such a file system.
    WatchedDisk();
    ~WatchedDisk();
    WatchedDisk(const WatchedDisk&) = delete;
    WatchedDisk& operator=(const WatchedDisk&) = delete;

    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
    [[nodiscard]] std::string file(const std::string& name) const {
        return (folder_ / name).string();
    }

    // The folder holds these and nothing else, all synced; the record begins. Requires that no file
    // of it is open.
    void hold(const Files& files);
    [[nodiscard]] Files held() const;
    // What was held when the record began, and what happened since.
    [[nodiscard]] const Files& before() const { return before_; }
    [[nodiscard]] const std::vector<DiskChange>& changes() const { return changes_; }
    // The disk as the record says it is now.
    [[nodiscard]] DiskImage image() const;

    // Calls on files of the folder since the record began.
    [[nodiscard]] std::uint64_t calls() const { return calls_; }
    // The n-th call from now fails with that errno (1: the next one): a write may have written
    // half. 0: none does.
    void fail_call(std::uint64_t n, int error);
    // The next call of that name fails: "fdatasync".
    void fail_next(const std::string& what, int error);
    [[nodiscard]] bool fired() const { return fired_; }
    // What failed: "fdatasync relais.db-wal".
    [[nodiscard]] const std::string& failed() const { return failed_; }
    // Every call fails, changing nothing, until hold(): the end of a process, without a good-bye.
    void die() { dead_ = true; }
    [[nodiscard]] bool alive() const { return !dead_; }
    // Another process begins on the same machine, which has not lost its power.
    void revive() { dead_ = false; }
    // Bytes that the files may hold together; writes beyond get ENOSPC. 0: no bound.
    void set_room(std::uint64_t bytes) { room_ = bytes; }

    // For system_calls.cc ------------------------------------------------------------------------
    static WatchedDisk* active();
    // The name within the folder; nothing where the path is outside. "" is the folder itself.
    [[nodiscard]] std::optional<std::string> name_of(const char* path) const;
    struct Open {
        std::string name;
        int file = -1;  // -1: a folder
    };
    Open* find(int descriptor);
    // Counts a call. The errno it fails with, or 0.
    int call(const char* what, const std::string& name);
    void opened(int descriptor, const std::string& name, int flags);
    void closed(int descriptor) { open_.erase(descriptor); }
    void wrote(const Open& open, std::uint64_t offset, ByteView bytes);
    void resized(const Open& open, std::uint64_t size);
    void synced(const Open& open, bool well);
    void unlinked(const std::string& name);
    void renamed(const std::string& from, const std::string& to);
    void made_folder(const std::string& name);
    // Whether that file may grow to `end`.
    [[nodiscard]] bool has_room(const Open& open, std::uint64_t end) const;
    [[nodiscard]] std::uint64_t room_left() const;
    [[nodiscard]] bool bounded() const { return room_ != 0; }

private:
    void record(DiskChange change);

    std::filesystem::path folder_;
    std::string prefix_;
    Files before_;
    std::vector<DiskChange> changes_;
    std::map<std::string, int> names_;
    std::vector<std::uint64_t> sizes_;  // by file
    std::map<int, Open> open_;
    std::uint64_t calls_ = 0;
    std::uint64_t fail_in_ = 0;
    std::string fail_what_;
    int error_ = 0;
    bool fired_ = false;
    bool dead_ = false;
    std::string failed_;
    std::uint64_t room_ = 0;
};

}  // namespace relais::test
