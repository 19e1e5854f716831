// The sealed file of a backup: whole or refused, whatever was done to it.
#include "tools/backup/sealed_file.h"

#include <gtest/gtest.h>

#include "core/files/files.h"
#include "tests/support/folder.h"
#include "tests/support/plain_file_system.h"
#include "tests/support/random.h"

namespace relais::backup {
namespace {

class SealedFile : public testing::Test {
protected:
    void write(std::size_t size) {
        plain_ = random_.bytes(size);
        auto writer = SealedWriter::create(path(), domain_, key_.public_key()).value();
        for (ByteView rest = plain_; !rest.empty();) {  // in pieces that fit no record
            const ByteView piece = rest.first(std::min<std::size_t>(rest.size(), 77'777));
            ASSERT_TRUE(writer.write(piece).ok());
            rest = rest.subspan(piece.size());
        }
        ASSERT_TRUE(writer.finish().ok());
    }
    [[nodiscard]] std::filesystem::path path() const { return folder_.file("backup"); }
    // Everything in it, or why not.
    Result<Bytes> read(const P256Key& key) {
        RELAIS_ASSIGN(auto reader, SealedReader::open(path(), key));
        Bytes all;
        Bytes piece(100'000);
        for (;;) {
            RELAIS_ASSIGN(const std::size_t got, reader.read(piece));
            append(all, ByteView(piece).first(got));
            if (got != piece.size()) break;
        }
        RELAIS_TRY(reader.finish());
        return all;
    }
    ErrorCode with(const Bytes& bytes) {
        EXPECT_TRUE(write_file(path(), bytes, 0600, Replace::yes).ok());
        return read(key_).code();
    }

    test::SeededRandom random_{1};
    test::TestFolder folder_;
    Name domain_ = Name::parse("indre").value();
    P256Key key_ = P256Key::generate();
    Bytes plain_;
};

TEST_F(SealedFile, IsWrittenToAFileSystemWithoutHardLinks) {
    const test::PlainFileSystem plain;
    write(100'000);
    EXPECT_EQ(read(key_).value(), plain_);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 1);
}

// The same domain's next backup there takes the place of what one that was ended had written.
TEST_F(SealedFile, WhatWasLeftOfOneThatWasEndedIsWrittenOver) {
    {
        auto one = SealedWriter::create(path(), domain_, key_.public_key()).value();
        EXPECT_EQ(SealedWriter::create(folder_.file("other"), domain_, key_.public_key()).code(),
                  ErrorCode::locked);
    }
    const std::string left = folder_.file("relais-indre.partial");
    EXPECT_TRUE(write_file(left, Bytes(200'000, 7), 0600, Replace::yes).ok());
    write(10);
    EXPECT_EQ(read(key_).value(), plain_);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 1);
}

TEST_F(SealedFile, WhatWasWrittenIsReadAtEveryBorderOfARecord) {
    constexpr std::size_t kRecord = limits::kBackupRecordBytes;
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, kRecord - 1, kRecord, kRecord + 1, 2 * kRecord}) {
        write(size);
        const auto read_again = read(key_);
        ASSERT_TRUE(read_again.ok()) << size;
        EXPECT_EQ(*read_again, plain_);
        std::filesystem::remove(path());
    }
}

TEST_F(SealedFile, AnotherKeyReadsNothing) {
    write(1000);
    EXPECT_EQ(read(P256Key::generate()).code(), ErrorCode::box_unopenable);
}

TEST_F(SealedFile, AFlippedBitOfAnyByteIsRefused) {
    write(300);
    const Bytes good = read_file(path(), 1 << 20).value();
    for (std::size_t at = 0; at < good.size(); ++at) {
        Bytes bad = good;
        bad[at] ^= static_cast<std::uint8_t>(1U << (at % 8));
        EXPECT_NE(with(bad), ErrorCode::ok) << "byte " << at;
    }
    EXPECT_EQ(with(good), ErrorCode::ok);
}

TEST_F(SealedFile, OneThatIsCutOrGoesOnIsRefused) {
    write(2 * limits::kBackupRecordBytes + 10);
    const Bytes good = read_file(path(), 1 << 24).value();
    const std::size_t head = 16 + 2 + 5 + 32 + 65;
    const std::size_t record = 5 + limits::kBackupRecordBytes + 16;
    for (const std::size_t size : {std::size_t{0}, head - 1, head, head + 3, head + record,
                                   head + 2 * record, good.size() - 1}) {
        EXPECT_NE(with(Bytes(good.begin(), good.begin() + static_cast<long>(size))), ErrorCode::ok)
            << size;
    }
    Bytes longer = good;
    longer.push_back(0);
    EXPECT_EQ(with(longer), ErrorCode::evidence_altered);
    Bytes doubled = good;  // its last record once more
    doubled.insert(doubled.end(), good.begin() + static_cast<long>(head + 2 * record), good.end());
    EXPECT_EQ(with(doubled), ErrorCode::evidence_altered);
}

TEST_F(SealedFile, RecordsChangedAboutAreRefused) {
    write(2 * limits::kBackupRecordBytes + 10);
    Bytes bytes = read_file(path(), 1 << 24).value();
    const std::size_t head = 16 + 2 + 5 + 32 + 65;
    const std::size_t record = 5 + limits::kBackupRecordBytes + 16;
    std::swap_ranges(bytes.begin() + static_cast<long>(head),
                     bytes.begin() + static_cast<long>(head + record),
                     bytes.begin() + static_cast<long>(head + record));
    EXPECT_EQ(with(bytes), ErrorCode::content_undecryptable);
}

TEST_F(SealedFile, NothingStandsUnderTheNameBeforeItIsWholeNorIsAFileReplaced) {
    {
        auto writer = SealedWriter::create(path(), domain_, key_.public_key()).value();
        ASSERT_TRUE(writer.write(Bytes(100, 1)).ok());
        EXPECT_FALSE(std::filesystem::exists(path()));
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder_.path())) << "what was not finished is gone";
    write(10);
    EXPECT_EQ(SealedWriter::create(path(), domain_, key_.public_key()).code(),
              ErrorCode::already_exists);
}

}  // namespace
}  // namespace relais::backup
