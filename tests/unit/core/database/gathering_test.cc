// The database's own way to its files: what was put together to be written is there for whoever
// reads it, within the transaction, beside it and after it.
#include <gtest/gtest.h>

#include "core/database/database.h"
#include "tests/support/folder.h"

namespace relais {
namespace {

using test::TestFolder;

constexpr int kRows = 600;

Bytes row_of(int i, int turn) { return Bytes(3000, static_cast<std::uint8_t>(i + turn)); }

// Far more than the cache holds: pages go to the log before the commit and are read back from it.
void fill(Database& database, int first, int turn = 0) {
    for (int i = first; i < first + kRows; ++i) {
        Query query = database.query("INSERT OR REPLACE INTO t (id, bytes) VALUES (?, ?)");
        const Bytes bytes = row_of(i, turn);
        ASSERT_TRUE(query.bind(i).bind(bytes).run().ok());
    }
}

void expect_rows(Database& database, int count, int turn = 0) {
    Query query = database.query("SELECT id, bytes FROM t ORDER BY id");
    int found = 0;
    for (; query.row().value(); ++found) {
        ASSERT_EQ(query.integer(0), found);
        ASSERT_TRUE(bytes_equal(query.blob(1), row_of(found, turn)));
    }
    EXPECT_EQ(found, count);
}

// Straight from the end of the log.
void expect_last_rows(Database& database, int turn) {
    for (int i = kRows - 1; i > kRows - 20; --i) {
        Query query = database.query("SELECT bytes FROM t WHERE id = ?");
        ASSERT_TRUE(query.bind(i).row().value());
        ASSERT_TRUE(bytes_equal(query.blob(0), row_of(i, turn)));
    }
}

class Gathering : public ::testing::Test {
protected:
    Database open(Database::Mode mode) {
        Database database = Database::open(path_, {mode, ""}).value();
        database.execute("PRAGMA cache_size=10").value();
        return database;
    }
    void SetUp() override {
        writer_
            .execute(
                "CREATE TABLE t (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);"
                "CREATE TABLE other (id INTEGER PRIMARY KEY)")
            .value();
    }
    TestFolder folder_;
    std::string path_ = (folder_.path() / "test.db").string();
    Database writer_ = open(Database::Mode::create);
};

TEST_F(Gathering, ATransactionReadsBackWhatItsCacheGaveUp) {
    writer_.begin().value();
    fill(writer_, 0);
    expect_rows(writer_, kRows);
    writer_.commit().value();
    expect_rows(writer_, kRows);
}

TEST_F(Gathering, AnotherConnectionSeesEachCommitAndNothingBefore) {
    Database reader = open(Database::Mode::read_only);
    for (int turn = 0; turn < 6; ++turn) {
        writer_.begin().value();
        fill(writer_, turn * kRows);
        expect_rows(reader, turn * kRows);
        writer_.commit().value();
        expect_rows(reader, (turn + 1) * kRows);
    }
}

TEST_F(Gathering, WhatWasRolledBackIsNeverWrittenOverTheCommitOfAnother) {
    Database other = open(Database::Mode::existing);
    for (int turn = 0; turn < 4; ++turn) {
        writer_.begin().value();
        fill(writer_, turn * kRows, 7);
        writer_.rollback();
        other.begin().value();
        fill(other, turn * kRows);
        other.commit().value();
        ASSERT_TRUE(writer_.query("INSERT INTO other (id) VALUES (?)").bind(turn).run().ok());
        Database third = open(Database::Mode::read_only);
        expect_rows(third, (turn + 1) * kRows);
        expect_rows(writer_, (turn + 1) * kRows);
    }
}

TEST_F(Gathering, ALogThatBeganAgainIsReadAnew) {
    Database reader = open(Database::Mode::existing);
    for (int turn = 0; turn < 4; ++turn) {
        writer_.begin().value();
        fill(writer_, 0, turn);
        writer_.commit().value();
        expect_last_rows(reader, turn);
        expect_rows(reader, kRows, turn);
        ASSERT_TRUE(reader.execute("PRAGMA wal_checkpoint(RESTART)").ok());
        expect_rows(writer_, kRows, turn);
    }
    Query check = writer_.query("PRAGMA integrity_check");
    ASSERT_TRUE(check.row().value());
    EXPECT_EQ(check.text(0), "ok");
}

}  // namespace
}  // namespace relais
