// sealed_file.h: a file that only the holder of one P-256 key can read: HPKE (RFC 9180) over
// records, as docs/formats.md says. The last record is marked, so that a file that was cut is none.
#pragma once

#include <filesystem>

#include "clients/station/seal/hpke.h"
#include "core/base/limits.h"
#include "core/base/names.h"
#include "tools/backup/parts.h"
#include "tools/backup/stream.h"

namespace relais::backup {

// Owns a descriptor.
class File {
public:
    explicit File(int fd = -1) : fd_(fd) {}
    File(File&& other) noexcept;
    File& operator=(File&& other) noexcept;
    ~File();
    [[nodiscard]] int fd() const { return fd_; }

    // Errors: not_found; wrong_permissions; io_failed. open: not through a link.
    static Result<File> open(const std::filesystem::path& path);
    // A new file, mode 0600. Errors: already_exists.
    static Result<File> create(const std::filesystem::path& path);
    // An empty file, mode 0600, this one's alone while it is open: what a process that was ended
    // left there is gone. Errors: locked; wrong_permissions  another user's, or not a plain file.
    static Result<File> take_over(const std::filesystem::path& path);
    Result<void> write(ByteView bytes);
    // Less than asked for only at the end.
    Result<std::size_t> read(std::span<std::uint8_t> out);
    Result<void> sync();

private:
    int fd_;
};

// Makes the names in a folder durable.
Result<void> sync_folder(const std::filesystem::path& folder);

// Writes beside the file, to relais-<domain>.partial, and gives it its name at the end.
class SealedWriter final : public Sink {
public:
    // Errors: already_exists  the file; locked  one of this domain is being written there; those of
    // files; malformed  not a key.
    static Result<SealedWriter> create(const std::filesystem::path& path, const Name& domain,
                                       const P256Public& recipient);
    SealedWriter(SealedWriter&&) = default;
    ~SealedWriter() override;  // removes what was not finished

    Result<void> write(ByteView bytes) override;
    // The file is whole, durable and under its name.
    Result<void> finish();
    [[nodiscard]] std::uint64_t bytes_written() const { return written_; }

private:
    SealedWriter(std::filesystem::path path, std::filesystem::path aside, File file,
                 seal::HpkeContext context)
        : path_(std::move(path)),
          aside_(std::move(aside)),
          watched_(aside_),
          file_(std::move(file)),
          context_(std::move(context)) {}
    Result<void> put_record(bool last);

    std::filesystem::path path_;
    std::filesystem::path aside_;  // empty once it has its name
    WatchedPart watched_;
    File file_;
    seal::HpkeContext context_;
    Bytes waiting_;
    std::uint64_t written_ = 0;
};

class SealedReader final : public Source {
public:
    // Errors: malformed  no such file format; box_unopenable  sealed to another key; those of
    // files.
    static Result<SealedReader> open(const std::filesystem::path& path, const P256Key& key);
    SealedReader(SealedReader&&) = default;

    // Errors: content_undecryptable  altered; evidence_altered  cut, or longer than it was.
    Result<std::size_t> read(std::span<std::uint8_t> out) override;
    // That nothing follows. Errors: as read.
    Result<void> finish();
    [[nodiscard]] const Name& domain() const { return domain_; }

private:
    SealedReader(File file, seal::HpkeContext context, Name domain)
        : file_(std::move(file)), context_(std::move(context)), domain_(std::move(domain)) {}
    Result<void> next_record();

    File file_;
    seal::HpkeContext context_;
    Name domain_;
    Secret record_;
    std::size_t at_ = 0;
    bool last_ = false;
};

}  // namespace relais::backup
