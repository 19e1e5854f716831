// The last sign of each mailbox that a station exchanges with: what counts as one, by which day,
// and whose signature it takes.
#include "clients/station/sync/signs.h"

#include "core/base/contexts.h"
#include "core/calendar/days.h"
#include "core/merkle/tree.h"
#include "tests/unit/clients/station/sync/sync_fixture.h"

namespace relais::station {
namespace {

using std::chrono::hours;

class Signs : public SyncTest {
protected:
    Signs() { get_ready(); }

    [[nodiscard]] std::optional<LastSign> last(const Address& mailbox) {
        const auto all = last_signs(*store_, *judge_).value();
        const auto found = all.find(mailbox.text());
        return found == all.end() ? std::nullopt : std::optional(found->second);
    }
    [[nodiscard]] std::optional<LastSign> last() { return last(practice_); }

    // What the practice signed, accepted at noon of that day.
    void act_of(CivilDay day, const ActDraft& draft = {}) {
        EnvelopeEntry entry = make(draft);
        entry.accepted.time = calendar::start_of(day) + hours(12);
        hear(wire::encode_frame({0, delivery(entry)}));
    }
    // A message of the ward to the practice, in its outbox.
    MessageId sent() {
        const Header header = test::make_header({.from = ward_.text(),
                                                 .to = {practice_.text()},
                                                 .kind = kind_digest_,
                                                 .by = territory_.geriatrician.id,
                                                 .station = identity_.station},
                                                territory_.random());
        const Bytes bytes =
            test::make_envelope(header, *territory_.geriatrician.key, territory_.random());
        header_ = Envelope::parse(bytes).value().digest();
        store_->queue(header.id, header.thread, bytes).value();
        return header.id;
    }
    void told(const Notice& notice) {
        const NoticeEntry entry{encode_statement(
            make_statement(contexts::kNotice, encode_notice(notice), *territory_.broker_key()))};
        hear(wire::encode_frame(
            {0, wire::Delivery{ward_, incarnation_, Lane::urgent, {next_seq_++}, entry}}));
    }
    // The broker says at noon of that day that the practice holds the message.
    void delivered(CivilDay day, const MessageId& message, P256Key& station) {
        const DeliveredStatement body{
            territory_.practice_station.id,         practice_, incarnation_, Lane::urgent, {1}, {1},
            merkle::tree_root(std::vector{header_})};
        Notice notice{.kind = NoticeKind::delivered, .time = calendar::start_of(day) + hours(12)};
        notice.mailbox = practice_.text();
        notice.statement =
            encode_statement(make_statement(contexts::kDelivered, encode_delivered(body), station));
        notice.delivered = {{message, 0, {}}};
        told(notice);
    }
    void word(CivilDay day, const MessageId& message, NoticeKind kind) {
        const WallTime at = calendar::start_of(day) + hours(12);
        const Word said = kind == NoticeKind::opened ? Word::opened : Word::taken;
        const OpenedStatement body{
            territory_.practice_station.id, practice_, message, header_, said, at};
        Notice notice{.kind = kind, .time = at};
        notice.message = message;
        notice.mailbox = practice_.text();
        notice.statement = encode_statement(make_statement(contexts::kOpened, encode_opened(body),
                                                           *territory_.practice_station.signing));
        told(notice);
    }

