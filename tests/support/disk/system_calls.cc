// system_calls.cc: the calls of libc that touch files, defined here, so that those on a watched
// folder (watched_disk.h) are recorded, counted and made to fail; all others go straight on to
// libc. Only in programs of tests that use a WatchedDisk: nothing else pulls this file in.
//
// Each stands under a name of its own and has libc's by its label, which keeps clear of the
// declarations and aliases in libc's headers.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>

#include "tests/support/disk/watched_disk.h"

namespace {

using relais::ByteView;
using relais::test::WatchedDisk;

template <typename Function>
Function* libc(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

bool fails(int error) {
    if (error != 0) errno = error;
    return error != 0;
}

ByteView view(const void* data, std::size_t size) {
    return {static_cast<const std::uint8_t*>(data), size};
}

// The watched name of a path; nothing where no disk is watched or the path is elsewhere.
std::optional<std::string> watched(const char* path) {
    const WatchedDisk* disk = WatchedDisk::active();
    return disk == nullptr ? std::nullopt : disk->name_of(path);
}
WatchedDisk::Open* watched(int descriptor) {
    WatchedDisk* disk = WatchedDisk::active();
    return disk == nullptr ? nullptr : disk->find(descriptor);
}
WatchedDisk& disk() { return *WatchedDisk::active(); }

int open_call(const char* path, int flags, mode_t mode) {
    static const auto real = libc<int(const char*, int, ...)>("open");
    const auto name = watched(path);
    if (!name) return real(path, flags, mode);
    if (fails(disk().call("open", *name))) return -1;
    const int descriptor = real(path, flags, mode);
    if (descriptor >= 0) disk().opened(descriptor, *name, flags);
    return descriptor;
}

// Of a write that is to fail, the first half may be there; without room, what fits.
template <typename Put>
ssize_t write_call(int descriptor, const void* data, std::size_t size, std::uint64_t offset,
                   const char* what, Put put) {
    WatchedDisk::Open* open = watched(descriptor);
    if (open == nullptr) return put(size);
    int error = disk().call(what, open->name);
    const bool fails_here = error != 0 && disk().fired() && disk().alive();
    if (error == 0 && !disk().has_room(*open, offset + size)) error = ENOSPC;
    if (error != 0) {
        const std::size_t half = fails_here ? size / 2 : 0;
        if (half > 0 && put(half) > 0) disk().wrote(*open, offset, view(data, half));
        errno = error;
        return -1;
    }
    const ssize_t done = put(size);
    if (done > 0) disk().wrote(*open, offset, view(data, static_cast<std::size_t>(done)));
    return done;
}

template <typename Call>
auto on_descriptor(int descriptor, const char* what, Call call) -> decltype(call()) {
    WatchedDisk::Open* open = watched(descriptor);
    if (open != nullptr && fails(disk().call(what, open->name))) return -1;
    return call();
}

template <typename Call>
int on_path(const char* path, const char* what, Call call) {
    const auto name = watched(path);
    if (name && fails(disk().call(what, *name))) return -1;
    return call();
}

int sync_call(int descriptor, const char* what) {
    static const auto real = libc<int(int)>("fsync");
    WatchedDisk::Open* open = watched(descriptor);
    if (open == nullptr) return real(descriptor);
    const int error = disk().call(what, open->name);
    if (error == 0 || disk().fired()) disk().synced(*open, error == 0);
    return fails(error) ? -1 : 0;
}

int resize_call(int descriptor, off64_t size) {
    static const auto real = libc<int(int, off64_t)>("ftruncate64");
    return on_descriptor(descriptor, "ftruncate", [&] {
        const int done = real(descriptor, size);
        WatchedDisk::Open* open = watched(descriptor);
        if (done == 0 && open != nullptr) disk().resized(*open, static_cast<std::uint64_t>(size));
        return done;
    });
}

int remove_call(const char* path, const char* what, int (*real)(const char*)) {
    return on_path(path, what, [&] {
        const int done = real(path);
        const auto name = watched(path);
        if (done == 0 && name) disk().unlinked(*name);
        return done;
    });
}

template <typename Call>
int rename_call(const char* from, const char* to, const char* what, Call call) {
    return on_path(from, what, [&] {
        const int done = call();
        const auto old_name = watched(from);
        const auto new_name = watched(to);
        if (done == 0 && old_name && new_name) disk().renamed(*old_name, *new_name);
        return done;
    });
}

int allocate_call(int descriptor, off64_t offset, off64_t size) {
    static const auto real = libc<int(int, off64_t, off64_t)>("posix_fallocate64");
    WatchedDisk::Open* open = watched(descriptor);
    if (open == nullptr) return real(descriptor, offset, size);
    const auto end = static_cast<std::uint64_t>(offset + size);
    if (const int error = disk().call("posix_fallocate", open->name)) return error;
    if (!disk().has_room(*open, end)) return ENOSPC;
    const int done = real(descriptor, offset, size);
    if (done == 0) disk().resized(*open, end);
    return done;
}

}  // namespace

extern "C" {

int watched_open(const char* path, int flags, ...) __asm__("open");
int watched_open(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const auto mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open_call(path, flags, mode);
}
int watched_open64(const char* path, int flags, ...) __asm__("open64");
int watched_open64(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const auto mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open_call(path, flags, mode);
}

int watched_close(int descriptor) __asm__("close");
int watched_close(int descriptor) {
    static const auto real = libc<int(int)>("close");
    if (WatchedDisk::active() != nullptr) disk().closed(descriptor);
    return real(descriptor);
}

ssize_t watched_read(int descriptor, void* data, std::size_t size) __asm__("read");
ssize_t watched_read(int descriptor, void* data, std::size_t size) {
    static const auto real = libc<ssize_t(int, void*, std::size_t)>("read");
    return on_descriptor(descriptor, "read", [&] { return real(descriptor, data, size); });
}
using PositionedRead = ssize_t(int, void*, std::size_t, off64_t);
ssize_t watched_pread(int descriptor, void* data, std::size_t size, off64_t at) __asm__("pread");
ssize_t watched_pread(int descriptor, void* data, std::size_t size, off64_t at) {
    static const auto real = libc<PositionedRead>("pread");
    return on_descriptor(descriptor, "pread", [&] { return real(descriptor, data, size, at); });
}
ssize_t watched_pread64(int descriptor, void* data, std::size_t size,
                        off64_t at) __asm__("pread64");
ssize_t watched_pread64(int descriptor, void* data, std::size_t size, off64_t at) {
    return watched_pread(descriptor, data, size, at);
}

ssize_t watched_write(int descriptor, const void* data, std::size_t size) __asm__("write");
ssize_t watched_write(int descriptor, const void* data, std::size_t size) {
    static const auto real = libc<ssize_t(int, const void*, std::size_t)>("write");
    if (watched(descriptor) == nullptr) return real(descriptor, data, size);
    const bool appends = (::fcntl(descriptor, F_GETFL) & O_APPEND) != 0;
    const auto at =
        static_cast<std::uint64_t>(::lseek(descriptor, 0, appends ? SEEK_END : SEEK_CUR));
    return write_call(descriptor, data, size, at, "write",
                      [&](std::size_t count) { return real(descriptor, data, count); });
}
using PositionedWrite = ssize_t(int, const void*, std::size_t, off64_t);
ssize_t watched_pwrite(int descriptor, const void* data, std::size_t size,
                       off64_t at) __asm__("pwrite");
ssize_t watched_pwrite(int descriptor, const void* data, std::size_t size, off64_t at) {
    static const auto real = libc<PositionedWrite>("pwrite");
    return write_call(descriptor, data, size, static_cast<std::uint64_t>(at), "pwrite",
                      [&](std::size_t count) { return real(descriptor, data, count, at); });
}
ssize_t watched_pwrite64(int descriptor, const void* data, std::size_t size,
                         off64_t at) __asm__("pwrite64");
ssize_t watched_pwrite64(int descriptor, const void* data, std::size_t size, off64_t at) {
    return watched_pwrite(descriptor, data, size, at);
}

int watched_fsync(int descriptor) __asm__("fsync");
int watched_fsync(int descriptor) { return sync_call(descriptor, "fsync"); }
int watched_fdatasync(int descriptor) __asm__("fdatasync");
int watched_fdatasync(int descriptor) { return sync_call(descriptor, "fdatasync"); }

int watched_ftruncate(int descriptor, off64_t size) __asm__("ftruncate");
int watched_ftruncate(int descriptor, off64_t size) { return resize_call(descriptor, size); }
int watched_ftruncate64(int descriptor, off64_t size) __asm__("ftruncate64");
int watched_ftruncate64(int descriptor, off64_t size) { return resize_call(descriptor, size); }
int watched_fallocate(int descriptor, off64_t at, off64_t size) __asm__("posix_fallocate");
int watched_fallocate(int descriptor, off64_t at, off64_t size) {
    return allocate_call(descriptor, at, size);
}
int watched_fallocate64(int descriptor, off64_t at, off64_t size) __asm__("posix_fallocate64");
int watched_fallocate64(int descriptor, off64_t at, off64_t size) {
    return allocate_call(descriptor, at, size);
}

int watched_mkdir(const char* path, mode_t mode) __asm__("mkdir");
int watched_mkdir(const char* path, mode_t mode) {
    static const auto real = libc<int(const char*, mode_t)>("mkdir");
    return on_path(path, "mkdir", [&] {
        const int done = real(path, mode);
        const auto name = watched(path);
        if (done == 0 && name) disk().made_folder(*name);
        return done;
    });
}
int watched_unlink(const char* path) __asm__("unlink");
int watched_unlink(const char* path) {
    static const auto real = libc<int(const char*)>("unlink");
    return remove_call(path, "unlink", real);
}
int watched_remove(const char* path) __asm__("remove");
int watched_remove(const char* path) {
    static const auto real = libc<int(const char*)>("remove");
    return remove_call(path, "remove", real);
}
int watched_rename(const char* from, const char* to) __asm__("rename");
int watched_rename(const char* from, const char* to) {
    static const auto real = libc<int(const char*, const char*)>("rename");
    return rename_call(from, to, "rename", [&] { return real(from, to); });
}
int watched_renameat2(int in, const char* from, int into, const char* to,
                      unsigned flags) __asm__("renameat2");
int watched_renameat2(int in, const char* from, int into, const char* to, unsigned flags) {
    static const auto real = libc<int(int, const char*, int, const char*, unsigned)>("renameat2");
    return rename_call(from, to, "renameat2", [&] { return real(in, from, into, to, flags); });
}

// The status of a file: read by SQLite before it trusts a name, and by core/files.
int watched_stat(const char* path, struct stat* status) __asm__("stat");
int watched_stat(const char* path, struct stat* status) {
    static const auto real = libc<int(const char*, struct stat*)>("stat");
    return on_path(path, "stat", [&] { return real(path, status); });
}
int watched_stat64(const char* path, struct stat64* status) __asm__("stat64");
int watched_stat64(const char* path, struct stat64* status) {
    static const auto real = libc<int(const char*, struct stat64*)>("stat64");
    return on_path(path, "stat", [&] { return real(path, status); });
}
int watched_fstat64(int descriptor, struct stat64* status) __asm__("fstat64");
int watched_fstat64(int descriptor, struct stat64* status) {
    static const auto real = libc<int(int, struct stat64*)>("fstat64");
    return on_descriptor(descriptor, "fstat", [&] { return real(descriptor, status); });
}
int watched_access(const char* path, int mode) __asm__("access");
int watched_access(const char* path, int mode) {
    static const auto real = libc<int(const char*, int)>("access");
    return on_path(path, "access", [&] { return real(path, mode); });
}
int watched_statvfs(const char* path, struct statvfs* status) __asm__("statvfs");
int watched_statvfs(const char* path, struct statvfs* status) {
    static const auto real = libc<int(const char*, struct statvfs*)>("statvfs");
    const int done = real(path, status);
    if (done == 0 && watched(path) && disk().bounded()) {
        status->f_bavail = disk().room_left() / status->f_frsize;
    }
    return done;
}

}  // extern "C"
