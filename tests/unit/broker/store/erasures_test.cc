// P1 in the store's files: what is erased goes from the database, from its log as soon as nobody
// reads it, and with the copies that upgrades made.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "broker/store/schema.h"
#include "broker/store/sqlite_store.h"
#include "core/files/files.h"
#include "tests/support/folder.h"
#include "tests/support/printers.h"
#include "tests/support/random.h"

namespace relais::broker {
namespace {

class ErasedBytes : public testing::Test {
protected:
    [[nodiscard]] std::string path() const { return folder.file("domain.db"); }
    [[nodiscard]] std::unique_ptr<SqliteStore> open() const {
        return SqliteStore::open(path(),
                                 {.mode = Database::Mode::create, .vfs = "", .ballast_path = ""})
            .value();
    }
    EnvelopeNumber add(const Bytes& bytes) const {
        EXPECT_TRUE(store->begin().ok());
        const Accepted accepted{{11}, {12}, {13}, Digest{}};
        const auto number = store->add_envelope(bytes, accepted, {{1, Lane::crisis, {4}}}).value();
        EXPECT_TRUE(store->commit().ok());
        return number;
    }
    void erase(EnvelopeNumber number) const {
        ASSERT_TRUE(store->begin().ok());
        ASSERT_TRUE(store->erase_envelope(number).ok());
        ASSERT_TRUE(store->commit().ok());
    }
    // The names of the files that hold the marker.
    [[nodiscard]] std::vector<std::string> holding_marker() const {
        std::vector<std::string> names;
        for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
            const Bytes bytes = read_file(file.path(), std::size_t{1} << 28).value();
            if (std::ranges::search(bytes, marker).empty()) continue;
            names.push_back(file.path().filename().string());
        }
        std::ranges::sort(names);
        return names;
    }

    test::TestFolder folder;
    test::SeededRandom random{7};
    Bytes marker = random.bytes(64);
    std::unique_ptr<SqliteStore> store = open();
};

TEST_F(ErasedBytes, WaitForNoReaderAndAreGoneOnceItHasEnded) {
    const EnvelopeNumber number = add(marker);
    {
        Database reader = Database::open(path(), {Database::Mode::read_only, ""}).value();
        reader.begin_reading();
        EXPECT_TRUE(reader.query("SELECT count(*) FROM envelope").row().value());
        erase(number);
        EXPECT_TRUE(store->keeps_erased_bytes());
        const EnvelopeNumber next = add(random.bytes(64));
        EXPECT_EQ(store->places(next).value().size(), 1U) << "others go on";
        store->forget_erased_bytes();
        EXPECT_TRUE(store->keeps_erased_bytes());
        EXPECT_EQ(holding_marker(), std::vector<std::string>{"domain.db-wal"});
        reader.end_reading();
    }
    store->forget_erased_bytes();
    EXPECT_FALSE(store->keeps_erased_bytes());
    EXPECT_EQ(holding_marker(), std::vector<std::string>{});
}

TEST_F(ErasedBytes, WithoutAReaderAreGoneWithTheCommit) {
    const EnvelopeNumber number = add(marker);
    EXPECT_EQ(holding_marker(), std::vector<std::string>{"domain.db-wal"});
    erase(number);
    EXPECT_FALSE(store->keeps_erased_bytes());
    EXPECT_EQ(holding_marker(), std::vector<std::string>{});
}

// The process may have been killed between the two.
TEST_F(ErasedBytes, OfAFormerRunAreToBeForgottenByTheNext) {
    store.reset();
    store = open();
    EXPECT_TRUE(store->keeps_erased_bytes());
    store->forget_erased_bytes();
    EXPECT_FALSE(store->keeps_erased_bytes());
}

TEST_F(ErasedBytes, AreInNoCopyThatAnUpgradeMade) {
    const EnvelopeNumber number = add(marker);
    const EnvelopeNumber other = add(random.bytes(64));
    auto migrations = store_migrations();
    const std::string copy = "domain.db.v" + std::to_string(migrations.size());
    migrations.push_back([](Database&) { return Result<void>(); });
    ASSERT_TRUE(migrate(store->database(), path(), migrations).ok());
    ASSERT_TRUE(write_file(folder.file("domain.db.v1.part"), marker, 0600, Replace::no).ok());
    ASSERT_TRUE(
        write_file(folder.file("domain.db.vendu"), random.bytes(9), 0600, Replace::no).ok());
    EXPECT_EQ(holding_marker(),
              (std::vector<std::string>{"domain.db-wal", "domain.db.v1.part", copy}));
    erase(number);
    EXPECT_EQ(holding_marker(), std::vector<std::string>{});
    EXPECT_FALSE(std::filesystem::exists(folder.file(copy)));
    EXPECT_TRUE(std::filesystem::exists(folder.file("domain.db.vendu"))) << "none of ours";
    EXPECT_EQ(store->places(other).value().size(), 1U);
}

}  // namespace
}  // namespace relais::broker
