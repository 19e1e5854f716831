// The broker's own key and the next one: made in the folder by the process that signs, and nowhere
// else; after whatever interruption the one that the directory names is there.
#include "broker/keys/own_keys.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/folder.h"
#include "tests/support/markers.h"
#include "tests/support/printers.h"

namespace relais::broker {
namespace {

class OwnKeysTest : public testing::Test {
protected:
    OwnKeysTest() : keys_folder_(folder_.path() / "keys") {
        const BrokerKeys keys = BrokerKeys::generate();
        first_ = keys.broker.public_key();
        write_keys(keys_folder_, keys).value();
    }
    // As the next run of the broker finds them.
    [[nodiscard]] OwnKeyFiles open() const {
        BrokerKeys keys = read_keys(keys_folder_).value();
        return {keys_folder_, keys};
    }
    [[nodiscard]] std::filesystem::path next_file() const {
        return keys_folder_ / "broker-next.key";
    }

    test::TestFolder folder_;
    std::filesystem::path keys_folder_;
    P256Public first_;
};

TEST_F(OwnKeysTest, TheNextKeyIsInItsFileBeforeAnybodyHearsOfIt) {
    const P256Public next = open().make_next(first_).value();
    struct stat status {};
    ASSERT_EQ(::stat(next_file().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
    OwnKeyFiles again = open();
    EXPECT_TRUE(again.holds(first_));
    EXPECT_TRUE(again.holds(next));
    const Bytes message = {1, 2, 3};
    EXPECT_TRUE(P256Verifier().verify(next, message, again.sign(next, message)).ok());
    EXPECT_TRUE(P256Verifier().verify(first_, message, again.sign(first_, message)).ok());
}

TEST_F(OwnKeysTest, OneThatWasNeverNamedGivesWayToAnother) {
    OwnKeyFiles keys = open();
    const P256Public never = keys.make_next(first_).value();
    const P256Public next = keys.make_next(first_).value();
    EXPECT_NE(never, next);
    EXPECT_TRUE(keys.holds(never)) << "the entry that names it may be on its way";
    const OwnKeyFiles again = open();
    EXPECT_TRUE(again.holds(next));
    EXPECT_FALSE(again.holds(never));
}

TEST_F(OwnKeysTest, OnceItIsNamedNothingIsLeftOfTheFormerOne) {
    OwnKeyFiles keys = open();
    const P256Public next = keys.make_next(first_).value();
    keys.settle(first_);  // not named yet
    EXPECT_TRUE(open().holds(first_));
    keys.settle(next);
    EXPECT_FALSE(std::filesystem::exists(next_file()));
    const OwnKeyFiles again = open();
    EXPECT_TRUE(again.holds(next));
    EXPECT_FALSE(again.holds(first_));
    EXPECT_TRUE(keys.holds(first_)) << "a thread may be signing with it";
}

// The process was killed between the entry and the files.
TEST_F(OwnKeysTest, TheOneInUseIsNeverMadeAnew) {
    const P256Public used = open().make_next(first_).value();
    const P256Public next = open().make_next(used).value();
    const OwnKeyFiles again = open();
    EXPECT_TRUE(again.holds(used));
    EXPECT_TRUE(again.holds(next));
    EXPECT_FALSE(again.holds(first_));
}

TEST_F(OwnKeysTest, ANextKeyThatCannotBeReadStopsTheStart) {
    open().make_next(first_).value();
    ASSERT_EQ(::chmod(next_file().c_str(), 0640), 0);
    EXPECT_EQ(read_keys(keys_folder_).code(), ErrorCode::wrong_permissions);
    std::filesystem::remove(next_file());
    std::filesystem::copy_file(keys_folder_ / "curve.key", next_file());
    EXPECT_EQ(read_keys(keys_folder_).code(), ErrorCode::malformed);
}

TEST_F(OwnKeysTest, WithoutAFolderToWriteToThereIsNoNextKey) {
    OwnKeyFiles keys = open();
    std::filesystem::remove_all(keys_folder_);
    EXPECT_FALSE(keys.make_next(first_).ok());
    EXPECT_TRUE(keys.holds(first_));
}

}  // namespace
}  // namespace relais::broker
