#include "clients/station/store/chunk_shelf.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "core/base/limits.h"
#include "core/codecs/codecs.h"
#include "core/crypto/sha256.h"
#include "core/files/files.h"

namespace relais::station {

namespace {

Error failed(const char* what) {
    if (errno == ENOSPC || errno == EDQUOT) return fail(ErrorCode::storage_full, what);
    if (errno == EACCES || errno == EROFS) return fail(ErrorCode::wrong_permissions, what);
    return fail(ErrorCode::io_failed, what);
}

// Owns a descriptor.
class Opened {
public:
    Opened(const std::filesystem::path& path, int flags)
        : fd_(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600)) {}
    ~Opened() {
        if (fd_ >= 0) ::close(fd_);
    }
    Opened(const Opened&) = delete;
    Opened& operator=(const Opened&) = delete;
    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] bool ok() const { return fd_ >= 0; }

private:
    int fd_;
};

off_t place_of(std::uint32_t index) {
    return static_cast<off_t>(index) * static_cast<off_t>(limits::kChunkSealedBytesMax);
}

bool read_at(int fd, std::span<std::uint8_t> bytes, off_t at) {
    while (!bytes.empty()) {
        const ssize_t got = ::pread(fd, bytes.data(), bytes.size(), at);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(got));
        at += got;
    }
    return true;
}

}  // namespace

std::filesystem::path ChunkShelf::file(const MessageId& message) const {
    return folder_ / uuid(message);
}

Result<void> ChunkShelf::write(const MessageId& message, std::uint32_t index, ByteView chunk) {
    RELAIS_CHECK(chunk.size() <= limits::kChunkSealedBytesMax);
    RELAIS_TRY(make_private_folder(folder_));
    const Opened opened(file(message), O_WRONLY | O_CREAT);
    if (!opened.ok()) return failed("attachment");
    for (off_t at = place_of(index); !chunk.empty();) {
        const ssize_t put = ::pwrite(opened.get(), chunk.data(), chunk.size(), at);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return failed("attachment");
        chunk = chunk.subspan(static_cast<std::size_t>(put));
        at += put;
    }
    return {};
}

Result<void> ChunkShelf::sync(const MessageId& message) {
    {
        const Opened opened(file(message), O_WRONLY);
        if (!opened.ok() || ::fsync(opened.get()) != 0) return failed("attachment");
    }
    RELAIS_TRY(sync_folder(folder_));
    return sync_folder(folder_.parent_path());
}

Result<Bytes> ChunkShelf::read(const MessageId& message, std::uint32_t index,
                               std::size_t size) const {
    const Opened opened(file(message), O_RDONLY);
    Bytes bytes(size);
    if (!opened.ok() || !read_at(opened.get(), bytes, place_of(index))) {
        return fail(ErrorCode::not_found, "attachment");
    }
    return bytes;
}

std::vector<std::uint32_t> ChunkShelf::missing(const MessageId& message,
                                               std::span<const Digest> digests,
                                               std::span<const std::uint32_t> sizes) const {
    std::vector<std::uint32_t> places;
    const Opened opened(file(message), O_RDONLY);
    Bytes bytes;
    for (std::uint32_t i = 0; i < digests.size(); ++i) {
        bytes.resize(sizes[i]);
        const bool here =
            opened.ok() && read_at(opened.get(), bytes, place_of(i)) && sha256(bytes) == digests[i];
        if (!here) places.push_back(i);
    }
    return places;
}

void ChunkShelf::remove(const MessageId& message) {
    std::error_code ignored;  // what stays is found by the next look at old files
    std::filesystem::remove(file(message), ignored);
}

std::vector<MessageId> ChunkShelf::older_than(std::chrono::seconds age) const {
    std::vector<MessageId> messages;
    std::error_code failed;
    const auto limit = std::filesystem::file_time_type::clock::now() - age;
    std::filesystem::directory_iterator files(folder_, failed);
    for (; !failed && files != std::filesystem::directory_iterator(); files.increment(failed)) {
        std::error_code ignored;
        const auto message = uuid_from<MessageId>(files->path().filename().string());
        const auto written = files->last_write_time(ignored);
        if (message.ok() && !ignored && written < limit) messages.push_back(*message);
    }
    return messages;
}

}  // namespace relais::station
