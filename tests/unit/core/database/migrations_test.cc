// Migrations: forward only, each step whole or not at all, a copy first.
#include <filesystem>
#include <thread>

#include "tests/unit/core/database/fixture.h"

namespace relais {
namespace {

using Mode = Database::Mode;

Migration sql_step(const char* sql) {
    return [sql](Database& database) { return database.execute(sql); };
}

const Migration kFirst = sql_step("CREATE TABLE item (id INTEGER PRIMARY KEY, body BLOB)");
const Migration kSecond = sql_step("ALTER TABLE item ADD COLUMN lane INTEGER NOT NULL DEFAULT 1");
const Migration kThird = sql_step("CREATE INDEX by_lane ON item (lane)");

Migration failing_step(ErrorCode code) {
    return [code](Database& database) -> Result<void> {
        RELAIS_TRY(database.execute("CREATE TABLE half_done (id INTEGER)"));
        return fail(code);
    };
}

std::int64_t version(Database& database) { return ask(database, "PRAGMA user_version"); }

std::int64_t has_table(Database& database, const std::string& table) {
    Query query = database.query("SELECT count(*) FROM sqlite_schema WHERE name = ?");
    return query.bind(table).row().value() ? query.integer(0) : -1;
}

class Migrations : public DatabaseTest {
protected:
    Database empty() { return open(Mode::create).value(); }
    [[nodiscard]] bool copied(int at) const {
        return std::filesystem::exists(path() + ".v" + std::to_string(at));
    }
    // How many files the migration left beside the database and its WAL.
    [[nodiscard]] std::size_t copies() const {
        std::size_t count = 0;
        for (const auto& entry : std::filesystem::directory_iterator(folder().path())) {
            const std::string file = entry.path().filename().string();
            if (file != "domain.db" && file != "domain.db-wal" && file != "domain.db-shm") ++count;
        }
        return count;
    }
};

TEST_F(Migrations, ANewDatabaseGoesThroughEveryStepWithoutACopy) {
    Database database = empty();
    ASSERT_TRUE(migrate(database, path(), {kFirst, kSecond, kThird}).ok());
    EXPECT_EQ(version(database), 3);
    EXPECT_EQ(has_table(database, "by_lane"), 1);
    EXPECT_EQ(copies(), 0U);
}

TEST_F(Migrations, WhatIsUpToDateIsLeftAlone) {
    Database database = empty();
    ASSERT_TRUE(migrate(database, path(), {kFirst}).ok());
    ASSERT_TRUE(add_item(database, 1).ok());
    ASSERT_TRUE(migrate(database, path(), {kFirst}).ok());
    EXPECT_EQ(items(database), 1);
    EXPECT_EQ(copies(), 0U);
}

TEST_F(Migrations, OnlyTheStepsThatLackAreRunAndTheFormerDatabaseIsKept) {
    Database database = empty();
    ASSERT_TRUE(migrate(database, path(), {kFirst}).ok());
    ASSERT_TRUE(add_item(database, 1).ok());
    ASSERT_TRUE(migrate(database, path(), {kFirst, kSecond, kThird}).ok());
    EXPECT_EQ(version(database), 3);
    EXPECT_EQ(ask(database, "SELECT lane FROM item"), 1);
    ASSERT_TRUE(copied(1));
    Database former = Database::open(path() + ".v1", {Mode::read_only, ""}).value();
    EXPECT_EQ(version(former), 1);
    EXPECT_EQ(items(former), 1);
}

TEST_F(Migrations, AFailedStepLeavesTheVersionBeforeItWhole) {
    Database database = empty();
    ASSERT_TRUE(migrate(database, path(), {kFirst}).ok());
    ASSERT_TRUE(add_item(database, 1).ok());
    const auto migrated =
        migrate(database, path(), {kFirst, kSecond, failing_step(ErrorCode::storage_full), kThird});
    EXPECT_EQ(migrated.code(), ErrorCode::storage_full);
    EXPECT_EQ(version(database), 2) << "the step before the failed one stays";
    EXPECT_EQ(has_table(database, "half_done"), 0);
    EXPECT_EQ(has_table(database, "by_lane"), 0) << "nothing after it was run";
    EXPECT_EQ(items(database), 1);
    EXPECT_TRUE(copied(1));
}

TEST_F(Migrations, AFailedFirstStepLeavesAnEmptyDatabase) {
    Database database = empty();
    EXPECT_EQ(migrate(database, path(), {failing_step(ErrorCode::io_failed)}).code(),
              ErrorCode::io_failed);
    EXPECT_EQ(version(database), 0);
    EXPECT_EQ(has_table(database, "half_done"), 0);
}

// A restart after a disk that was full must not be stopped by what the first attempt left.
TEST_F(Migrations, AMigrationThatFailedCanBeTriedAgain) {
    Database database = empty();
    ASSERT_TRUE(migrate(database, path(), {kFirst}).ok());
    ASSERT_FALSE(migrate(database, path(), {kFirst, failing_step(ErrorCode::storage_full)}).ok());
    ASSERT_TRUE(add_item(database, 1).ok());
    const auto again = migrate(database, path(), {kFirst, kSecond});
    ASSERT_TRUE(again.ok()) << again.error().describe();
    EXPECT_EQ(version(database), 2);
    Database former = Database::open(path() + ".v1", {Mode::read_only, ""}).value();
    EXPECT_EQ(items(former), 1) << "the copy is of what was migrated, not of the first attempt";
    EXPECT_EQ(copies(), 1U);
}

TEST_F(Migrations, WhatACrashLeftInTheMiddleOfACopyIsReplaced) {
    Database database = empty();
    ASSERT_TRUE(migrate(database, path(), {kFirst}).ok());
    std::ofstream(path() + ".v1") << "the first half of a copy";
    std::ofstream(path() + ".v1.part") << "the first half of a copy";
    ASSERT_TRUE(migrate(database, path(), {kFirst, kSecond}).ok());
    EXPECT_TRUE(Database::open(path() + ".v1", {Mode::read_only, ""}).ok());
    EXPECT_EQ(copies(), 1U);
}

TEST_F(Migrations, WithoutACopyNothingIsMigrated) {
    Database database = empty();
    ASSERT_TRUE(migrate(database, path(), {kFirst}).ok());
    const std::string elsewhere = folder().file("none/domain.db");
    EXPECT_EQ(migrate(database, elsewhere, {kFirst, kSecond}).code(), ErrorCode::io_failed);
    EXPECT_EQ(version(database), 1);
}

// Two programs of a new version open one database: the second finds the step taken, or takes it.
TEST_F(Migrations, AStepThatAnotherProgramTakesMeanwhileIsNotTakenTwice) {
    Database other = empty();
    ASSERT_TRUE(migrate(other, path(), {kFirst}).ok());
    Database database = open(Mode::existing).value();
    ASSERT_TRUE(other.begin().ok());
    Result<void> migrated;
    std::thread late([&] { migrated = migrate(database, path(), {kFirst, kSecond}); });
    while (!copied(1)) std::this_thread::yield();  // it has seen what lacks
    ASSERT_TRUE(kSecond(other).ok());
    ASSERT_TRUE(other.execute("PRAGMA user_version = 2").ok());
    ASSERT_TRUE(other.commit().ok());
    late.join();
    EXPECT_TRUE(migrated.ok()) << migrated.error().describe();
    EXPECT_EQ(version(other), 2);
}

TEST_F(Migrations, ADatabaseOfANewerVersionIsRefusedAndLeftAlone) {
    Database database = empty();
    ASSERT_TRUE(migrate(database, path(), {kFirst, kSecond}).ok());
    EXPECT_EQ(migrate(database, path(), {kFirst}).code(), ErrorCode::unsupported_version);
    EXPECT_EQ(version(database), 2);
    EXPECT_EQ(copies(), 0U);
}

}  // namespace
}  // namespace relais
