// What SQLite looks away from: failures that it says nothing of, and that our files tell it again.
#include "core/database/database.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "tests/support/disk/power_campaign.h"
#include "tests/support/printers.h"

namespace relais {
namespace {

class DatabaseFault : public testing::Test {
protected:
    DatabaseFault() {
        disk_.hold({});
        open();
        must("CREATE TABLE kept (bytes BLOB)");
        must("PRAGMA wal_checkpoint(TRUNCATE)");
    }

    void open(Database::Durable durable = Database::Durable::at_commit) {
        auto opened = Database::open(disk_.file("a.db"), {Database::Mode::create, "", durable});
        database_ = std::make_unique<Database>(std::move(opened).value());
    }
    void must(const char* sql) { database_->execute(sql).value(); }
    // The process ends, then the power goes; another process reads.
    std::string contents_after_a_cut(std::uint64_t fate) {
        disk_.die();
        database_.reset();
        disk_.hold(disk_.image().after_power_cut(fate));
        open();
        return test::contents_of(*database_).value();
    }

    // What a reader finds after each of that many power cuts, now.
    std::set<std::string> contents_after_cuts(std::uint64_t fates) {
        disk_.die();
        database_.reset();
        const test::DiskImage image = disk_.image();
        std::set<std::string> found;
        for (std::uint64_t fate = 0; fate < fates; ++fate) {
            disk_.hold(image.after_power_cut(fate));
            open();
            found.insert(test::contents_of(*database_).value());
            database_.reset();
        }
        return found;
    }

    test::WatchedDisk disk_;
    std::unique_ptr<Database> database_;
};

// The last pages of a checkpoint are handed on by a call of which SQLite ignores the answer. Taken
// for done, the log would begin again over the only copy of those pages.
TEST_F(DatabaseFault, ACheckpointThatCouldNotWriteEndsNoLog) {
    must("INSERT INTO kept VALUES (randomblob(30000))");
    const std::string contents = test::contents_of(*database_).value();
    disk_.fail_next("pwrite", EIO);
    (void)database_->execute("PRAGMA wal_checkpoint(TRUNCATE)");
    ASSERT_TRUE(disk_.fired());
    EXPECT_EQ(disk_.failed(), "pwrite a.db");
    EXPECT_EQ(contents_after_a_cut(0), contents);
}

// A log of which the folder keeps no name is lost with the power, and what was committed into it.
TEST_F(DatabaseFault, ACommitFailsOrTheNameOfItsNewLogIsDurable) {
    std::size_t folder_asked = 0;
    for (std::uint64_t call = 1; call < 40; ++call) {
        (void)contents_after_a_cut(0);
        database_.reset();  // and the log is gone
        open();
        disk_.fail_call(call, EIO);
        const auto done = database_->execute("INSERT INTO kept VALUES (randomblob(3000))");
        if (!disk_.fired()) break;
        if (disk_.failed() != "open " && disk_.failed() != "fsync ") continue;  // the folder
        ++folder_asked;
        if (!done.ok()) continue;
        const std::string contents = test::contents_of(*database_).value();
        EXPECT_EQ(contents_after_a_cut(1), contents) << disk_.failed() << call;
    }
    EXPECT_GE(folder_asked, 2u);
}

// A log that begins again over frames that a checkpoint has brought into the database: with the old
// header still there, and the first old frames, an earlier state would come back.
TEST_F(DatabaseFault, ALogThatBeginsAgainNeverBringsBackWhatItHeldBefore) {
    database_.reset();
    open(Database::Durable::at_sync);
    must("INSERT INTO kept VALUES ('first')");
    must("UPDATE kept SET bytes = 'second'");
    must("PRAGMA wal_checkpoint(PASSIVE)");
    database_->sync().value();
    const std::string second = test::contents_of(*database_).value();
    must("INSERT INTO kept VALUES (randomblob(60000))");
    const std::string third = test::contents_of(*database_).value();
    EXPECT_EQ(contents_after_cuts(200), (std::set<std::string>{second, third}));
}

// Without a sync a commit may be lost, never one before a later one; after it, none is.
TEST_F(DatabaseFault, WhatIsSyncedLaterIsDurableThenAndInOrder) {
    database_.reset();
    open(Database::Durable::at_sync);
    std::vector<std::string> states = {test::contents_of(*database_).value()};
    for (int i = 0; i < 6; ++i) {
        must("INSERT INTO kept VALUES (randomblob(9000))");
        states.push_back(test::contents_of(*database_).value());
        if (i == 2) database_->sync().value();
    }
    const std::set<std::string> found = contents_after_cuts(100);
    const std::set<std::string> allowed(states.begin() + 3, states.end());
    EXPECT_TRUE(std::ranges::includes(allowed, found));
    EXPECT_GT(found.size(), 2U);
}

TEST_F(DatabaseFault, AfterASyncThatFailedNothingIsEverCalledDurable) {
    database_.reset();
    open(Database::Durable::at_sync);
    must("INSERT INTO kept VALUES (1)");
    database_->sync().value();
    must("INSERT INTO kept VALUES (2)");
    disk_.fail_next("fdatasync", EIO);
    EXPECT_EQ(database_->sync().code(), ErrorCode::io_failed);
    EXPECT_EQ(database_->sync().code(), ErrorCode::io_failed);
    EXPECT_EQ(database_->execute("INSERT INTO kept VALUES (3)").code(), ErrorCode::io_failed);
    EXPECT_EQ(database_->sync().code(), ErrorCode::io_failed);
}

// A checkpoint syncs the log as well, and SQLite looks away when it fails. The next one, whose sync
// has nothing left to write, would change the database by what the log never got.
TEST_F(DatabaseFault, AfterACheckpointThatCouldNotSyncTheLogNothingIsCalledDurable) {
    database_.reset();
    open(Database::Durable::at_sync);
    must("INSERT INTO kept VALUES (1)");
    database_->sync().value();
    must("PRAGMA wal_autocheckpoint = 1");
    disk_.fail_next("fdatasync", EIO);
    must("INSERT INTO kept VALUES (2)");
    ASSERT_TRUE(disk_.fired());
    EXPECT_EQ(database_->execute("INSERT INTO kept VALUES (3)").code(), ErrorCode::io_failed);
    EXPECT_EQ(database_->sync().code(), ErrorCode::io_failed);
    EXPECT_EQ(database_->sync().code(), ErrorCode::io_failed);
}

}  // namespace
}  // namespace relais
