// archive.h: files one after the other as a POSIX ustar archive, which any tar reads; sizes over
// 8 GiB in base 256, as GNU tar writes them. Regular files with relative names alone.
#pragma once

#include <functional>
#include <string>

#include "tools/backup/stream.h"

namespace relais::backup {

class ArchiveWriter {
public:
    explicit ArchiveWriter(Sink& sink) : sink_(sink) {}
    // Then exactly `size` bytes by write(), then the next file. Errors: invalid_field  a name that
    // does not fit; those of the sink.
    Result<void> begin_file(const std::string& name, std::uint64_t size);
    Result<void> write(ByteView bytes);
    Result<void> finish();

private:
    Result<void> pad();
    Sink& sink_;
    std::uint64_t left_ = 0;
    std::uint64_t in_block_ = 0;
};

// A relative path of plain names, at most 100 bytes: nothing that leaves the folder it is put in.
[[nodiscard]] bool is_member_name(std::string_view name);

class ArchiveReader {
public:
    explicit ArchiveReader(Source& source) : source_(source) {}
    struct Member {
        std::string name;
        std::uint64_t size;
    };
    using Take = std::function<Result<void>(ByteView)>;
    // Calls `begin` for each file, then what it returned for each piece of it, and an empty piece
    // at its end. Errors: malformed  not such an archive, or a name that is_member_name refuses;
    // those of the source and of the calls.
    Result<void> read(const std::function<Result<Take>(const Member&)>& begin);

private:
    Result<bool> read_header(Member& member);
    Source& source_;
};

}  // namespace relais::backup