    CivilDay day_ = calendar::day_of(test::kTestTime);
    Digest header_;
};

// The acknowledgement was lost with the broker's disk.
TEST_F(Signs, WhatARestoredBrokerLetsExpireThoughItWasDeliveredIsNotShown) {
    const MessageId message = sent();
    delivered(day_, message, *territory_.practice_station.signing);
    broker_restored();
    sync_.connected();
    wire::Welcome restored = welcome();
    restored.restored = wire::Restored{{3}, {}, later_log(), true};
    hear(said().at(0).number, restored);
    for (const auto& [number, attach] : said_of<wire::Attach>()) {
        hear(number, wire::Attached{incarnation_, {}});
    }
    Notice expired{.kind = NoticeKind::expired, .time = test::kTestTime};
    expired.message = message;
    expired.mailbox = practice_.text();
    told(expired);
    expired.mailbox = "cardiologie.ch-valmont@indre";
    told(expired);
    std::vector<ErrorCode> statuses;
    for (const StoredEntry& entry : stored()) statuses.push_back(entry.status);
    EXPECT_EQ(statuses, (std::vector{ErrorCode::ok, ErrorCode::already_exists, ErrorCode::ok}));
}

TEST_F(Signs, AnActIsASignOfTheUnitThatItComesFromOnTheDayOfItsAcceptance) {
    EXPECT_FALSE(last());
    act_of(day_);
    EXPECT_EQ(last(), (LastSign{day_, Sign::acted}));
    EXPECT_FALSE(last(ward_)) << "its own";
    act_of(day_ + 9, {.counter = 2});
    EXPECT_EQ(last(), (LastSign{day_ + 9, Sign::acted}));
}

TEST_F(Signs, AnOlderSignDoesNotReplaceALaterOne) {
    act_of(day_ + 9);
    act_of(day_, {.counter = 2});
    EXPECT_EQ(last(), (LastSign{day_ + 9, Sign::acted}));
}

TEST_F(Signs, WhatIsNotSoundIsNoSign) {
    EnvelopeEntry entry = make({.key = territory_.make_key()});
    hear(wire::encode_frame({0, delivery(entry)}));
    EXPECT_FALSE(last());
}

TEST_F(Signs, AReceiptIsASignWhereAStationOfThatUnitSignedIt) {
    const MessageId message = sent();
    delivered(day_, message, *territory_.geriatrics_station.signing);
    EXPECT_FALSE(last()) << "the broker alone says it";
    delivered(day_, message, *territory_.practice_station.signing);
    EXPECT_EQ(last(), (LastSign{day_, Sign::delivered}));
}

TEST_F(Signs, OfOneDayWhatSaysMostOfItIsKept) {
    const MessageId message = sent();
    word(day_, message, NoticeKind::opened);
    EXPECT_EQ(last(), (LastSign{day_, Sign::opened}));
    word(day_, message, NoticeKind::taken);
    EXPECT_EQ(last(), (LastSign{day_, Sign::taken}));
    delivered(day_, message, *territory_.practice_station.signing);
    EXPECT_EQ(last(), (LastSign{day_, Sign::taken}));
    delivered(day_ + 1, message, *territory_.practice_station.signing);
    EXPECT_EQ(last(), (LastSign{day_ + 1, Sign::delivered}));
}

TEST_F(Signs, ANoticeOfWhatNobodyThereSignedIsNone) {
    const MessageId message = sent();
    Notice notice{.kind = NoticeKind::expired, .time = calendar::start_of(day_) + hours(12)};
    notice.message = message;
    notice.mailbox = practice_.text();
    told(notice);
    EXPECT_FALSE(last());
}

// What waits for its key counts when it is judged sound, by the day on which it came.
TEST_F(Signs, WhatIsJudgedLaterCountsByItsOwnDay) {
    EnvelopeEntry ahead = make({.at = DirectorySize{replica_->size().value + 1}});
    ahead.accepted.time = calendar::start_of(day_) + hours(12);
    hear(wire::encode_frame({0, delivery(ahead)}));
    EXPECT_FALSE(last());
    const std::size_t before = log_bytes().size();
    territory_.suspend(territory_.cpts);
    hear(
        wire::encode_frame({0, wire::DirectoryEntries{{before}, log_bytes(before), checkpoint()}}));
    EXPECT_EQ(last(), (LastSign{day_, Sign::acted}));
}

// A station of before: its signs are read from what it holds.
TEST_F(Signs, AStoreWithoutThemIsReadWhole) {
    const wire::Delivery first = delivery(make({}));
    store_
        ->add_entry({.serial = 0,
                     .delivery = first,
                     .digest = entry_digest(first.entry),
                     .thread = std::nullopt,
                     .message = std::nullopt})
        .value();
    EXPECT_EQ(last()->sign, Sign::acted);
}

}  // namespace
}  // namespace relais::station
