// Opening, transactions, copies, and what each failure is called.
#include "core/database/database.h"

#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/unit/core/database/fixture.h"

namespace relais {
namespace {

using Mode = Database::Mode;

class Open : public DatabaseTest {};

TEST_F(Open, CreateMakesTheFileAndExistingFindsWhatItHeld) {
    {
        Database database = create();
        ASSERT_TRUE(add_item(database, 1).ok());
    }
    auto again = open(Mode::existing);
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(items(*again), 1);
}

TEST_F(Open, CreateKeepsWhatIsThere) {
    {
        Database database = create();
        ASSERT_TRUE(add_item(database, 1).ok());
    }
    Database again = create();
    EXPECT_EQ(items(again), 1);
}

TEST_F(Open, AMissingFileIsNotFoundAndIsNotMade) {
    EXPECT_EQ(open(Mode::existing).code(), ErrorCode::not_found);
    EXPECT_EQ(open(Mode::read_only).code(), ErrorCode::not_found);
    EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(Open, AFileThatIsNoDatabaseIsCorruptInEveryMode) {
    write_file(std::string(4096, 'x'));
    EXPECT_EQ(open(Mode::create).code(), ErrorCode::corrupt);
    EXPECT_EQ(open(Mode::existing).code(), ErrorCode::corrupt);
    EXPECT_EQ(open(Mode::read_only).code(), ErrorCode::corrupt);
}

TEST_F(Open, AFolderThatIsNotThereFailsAsInputOutput) {
    const auto opened = Database::open(folder().file("none/domain.db"), {Mode::create, ""});
    EXPECT_EQ(opened.code(), ErrorCode::io_failed);
}

TEST_F(Open, AnUnknownVfsFailsAndMakesNothing) {
    EXPECT_FALSE(Database::open(path(), {Mode::create, "no such vfs"}).ok());
    EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(Open, ADatabaseIsInWalModeAndFlushesEachCommit) {
    Database database = create();
    {
        Query mode = database.query("PRAGMA journal_mode");
        ASSERT_TRUE(mode.row().value());
        EXPECT_EQ(mode.text(0), "wal");
    }
    EXPECT_EQ(ask(database, "PRAGMA synchronous"), 2) << "FULL: a commit is an fsync";
    EXPECT_EQ(ask(database, "PRAGMA foreign_keys"), 1);
    EXPECT_EQ(ask(database, "PRAGMA trusted_schema"), 0);
}

TEST_F(Open, ReadOnlyReadsAndRefusesToWrite) {
    {
        Database database = create();
        ASSERT_TRUE(add_item(database, 1).ok());
    }
    Database database = open(Mode::read_only).value();
    EXPECT_EQ(items(database), 1);
    EXPECT_EQ(add_item(database, 2).code(), ErrorCode::wrong_permissions);
    EXPECT_EQ(items(database), 1);
}

TEST_F(Open, ReadOnlySeesTheCommitsOfAWriterThatIsStillOpen) {
    Database writer = create();
    Database reader = open(Mode::read_only).value();
    ASSERT_TRUE(add_item(writer, 1).ok());
    EXPECT_EQ(items(reader), 1);
}

TEST_F(Open, MemoryNeedsNoFile) {
    Database database = Database::open(":memory:", {Mode::create, ""}).value();
    ASSERT_TRUE(database.execute("CREATE TABLE item (id INTEGER PRIMARY KEY, body BLOB)").ok());
    EXPECT_TRUE(add_item(database, 1).ok());
    EXPECT_EQ(items(database), 1);
    EXPECT_TRUE(std::filesystem::is_empty(folder().path()));
}

TEST_F(Open, ADatabaseMovesWithItsStatements) {
    Database first = create();
    ASSERT_TRUE(add_item(first, 1).ok());
    Database second = std::move(first);
    ASSERT_TRUE(add_item(second, 2).ok());
    EXPECT_EQ(items(second), 2);
}

class Transaction : public DatabaseTest {};

TEST_F(Transaction, ACommitLasts) {
    {
        Database database = create();
        ASSERT_TRUE(database.begin().ok());
        ASSERT_TRUE(add_item(database, 1).ok());
        ASSERT_TRUE(database.commit().ok());
    }
    Database again = create();
    EXPECT_EQ(items(again), 1);
}

TEST_F(Transaction, ARollbackLeavesNothing) {
    Database database = create();
    ASSERT_TRUE(add_item(database, 1).ok());
    ASSERT_TRUE(database.begin().ok());
    ASSERT_TRUE(add_item(database, 2).ok());
    database.rollback();
    EXPECT_EQ(items(database), 1);
}

TEST_F(Transaction, WhatWasNotCommittedIsGoneAtTheNextOpening) {
    {
        Database database = create();
        ASSERT_TRUE(database.begin().ok());
        ASSERT_TRUE(add_item(database, 1).ok());
    }
    Database again = create();
    EXPECT_EQ(items(again), 0);
}

TEST_F(Transaction, RollbackOutsideATransactionDoesNothing) {
    Database database = create();
    database.rollback();
    ASSERT_TRUE(add_item(database, 1).ok());
    database.rollback();
    EXPECT_EQ(items(database), 1);
}

TEST_F(Transaction, TheConnectionServesAgainAfterARollback) {
    Database database = create();
    for (std::int64_t i = 1; i <= 3; ++i) {
        ASSERT_TRUE(database.begin().ok());
        ASSERT_TRUE(add_item(database, i).ok());
        database.rollback();
        ASSERT_TRUE(database.begin().ok());
        ASSERT_TRUE(add_item(database, i).ok());
        ASSERT_TRUE(database.commit().ok());
    }
    EXPECT_EQ(items(database), 3);
}

TEST_F(Transaction, WhatIsReadTogetherIsOfOneState) {
    Database reader = create();
    Database writer = create();
    ASSERT_TRUE(add_item(writer, 1).ok());
    reader.begin_reading();
    EXPECT_EQ(items(reader), 1);
    ASSERT_TRUE(add_item(writer, 2).ok());
    EXPECT_EQ(items(reader), 1);
    reader.end_reading();
    EXPECT_EQ(items(reader), 2);
}

TEST_F(Transaction, BeginsAfterReadingTogetherAndReadingEndsWhereNoneBegan) {
    Database database = create();
    database.end_reading();
    database.begin_reading();
    EXPECT_EQ(items(database), 0);
    database.end_reading();
    database.end_reading();
    ASSERT_TRUE(database.begin().ok());
    ASSERT_TRUE(add_item(database, 1).ok());
    ASSERT_TRUE(database.commit().ok());
    EXPECT_EQ(items(database), 1);
}

TEST_F(Transaction, BeginWithinOneAndCommitOutsideOneFail) {
    Database database = create();
    EXPECT_EQ(database.commit().code(), ErrorCode::io_failed);
    ASSERT_TRUE(database.begin().ok());
    EXPECT_EQ(database.begin().code(), ErrorCode::io_failed);
    EXPECT_TRUE(database.commit().ok());
}

TEST_F(Transaction, ASecondWriterIsToldThatItIsLocked) {
    Database first = create();
    Database second = create();
    ASSERT_TRUE(second.execute("PRAGMA busy_timeout = 0").ok());
    ASSERT_TRUE(first.begin().ok());
    EXPECT_EQ(second.begin().code(), ErrorCode::locked);
    ASSERT_TRUE(first.commit().ok());
    EXPECT_TRUE(second.begin().ok());
}

class Full : public DatabaseTest {
protected:
    // Lets the file grow no further than a few pages.
    static void fill_up(Database& database) {
        const auto pages = ask(database, "PRAGMA page_count");
        const std::string limit = "PRAGMA max_page_count = " + std::to_string(pages + 4);
        database.execute(limit).value();
    }
};

TEST_F(Full, AFullDiskIsStorageFullAndTheTransactionRollsBackWhole) {
    Database database = create();
    ASSERT_TRUE(add_item(database, 1).ok());
    fill_up(database);
    ASSERT_TRUE(database.begin().ok());
    ASSERT_TRUE(add_item(database, 2).ok());
    EXPECT_EQ(add_item(database, 3, 100'000).code(), ErrorCode::storage_full);
    database.rollback();
    EXPECT_EQ(items(database), 1);
}

TEST_F(Full, WritesSucceedAgainWhenThereIsSpace) {
    Database database = create();
    fill_up(database);
    ASSERT_EQ(add_item(database, 1, 100'000).code(), ErrorCode::storage_full);
    ASSERT_TRUE(database.execute("PRAGMA max_page_count = 1000000").ok());
    EXPECT_TRUE(add_item(database, 1, 100'000).ok());
    EXPECT_EQ(items(database), 1);
}

TEST_F(DatabaseTest, ADamagedPageIsCorrupt) {
    {
        Database database = create();
        for (std::int64_t i = 0; i < 200; ++i) ASSERT_TRUE(add_item(database, i, 200).ok());
        ASSERT_TRUE(database.execute("PRAGMA wal_checkpoint(TRUNCATE)").ok());
    }
    std::fstream file(path(), std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(4096);
    file << std::string(8 * 4096, '\xAB');
    file.close();
    Database database = open(Mode::existing).value();
    Query query = database.query("SELECT id, body FROM item");
    auto row = query.row();
    while (row.ok() && *row) row = query.row();
    EXPECT_EQ(row.code(), ErrorCode::corrupt);
}

class CopyTo : public DatabaseTest {};

TEST_F(CopyTo, TheCopyHoldsEverythingCommittedAndTheOriginalGoesOn) {
    Database database = create();
    ASSERT_TRUE(add_item(database, 1).ok());
    ASSERT_TRUE(database.execute("PRAGMA user_version = 4").ok());
    const std::string copy = folder().file("copy.db");
    ASSERT_TRUE(database.copy_to(copy).ok());
    ASSERT_TRUE(add_item(database, 2).ok());
    Database copied = Database::open(copy, {Mode::existing, ""}).value();
    EXPECT_EQ(items(copied), 1);
    EXPECT_EQ(ask(copied, "PRAGMA user_version"), 4);
    EXPECT_EQ(items(database), 2);
}

TEST_F(CopyTo, NeverWritesOverAFile) {
    Database database = create();
    const std::string copy = folder().file("copy.db");
    std::ofstream(copy) << "precious";
    EXPECT_EQ(database.copy_to(copy).code(), ErrorCode::already_exists);
    EXPECT_EQ(std::filesystem::file_size(copy), 8U);
}

TEST_F(CopyTo, AFailedCopyLeavesNoFile) {
    Database database = create();
    const std::string copy = folder().file("none/copy.db");
    EXPECT_EQ(database.copy_to(copy).code(), ErrorCode::io_failed);
    EXPECT_FALSE(std::filesystem::exists(copy));
    ASSERT_TRUE(database.begin().ok());
    EXPECT_FALSE(database.copy_to(folder().file("copy.db")).ok()) << "not within a transaction";
    database.rollback();
    EXPECT_FALSE(std::filesystem::exists(folder().file("copy.db")));
}

// Lets this process write files of so many bytes at most, for as long as it lives.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        RELAIS_CHECK(getrlimit(RLIMIT_FSIZE, &before_) == 0);
        const rlimit small{bytes, before_.rlim_max};
        RELAIS_CHECK(setrlimit(RLIMIT_FSIZE, &small) == 0);
    }
    ~FileSizeLimit() {
        RELAIS_CHECK(setrlimit(RLIMIT_FSIZE, &before_) == 0);
        std::signal(SIGXFSZ, handler_);
    }

private:
    rlimit before_{};
    void (*handler_)(int);
};

TEST_F(CopyTo, ACopyThatRunsOutOfSpaceLeavesNoFile) {
    Database database = create();
    ASSERT_TRUE(add_item(database, 1, 300'000).ok());
    const std::string copy = folder().file("copy.db");
    {
        const FileSizeLimit limit(100'000);
        EXPECT_FALSE(database.copy_to(copy).ok());
    }
    EXPECT_FALSE(std::filesystem::exists(copy));
    EXPECT_TRUE(database.copy_to(copy).ok());
}

TEST_F(DatabaseTest, WhatIsDeletedIsOverwritten) {
    const std::string marker = "Essai, a patient who is plainly fictional, 000000000000";
    Database database = create();
    ASSERT_TRUE(database.execute("CREATE TABLE note (text TEXT)").ok());
    const auto has_marker = [&] {
        EXPECT_TRUE(database.execute("PRAGMA wal_checkpoint(TRUNCATE)").ok());
        std::ifstream file(path(), std::ios::binary);
        const std::string bytes((std::istreambuf_iterator<char>(file)), {});
        return bytes.find(marker) != std::string::npos;
    };
    {
        Query query = database.query("INSERT INTO note VALUES (?)");
        ASSERT_TRUE(query.bind(marker).run().ok());
    }
    EXPECT_TRUE(has_marker());
    ASSERT_TRUE(database.execute("DELETE FROM note").ok());
    EXPECT_FALSE(has_marker());
}

}  // namespace
}  // namespace relais
