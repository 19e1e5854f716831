// Packed sequences against a plain map: whatever is appended, replaced, read, flushed, rolled back
// and opened again, both say the same.
#include "broker/store/packed_rows.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/support/random.h"

namespace relais::broker {
namespace {

using test::SeededRandom;

constexpr PackedRows::Statements kSql{
    "SELECT count, bytes FROM t WHERE key = ?",
    "SELECT key, count FROM t WHERE key BETWEEN ? AND ? ORDER BY key DESC LIMIT 1",
    "SELECT key, count FROM t WHERE key BETWEEN ? AND ? ORDER BY key LIMIT 1",
    "INSERT OR REPLACE INTO t (key, count, bytes) VALUES (?, ?, ?)", "DELETE FROM t WHERE key = ?"};

struct Fixture {
    Database database = Database::open(":memory:", {Database::Mode::create, ""}).value();
    PackedRows rows{database, kSql, 100};
    Fixture() {
        database
            .execute(
                "CREATE TABLE t (key INTEGER PRIMARY KEY, count INTEGER NOT NULL,"
                " bytes BLOB NOT NULL)")
            .value();
    }
    std::int64_t count() {
        Query query = database.query("SELECT count(*) FROM t");
        RELAIS_CHECK(query.row().value());
        return query.integer(0);
    }
    void commit() {
        rows.flush().value();
        rows.forget();
    }
};

using Model = std::map<PackedRows::Owner, std::map<PackedRows::Position, Bytes>>;

void append_one(Fixture& fixture, Model& model, SeededRandom& random) {
    const auto owner = static_cast<PackedRows::Owner>(random.below(3));
    const auto end = fixture.rows.end(owner).value();
    RC_ASSERT(end.has_value() == !model[owner].empty());
    const PackedRows::Position position = end.value_or(1);
    if (end) RC_ASSERT(*end == model[owner].rbegin()->first + 1);
    Bytes record(random.below(random.one_in(10) ? 40'000 : 60) + 1);
    random.fill(record);
    model[owner][position] = record;
    fixture.rows.append(owner, position, std::move(record)).value();
}

void replace_one(Fixture& fixture, Model& model, SeededRandom& random) {
    const auto owner = static_cast<PackedRows::Owner>(random.below(3));
    if (model[owner].empty()) return;
    const PackedRows::Position position = random.below(model[owner].size()) + 1;
    if (model[owner][position].empty()) return;  // it may be gone, with its row
    Bytes record(random.one_in(2) ? 0 : random.below(200));
    random.fill(record);
    model[owner][position] = record;
    fixture.rows.replace(owner, position, std::move(record)).value();
}

void compare(Fixture& fixture, const Model& model, SeededRandom& random) {
    for (const auto& [owner, records] : model) {
        const PackedRows::Position from = random.below(records.size() + 2);
        const std::size_t count = random.below(20) + 1;
        std::vector<std::pair<PackedRows::Position, Bytes>> expected;
        for (auto at = records.lower_bound(from); at != records.end(); ++at) {
            if (expected.size() < count && !at->second.empty()) expected.push_back(*at);
            RC_ASSERT(to_bytes(fixture.rows.get(owner, at->first).value()) == at->second);
        }
        const auto read = fixture.rows.read(owner, from, count).value();
        RC_ASSERT(read.size() == expected.size());
        for (std::size_t i = 0; i < read.size(); ++i) {
            RC_ASSERT(read[i].position == expected[i].first);
            RC_ASSERT(read[i].bytes == expected[i].second);
        }
    }
}

RC_GTEST_PROP(PackedRowsProperty, TheySayWhatAMapSays, ()) {
    SeededRandom random(*rc::gen::arbitrary<std::uint64_t>());
    Fixture fixture;
    Model model;
    Model committed;
    for (int step = 0; step < 60; ++step) {
        switch (random.below(8)) {
            case 0:
            case 1:
            case 2:
            case 3: append_one(fixture, model, random); break;
            case 4: replace_one(fixture, model, random); break;
            case 5:
                fixture.commit();
                committed = model;
                break;
            case 6:
                fixture.rows.flush().value();
                committed = model;
                break;
            default:
                if (!random.one_in(4)) break;
                fixture.rows.forget();  // as after a rollback
                model = committed;
        }
        compare(fixture, model, random);
    }
}

TEST(PackedRows, SmallCommitsShareARow) {
    Fixture fixture;
    for (PackedRows::Position i = 0; i < 9; ++i) {
        ASSERT_TRUE(fixture.rows.append(0, i, Bytes(20, 7)).ok());
        fixture.commit();
    }
    EXPECT_EQ(fixture.count(), 2);  // the first is extended up to 100 bytes
}

TEST(PackedRows, ALargeCommitIsCutInPacks) {
    Fixture fixture;
    for (PackedRows::Position i = 0; i < 300; ++i) {
        ASSERT_TRUE(fixture.rows.append(0, i, Bytes(1000, 7)).ok());
    }
    fixture.commit();
    EXPECT_EQ(fixture.count(), 3);
    EXPECT_EQ(fixture.rows.end(0).value(), 300U);
}

TEST(PackedRows, ARowGoesWithItsLastRecordAndItsPositionsAreNotUsedAgain) {
    Fixture fixture;
    for (PackedRows::Position i = 1; i <= 200; ++i) {
        ASSERT_TRUE(fixture.rows.append(0, i, Bytes(1000, 7)).ok());
    }
    fixture.commit();
    ASSERT_EQ(fixture.count(), 2);
    for (PackedRows::Position i = 1; i <= 200; ++i) {
        ASSERT_TRUE(fixture.rows.replace(0, i, {}).ok());
    }
    fixture.commit();
    EXPECT_EQ(fixture.count(), 1);
    EXPECT_EQ(fixture.rows.end(0).value(), 201U);
    EXPECT_TRUE(fixture.rows.read(0, 0, 10).value().empty());
}

TEST(PackedRows, WhatIsOutOfPlaceIsRefused) {
    Fixture fixture;
    ASSERT_TRUE(fixture.rows.append(0, 5, Bytes{1}).ok());
    EXPECT_EQ(fixture.rows.append(0, 5, Bytes{1}).code(), ErrorCode::corrupt);
    EXPECT_EQ(fixture.rows.append(0, 7, Bytes{1}).code(), ErrorCode::corrupt);
    EXPECT_EQ(fixture.rows.replace(0, 4, Bytes{1}).code(), ErrorCode::not_found);
    EXPECT_TRUE(fixture.rows.get(0, UINT64_MAX).value().empty());
    EXPECT_TRUE(fixture.rows.read(0, UINT64_MAX, 5).value().empty());
}

TEST(PackedRows, ADamagedPackIsCorruptAndNeverMore) {
    SeededRandom random(7);
    Fixture fixture;
    for (PackedRows::Position i = 1; i <= 20; ++i) {
        ASSERT_TRUE(fixture.rows.append(0, i, random.bytes(50)).ok());
    }
    fixture.commit();
    Bytes pack;
    {
        Query query = fixture.database.query("SELECT bytes FROM t LIMIT 1");
        ASSERT_TRUE(query.row().value());
        pack = to_bytes(query.blob(0));
    }
    for (std::size_t cut = 0; cut < pack.size(); ++cut) {
        const Bytes damaged(pack.begin(), pack.begin() + static_cast<std::ptrdiff_t>(cut));
        ASSERT_TRUE(fixture.database.query("UPDATE t SET bytes = ?").bind(damaged).run().ok());
        fixture.rows.forget();
        EXPECT_EQ(fixture.rows.get(0, 3).code(), ErrorCode::corrupt) << cut;
    }
}

}  // namespace
}  // namespace relais::broker
