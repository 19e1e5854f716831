// Whole files: owner and mode checked, written whole or not at all.
#include "core/files/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <mutex>
#include <thread>

#include "tests/support/folder.h"
#include "tests/support/markers.h"
#include "tests/support/printers.h"

namespace relais {
namespace {

class Files : public testing::Test {
protected:
    Files() : path_(folder_.file("file")) {}
    void put(std::string_view text, mode_t mode = 0600) const {
        std::ofstream stream(path_, std::ios::binary | std::ios::trunc);
        stream << text;
        stream.close();
        ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
    }
    [[nodiscard]] std::string get() const { return test::whole_file(path_); }
    [[nodiscard]] mode_t mode() const {
        struct stat status {};
        EXPECT_EQ(::stat(path_.c_str(), &status), 0);
        return status.st_mode & 07777;
    }

    test::TestFolder folder_;
    std::string path_;
};

TEST_F(Files, AreReadWhole) {
    const std::string large(100'000, 'x');
    for (const std::string& text : {std::string(), std::string("a\0b", 3), large}) {
        put(text);
        EXPECT_EQ(as_text(read_file(path_, 100'000).value()), text);
        EXPECT_EQ(as_text(read_secret_file(path_, 100'000).value().expose()), text);
    }
}

TEST_F(Files, AboveTheLimitAreRefused) {
    put("12345");
    EXPECT_TRUE(read_file(path_, 5).ok());
    EXPECT_TRUE(read_secret_file(path_, 5).ok());
    EXPECT_EQ(read_file(path_, 4).code(), ErrorCode::too_large);
    EXPECT_EQ(read_secret_file(path_, 4).code(), ErrorCode::too_large);
}

TEST_F(Files, AMissingOneIsNotFound) {
    EXPECT_EQ(read_file(path_, 5).code(), ErrorCode::not_found);
    EXPECT_EQ(read_secret_file(path_, 5).code(), ErrorCode::not_found);
}

TEST_F(Files, AFolderIsNoFile) {
    EXPECT_EQ(read_file(folder_.path(), 5).code(), ErrorCode::io_failed);
    EXPECT_FALSE(read_secret_file(folder_.path(), 5).ok());
}

TEST_F(Files, ASecretThatOthersMayTouchIsRefused) {
    for (const mode_t bit : {040U, 020U, 010U, 004U, 002U, 001U}) {
        put("secret", 0600 | bit);
        EXPECT_EQ(read_secret_file(path_, 10).code(), ErrorCode::wrong_permissions)
            << std::oct << bit;
        EXPECT_TRUE(read_file(path_, 10).ok());
    }
    put("secret", 0400);
    EXPECT_TRUE(read_secret_file(path_, 10).ok());
}

TEST_F(Files, ASecretOfAnotherUserIsRefused) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
    put("secret");
    ASSERT_EQ(::chown(path_.c_str(), 65534, 65534), 0);
    EXPECT_EQ(read_secret_file(path_, 10).code(), ErrorCode::wrong_permissions);
}

// Whoever can write the folder above could point the link elsewhere between check and use.
TEST_F(Files, ASecretIsNotReadThroughALink) {
    put("secret");
    const std::string link = folder_.file("link");
    std::filesystem::create_symlink(path_, link);
    EXPECT_FALSE(read_secret_file(link, 10).ok());
    EXPECT_TRUE(read_file(link, 10).ok());
}

TEST_F(Files, AreWrittenWholeWithTheirMode) {
    write_file(path_, as_bytes("un"), 0600, Replace::no).value();
    EXPECT_EQ(get(), "un");
    EXPECT_EQ(mode(), 0600U);
    write_file(path_, as_bytes("deux"), 0640, Replace::yes).value();
    EXPECT_EQ(get(), "deux");
    EXPECT_EQ(mode(), 0640U);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 1);
}

TEST_F(Files, AreNotReplacedUnlessAsked) {
    put("avant");
    EXPECT_EQ(write_file(path_, as_bytes("après"), 0600, Replace::no).code(),
              ErrorCode::already_exists);
    EXPECT_EQ(get(), "avant");
}

TEST_F(Files, WhatAnInterruptedWriteLeftBehindIsOverwritten) {
    std::ofstream(path_ + ".new") << "reste d'une coupure";
    write_file(path_, as_bytes("entier"), 0600, Replace::yes).value();
    EXPECT_EQ(get(), "entier");
    EXPECT_FALSE(std::filesystem::exists(path_ + ".new"));
}

TEST_F(Files, AFailedWriteLeavesTheOldFile) {
    put("avant");
    std::filesystem::create_directory(path_ + ".new");
    std::ofstream(path_ + ".new/occupied") << "x";
    EXPECT_FALSE(write_file(path_, as_bytes("après"), 0600, Replace::yes).ok());
    EXPECT_EQ(get(), "avant");
}

TEST_F(Files, IntoAMissingFolderIsNotFound) {
    EXPECT_EQ(write_file(folder_.path() / "none" / "file", {}, 0600, Replace::yes).code(),
              ErrorCode::not_found);
}

TEST_F(Files, APrivateFolderIsMadeOnceAndIsItsOwnersAlone) {
    const auto made = folder_.path() / "a" / "b";
    make_private_folder(made).value();
    struct stat status {};
    ASSERT_EQ(::stat(made.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0700U);
    EXPECT_TRUE(make_private_folder(made).ok());
    for (const mode_t bit : {040U, 010U, 004U, 001U}) {
        ASSERT_EQ(::chmod(made.c_str(), 0700 | bit), 0);
        EXPECT_EQ(make_private_folder(made).code(), ErrorCode::wrong_permissions);
    }
}

TEST_F(Files, OfSeveralWritersOfANewFileOneWinsAndItsBytesStay) {
    constexpr int kWriters = 4;
    for (int round = 0; round < 40; ++round) {
        const auto path = folder_.path() / std::to_string(round);
        std::vector<std::string> won;
        std::mutex mutex;
        std::vector<std::thread> writers;
        for (int writer = 0; writer < kWriters; ++writer) {
            writers.emplace_back([&, writer] {
                const std::string text(20'000, static_cast<char>('a' + writer));
                const auto done = write_file(path, as_bytes(text), 0600, Replace::no);
                const std::lock_guard lock(mutex);
                if (done.ok())
                    won.push_back(text);
                else
                    EXPECT_EQ(done.code(), ErrorCode::already_exists);
            });
        }
        for (std::thread& writer : writers) writer.join();
        ASSERT_EQ(won.size(), 1U);
        EXPECT_EQ(test::whole_file(path), won.front());
    }
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 40);
}

TEST_F(Files, AFileIsNoPrivateFolder) {
    put("", 0700);
    EXPECT_EQ(make_private_folder(path_).code(), ErrorCode::wrong_permissions);
}

TEST_F(Files, AFolderOfAnotherUserIsRefused) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give a folder away";
    const auto made = folder_.path() / "private";
    make_private_folder(made).value();
    ASSERT_EQ(::chown(made.c_str(), 65534, 65534), 0);
    EXPECT_EQ(make_private_folder(made).code(), ErrorCode::wrong_permissions);
}

}  // namespace
}  // namespace relais
