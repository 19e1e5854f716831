// plain_file_system.h: what the system says on a file system without hard links that does not know
// RENAME_NOREPLACE either, while a PlainFileSystem lives. For one source of a test program, which
// thereby has these calls of the system's for its own.
#pragma once

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace relais::test {

class PlainFileSystem {
public:
    PlainFileSystem() { present() = true; }
    ~PlainFileSystem() { present() = false; }
    PlainFileSystem(const PlainFileSystem&) = delete;
    PlainFileSystem& operator=(const PlainFileSystem&) = delete;

    static bool& present() {
        static bool value = false;
        return value;
    }
};

}  // namespace relais::test

extern "C" int link(const char* from, const char* to) noexcept {
    if (relais::test::PlainFileSystem::present()) {
        errno = EPERM;
        return -1;
    }
    return static_cast<int>(::syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0));
}

extern "C" int renameat2(int from_folder, const char* from, int to_folder, const char* to,
                         unsigned flags) noexcept {
    if (relais::test::PlainFileSystem::present() && flags != 0) {
        errno = EINVAL;
        return -1;
    }
    return static_cast<int>(::syscall(SYS_renameat2, from_folder, from, to_folder, to, flags));
}
