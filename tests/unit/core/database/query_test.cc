// Statements: binding, reading, reuse, and the codes of what they meet.
#include <limits>

#include "tests/unit/core/database/fixture.h"

namespace relais {
namespace {

class QueryTest : public testing::Test {
protected:
    QueryTest() : database(Database::open(":memory:", {Database::Mode::create, ""}).value()) {
        database
            .execute(
                "CREATE TABLE value (id INTEGER PRIMARY KEY, n INTEGER, b BLOB, t TEXT);"
                "CREATE TABLE item (id INTEGER PRIMARY KEY, body BLOB);"
                "CREATE TABLE named (name TEXT NOT NULL UNIQUE, size INTEGER CHECK (size > 0));")
            .value();
    }

    Database database;
};

TEST_F(QueryTest, EveryTypeComesBackAsItWasBound) {
    const Bytes blob = {0, 1, 0, 255};
    const std::string text("caf\xC3\xA9\0suite", 11);
    {
        Query insert = database.query("INSERT INTO value (id, n, b, t) VALUES (?, ?, ?, ?)");
        ASSERT_TRUE(insert.bind(1).bind(std::int64_t{-5}).bind(blob).bind(text).run().ok());
    }
    EXPECT_EQ(database.last_row(), 1);
    Query select = database.query("SELECT n, b, t, id FROM value");
    ASSERT_TRUE(select.row().value());
    EXPECT_EQ(select.integer(0), -5);
    EXPECT_EQ(to_bytes(select.blob(1)), blob);
    EXPECT_EQ(select.text(2), text);
    EXPECT_EQ(select.number(3), 1U);
    EXPECT_FALSE(select.row().value());
}

TEST_F(QueryTest, NegativeValuesReadAsZeroWhereANumberIsAsked) {
    Query query = database.query("SELECT -1, 7, 9223372036854775807");
    ASSERT_TRUE(query.row().value());
    EXPECT_EQ(query.number(0), 0U);
    EXPECT_EQ(query.number(1), 7U);
    EXPECT_EQ(query.number(2), std::uint64_t{INT64_MAX});
}

TEST_F(QueryTest, TheLargestNumberThatFitsIsKeptAndTheNextIsOurMistake) {
    Query query = database.query("SELECT ?");
    ASSERT_TRUE(query.bind(std::uint64_t{INT64_MAX}).row().value());
    EXPECT_EQ(query.number(0), std::uint64_t{INT64_MAX});
    EXPECT_DEATH(database.query("SELECT ?, 1").bind(std::uint64_t{INT64_MAX} + 1), "INT64_MAX");
}

TEST_F(QueryTest, EmptyIsNotNullAndNullIsNotEmpty) {
    Query query = database.query("SELECT ?, ?, ?");
    ASSERT_TRUE(query.bind(Bytes{}).bind(std::string()).bind_null().row().value());
    EXPECT_FALSE(query.is_null(0));
    EXPECT_FALSE(query.is_null(1));
    EXPECT_TRUE(query.is_null(2));
    EXPECT_TRUE(query.blob(0).empty());
    EXPECT_TRUE(query.text(1).empty());
    EXPECT_TRUE(query.blob(2).empty());
}

TEST_F(QueryTest, BindingsDoNotOutliveTheirQuery) {
    const char* sql = "SELECT ?";
    ASSERT_TRUE(database.query(sql).bind(5).row().value());
    Query again = database.query(sql);
    ASSERT_TRUE(again.row().value());
    EXPECT_TRUE(again.is_null(0));
}

TEST_F(QueryTest, AStatementBeginsAnewEachTime) {
    for (std::int64_t i = 1; i <= 3; ++i) ASSERT_TRUE(add_item(database, i).ok());
    const char* sql = "SELECT id FROM item ORDER BY id";
    {
        Query half_read = database.query(sql);
        ASSERT_TRUE(half_read.row().value());
        ASSERT_TRUE(half_read.row().value());
    }
    Query query = database.query(sql);
    ASSERT_TRUE(query.row().value());
    EXPECT_EQ(query.integer(0), 1);
}

// A text that is put together may stand where another one stood.
TEST_F(QueryTest, AStatementIsOfItsTextAndNotOfItsPlaceInMemory) {
    char sql[] = "SELECT 1";
    EXPECT_EQ(ask(database, sql), 1);
    sql[7] = '2';
    EXPECT_EQ(ask(database, sql), 2);
    const std::string copy = "SELECT 2";
    EXPECT_EQ(ask(database, copy.c_str()), 2);
}

TEST_F(QueryTest, TwoLivingQueriesOfOneTextAreOurMistake) {
    ASSERT_TRUE(add_item(database, 1).ok());
    Query first = database.query("SELECT id FROM item");
    ASSERT_TRUE(first.row().value());
    EXPECT_DEATH((void)database.query("SELECT id FROM item"), "stmt_busy");
}

TEST_F(QueryTest, AMovedQueryGoesOnAndTheFormerLetsGo) {
    for (std::int64_t i = 1; i <= 2; ++i) ASSERT_TRUE(add_item(database, i).ok());
    auto first = std::make_unique<Query>(database.query("SELECT id FROM item ORDER BY id"));
    ASSERT_TRUE(first->row().value());
    Query second = std::move(*first);
    first.reset();
    ASSERT_TRUE(second.row().value());
    EXPECT_EQ(second.integer(0), 2);
}

TEST_F(QueryTest, RunOnAStatementWithRowsIsOurMistake) {
    EXPECT_DEATH((void)database.query("SELECT 1").run(), "more");
}

TEST_F(QueryTest, ATextThatIsNoStatementFailsWhenItRuns) {
    Query query = database.query("SELECT nothing FROM nowhere");
    EXPECT_EQ(query.row().code(), ErrorCode::io_failed);
    EXPECT_EQ(database.query("INSERT INTO nowhere VALUES (?)").bind(1).run().code(),
              ErrorCode::io_failed);
    EXPECT_EQ(database.execute("CREATE TABL x").code(), ErrorCode::io_failed);
    EXPECT_EQ(ask(database, "SELECT 3"), 3) << "the connection still serves";
}

TEST_F(QueryTest, AStatementThatFailedToPrepareIsPreparedAgain) {
    const char* sql = "INSERT INTO later (id) VALUES (1)";
    EXPECT_FALSE(database.query(sql).run().ok());
    ASSERT_TRUE(database.execute("CREATE TABLE later (id INTEGER PRIMARY KEY)").ok());
    EXPECT_TRUE(database.query(sql).run().ok());
}

TEST_F(QueryTest, ARepeatedKeyIsAlreadyExists) {
    ASSERT_TRUE(add_item(database, 1).ok());
    EXPECT_EQ(add_item(database, 1).code(), ErrorCode::already_exists);
    const char* sql = "INSERT INTO named (name, size) VALUES (?, ?)";
    ASSERT_TRUE(database.query(sql).bind(std::string("a")).bind(1).run().ok());
    EXPECT_EQ(database.query(sql).bind(std::string("a")).bind(1).run().code(),
              ErrorCode::already_exists);
}

// already_exists answers a duplicate: another broken rule must never read as one.
TEST_F(QueryTest, AnotherBrokenConstraintIsNotAlreadyExists) {
    const char* sql = "INSERT INTO named (name, size) VALUES (?, ?)";
    EXPECT_EQ(database.query(sql).bind(std::string("b")).bind(0).run().code(),
              ErrorCode::io_failed);
    EXPECT_EQ(database.query(sql).bind_null().bind(1).run().code(), ErrorCode::io_failed);
    EXPECT_EQ(ask(database, "SELECT count(*) FROM named"), 0);
}

TEST_F(QueryTest, ErrorsNameTheCodeOfSqliteAndNoValue) {
    ASSERT_TRUE(add_item(database, 1).ok());
    const auto refused = add_item(database, 1);
    ASSERT_FALSE(refused.ok());
    EXPECT_NE(refused.error().detail.find("1555"), std::string::npos) << refused.error().detail;
}

}  // namespace
}  // namespace relais
