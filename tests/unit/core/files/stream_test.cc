// Files piece by piece: read to their end; written aside, whole in their place or not there.
#include "core/files/stream.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/folder.h"
#include "tests/support/plain_file_system.h"
#include "tests/support/printers.h"

namespace relais {
namespace {

class StreamTest : public testing::Test {
protected:
    [[nodiscard]] Bytes content() const { return read_file(path, 1000).value(); }
    [[nodiscard]] std::size_t files() const {
        std::size_t count = 0;
        for ([[maybe_unused]] const auto& each :
             std::filesystem::directory_iterator(folder.path())) {
            ++count;
        }
        return count;
    }
    test::TestFolder folder;
    std::filesystem::path path = folder.file("out");
};

TEST_F(StreamTest, AFileIsReadPieceByPieceToItsEnd) {
    write_file(path, Bytes{1, 2, 3, 4, 5}, 0600, Replace::no).value();
    InputFile input = InputFile::open(path).value();
    EXPECT_EQ(input.size(), 5U);
    Bytes piece(3);
    EXPECT_EQ(input.read(piece).value(), 3U);
    EXPECT_EQ(piece, (Bytes{1, 2, 3}));
    EXPECT_EQ(input.read(piece).value(), 2U);
    EXPECT_EQ(input.read(piece).value(), 0U);
}

TEST_F(StreamTest, OnlyFilesAreRead) {
    EXPECT_EQ(InputFile::open(path).code(), ErrorCode::not_found);
    EXPECT_EQ(InputFile::open(folder.path()).code(), ErrorCode::invalid_field);
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    EXPECT_EQ(InputFile::open(path).code(), ErrorCode::invalid_field) << "and it does not wait";
}

TEST_F(StreamTest, AFileIsInItsPlaceOnceCommittedAndNotBefore) {
    OutputFile output = OutputFile::begin(path, Replace::no).value();
    output.write(Bytes{1, 2}).value();
    EXPECT_FALSE(std::filesystem::exists(path));
    output.write(Bytes{3}).value();
    output.commit().value();
    EXPECT_EQ(content(), (Bytes{1, 2, 3}));
    EXPECT_EQ(files(), 1U);
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
}

// A key of a USB drive, a share: as they may be, and no file is written over there either.
TEST_F(StreamTest, AFileSystemWithoutHardLinksTakesANewFileAndKeepsAnother) {
    const test::PlainFileSystem plain;
    OutputFile first = OutputFile::begin(path, Replace::no).value();
    first.write(Bytes{1, 2, 3}).value();
    ASSERT_TRUE(first.commit().ok());
    EXPECT_EQ(content(), (Bytes{1, 2, 3}));
    const std::filesystem::path other = folder.file("other");
    OutputFile second = OutputFile::begin(other, Replace::no).value();
    second.write(Bytes{4}).value();
    write_file(other, Bytes{9}, 0600, Replace::no).value();  // meanwhile
    EXPECT_EQ(second.commit().code(), ErrorCode::already_exists);
    EXPECT_EQ(read_file(other, 10).value(), Bytes{9});
}

TEST_F(StreamTest, WhatIsNotCommittedLeavesNothing) {
    {
        OutputFile output = OutputFile::begin(path, Replace::no).value();
        output.write(Bytes{1, 2}).value();
    }
    EXPECT_EQ(files(), 0U);
}

// Two programs save the same attachment: neither writes into what the other gives its name to.
TEST_F(StreamTest, OfTwoThatWriteOneFileOneHasTheNameAndAllOfItsBytes) {
    OutputFile first = OutputFile::begin(path, Replace::no).value();
    first.write(Bytes{1, 2}).value();
    OutputFile second = OutputFile::begin(path, Replace::no).value();
    second.write(Bytes{9}).value();
    first.write(Bytes{3}).value();
    first.commit().value();
    EXPECT_EQ(content(), (Bytes{1, 2, 3}));
    second.write(Bytes{8}).value();
    EXPECT_EQ(second.commit().code(), ErrorCode::already_exists);
    EXPECT_EQ(content(), (Bytes{1, 2, 3}));
}

TEST_F(StreamTest, AFileOfSomebodysThatIsCalledLikeAPartStays) {
    const std::filesystem::path own = folder.file("out.part");
    write_file(own, Bytes{7}, 0600, Replace::no).value();
    OutputFile output = OutputFile::begin(path, Replace::no).value();
    output.write(Bytes{1}).value();
    output.commit().value();
    EXPECT_EQ(read_file(own, 10).value(), Bytes{7});
}

TEST_F(StreamTest, AFileThatIsThereStaysUnlessItIsToBeReplaced) {
    write_file(path, Bytes{9}, 0600, Replace::no).value();
    EXPECT_EQ(OutputFile::begin(path, Replace::no).code(), ErrorCode::already_exists);
    OutputFile output = OutputFile::begin(path, Replace::yes).value();
    output.write(Bytes{1}).value();
    EXPECT_EQ(content(), Bytes{9});
    output.commit().value();
    EXPECT_EQ(content(), Bytes{1});
}

TEST_F(StreamTest, AFileThatCameMeanwhileIsNotReplaced) {
    OutputFile output = OutputFile::begin(path, Replace::no).value();
    output.write(Bytes{1}).value();
    write_file(path, Bytes{9}, 0600, Replace::no).value();
    EXPECT_EQ(output.commit().code(), ErrorCode::already_exists);
    EXPECT_EQ(content(), Bytes{9});
}

}  // namespace
}  // namespace relais
