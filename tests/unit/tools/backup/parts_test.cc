// Parts: gone with their work, one process's at a time, and nobody's who left them.
#include "tools/backup/parts.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/support/folder.h"
#include "tests/support/printers.h"

namespace relais::backup {
namespace {

class Parts : public testing::Test {
protected:
    void put(const std::string& name) const {
        std::filesystem::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name) << "a key in clear";
    }
    test::TestFolder folder_;
    std::filesystem::path path_ = folder_.path() / "data.partial";
};

TEST_F(Parts, AFolderIsPrivateAndGoesWithAllThatIsInIt) {
    {
        const auto part = PartFolder::take(path_).value();
        put("keys/broker.key");
        struct stat status {};
        ASSERT_EQ(::stat(path_.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777, 0700U);
    }
    EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(Parts, AFolderIsOneProcesssAtATime) {
    auto part = PartFolder::take(path_).value();
    EXPECT_EQ(PartFolder::take(path_).code(), ErrorCode::locked);
    put("file");
    EXPECT_TRUE(std::filesystem::exists(path_ / "file")) << "who came second touches nothing";
}

TEST_F(Parts, WhatWasLeftThereGoes) {
    std::filesystem::create_directory(path_);
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all);
    put("keys/broker.key");
    const auto part = PartFolder::take(path_).value();
    EXPECT_TRUE(std::filesystem::is_empty(path_));
}

TEST_F(Parts, AFolderThatOthersMayEnterIsNotTaken) {
    std::filesystem::create_directory(path_);
    ASSERT_EQ(::chmod(path_.c_str(), 0755), 0);
    EXPECT_EQ(PartFolder::take(path_).code(), ErrorCode::wrong_permissions);
}

TEST_F(Parts, WithItsNameItStaysAndTheNameIsFreeForTheNext) {
    const auto name = folder_.path() / "data";
    std::filesystem::create_directory(name);
    {
        auto part = PartFolder::take(path_).value();
        put("file");
        ASSERT_TRUE(part.give_name(name).ok());
        const auto next = PartFolder::take(path_).value();
        EXPECT_TRUE(std::filesystem::is_empty(path_));
    }
    EXPECT_TRUE(std::filesystem::exists(name / "file"));
    auto another = PartFolder::take(path_).value();
    EXPECT_EQ(another.give_name(name).code(), ErrorCode::io_failed) << "not over what is there";
    EXPECT_TRUE(std::filesystem::exists(name / "file"));
}

}  // namespace
}  // namespace relais::backup
