#include "core/files/stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <string>
#include <utility>

#include "core/files/file_error.h"
#include "core/files/naming.h"

namespace relais {

Result<InputFile> InputFile::open(const std::filesystem::path& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return file_error(errno, path);
    InputFile file(fd, 0);
    struct stat status {};
    if (::fstat(fd, &status) != 0) return file_error(errno, path);
    if (!S_ISREG(status.st_mode)) return fail(ErrorCode::invalid_field, path.string());
    file.size_ = static_cast<std::uint64_t>(status.st_size);
    return file;
}

InputFile::InputFile(InputFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), size_(other.size_) {}

InputFile::~InputFile() {
    if (fd_ >= 0) ::close(fd_);
}

Result<std::size_t> InputFile::read(std::span<std::uint8_t> piece) {
    std::size_t total = 0;
    while (total < piece.size()) {
        const ssize_t got = ::read(fd_, piece.data() + total, piece.size() - total);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(ErrorCode::io_failed, std::strerror(errno));
        if (got == 0) break;
        total += static_cast<std::size_t>(got);
    }
    return total;
}

// Two programs may write one file, and its folder is the user's: what stands there under the name
// of a part is another writer's, or somebody's own file, and stays.
Result<OutputFile> OutputFile::begin(const std::filesystem::path& path, Replace replace) {
    static std::atomic<unsigned> count = 0;
    std::error_code ignored;
    if (replace == Replace::no && std::filesystem::exists(path, ignored)) {
        return fail(ErrorCode::already_exists, path.string());
    }
    for (;;) {
        std::filesystem::path aside = path;
        aside += ".part-" + std::to_string(::getpid()) + "-" + std::to_string(count++);
        const int fd =
            ::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd >= 0) return OutputFile(fd, path, aside, replace);
        if (errno != EEXIST) return file_error(errno, aside);
    }
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      path_(std::move(other.path_)),
      aside_(std::move(other.aside_)),
      replace_(other.replace_) {}

OutputFile::~OutputFile() {
    if (fd_ < 0) return;
    ::close(fd_);
    ::unlink(aside_.c_str());
}

Result<void> OutputFile::write(ByteView piece) {
    while (!piece.empty()) {
        const ssize_t put = ::write(fd_, piece.data(), piece.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return file_error(errno, aside_);
        piece = piece.subspan(static_cast<std::size_t>(put));
    }
    return {};
}

Result<void> OutputFile::commit() {
    if (::fsync(fd_) != 0) return file_error(errno, aside_);
    RELAIS_TRY(give_name(aside_, path_, replace_));
    ::close(std::exchange(fd_, -1));
    return sync_folder(path_.parent_path());
}

Result<void> flush_standard_output() {
    const bool failed_before = std::ferror(stdout) != 0;
    errno = 0;
    if (std::fflush(stdout) == 0 && !failed_before) return {};
    return file_error(errno == 0 ? EIO : errno, "standard output");
}

}  // namespace relais
