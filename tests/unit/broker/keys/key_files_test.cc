// The broker's key files: one a key, each named inside, readable by their owner alone.
#include "broker/keys/key_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include "tests/support/folder.h"
#include "tests/support/markers.h"
#include "tests/support/printers.h"

namespace relais::broker {
namespace {

const std::vector<std::string> kFiles = {"audit-log.key", "broker.key", "curve.key",
                                         "directory-log.key", "enrolment.key"};

class KeyFiles : public testing::Test {
protected:
    KeyFiles() : keys_(BrokerKeys::generate()), keys_folder_(folder_.path() / "keys") {
        write_keys(keys_folder_, keys_).value();
    }
    [[nodiscard]] std::filesystem::path file(const std::string& name) const {
        return keys_folder_ / name;
    }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream stream(file(name), std::ios::binary | std::ios::trunc);
        stream << text;
    }
    [[nodiscard]] ErrorCode verdict() const { return read_keys(keys_folder_).code(); }

    test::TestFolder folder_;
    BrokerKeys keys_;
    std::filesystem::path keys_folder_;
};

TEST_F(KeyFiles, GiveTheKeysBack) {
    const BrokerKeys again = read_keys(keys_folder_).value();
    EXPECT_EQ(again.broker.public_key(), keys_.broker.public_key());
    EXPECT_EQ(again.directory_log.public_key(), keys_.directory_log.public_key());
    EXPECT_EQ(again.audit_log.public_key(), keys_.audit_log.public_key());
    EXPECT_EQ(again.curve.public_key, keys_.curve.public_key);
    EXPECT_EQ(again.enrolment.public_key, keys_.enrolment.public_key);
    EXPECT_EQ(hex(again.curve.secret_key.expose()), hex(keys_.curve.secret_key.expose()));
}

TEST_F(KeyFiles, AreFiveFilesOfTheirOwnerAlone) {
    std::vector<std::string> names;
    for (const auto& item : std::filesystem::directory_iterator(keys_folder_)) {
        names.push_back(item.path().filename());
        struct stat status {};
        ASSERT_EQ(::stat(item.path().c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777, 0600U) << item.path();
    }
    std::ranges::sort(names);
    EXPECT_EQ(names, kFiles);
    struct stat status {};
    ASSERT_EQ(::stat(keys_folder_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0700U);
}

TEST_F(KeyFiles, AreNeverWrittenOver) {
    const std::string before = test::whole_file(file("broker.key"));
    EXPECT_EQ(write_keys(keys_folder_, BrokerKeys::generate()).code(), ErrorCode::already_exists);
    EXPECT_EQ(test::whole_file(file("broker.key")), before);
}

TEST_F(KeyFiles, OneThatOthersMayReadIsRefused) {
    for (const std::string& name : kFiles) {
        ASSERT_EQ(::chmod(file(name).c_str(), 0640), 0);
        EXPECT_EQ(verdict(), ErrorCode::wrong_permissions) << name;
        ASSERT_EQ(::chmod(file(name).c_str(), 0600), 0);
    }
    EXPECT_EQ(verdict(), ErrorCode::ok);
}

TEST_F(KeyFiles, OneThatIsMissingIsNotFound) {
    for (const std::string& name : kFiles) {
        std::filesystem::rename(file(name), file("aside"));
        EXPECT_EQ(verdict(), ErrorCode::not_found) << name;
        std::filesystem::rename(file("aside"), file(name));
    }
}

TEST_F(KeyFiles, OneTakenForAnotherIsRefused) {
    for (const std::string& name : kFiles) {
        const std::string right = test::whole_file(file(name));
        for (const std::string& other : kFiles) {
            if (other == name) continue;
            write(name, test::whole_file(file(other)));
            EXPECT_EQ(verdict(), ErrorCode::malformed) << other << " as " << name;
        }
        write(name, right);
    }
}

TEST_F(KeyFiles, AnyFormButTheirOwnIsRefused) {
    const std::string right = test::whole_file(file("broker.key"));
    ASSERT_EQ(right.size(), std::string("relais-key-1 broker.key \n").size() + 64);
    for (std::size_t size = 0; size < right.size(); ++size) {
        write("broker.key", right.substr(0, size));
        ASSERT_EQ(verdict(), ErrorCode::malformed) << size;
    }
    std::string upper = right;
    upper[right.size() - 2] = 'G';
    for (const std::string& bad : {right + "\n", " " + right, upper, std::string(300, 'a')}) {
        write("broker.key", bad);
        EXPECT_NE(verdict(), ErrorCode::ok) << bad;
    }
}

TEST_F(KeyFiles, AnythingAfterTheDigitsIsRefused) {
    const std::string right = test::whole_file(file("curve.key"));
    write("curve.key", right.substr(0, right.size() - 1) + "x");
    EXPECT_EQ(verdict(), ErrorCode::malformed);
}

TEST_F(KeyFiles, AScalarThatIsNoKeyIsRefused) {
    for (const char digit : {'0', 'f'}) {
        write("broker.key", "relais-key-1 broker.key " + std::string(64, digit) + "\n");
        EXPECT_EQ(verdict(), ErrorCode::malformed) << digit;
    }
}

TEST(KeyFolder, ThatOthersMayEnterIsRefused) {
    const test::TestFolder folder;
    const auto keys = folder.path() / "keys";
    std::filesystem::create_directory(keys);
    ASSERT_EQ(::chmod(keys.c_str(), 0755), 0);
    EXPECT_EQ(write_keys(keys, BrokerKeys::generate()).code(), ErrorCode::wrong_permissions);
}

}  // namespace
}  // namespace relais::broker
