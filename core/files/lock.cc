#include "core/files/lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/files/file_error.h"

namespace relais {

namespace {

// What root makes in a folder of somebody else's would keep its owner out.
Result<void> give_to_owner_of_folder(int fd, const std::filesystem::path& path) {
    struct stat file {};
    struct stat folder {};
    const auto parent = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    if (::geteuid() != 0) return {};
    if (::fstat(fd, &file) != 0 || ::stat(parent.c_str(), &folder) != 0) {
        return file_error(errno, path);
    }
    if (file.st_uid != 0 || folder.st_uid == 0) return {};
    if (::fchown(fd, folder.st_uid, folder.st_gid) != 0) return file_error(errno, path);
    return {};
}

}  // namespace

Result<FileLock> FileLock::take(const std::filesystem::path& path) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        const bool refused = errno == EACCES || errno == EPERM || errno == EROFS;
        return fail(refused ? ErrorCode::wrong_permissions : ErrorCode::io_failed,
                    path.string() + ": " + std::strerror(errno));
    }
    FileLock lock(fd);
    RELAIS_TRY(give_to_owner_of_folder(fd, path));
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        return fail(errno == EWOULDBLOCK ? ErrorCode::locked : ErrorCode::io_failed, path.string());
    }
    return lock;
}

Result<FileLock> FileLock::wait_for(const std::filesystem::path& path) {
    for (;;) {
        int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
        if (fd < 0 && (errno == EACCES || errno == EROFS || errno == EISDIR)) {  // mode 0400
            fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        }
        if (fd < 0) return file_error(errno, path);
        FileLock lock(fd);
        RELAIS_ASSIGN(const bool held, lock_opened(fd, path, Wait::yes));
        if (held) return lock;
    }
}

Result<bool> lock_opened(int fd, const std::filesystem::path& path, Wait wait) {
    const int how = wait == Wait::yes ? LOCK_EX : LOCK_EX | LOCK_NB;
    while (::flock(fd, how) != 0) {
        if (errno == EWOULDBLOCK) return fail(ErrorCode::locked, path.string());
        if (errno != EINTR) return file_error(errno, path);
    }
    struct stat opened {};
    struct stat named {};
    if (::fstat(fd, &opened) != 0) return file_error(errno, path);
    if (::stat(path.c_str(), &named) != 0) {
        if (errno != ENOENT) return file_error(errno, path);
        return false;
    }
    return opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
}

FileLock::~FileLock() {
    if (fd_ >= 0) ::close(fd_);
}

}  // namespace relais
