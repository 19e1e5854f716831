// What the days of mailboxes came to: counts that many messages of a transaction raise, statements
// that replace each other, and when stations were seen.
#include <gtest/gtest.h>

#include <functional>

#include "broker/store/sqlite_store.h"
#include "tests/support/folder.h"
#include "tests/support/printers.h"
#include "tests/support/random.h"

namespace relais::broker {
namespace {

constexpr ChannelId kWard = 3;
constexpr ChannelId kOther = 4;
constexpr CivilDay kDay{20787};

class DayTableTest : public testing::Test {
protected:
    // In a transaction of its own; another process would see it after.
    void commit(const std::function<void()>& change) {
        ASSERT_TRUE(store->begin().ok());
        change();
        ASSERT_TRUE(store->commit().ok());
        store->forget_cached();
    }

    test::TestFolder folder;
    test::SeededRandom random{3};
    std::unique_ptr<SqliteStore> store = SqliteStore::open(folder.file("domain.db"), {}).value();
    DayRecords& days = store->days();
    StationId one = random.make<StationId>();
    StationId two = random.make<StationId>();
};

TEST_F(DayTableTest, CountsAreOfTheirMailboxDayAndStation) {
    commit([&] {
        for (std::uint64_t i = 1; i <= 42; ++i) {
            EXPECT_TRUE(days.set_held(kWard, kDay, {i, kDay, 0}).ok());
            EXPECT_TRUE(days.set_sent(kWard, kDay, one, i).ok());
            EXPECT_EQ(days.held(kWard, kDay).value().count, i);
        }
    });
    EXPECT_EQ(days.held(kWard, kDay).value().count, 42U);
    EXPECT_EQ(days.sent(kWard, kDay, one).value(), 42U);
    EXPECT_EQ(days.sent(kWard, kDay, two).value(), 0U);
    EXPECT_EQ(days.held(kWard, kDay + 1).value().count, 0U);
    EXPECT_EQ(days.held(kOther, kDay).value().count, 0U);
}

TEST_F(DayTableTest, ARollbackLeavesNothing) {
    commit([&] { EXPECT_TRUE(days.set_held(kWard, kDay, {1, kDay, 0}).ok()); });
    ASSERT_TRUE(store->begin().ok());
    EXPECT_TRUE(days.set_held(kWard, kDay, {2, kDay + 1, 1}).ok());
    EXPECT_TRUE(days.set_sent(kWard, kDay, one, 9).ok());
    store->rollback();
    EXPECT_EQ(days.held(kWard, kDay).value().count, 1U);
    EXPECT_EQ(days.sent(kWard, kDay, one).value(), 0U);
}

TEST_F(DayTableTest, ALaterStatementReplacesTheFormer) {
    commit([&] {
        EXPECT_FALSE(days.stated(kWard, kDay, one).value());
        EXPECT_FALSE(days.last_stated(kWard).value());
        EXPECT_TRUE(days.set_stated(kWard, kDay, one, {1, 2, 1, {7}}).ok());
        EXPECT_TRUE(days.set_stated(kWard, kDay, one, {3, 4, 2, {9}}).ok());
        EXPECT_TRUE(days.set_stated(kWard, kDay + -1, two, {0, 0, 1, {8}}).ok());
    });
    const DayStated stated = days.stated(kWard, kDay, one).value().value();
    EXPECT_EQ(stated.sent, 3U);
    EXPECT_EQ(stated.held, 4U);
    EXPECT_EQ(stated.times, 2U);
    EXPECT_EQ(stated.leaf, LeafIndex{9});
    EXPECT_EQ(days.last_stated(kWard).value(), kDay);
}

TEST_F(DayTableTest, TheDaysOfAMailboxComeInOrderThoseOfTheTransactionToo) {
    commit([&] {
        for (const std::int32_t ahead : {2, 0, 1}) {
            EXPECT_TRUE(days.set_held(kWard, kDay + ahead, {1, kDay + ahead, 0}).ok());
            EXPECT_TRUE(days.set_sent(kWard, kDay + ahead, one, 1).ok());
            EXPECT_TRUE(days.set_stated(kWard, kDay + ahead, two, {0, 1, 1, {}}).ok());
        }
        EXPECT_TRUE(days.set_held(kOther, kDay, {5, kDay, 0}).ok());
        const MailboxDays found = days.days(kWard, kDay, kDay + 1).value();
        ASSERT_EQ(found.held.size(), 2U);
        EXPECT_EQ(found.held[0].day, kDay);
        EXPECT_EQ(found.held[1].day, kDay + 1);
        ASSERT_EQ(found.sent.size(), 2U);
        EXPECT_EQ(found.sent[0].station, one);
        ASSERT_EQ(found.stated.size(), 2U);
        EXPECT_EQ(found.stated[1].station, two);
    });
}

TEST_F(DayTableTest, WhatIsOlderIsForgottenForThatMailbox) {
    commit([&] {
        for (const ChannelId channel : {kWard, kOther}) {
            for (const std::int32_t ahead : {0, 1}) {
                EXPECT_TRUE(days.set_held(channel, kDay + ahead, {1, kDay + ahead, 0}).ok());
                EXPECT_TRUE(days.set_sent(channel, kDay + ahead, one, 1).ok());
                EXPECT_TRUE(days.set_stated(channel, kDay + ahead, one, {0, 1, 1, {}}).ok());
            }
        }
        EXPECT_TRUE(days.forget_days(kWard, kDay + 1).ok());
    });
    const MailboxDays left = days.days(kWard, kDay, kDay + 9).value();
    EXPECT_EQ(left.held.size(), 1U);
    EXPECT_EQ(left.sent.size(), 1U);
    EXPECT_EQ(left.stated.size(), 1U);
    EXPECT_EQ(days.held(kWard, kDay).value().count, 0U);
    EXPECT_EQ(days.days(kOther, kDay, kDay + 9).value().held.size(), 2U);
}

TEST_F(DayTableTest, WhenStationsWereSeenNeverMovesBack) {
    commit([&] {
        EXPECT_FALSE(days.last_seen(kWard).value());
        EXPECT_TRUE(days.set_seen(kWard, one, {900}).ok());
        EXPECT_TRUE(days.set_seen(kWard, one, {800}).ok());
        EXPECT_TRUE(days.set_seen(kWard, two, {100}).ok());
        EXPECT_TRUE(days.set_seen(kOther, one, {5000}).ok());
    });
    EXPECT_EQ(days.last_seen(kWard).value(), WallTime{900});
}

}  // namespace
}  // namespace relais::broker
