// stream.h: files too large to be held at once: read piece by piece, or written aside piece by
// piece and put into place whole. Move-only; one thread. And the end of a program's own output.
#pragma once

#include <filesystem>
#include <span>

#include "core/files/files.h"

namespace relais {

// What a program printed is where it was to go: a full disk shows there at the latest, and what is
// missing in a report must not pass for it. Errors: storage_full, io_failed.
Result<void> flush_standard_output();

class InputFile {
public:
    // A regular file. Errors: not_found, wrong_permissions, io_failed; invalid_field  not a file.
    static Result<InputFile> open(const std::filesystem::path& path);
    InputFile(InputFile&& other) noexcept;
    InputFile& operator=(InputFile&&) = delete;
    ~InputFile();

    [[nodiscard]] std::uint64_t size() const { return size_; }  // when it was opened
    // Fills the piece, or as much of it as there is left: 0 at the end. Errors: io_failed.
    Result<std::size_t> read(std::span<std::uint8_t> piece);

private:
    InputFile(int fd, std::uint64_t size) : fd_(fd), size_(size) {}
    int fd_;
    std::uint64_t size_;
};

class OutputFile {
public:
    // Begins a file of mode 0600 beside `path`. Errors: already_exists  with Replace::no;
    // not_found  no such folder; wrong_permissions; io_failed.
    static Result<OutputFile> begin(const std::filesystem::path& path, Replace replace);
    OutputFile(OutputFile&& other) noexcept;
    OutputFile& operator=(OutputFile&&) = delete;
    ~OutputFile();  // nothing is left of what was not committed

    Result<void> write(ByteView piece);
    // Syncs and puts it into place. Errors: storage_full, io_failed; already_exists  it came
    // meanwhile, with Replace::no.
    Result<void> commit();

private:
    OutputFile(int fd, std::filesystem::path path, std::filesystem::path aside, Replace replace)
        : fd_(fd), path_(std::move(path)), aside_(std::move(aside)), replace_(replace) {}
    int fd_;
    std::filesystem::path path_;
    std::filesystem::path aside_;
    Replace replace_;
};

}  // namespace relais
