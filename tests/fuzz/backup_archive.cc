// The archive within a backup: the files that are read are plain names with as many bytes as they
// said, and written again they are read as the same.
#include <algorithm>

#include "tests/fuzz/target.h"
#include "tools/backup/archive.h"

namespace relais::fuzz {

namespace {

struct Kept {
    std::string name;
    Bytes bytes;
    bool operator==(const Kept&) const = default;
};

// Gives little at once, as a file sealed in records does.
class Memory final : public backup::Source {
public:
    explicit Memory(ByteView bytes) : rest_(bytes) {}
    Result<std::size_t> read(std::span<std::uint8_t> out) override {
        const std::size_t count = std::min(out.size(), rest_.size());
        std::copy_n(rest_.begin(), count, out.begin());
        rest_ = rest_.subspan(count);
        return count;
    }

private:
    ByteView rest_;
};

class Written final : public backup::Sink {
public:
    Result<void> write(ByteView bytes) override {
        append(all, bytes);
        return {};
    }
    Bytes all;
};

Result<std::vector<Kept>> files_of(ByteView archive) {
    std::vector<Kept> files;
    Memory source(archive);
    backup::ArchiveReader reader(source);
    RELAIS_TRY(reader.read(
        [&](const backup::ArchiveReader::Member& member) -> Result<backup::ArchiveReader::Take> {
            RELAIS_CHECK(backup::is_member_name(member.name));
            files.push_back({member.name, {}});
            return backup::ArchiveReader::Take([&files, size = member.size](ByteView piece) {
                Bytes& bytes = files.back().bytes;
                if (piece.empty()) RELAIS_CHECK(bytes.size() == size);
                append(bytes, piece);
                return Result<void>();
            });
        }));
    return files;
}

}  // namespace

bool accepts(ByteView input) {
    const auto files = files_of(input);
    if (!files.ok()) return false;
    Written written;
    backup::ArchiveWriter writer(written);
    for (const Kept& file : *files) {
        RELAIS_CHECK(writer.begin_file(file.name, file.bytes.size()).ok());
        RELAIS_CHECK(writer.write(file.bytes).ok());
    }
    RELAIS_CHECK(writer.finish().ok());
    const auto again = files_of(written.all);
    RELAIS_CHECK(again.ok() && *again == *files);
    return true;
}

}  // namespace relais::fuzz
