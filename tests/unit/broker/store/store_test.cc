// The Store port on SQLite: what a transaction wrote is there after a commit and gone after a
// rollback; order, bounds and refusals of each table.
#include <gtest/gtest.h>

#include "broker/store/listing.h"
#include "broker/store/schema.h"
#include "broker/store/sqlite_store.h"
#include "core/merkle/tree.h"
#include "tests/support/engine/unpacked.h"
#include "tests/support/folder.h"
#include "tests/support/printers.h"
#include "tests/support/random.h"

namespace relais::broker {
namespace {

class StoreTest : public testing::Test {
protected:
    [[nodiscard]] std::string path() const { return folder.file("domain.db"); }
    [[nodiscard]] Result<std::unique_ptr<SqliteStore>> open(
        Database::Mode mode = Database::Mode::create) const {
        return SqliteStore::open(path(), {.mode = mode, .vfs = "", .ballast_path = ""});
    }
    ChannelId channel(const char* mailbox) {
        return store->add_channel(test::address(mailbox)).value();
    }
    test::TestFolder folder;
    test::SeededRandom random{7};
    std::unique_ptr<SqliteStore> store = open().value();
};

TEST_F(StoreTest, ARegisterKeepsEveryValueInOrderAndGivesTheLast) {
    const auto record = [&](const std::string& key, std::int64_t value) {
        return RegisterRecord{
            key,
            value,
            {{12}, {3}, {40}, random.make<Digest>()},
            {Bytes{1, 2, 3}, {random.make<Signature>(), 1, 3, {random.make<Digest>()}}}};
    };
    const std::vector<RegisterRecord> set = {record("1/a", 1), record("1/b", 2), record("1/a", 3)};
    ASSERT_TRUE(store->begin().ok());
    for (const RegisterRecord& each : set) {
        ASSERT_TRUE(store->add_register_record("kind/one", each).ok());
    }
    ASSERT_TRUE(store->add_register_record("kind/two", record("1/a", 9)).ok());
    ASSERT_TRUE(store->commit().ok());
    store.reset();
    store = open().value();
    EXPECT_EQ(store->last_register_record("kind/one", "1/a").value()->value, 3);
    EXPECT_EQ(store->last_register_record("kind/one", "1/b").value()->value, 2);
    EXPECT_FALSE(store->last_register_record("kind/one", "1/c").value());
    EXPECT_EQ(store->register_size("kind/one").value(), 3u);
    EXPECT_EQ(store->register_size("kind/none").value(), 0u);
    const auto page = store->register_records("kind/one", 1, 2).value();
    ASSERT_EQ(page.size(), 2u);
    for (std::size_t i = 0; i < page.size(); ++i) {
        EXPECT_EQ(page[i].key, set[i + 1].key);
        EXPECT_EQ(page[i].value, set[i + 1].value);
        EXPECT_EQ(page[i].accepted.leaf_hash, set[i + 1].accepted.leaf_hash);
        EXPECT_EQ(page[i].act.bytes, set[i + 1].act.bytes);
        EXPECT_EQ(page[i].act.signature.path, set[i + 1].act.signature.path);
    }
}

TEST_F(StoreTest, AnOpenTransactionIsGoneAfterARollbackAndAfterACrash) {
    ASSERT_TRUE(store->begin().ok());
    ASSERT_TRUE(store->set_value("x", Bytes{1}).ok());
    store->rollback();
    EXPECT_FALSE(store->value("x").value().has_value());
    ASSERT_TRUE(store->begin().ok());
    ASSERT_TRUE(store->set_value("x", Bytes{2}).ok());
    store.reset();
    store = open().value();
    EXPECT_FALSE(store->value("x").value().has_value());
}

TEST_F(StoreTest, WhatWasCommittedIsThereAfterReopening) {
    const TimeRecord time{{5},
                          {{6}, {7}, random.make<Salt>()},
                          Milliseconds(-8),
                          true,
                          WallTime{9},
                          Milliseconds(10)};
    ASSERT_TRUE(store->begin().ok());
    ASSERT_TRUE(store->set_time(time).ok());
    ASSERT_TRUE(store->commit().ok());
    store.reset();
    store = open().value();
    const auto back = store->time().value();
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(back->engine, time.engine);
    EXPECT_EQ(back->reading.wall, time.reading.wall);
    EXPECT_EQ(back->reading.boot, time.reading.boot);
    EXPECT_EQ(back->reading.boot_id, time.reading.boot_id);
    EXPECT_EQ(back->trusted_offset, time.trusted_offset);
    EXPECT_EQ(back->suspect, true);
    EXPECT_EQ(back->behind, time.behind);
    EXPECT_EQ(back->leap, time.leap);
}

TEST_F(StoreTest, ADamagedTimeRecordIsCorrupt) {
    ASSERT_TRUE(store->set_value("time", Bytes(10, 0)).ok());
    EXPECT_EQ(store->time().code(), ErrorCode::corrupt);
}

TEST_F(StoreTest, ASecondWriterIsKeptOut) {
    const auto second = open().value();
    ASSERT_TRUE(store->begin().ok());
    EXPECT_EQ(second->begin().code(), ErrorCode::locked);
}

TEST_F(StoreTest, EachRecordOfAMailboxComesBackAsItWas) {
    const ChannelId box = channel("cabinet@indre");
    const Digest digest = random.make<Digest>();
    const MessageId id = random.make<MessageId>();
    const std::vector<LogRecord> records = {EnvelopeRef{3, 2, true}, NoticeEntry{random.bytes(20)},
                                            MarkedEntry{random.bytes(30)}, Tombstone{digest, id},
                                            Tombstone{digest, std::nullopt}};
    for (std::size_t i = 0; i < records.size(); ++i) {
        ASSERT_TRUE(store->put_log({box, Lane::urgent, {i + 1}}, records[i]).ok());
    }
    const auto back = store->read_log({box, Lane::urgent, {1}}, 10).value();
    ASSERT_EQ(back.size(), records.size());
    const auto& ref = std::get<EnvelopeRef>(back[0].second);
    EXPECT_EQ(ref.number, 3u);
    EXPECT_EQ(ref.position, 2);
    EXPECT_TRUE(ref.old_epoch);
    EXPECT_EQ(std::get<NoticeEntry>(back[1].second).statement,
              std::get<NoticeEntry>(records[1]).statement);
    EXPECT_EQ(std::get<MarkedEntry>(back[2].second).statement,
              std::get<MarkedEntry>(records[2]).statement);
    EXPECT_EQ(std::get<Tombstone>(back[3].second).message, id);
    EXPECT_EQ(std::get<Tombstone>(back[3].second).digest, digest);
    EXPECT_FALSE(std::get<Tombstone>(back[4].second).message.has_value());
}

TEST_F(StoreTest, ALaneIsReadInOrderFromAPlaceAndNoFurtherThanAsked) {
    const ChannelId box = channel("cabinet@indre");
    const ChannelId other = channel("autre@indre");
    for (const std::uint64_t seq : {1U, 2U, 3U, 4U}) {
        ASSERT_TRUE(store->put_log({box, Lane::urgent, {seq}}, EnvelopeRef{seq, 0, false}).ok());
    }
    ASSERT_TRUE(store->put_log({box, Lane::crisis, {9}}, EnvelopeRef{9, 0, false}).ok());
    ASSERT_TRUE(store->put_log({other, Lane::urgent, {8}}, EnvelopeRef{8, 0, false}).ok());
    const auto read = store->read_log({box, Lane::urgent, {2}}, 2).value();
    ASSERT_EQ(read.size(), 2u);
    EXPECT_EQ(read[0].first.seq.value, 2u);
    EXPECT_EQ(read[1].first.seq.value, 3u);
    EXPECT_EQ(store->last_seq(box, Lane::urgent).value().value, 4u);
    EXPECT_EQ(store->last_seq(box, Lane::routine).value().value, 0u);
}

TEST_F(StoreTest, AnEnvelopeIsFoundUntilItIsRemoved) {
    const Bytes leaf = random.bytes(100);
    ASSERT_TRUE(store->append_leaf(wire::LogName::audit, 13, leaf).ok());
    const StoredEnvelope envelope{
        random.bytes(500), {{11}, {12}, {13}, merkle::leaf_hash(leaf)}, {{1, Lane::crisis, {4}}}};
    const EnvelopeNumber number =
        store->add_envelope(envelope.bytes, envelope.accepted, envelope.places).value();
    EXPECT_GE(number, 1u);
    const StoredEnvelope back = store->envelope(number).value();
    EXPECT_EQ(back.bytes, envelope.bytes);
    EXPECT_EQ(back.accepted.time, envelope.accepted.time);
    EXPECT_EQ(back.accepted.directory_size, envelope.accepted.directory_size);
    EXPECT_EQ(back.accepted.leaf, envelope.accepted.leaf);
    EXPECT_EQ(back.accepted.leaf_hash, envelope.accepted.leaf_hash);
    EXPECT_EQ(back.places, envelope.places);
    ASSERT_TRUE(store->set_places(number, {}).ok());
    EXPECT_TRUE(store->envelope(number).value().places.empty());
    ASSERT_TRUE(store->remove_envelope(number).ok());
    EXPECT_EQ(store->envelope(number).code(), ErrorCode::not_found);
}

// A number that came again would make a kept answer point to a stranger's message.
TEST_F(StoreTest, AnEnvelopesNumberIsNotUsedAgain) {
    const StoredEnvelope envelope{random.bytes(5), {{1}, {1}, {1}, {}}, {}};
    const auto add = [&] {
        return store->add_envelope(envelope.bytes, envelope.accepted, envelope.places).value();
    };
    const EnvelopeNumber first = add();
    ASSERT_TRUE(store->remove_envelope(first).ok());
    EXPECT_GT(add(), first);
}

TEST_F(StoreTest, AnAnswerIsRememberedByIdAndStation) {
    const MessageId id = random.make<MessageId>();
    const StationId one = random.make<StationId>();
    const StationId two = random.make<StationId>();
    const Remembered refused{
        random.make<EnvelopeTag>(), ErrorCode::conflict, 6, {7}, {8}, "detail"};
    ASSERT_TRUE(store->remember(id, one, refused).ok());
    const auto back = store->remembered(id, one).value();
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(back->envelope, refused.envelope);
    EXPECT_EQ(back->code, refused.code);
    EXPECT_EQ(back->number, refused.number);
    EXPECT_EQ(back->leaf, refused.leaf);
    EXPECT_EQ(back->forget_at, refused.forget_at);
    EXPECT_EQ(back->detail, refused.detail);
    EXPECT_FALSE(store->remembered(id, two).value().has_value());
    ASSERT_TRUE(store->remember(id, two, {{}, ErrorCode::ok, 9, {}, {}, ""}).ok());
    EXPECT_EQ(store->envelopes_of(id).value(), std::vector<EnvelopeNumber>{9});
    ASSERT_TRUE(store->forget(id, one).ok());
    EXPECT_FALSE(store->remembered(id, one).value().has_value());
    EXPECT_TRUE(store->remembered(id, two).value().has_value());
}

TEST_F(StoreTest, CursorsAreOfOneStationAndTheFurthestIsKnown) {
    const ChannelId box = channel("cabinet@indre");
    const StationId one = random.make<StationId>();
    const StationId two = random.make<StationId>();
    ASSERT_TRUE(store->set_cursor(box, one, Lane::urgent, {5}).ok());
    ASSERT_TRUE(store->set_cursor(box, two, Lane::urgent, {3}).ok());
    EXPECT_EQ(store->cursor(box, two, Lane::urgent).value().value, 3u);
    EXPECT_EQ(store->cursor(box, two, Lane::crisis).value().value, 0u);
    EXPECT_EQ(store->furthest_cursor(box, Lane::urgent).value().value, 5u);
}

TEST_F(StoreTest, TheFirstTimerOfAKindIsTheEarliest) {
    const Timer late{.at = {30}, .kind = TimerKind::envelope_end, .envelope = 1};
    const Timer soon{.at = {20}, .kind = TimerKind::envelope_end, .envelope = 2};
    const Timer other{.at = {10}, .kind = TimerKind::forget, .message = random.make<MessageId>()};
    for (const Timer& timer : {late, soon, other}) ASSERT_TRUE(store->add_timer(timer).ok());
    EXPECT_EQ(store->first_timer(TimerKind::envelope_end).value()->envelope, 2u);
    EXPECT_EQ(store->first_timer(TimerKind::forget).value()->message, other.message);
    EXPECT_FALSE(store->first_timer(TimerKind::clock_end).value().has_value());
    ASSERT_TRUE(store->remove_timer(soon).ok());
    EXPECT_EQ(store->first_timer(TimerKind::envelope_end).value()->envelope, 1u);
}

TEST_F(StoreTest, TheFirstRingIsTheEarliestThatIsNotUnderWay) {
    StoredRing ring{.thread = random.make<ThreadId>(),
                    .channel = channel("cabinet@indre"),
                    .step = 0,
                    .message = random.make<MessageId>(),
                    .number = 7,
                    .lane = Lane::crisis,
                    .clock = 3,
                    .party = 2,
                    .end = {90},
                    .due = {30},
                    .attempts = 1};
    StoredRing soon = ring;
    soon.step = 1;
    soon.due = {20};
    soon.party = std::nullopt;
    for (const StoredRing& each : {ring, soon}) ASSERT_TRUE(store->put_ring(each).ok());
    EXPECT_EQ(store->first_ring().value()->step, 1);
    EXPECT_FALSE(store->first_ring().value()->party.has_value());
    soon.stage = RingStage::under_way;
    ASSERT_TRUE(store->put_ring(soon).ok());
    const StoredRing first = store->first_ring().value().value();
    EXPECT_EQ(first.thread, ring.thread);
    EXPECT_EQ(first.channel, ring.channel);
    EXPECT_EQ(first.message, ring.message);
    EXPECT_EQ(first.number, 7u);
    EXPECT_EQ(first.lane, Lane::crisis);
    EXPECT_EQ(first.clock, 3);
    EXPECT_EQ(first.party, std::optional<std::size_t>(2));
    EXPECT_EQ(first.end.ms, 90);
    EXPECT_EQ(first.due.ms, 30);
    EXPECT_EQ(first.attempts, 1);
    ASSERT_TRUE(store->interrupt_rings().ok());
    EXPECT_EQ(store->first_ring().value()->step, 1);
    EXPECT_EQ(store->rings_of(ring.thread, ring.channel).value().size(), 2u);
    EXPECT_TRUE(store->rings_of(ring.thread, channel("autre@indre")).value().empty());
    ASSERT_TRUE(store->remove_ring(soon).ok());
    EXPECT_FALSE(store->ring(ring.thread, ring.channel, 1).value().has_value());
    EXPECT_TRUE(store->ring(ring.thread, ring.channel, 0).value().has_value());
}

TEST_F(StoreTest, TheFirstRingThatWaitsIsTheEarliestOfItsLaneThatNeedsNothingSpent) {
    StoredRing ring{.thread = random.make<ThreadId>(),
                    .channel = channel("cabinet@indre"),
                    .step = 0,
                    .message = random.make<MessageId>(),
                    .number = 7,
                    .lane = Lane::urgent,
                    .clock = 3,
                    .party = std::nullopt,
                    .end = {90},
                    .due = {20},
                    .stage = RingStage::waiting,
                    .receiver = "muet.test",
                    .organisation = "cabinet"};
    const auto put = [&](std::uint8_t step, EngineTime due, const char* receiver) {
        ring.step = step;
        ring.due = due;
        ring.receiver = receiver;
        ASSERT_TRUE(store->put_ring(ring).ok());
    };
    put(0, {20}, "muet.test");
    put(1, {30}, "autre.test");
    put(2, {25}, "autre.test");
    const auto first = [&](Lane lane, const RingsSpent& spent) {
        const auto found = store->first_ring_waiting(lane, spent).value();
        return found ? int{found->step} : -1;
    };
    EXPECT_EQ(first(Lane::urgent, {}), 0);
    EXPECT_EQ(first(Lane::urgent, {{"muet.test"}, {}}), 2);
    EXPECT_EQ(first(Lane::urgent, {{"et.test", "muet.test.fr", "test"}, {}}), 0);
    EXPECT_EQ(first(Lane::urgent, {{"autre.test", "muet.test"}, {}}), -1);
    EXPECT_EQ(first(Lane::urgent, {{}, {"cabinet"}}), -1);
    EXPECT_EQ(first(Lane::urgent, {{}, {"cabine"}}), 0);
    EXPECT_EQ(first(Lane::crisis, {}), -1);
    EXPECT_FALSE(store->first_ring().value().has_value()) << "none is planned";
    ASSERT_TRUE(store->interrupt_rings().ok());
    EXPECT_EQ(first(Lane::urgent, {}), -1);
    EXPECT_EQ(store->first_ring().value()->step, 0);
}

TEST_F(StoreTest, HeldBoxesAreOfOneThreadConditionAndMailbox) {
    const ChannelId one = channel("cabinet@indre");
    const ChannelId two = channel("autre@indre");
    const ThreadId thread = random.make<ThreadId>();
    const HeldBox chosen{thread, Release::chosen, one, 4, 1, Lane::urgent, true};
    HeldBox elsewhere = chosen;
    elsewhere.channel = two;
    HeldBox overdue = chosen;
    overdue.condition = Release::overdue;
    for (const HeldBox& box : {chosen, elsewhere, overdue}) {
        ASSERT_TRUE(store->hold_box(box).ok());
    }
    const auto held = store->held_boxes(thread, Release::chosen, one).value();
    ASSERT_EQ(held.size(), 1u);
    EXPECT_EQ(held[0].number, 4u);
    EXPECT_EQ(held[0].position, 1);
    EXPECT_TRUE(held[0].old_epoch);
    ASSERT_TRUE(store->remove_held(chosen).ok());
    EXPECT_TRUE(store->held_boxes(thread, Release::chosen, one).value().empty());
    EXPECT_EQ(store->held_boxes(thread, Release::chosen, two).value().size(), 1u);
    ASSERT_TRUE(store->remove_held_of(4).ok());
    EXPECT_TRUE(store->held_boxes(thread, Release::chosen, two).value().empty());
}

// A post to groups has thousands of boxes.
TEST_F(StoreTest, APositionBeyondTheFirst256IsListedAsItIs) {
    const HeldBox far{random.make<ThreadId>(),
                      Release::confirmed,
                      channel("cabinet@indre"),
                      4,
                      2999,
                      Lane::crisis,
                      false};
    ASSERT_TRUE(store->hold_box(far).ok());
    StoreListing listing(*store);
    const auto held = listing.held().value();
    ASSERT_EQ(held.size(), 1u);
    EXPECT_EQ(held[0].position, 2999);
    EXPECT_EQ(store->held_boxes(far.thread, far.condition).value().at(0).position, 2999);
    EXPECT_EQ(store->held_boxes(far.thread, far.condition, far.channel).value().at(0).position,
              2999);
}

TEST_F(StoreTest, AMissingLeafIsCorruptAndNotSkipped) {
    ASSERT_TRUE(store->begin().ok());
    for (const std::uint64_t index : {0U, 1U, 2U, 3U}) {
        ASSERT_TRUE(store->append_leaf(wire::LogName::audit, index, Bytes{1}).ok());
    }
    ASSERT_TRUE(store->commit().ok());
    {
        Unpacked tables(store->database());
        ASSERT_TRUE(store->database().execute("DELETE FROM audit_leaf WHERE position = 2").ok());
        tables.pack();
    }
    store->forget_cached();
    EXPECT_EQ(store->log_size(wire::LogName::audit).value(), 4u);
    EXPECT_EQ(store->log_size(wire::LogName::directory).value(), 0u);
    EXPECT_EQ(store->read_leaves(wire::LogName::audit, 0, 2).value().size(), 2u);
    EXPECT_EQ(store->read_leaves(wire::LogName::audit, 0, 4).code(), ErrorCode::corrupt);
}

TEST_F(StoreTest, ALeafIsNotWrittenOver) {
    ASSERT_TRUE(store->append_leaf(wire::LogName::audit, 0, Bytes{1}).ok());
    EXPECT_FALSE(store->append_leaf(wire::LogName::audit, 0, Bytes{2}).ok());
    EXPECT_EQ(store->read_leaves(wire::LogName::audit, 0, 1).value()[0], Bytes{1});
}

TEST_F(StoreTest, TheTwoLogsKeepTheirTilesApart) {
    const merkle::FullTile tile{0, 0, std::vector<Digest>(256, random.make<Digest>())};
    ASSERT_TRUE(store->put_tile(wire::LogName::audit, tile).ok());
    EXPECT_EQ(store->tiles(wire::LogName::audit).tile(0, 0, 256).value(), tile.hashes);
    EXPECT_EQ(store->tiles(wire::LogName::directory).tile(0, 0, 256).code(), ErrorCode::not_found);
    EXPECT_EQ(store->tiles(wire::LogName::audit).tile(1, 0, 256).code(), ErrorCode::not_found);
}

TEST_F(StoreTest, AnInvitationGoesWithItsProposals) {
    const Locator locator = random.make<Locator>();
    const StoredInvitation invitation{
        locator, wire::InvitationPurpose::recovery, "cabinet", {99}, true};
    const StoredProposal proposal{
        locator, random.make<Digest>(), random.bytes(9), random.make<Digest>(), true,
        true,    random.make<Digest>()};
    ASSERT_TRUE(store->put_invitation(invitation).ok());
    ASSERT_TRUE(store->put_proposal(proposal).ok());
    const auto invitations = store->invitations().value();
    ASSERT_EQ(invitations.size(), 1u);
    EXPECT_EQ(invitations[0].purpose, invitation.purpose);
    EXPECT_EQ(invitations[0].organisation, "cabinet");
    EXPECT_EQ(invitations[0].expires, invitation.expires);
    EXPECT_TRUE(invitations[0].used);
    const auto proposals = store->proposals(locator).value();
    ASSERT_EQ(proposals.size(), 1u);
    EXPECT_EQ(proposals[0].payload, proposal.payload);
    EXPECT_EQ(proposals[0].answer_mac, proposal.answer_mac);
    ASSERT_TRUE(store->remove_invitation(locator).ok());
    EXPECT_TRUE(store->invitations().value().empty());
    EXPECT_TRUE(store->proposals(locator).value().empty());
}

// Migrations --------------------------------------------------------------------------------------

TEST_F(StoreTest, AStoreOfANewerVersionIsRefusedAndLeftAsItIs) {
    ASSERT_TRUE(store->set_value("x", Bytes{1}).ok());
    ASSERT_TRUE(store->database().execute("PRAGMA user_version = 1000").ok());
    store.reset();
    EXPECT_EQ(open().code(), ErrorCode::unsupported_version);
    EXPECT_EQ(SqliteStore::open(path(), {Database::Mode::read_only, "", ""}).code(),
              ErrorCode::unsupported_version)
        << "nor do tools read what they do not know";
    Database database = Database::open(path(), {Database::Mode::existing, ""}).value();
    Query query = database.query("SELECT count(*) FROM value");
    ASSERT_TRUE(query.row().value());
    EXPECT_EQ(query.integer(0), 1);
}

TEST_F(StoreTest, AnOlderStoreIsCopiedBeforeItGoesForward) {
    ASSERT_TRUE(store->set_value("x", Bytes{1}).ok());
    auto migrations = store_migrations();
    const std::string version = std::to_string(migrations.size());
    migrations.push_back([](Database& database) {
        return database.execute("DELETE FROM value; CREATE TABLE next (id INTEGER)");
    });
    ASSERT_TRUE(migrate(store->database(), path(), migrations).ok());
    EXPECT_FALSE(store->value("x").value().has_value());
    const auto copy =
        SqliteStore::open(path() + ".v" + version,
                          {.mode = Database::Mode::read_only, .vfs = "", .ballast_path = ""});
    ASSERT_TRUE(copy.ok());
    EXPECT_TRUE((*copy)->value("x").value().has_value());
    store.reset();
    EXPECT_EQ(open().code(), ErrorCode::unsupported_version) << "there is no way back";
}

TEST_F(StoreTest, AMigrationThatFailsLeavesTheStoreAsItWas) {
    ASSERT_TRUE(store->set_value("x", Bytes{1}).ok());
    auto migrations = store_migrations();
    migrations.push_back([](Database& database) -> Result<void> {
        RELAIS_TRY(database.execute("DELETE FROM value"));
        return fail(ErrorCode::io_failed, "by the test");
    });
    EXPECT_EQ(migrate(store->database(), path(), migrations).code(), ErrorCode::io_failed);
    store.reset();
    store = open().value();
    EXPECT_TRUE(store->value("x").value().has_value());
}

TEST_F(StoreTest, ReadOnlyChangesNothingAndCreatesNothing) {
    EXPECT_EQ(SqliteStore::open(folder.file("none.db"),
                                {.mode = Database::Mode::read_only, .vfs = "", .ballast_path = ""})
                  .code(),
              ErrorCode::not_found);
    const auto reader = open(Database::Mode::read_only).value();
    EXPECT_EQ(reader->set_value("x", Bytes{1}).code(), ErrorCode::wrong_permissions);
}

// Ballast -----------------------------------------------------------------------------------------

TEST(BallastFile, IsTakenReleasedAndTakenAgain) {
    const test::TestFolder folder;
    Ballast ballast(folder.file("ballast"));
    ballast.restore();
    ASSERT_TRUE(ballast.held()) << "32 MiB free in the temporary folder";
    EXPECT_EQ(std::filesystem::file_size(folder.file("ballast")), std::uintmax_t{16} << 20);
    ballast.release();
    EXPECT_FALSE(ballast.held());
    EXPECT_FALSE(std::filesystem::exists(folder.file("ballast")));
    ballast.restore();
    EXPECT_TRUE(ballast.held());
}

TEST(BallastFile, NoneWithoutAPath) {
    Ballast ballast("");
    ballast.restore();
    EXPECT_FALSE(ballast.held());
    ballast.release();
}

}  // namespace
}  // namespace relais::broker
