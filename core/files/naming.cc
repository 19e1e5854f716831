#include "core/files/naming.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "core/files/file_error.h"

namespace relais {

namespace {

// For a file system that has neither way of the system's: the name is taken by an empty file, which
// the rename replaces. A power cut in between leaves that empty file.
Result<void> take_name(const std::filesystem::path& aside, const std::filesystem::path& path) {
    const int held =
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (held < 0) return file_error(errno, path);
    ::close(held);
    if (::rename(aside.c_str(), path.c_str()) == 0) return {};
    const int reason = errno;
    ::unlink(path.c_str());
    return file_error(reason, path);
}

}  // namespace

Result<void> give_name(const std::filesystem::path& aside, const std::filesystem::path& path,
                       Replace replace) {
    if (replace == Replace::yes) {
        if (::rename(aside.c_str(), path.c_str()) != 0) return file_error(errno, path);
        return {};
    }
    if (::renameat2(AT_FDCWD, aside.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) {
        return {};
    }
    if (errno != EINVAL && errno != ENOSYS) return file_error(errno, path);
    // A file system that does not know the flag: a second name is never given over another.
    if (::link(aside.c_str(), path.c_str()) == 0) {
        ::unlink(aside.c_str());
        return {};
    }
    if (errno == EEXIST) return file_error(errno, path);
    return take_name(aside, path);
}

}  // namespace relais
