#include "tools/backup/sealed_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/crypto/p256.h"
#include "core/files/file_error.h"
#include "core/files/lock.h"
#include "core/files/naming.h"

namespace relais::backup {

namespace {

constexpr std::string_view kMagic = "relais-backup/1\n";
constexpr std::string_view kInfo = "relais/v1/backup";
constexpr std::size_t kRecordHead = 5;  // flag, length
constexpr std::size_t kTagBytes = 16;

// Clear, and bound into the key: domain and recipient.
Bytes clear_head(const Name& domain, const P256Public& recipient) {
    Bytes head = to_bytes(as_bytes(kMagic));
    append_u16(head, static_cast<std::uint16_t>(domain.text().size()));
    append(head, domain.text());
    append(head, fingerprint(recipient).view());
    return head;
}

Bytes info_of(ByteView head) {
    Bytes info = to_bytes(as_bytes(kInfo));
    info.push_back(0);
    append(info, head);
    return info;
}

Bytes record_head(bool last, std::size_t sealed_bytes) {
    Bytes head = {static_cast<std::uint8_t>(last ? 1 : 0)};
    append_u32(head, static_cast<std::uint32_t>(sealed_bytes));
    return head;
}

Result<Bytes> read_exactly(File& file, std::size_t count) {
    Bytes bytes(count);
    RELAIS_ASSIGN(const std::size_t got, file.read(bytes));
    if (got != count) return fail(ErrorCode::malformed, "not a backup of Relais");
    return bytes;
}

}  // namespace

File::File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
File& File::operator=(File&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
}
File::~File() {
    if (fd_ >= 0) ::close(fd_);
}

Result<File> File::open(const std::filesystem::path& path) {
    File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (file.fd_ < 0) return file_error(errno, path);
    return file;
}

Result<File> File::create(const std::filesystem::path& path) {
    File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file.fd_ < 0) return file_error(errno, path);
    return file;
}

