// Who steals the file reads nothing in it, and who changes it is found out.
#include "tests/support/markers.h"
#include "tests/unit/clients/station/store/fixture.h"

namespace relais::station {
namespace {

// Words in every field that can hold some; the mailbox is one as well: whom a station corresponds
// with is nobody's business.
const std::vector<std::string> kMarkers = {"MARQUEUR-ENTREE",
                                           "MARQUEUR-ENVELOPPE",
                                           "MARQUEUR-BROUILLON",
                                           "MARQUEUR-VALEUR",
                                           "MARQUEUR-BUNDLE",
                                           "MARQUEUR-EPOQUE-0123456789abcdef",
                                           "MARQUEUR-ANNUAIRE",
                                           "MARQUEUR-MARQUE",
                                           "MARQUEUR-OUVERT",
                                           "MARQUEUR-REFUS",
                                           "service-marqueur.ch-valmont@indre"};

class SecrecyTest : public StoreTest {
protected:
    void fill() {
        mailbox_ = test::address(kMarkers[10]);
        const auto message = random_.make<MessageId>();
        store_->add_entry(entry(1, to_bytes(as_bytes(kMarkers[0])))).value();
        store_->queue(message, random_.make<ThreadId>(), as_bytes(kMarkers[1])).value();
        store_->put_draft(message, as_bytes(kMarkers[2])).value();
        store_->set_value("identity", as_bytes(kMarkers[3])).value();
        store_->add_bundle(random_.make<Digest>(), as_bytes(kMarkers[4])).value();
        store_->add_epoch_key(mailbox_, {1}, Secret::copy_of(kMarkers[5])).value();
        store_->add_directory_entry(0, as_bytes(kMarkers[6])).value();
        store_->queue_mark({to_bytes(as_bytes(kMarkers[7])), to_bytes(as_bytes(kMarkers[8]))})
            .value();
        store_->set_refused(message, {ErrorCode::conflict, Retry::never, kMarkers[9], {}}).value();
        store_->set_next_seq(mailbox_, Lane::urgent, {2}).value();
        store_->take_counter(mailbox_, Lane::urgent).value();
        store_->set_seen(random_.make<StationId>(), mailbox_.text(), Lane::urgent, {}).value();
    }
    // Names of the store's files in which the end of these bytes stands.
    std::vector<std::string> files_with(ByteView sealed) {
        std::vector<std::string> names;
        for (const auto& file : std::filesystem::directory_iterator(folder_.path())) {
            std::ifstream stream(file.path(), std::ios::binary);
            const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
            if (bytes.find(as_text(sealed.last(64))) == std::string::npos) continue;
            names.push_back(file.path().filename().string());
        }
        std::ranges::sort(names);
        return names;
    }
};

TEST_F(SecrecyTest, NoMarkerStandsInAnyFileWhileOpenOrClosed) {
    fill();
    EXPECT_EQ(test::markers_in(folder_.path(), kMarkers), std::vector<std::string>{});
    store_.reset();
    EXPECT_EQ(test::markers_in(folder_.path(), kMarkers), std::vector<std::string>{});
}

// The search itself finds what it is made for, wherever in a text it stands.
TEST(MarkerSearch, FindsALeakInEachFormAtEachPlace) {
    const std::string marker = "MARQUEUR-ENTREE";
    for (const std::size_t before : {0U, 1U, 2U, 3U, 7U}) {
        const std::string around = std::string(before, '{') + marker + "}}";
        std::string little;
        std::string big;
        for (const char c : around) {
            little.append({c, '\0'});
            big.append({'\0', c});
        }
        for (const std::string& leak : {around, hex(as_bytes(around)), base64(as_bytes(around)),
                                        base64url(as_bytes(around)), little, big}) {
            const test::TestFolder folder;
            std::ofstream(folder.file("leak"), std::ios::binary) << leak;
            EXPECT_NE(test::markers_in(folder.path(), {marker}), std::vector<std::string>{})
                << leak;
            EXPECT_EQ(test::markers_in(folder.path(), {"MARQUEUR-SORTIE"}),
                      std::vector<std::string>{});
        }
    }
}

TEST(MarkerSearch, FindsAMarkerInAFilesName) {
    const test::TestFolder folder;
    std::ofstream(folder.file("MARQUEUR-ENTREE.json")) << "{}";
    EXPECT_EQ(test::markers_in(folder.path(), {"MARQUEUR-ENTREE"}).size(), 1U);
}

TEST_F(SecrecyTest, UnderAnotherKeyNothingOpens) {
    fill();
    store_.reset();
    const auto other = open(2).value();
    EXPECT_EQ(other->entries(0, 10).code(), ErrorCode::corrupt);
    EXPECT_EQ(other->outgoing().code(), ErrorCode::corrupt);
    EXPECT_EQ(other->value("identity").code(), ErrorCode::corrupt);
    EXPECT_EQ(other->directory_entries(0).code(), ErrorCode::corrupt);
    EXPECT_EQ(other->marks(0, 10).code(), ErrorCode::corrupt);
    EXPECT_FALSE(other->epoch_key(mailbox_, {1}).value().has_value());  // its tag is another
}

// An erasure does not end it: what is removed after it is overwritten too.
TEST_F(SecrecyTest, WhatIsRemovedIsOverwrittenInTheFile) {
    const auto draft = random_.make<MessageId>();
    store_->put_draft(draft, random_.bytes(400)).value();
    Bytes sealed;
    {
        Database database = raw();
        Query query = database.query("SELECT sealed FROM draft");
        ASSERT_TRUE(query.row().value());
        sealed = to_bytes(query.blob(0));
    }
    const auto stands_in_file = [&] { return !files_with(sealed).empty(); };
    restart();  // the journal is in the file
    ASSERT_TRUE(stands_in_file());
    store_->begin().value();
    store_->erase_message(random_.make<MessageId>(), random_.make<Digest>()).value();
    store_->remove_draft(draft).value();
    store_->commit().value();
    EXPECT_EQ(files_with(sealed), std::vector<std::string>{});
}

// As whoever steals the disk finds it while the station runs.
TEST_F(SecrecyTest, WhatIsErasedIsInNoFileOfTheStoreAfterTheCommit) {
    const auto message = random_.make<MessageId>();
    store_->queue(message, random_.make<ThreadId>(), random_.bytes(400)).value();
    Bytes sealed;
    {
        Database database = raw();
        Query query = database.query("SELECT sealed FROM outgoing");
        ASSERT_TRUE(query.row().value());
        sealed = to_bytes(query.blob(0));
    }
    restart();
    std::filesystem::copy_file(path(), path() + ".v1");  // as an upgrade leaves it
    store_->set_value("some", random_.bytes(100)).value();
    EXPECT_EQ(files_with(sealed), (std::vector<std::string>{"station.db", "station.db.v1"}));
    store_->begin().value();
    store_->erase_message(message, random_.make<Digest>()).value();
    store_->commit().value();
    EXPECT_EQ(files_with(sealed), std::vector<std::string>{});
}

TEST_F(SecrecyTest, WhatAReaderKeptOfAnErasureGoesWithTheNextCommit) {
    const auto message = random_.make<MessageId>();
    store_->queue(message, random_.make<ThreadId>(), random_.bytes(400)).value();
    Bytes sealed;
    {
        Database reader = raw();
        reader.begin_reading();
        {
            Query query = reader.query("SELECT sealed FROM outgoing");
            ASSERT_TRUE(query.row().value());
            sealed = to_bytes(query.blob(0));
        }
        store_->begin().value();
        store_->erase_message(message, random_.make<Digest>()).value();
        store_->commit().value();
        EXPECT_NE(files_with(sealed), std::vector<std::string>{}) << "it is being read";
        reader.end_reading();
    }
    store_->begin().value();
    store_->commit().value();
    EXPECT_EQ(files_with(sealed), std::vector<std::string>{});
}

TEST_F(SecrecyTest, TwoReceivedEntriesExchangedAreNoticed) {
    store_->add_entry(entry(1, {1})).value();
    store_->add_entry(entry(2, {2})).value();
    raw()
        .execute(
            "CREATE TEMP TABLE t AS SELECT seq, sealed FROM entry;"
            "UPDATE entry SET sealed = (SELECT sealed FROM t WHERE t.seq = 3 - entry.seq)")
        .value();
    EXPECT_EQ(store_->entries(0, 10).code(), ErrorCode::corrupt);
}

TEST_F(SecrecyTest, AnEntryMovedToAnotherPlaceIsNoticed) {
    for (const char* change :
         {"seq = 9", "lane = 2", "mailbox = zeroblob(16)", "incarnation = zeroblob(16)"}) {
        store_->begin().value();
        store_->add_entry(entry(1)).value();
        store_->commit().value();
        raw().execute(std::string("UPDATE entry SET ") + change).value();
        EXPECT_EQ(store_->entries(0, 10).code(), ErrorCode::corrupt) << change;
        raw().execute("DELETE FROM entry").value();
    }
}

TEST_F(SecrecyTest, RowsOfTheOutboxExchangedAreNoticed) {
    for (const std::uint8_t body : {std::uint8_t{1}, std::uint8_t{2}}) {
        store_->queue(random_.make<MessageId>(), random_.make<ThreadId>(), Bytes{body}).value();
        store_->queue_mark({Bytes{body}, Bytes{body}}).value();
    }
    raw()
        .execute(
            "CREATE TEMP TABLE t AS SELECT serial, sealed FROM outgoing;"
            "UPDATE outgoing SET sealed = (SELECT sealed FROM t WHERE t.serial = 3 - "
            "outgoing.serial);"
            "CREATE TEMP TABLE u AS SELECT serial, sealed FROM outgoing_mark;"
            "UPDATE outgoing_mark SET sealed = (SELECT sealed FROM u WHERE u.serial = 3 - "
            "outgoing_mark.serial)")
        .value();
    EXPECT_EQ(store_->outgoing().code(), ErrorCode::corrupt);
    EXPECT_EQ(store_->marks(0, 10).code(), ErrorCode::corrupt);
}

TEST_F(SecrecyTest, ValuesBundlesEpochsAndDraftsExchangedAreNoticed) {
    const Digest one = random_.make<Digest>();
    const auto draft = random_.make<MessageId>();
    store_->set_value("a", as_bytes("1")).value();
    store_->add_bundle(one, as_bytes("1")).value();
    store_->add_epoch_key(mailbox_, {1}, Secret::copy_of("1")).value();
    store_->put_draft(draft, as_bytes("1")).value();
    store_->add_directory_entry(0, as_bytes("1")).value();
    Database database = raw();
    database
        .execute(
            "UPDATE value SET name = 'b'; UPDATE epoch SET number = 2;"
            "UPDATE directory SET position = 1;"
            "UPDATE bundle SET digest = zeroblob(32); UPDATE draft SET id = zeroblob(16)")
        .value();
    EXPECT_EQ(store_->value("b").code(), ErrorCode::corrupt);
    EXPECT_EQ(store_->bundle(Digest{}).code(), ErrorCode::corrupt);
    EXPECT_EQ(store_->epoch_key(mailbox_, {2}).code(), ErrorCode::corrupt);
    EXPECT_EQ(store_->draft(MessageId{}).code(), ErrorCode::corrupt);
    EXPECT_EQ(store_->directory_entries(1).code(), ErrorCode::corrupt);
}

// A row of one table under the same key in another.
TEST_F(SecrecyTest, ARowMovedToAnotherTableIsNoticed) {
    const auto id = random_.make<MessageId>();
    store_->put_draft(id, as_bytes("brouillon")).value();
    store_->queue(id, random_.make<ThreadId>(), as_bytes("enveloppe")).value();
    raw().execute("UPDATE outgoing SET sealed = (SELECT sealed FROM draft)").value();
    EXPECT_EQ(store_->outgoing(id).code(), ErrorCode::corrupt);
}

TEST_F(SecrecyTest, AnyFlippedBitOfASealedRowIsNoticed) {
    store_->set_value("a", as_bytes("valeur")).value();
    Bytes sealed;
    {
        Database database = raw();
        Query query = database.query("SELECT sealed FROM value");
        ASSERT_TRUE(query.row().value());
        sealed = to_bytes(query.blob(0));
    }
    for (std::size_t bit = 0; bit < 8 * sealed.size(); bit += 5) {
        Bytes bad = sealed;
        bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1U << (bit % 8)));
        Database database = raw();
        database.query("UPDATE value SET sealed = ?").bind(bad).run().value();
        ASSERT_EQ(store_->value("a").code(), ErrorCode::corrupt) << bit;
    }
    for (const std::size_t size : {0U, 5U, 12U, 27U}) {
        Database database = raw();
        database.query("UPDATE value SET sealed = ?")
            .bind(ByteView(sealed).first(size))
            .run()
            .value();
        EXPECT_EQ(store_->value("a").code(), ErrorCode::corrupt) << size;
    }
}

TEST_F(SecrecyTest, TheSameTextIsSealedAnotherWayEachTime) {
    SystemRandom random;
    const RowSealer sealer(Secret(32), random);
    EXPECT_NE(sealer.seal("t", {}, as_bytes("x")), sealer.seal("t", {}, as_bytes("x")));
}

// Nobody can look an address up in the file without the key.
TEST_F(SecrecyTest, TagsAreTheSameOnOneStationAndDifferentOnAnother) {
    SystemRandom random;
    const RowSealer one(Secret::copy_of(Bytes(32, 1)), random);
    const RowSealer two(Secret::copy_of(Bytes(32, 2)), random);
    EXPECT_EQ(one.tag(mailbox_.text()), one.tag(mailbox_.text()));
    EXPECT_NE(one.tag(mailbox_.text()), one.tag(other_.text()));
    EXPECT_NE(one.tag(mailbox_.text()), two.tag(mailbox_.text()));
}

}  // namespace
}  // namespace relais::station
