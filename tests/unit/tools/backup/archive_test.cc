// The archive of a backup: what tar(1) reads, and nothing that leaves its folder.
#include "tools/backup/archive.h"

#include <gtest/gtest.h>

#include <map>

namespace relais::backup {
namespace {

class Memory final : public Sink, public Source {
public:
    Result<void> write(ByteView more) override {
        append(bytes, more);
        return {};
    }
    Result<std::size_t> read(std::span<std::uint8_t> out) override {
        const std::size_t count = std::min(out.size(), bytes.size() - at);
        std::copy_n(bytes.begin() + static_cast<long>(at), count, out.begin());
        at += count;
        return count;
    }
    Bytes bytes;
    std::size_t at = 0;
};

Memory archive_of(const std::map<std::string, Bytes>& files) {
    Memory memory;
    ArchiveWriter writer(memory);
    for (const auto& [name, bytes] : files) {
        EXPECT_TRUE(writer.begin_file(name, bytes.size()).ok());
        EXPECT_TRUE(writer.write(bytes).ok());
    }
    EXPECT_TRUE(writer.finish().ok());
    return memory;
}

Result<std::map<std::string, Bytes>> members_of(Memory memory) {
    std::map<std::string, Bytes> files;
    RELAIS_TRY(ArchiveReader(memory).read(
        [&](const ArchiveReader::Member& member) -> Result<ArchiveReader::Take> {
            return ArchiveReader::Take([&files, name = member.name](ByteView piece) {
                append(files[name], piece);
                return Result<void>();
            });
        }));
    return files;
}

TEST(Archive, WhatWasPutInComesOut) {
    const std::map<std::string, Bytes> files = {{"empty", {}},
                                                {"keys/broker.key", Bytes(100, 7)},
                                                {"block", Bytes(512, 8)},
                                                {"large", Bytes(200'001, 9)}};
    const auto read = members_of(archive_of(files));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(*read, files);
}

TEST(Archive, AFlippedByteOfAHeaderIsRefused) {
    const Memory good = archive_of({{"a", Bytes(10, 1)}});
    for (std::size_t at = 0; at < 512; ++at) {
        Memory bad = good;
        bad.bytes[at] ^= 1;
        EXPECT_FALSE(members_of(std::move(bad)).ok()) << "byte " << at;
    }
}

TEST(Archive, OneThatEndsEarlyIsRefused) {
    const Memory good = archive_of({{"a", Bytes(10, 1)}});
    for (const std::size_t size : {0U, 100U, 512U, 520U, 1024U, 1100U, 1536U}) {
        Memory bad = good;
        bad.bytes.resize(size);
        EXPECT_FALSE(members_of(std::move(bad)).ok()) << size;
    }
}

TEST(Archive, NamesStayWithinTheirFolder) {
    for (const char* name : {"relais.db", "keys/broker.key", "a/b/c-1_2.x"}) {
        EXPECT_TRUE(is_member_name(name)) << name;
    }
    for (const char* name :
         {"", "/etc/passwd", "..", "a/../b", "a//b", "./a", "a/", "a b", "a\n", "a\\b"}) {
        EXPECT_FALSE(is_member_name(name)) << name;
    }
    EXPECT_FALSE(is_member_name(std::string(101, 'a')));
}

}  // namespace
}  // namespace relais::backup