Result<File> File::take_over(const std::filesystem::path& path) {
    for (;;) {
        File file(
            ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
        if (file.fd_ < 0) return file_error(errno, path);
        struct stat status {};
        if (::fstat(file.fd_, &status) != 0) return file_error(errno, path);
        if (!S_ISREG(status.st_mode) || status.st_uid != ::geteuid()) {
            return fail(ErrorCode::wrong_permissions, path.string());
        }
        RELAIS_ASSIGN(const bool held, lock_opened(file.fd_, path, Wait::no));
        if (!held) continue;
        if (::ftruncate(file.fd_, 0) != 0 || ::fchmod(file.fd_, 0600) != 0) {
            return file_error(errno, path);
        }
        return file;
    }
}

Result<void> File::write(ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t put = ::write(fd_, bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return file_error(errno, "write");
        bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
    return {};
}

Result<std::size_t> File::read(std::span<std::uint8_t> out) {
    std::size_t have = 0;
    while (have < out.size()) {
        const ssize_t got = ::read(fd_, out.data() + have, out.size() - have);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return file_error(errno, "read");
        if (got == 0) break;
        have += static_cast<std::size_t>(got);
    }
    return have;
}

Result<void> File::sync() {
    if (::fsync(fd_) != 0) return file_error(errno, "fsync");
    return {};
}

Result<void> sync_folder(const std::filesystem::path& folder) {
    const std::filesystem::path path = folder.empty() ? "." : folder;
    const File opened(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.fd() < 0 || ::fsync(opened.fd()) != 0) return file_error(errno, path);
    return {};
}

Result<SealedWriter> SealedWriter::create(const std::filesystem::path& path, const Name& domain,
                                          const P256Public& recipient) {
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) {
        return fail(ErrorCode::already_exists, path.string());
    }
    const Bytes head = clear_head(domain, recipient);
    RELAIS_ASSIGN(auto context, seal::HpkeContext::send(recipient, info_of(head)));
    const auto aside = path.parent_path() / ("relais-" + domain.text() + ".partial");
    RELAIS_ASSIGN(File file, File::take_over(aside));
    SealedWriter writer(path, aside, std::move(file), std::move(context));
    RELAIS_TRY(writer.file_.write(head));
    RELAIS_TRY(writer.file_.write(writer.context_.enc()));
    writer.written_ = head.size() + writer.context_.enc().size();
    return writer;
}

SealedWriter::~SealedWriter() {
    std::error_code ignored;
    if (!aside_.empty()) std::filesystem::remove(aside_, ignored);
    wipe(waiting_);
}

Result<void> SealedWriter::write(ByteView bytes) {
    while (!bytes.empty()) {
        if (waiting_.size() == limits::kBackupRecordBytes) RELAIS_TRY(put_record(false));
        const std::size_t room = limits::kBackupRecordBytes - waiting_.size();
        const ByteView piece = bytes.first(std::min(room, bytes.size()));
        append(waiting_, piece);
        bytes = bytes.subspan(piece.size());
    }
    return {};
}

Result<void> SealedWriter::put_record(bool last) {
    const Bytes head = record_head(last, waiting_.size() + kTagBytes);
    const Bytes sealed = context_.seal(head, waiting_);
    waiting_.clear();
    written_ += head.size() + sealed.size();
    RELAIS_TRY(file_.write(head));
    return file_.write(sealed);
}

Result<void> SealedWriter::finish() {
    RELAIS_TRY(put_record(true));
    RELAIS_TRY(file_.sync());
    watched_.release();
    RELAIS_TRY(give_name(aside_, path_, Replace::no));
    aside_.clear();
    return sync_folder(path_.parent_path());
}

Result<SealedReader> SealedReader::open(const std::filesystem::path& path, const P256Key& key) {
    RELAIS_ASSIGN(File file, File::open(path));
    RELAIS_ASSIGN(const Bytes magic, read_exactly(file, kMagic.size()));
    if (as_text(magic) != kMagic) return fail(ErrorCode::malformed, "not a backup of Relais");
    RELAIS_ASSIGN(const Bytes length, read_exactly(file, 2));
    const std::size_t size = static_cast<std::size_t>(length[0]) * 256 + length[1];
    if (size > limits::kNameBytesMax) return fail(ErrorCode::malformed, "domain");
    RELAIS_ASSIGN(const Bytes name, read_exactly(file, size));
    RELAIS_ASSIGN(Name domain, Name::parse(as_text(name)));
    RELAIS_ASSIGN(const Bytes recipient, read_exactly(file, Digest::kSize));
    if (!bytes_equal(recipient, fingerprint(key.public_key()).view())) {
        return fail(ErrorCode::box_unopenable, "sealed to another backup key");
    }
    RELAIS_ASSIGN(const Bytes enc, read_exactly(file, P256Public::kSize));
    const Bytes info = info_of(clear_head(domain, key.public_key()));
    RELAIS_ASSIGN(auto context, seal::HpkeContext::receive(key, enc, info));
    return SealedReader(std::move(file), std::move(context), std::move(domain));
}

Result<void> SealedReader::next_record() {
    Bytes head(kRecordHead);
    RELAIS_ASSIGN(const std::size_t got, file_.read(head));
    if (got != head.size()) return fail(ErrorCode::evidence_altered, "the backup was cut");
    const std::size_t size = read_u32(ByteView(head).subspan(1));
    if (head[0] > 1 || size < kTagBytes || size > limits::kBackupRecordBytes + kTagBytes) {
        return fail(ErrorCode::content_undecryptable, "the backup was altered");
    }
    Bytes sealed(size);
    RELAIS_ASSIGN(const std::size_t body, file_.read(sealed));
    if (body != size) return fail(ErrorCode::evidence_altered, "the backup was cut");
    auto opened = context_.open(head, sealed);
    if (!opened.ok()) return fail(ErrorCode::content_undecryptable, "the backup was altered");
    record_ = std::move(opened).value();
    at_ = 0;
    last_ = head[0] == 1;
    return {};
}

Result<std::size_t> SealedReader::read(std::span<std::uint8_t> out) {
    std::size_t have = 0;
    while (have < out.size()) {
        if (at_ == record_.size()) {
            if (last_) break;
            RELAIS_TRY(next_record());
            continue;
        }
        const std::size_t count = std::min(out.size() - have, record_.size() - at_);
        std::memcpy(out.data() + have, record_.expose().data() + at_, count);
        have += count;
        at_ += count;
    }
    return have;
}

Result<void> SealedReader::finish() {
    std::uint8_t byte = 0;
    RELAIS_ASSIGN(const std::size_t more, read({&byte, 1}));
    RELAIS_ASSIGN(const std::size_t behind,
                  more == 0 ? file_.read({&byte, 1}) : Result<std::size_t>(more));
    if (behind != 0) return fail(ErrorCode::evidence_altered, "something follows the backup");
    return {};
}

}  // namespace relais::backup
