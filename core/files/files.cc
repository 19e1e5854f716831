#include "core/files/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>

#include "core/files/file_error.h"
#include "core/files/naming.h"

namespace relais {

namespace {

// Owns a descriptor.
class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int get() const { return fd_; }

private:
    int fd_;
};

// Whatever way a function is left, nothing of what was read stays on its stack.
class WipedPiece {
public:
    ~WipedPiece() { wipe(bytes); }
    std::uint8_t bytes[16 * 1024];
};

// Calls `take` with each piece read. The descriptor is read to its end.
template <typename Take>
Result<void> read_all(int fd, const std::filesystem::path& path, Take take) {
    WipedPiece piece;
    for (;;) {
        const ssize_t got = ::read(fd, piece.bytes, sizeof piece.bytes);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return file_error(errno, path);
        if (got == 0) return {};
        RELAIS_TRY(take(ByteView(piece.bytes, static_cast<std::size_t>(got))));
    }
}

Result<void> write_all(int fd, ByteView bytes, const std::filesystem::path& path) {
    while (!bytes.empty()) {
        const ssize_t put = ::write(fd, bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return file_error(errno, path);
        bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
    return {};
}

}  // namespace

Result<void> sync_folder(const std::filesystem::path& folder) {
    const Descriptor descriptor(
        ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (descriptor.get() < 0 || ::fsync(descriptor.get()) != 0) return file_error(errno, folder);
    return {};
}

Result<Bytes> read_file(const std::filesystem::path& path, std::size_t bytes_max) {
    const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (descriptor.get() < 0) return file_error(errno, path);
    Bytes bytes;
    struct stat status {};
    if (::fstat(descriptor.get(), &status) == 0 && S_ISREG(status.st_mode)) {
        bytes.reserve(std::min(bytes_max, static_cast<std::size_t>(status.st_size)));
    }
    RELAIS_TRY(read_all(descriptor.get(), path, [&](ByteView piece) -> Result<void> {
        if (bytes.size() + piece.size() > bytes_max) {
            return fail(ErrorCode::too_large, path.string());
        }
        append(bytes, piece);
        return {};
    }));
    return bytes;
}

Result<Secret> read_secret_file(const std::filesystem::path& path, std::size_t bytes_max) {
    const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (descriptor.get() < 0) return file_error(errno, path);
    struct stat status {};
    if (::fstat(descriptor.get(), &status) != 0) return file_error(errno, path);
    if ((status.st_mode & 077) != 0 || status.st_uid != ::geteuid()) {
        return fail(ErrorCode::wrong_permissions,
                    path.string() + " must belong to this user, mode 0600");
    }
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size > bytes_max) return fail(ErrorCode::too_large, path.string());
    Secret secret(size);  // its final size at once: growing would leave copies behind
    std::size_t at = 0;
    RELAIS_TRY(read_all(descriptor.get(), path, [&](ByteView piece) -> Result<void> {
        if (at + piece.size() > size) return fail(ErrorCode::io_failed, "the file grew");
        std::memcpy(secret.expose_mutable().data() + at, piece.data(), piece.size());
        at += piece.size();
        return {};
    }));
    if (at != size) return fail(ErrorCode::io_failed, "the file shrank");
    return secret;
}

Result<void> write_file(const std::filesystem::path& path, ByteView bytes, unsigned mode,
                        Replace replace) {
    static std::atomic<unsigned> count = 0;
    std::error_code ignored;
    if (replace == Replace::no && std::filesystem::exists(path, ignored)) {
        return fail(ErrorCode::already_exists, path.string());
    }
    // A file that is replaced has one writer, who overwrites what a cut left behind. Of two that
    // make a file only one may succeed: they must not meet in the file beside it.
    std::filesystem::path aside = path;
    aside += ".new";
    if (replace == Replace::no) {
        aside += "-" + std::to_string(::getpid()) + "-" + std::to_string(count++);
    }
    ::unlink(aside.c_str());
    {
        const Descriptor descriptor(
            ::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
        if (descriptor.get() < 0) return file_error(errno, aside);
        Result<void> done = write_all(descriptor.get(), bytes, aside);
        if (done.ok() && ::fsync(descriptor.get()) != 0) done = file_error(errno, aside);
        if (!done.ok()) {
            std::filesystem::remove(aside, ignored);
            return done;
        }
    }
    const Result<void> named = give_name(aside, path, replace);
    if (!named.ok()) {
        std::filesystem::remove(aside, ignored);
        return named;
    }
    return sync_folder(path.parent_path());
}

Result<void> make_private_folder(const std::filesystem::path& path) {
    std::error_code failed;
    std::filesystem::create_directories(path.parent_path(), failed);
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return file_error(errno, path);
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return file_error(errno, path);
    if (!S_ISDIR(status.st_mode) || (status.st_mode & 077) != 0 || status.st_uid != ::geteuid()) {
        return fail(ErrorCode::wrong_permissions,
                    path.string() + " must be a folder of this user, mode 0700");
    }
    return {};
}

}  // namespace relais
