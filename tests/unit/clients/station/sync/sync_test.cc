// The protocol of a station, frame by frame: nothing is acknowledged that is not stored, nothing is
// lost or doubled by a break, and a broker that contradicts itself is found out.
#include <set>

#include "clients/station/seal/content.h"
#include "clients/station/seal/envelope_seal.h"
#include "clients/station/sync/contradictions.h"
#include "core/base/contexts.h"
#include "core/base/limits.h"
#include "core/crypto/sha256.h"
#include "core/merkle/tree.h"
#include "schemas/envelope/notice.h"
#include "schemas/envelope/statements.h"
#include "tests/unit/clients/station/sync/sync_fixture.h"

namespace relais::station {
namespace {

TEST_F(SyncTest, GreetsFollowsTheDirectoryAndAttachesItsMailboxes) {
    sync_.connected();
    const auto greeting = said();
    ASSERT_EQ(greeting.size(), 1U);
    EXPECT_EQ(std::get<wire::Hello>(greeting[0].body).protocol, wire::kProtocolVersion);
    hear(greeting[0].number, welcome());
    const auto next = said();
    ASSERT_EQ(next.size(), 2U);
    EXPECT_EQ(std::get<wire::FollowDirectory>(next[0].body).from, replica_->size());
    const auto& attach = std::get<wire::Attach>(next[1].body);
    EXPECT_EQ(attach.mailbox, ward_);
    EXPECT_EQ(attach.incarnation, incarnation_);
    EXPECT_EQ(attach.lanes[1].next, ChannelSeq{1});
    EXPECT_FALSE(sync_.ready());
    hear(next[1].number, wire::Attached{incarnation_, {}});
    EXPECT_TRUE(sync_.ready());
    EXPECT_EQ(alarm(), ErrorCode::ok);
}

TEST_F(SyncTest, AnotherDomainOrStationIsAnAlarm) {
    wire::Welcome other = welcome();
    other.domain = test::name("cher");
    sync_.connected();
    hear(said().at(0).number, other);
    EXPECT_EQ(alarm(), ErrorCode::wrong_domain);
    other = welcome();
    other.station = territory_.cardiology_station.id;
    sync_.connected();
    hear(said().at(0).number, other);
    EXPECT_EQ(alarm(), ErrorCode::wrong_domain);
    EXPECT_FALSE(sync_.welcome().has_value());
    EXPECT_TRUE(said().empty());
}

TEST_F(SyncTest, ADirectoryThatBecameShorterIsAnAlarm) {
    wire::Welcome rolled_back = welcome();
    rolled_back.directory_size.value -= 1;
    sync_.connected();
    hear(said().at(0).number, rolled_back);
    EXPECT_EQ(alarm(), ErrorCode::inconsistent_log);
    EXPECT_TRUE(said().empty());
}

TEST_F(SyncTest, ADirectoryThatIsRefusedLeavesNothingForTheNextStart) {
    get_ready();
    const DirectorySize size = replica_->size();
    const std::size_t before = territory_.log().size();
    territory_.attest(territory_.nurse);
    const std::vector<Bytes> good = log_bytes(before);
    const auto forged = territory_.draft("", *territory_.doctor.key,
                                         directory::Suspension{territory_.hospital.name, true});
    hear(0, wire::DirectoryEntries{size, {good[0], forged.bytes}, ""});
    EXPECT_EQ(alarm(), ErrorCode::not_a_signer);
    EXPECT_EQ(replica_->size(), size);
    EXPECT_EQ(reloaded().size(), size);
    hear(0, wire::DirectoryEntries{size, good, checkpoint()});
    EXPECT_EQ(alarm(), ErrorCode::ok);
    EXPECT_EQ(reloaded().size(), DirectorySize{size.value + 1});
}

TEST_F(SyncTest, WhatIsNoFrameIsAnAlarm) {
    get_ready();
    hear(Bytes(40, 7));
    EXPECT_EQ(alarm(), ErrorCode::malformed);
}

TEST_F(SyncTest, WhatIsDeliveredIsStoredThenAcknowledged) {
    get_ready();
    const wire::Delivery one = next_delivery();
    const wire::Delivery two = next_delivery();
    hear(0, one);
    hear(0, two);
    EXPECT_EQ(stored().size(), 2U);
    EXPECT_EQ(stored()[0].status, ErrorCode::ok);
    EXPECT_TRUE(said().empty());
    flush();
    const auto acknowledged = said_of<wire::Acknowledge>();
    ASSERT_EQ(acknowledged.size(), 1U);
    const Statement statement = parse_statement(acknowledged[0].second.statement).value();
    EXPECT_TRUE(verify_statement(contexts::kDelivered, statement,
                                 territory_.geriatrics_station.signing->public_key(),
                                 territory_.verifier())
                    .ok());
    const DeliveredStatement body = parse_delivered(statement.body).value();
    EXPECT_EQ(body.mailbox, ward_);
    EXPECT_EQ(body.first, ChannelSeq{1});
    EXPECT_EQ(body.last, ChannelSeq{2});
    const std::vector<Digest> digests = {entry_digest(one.entry), entry_digest(two.entry)};
    EXPECT_EQ(body.root, merkle::tree_root(digests));
    flush();
    EXPECT_TRUE(said().empty());
}

TEST_F(SyncTest, WhatIsDeliveredAgainIsStoredOnce) {
    get_ready();
    const wire::Delivery one = next_delivery();
    hear(0, one);
    hear(0, one);
    sync_.disconnected();
    get_ready();
    hear(0, one);
    EXPECT_EQ(stored().size(), 1U);
    EXPECT_EQ(alarm(), ErrorCode::ok);
}

// A break between the commit and the acknowledgement: the broker does not know yet.
TEST_F(SyncTest, WhatWasStoredBeforeABreakIsAcknowledgedAfterIt) {
    get_ready();
    hear(0, next_delivery());
    sync_.disconnected();
    get_ready();
    flush();
    const auto acknowledged = said_of<wire::Acknowledge>();
    ASSERT_EQ(acknowledged.size(), 1U);
    const Statement statement = parse_statement(acknowledged[0].second.statement).value();
    EXPECT_EQ(parse_delivered(statement.body).value().last, ChannelSeq{1});
}

TEST_F(SyncTest, AGapIsAnAlarmAndIsNotStored) {
    get_ready();
    const wire::Delivery withheld = next_delivery();
    hear(0, next_delivery());
    EXPECT_EQ(alarm(), ErrorCode::wrong_position);
    EXPECT_EQ(stored().size(), 0U);
    hear(0, withheld);
    EXPECT_EQ(alarm(), ErrorCode::ok);
    EXPECT_EQ(stored().size(), 1U);
}

TEST_F(SyncTest, WhatIsNotOfThisStationOrIncarnationIsAnAlarm) {
    get_ready();
    wire::Delivery elsewhere = next_delivery();
    elsewhere.mailbox = test::address("cardiologie.ch-valmont@indre");
    hear(0, elsewhere);
    EXPECT_EQ(alarm(), ErrorCode::not_addressed);
    wire::Delivery before = next_delivery();
    before.incarnation = territory_.random().make<Incarnation>();
    hear(0, before);
    EXPECT_EQ(alarm(), ErrorCode::not_addressed);
    EXPECT_EQ(stored().size(), 0U);
}

// No honest broker accepts two kinds in one thread: it is stored as that, and told.
TEST_F(SyncTest, AnActOfAnotherVersionThanItsThreadsIsTheBrokersFault) {
    get_ready();
    const EnvelopeEntry opening = make({});
    const ThreadId thread = parse_header(opening.header.bytes).value().thread;
    hear(0, delivery(opening));
    hear(0, delivery(make({.counter = 2, .kind = sha256(Bytes{2}), .thread = thread})));
    ASSERT_EQ(stored().size(), 2U);
    EXPECT_EQ(stored()[0].status, ErrorCode::ok);
    EXPECT_EQ(stored()[1].status, ErrorCode::wrong_kind_version);
    EXPECT_EQ(sync_.take_events().suspect, 1U);
    const auto kept = contradictions(*store_).value();
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_EQ(kept[0].code, ErrorCode::wrong_kind_version);
}

// Kept as what it is, with its reason, and acknowledged: the station holds it.
TEST_F(SyncTest, WhatIsNotValidIsStoredWithItsReason) {
    get_ready();
    std::vector<bool> forged(kDamages, false);
    forged[static_cast<std::size_t>(Damage::signature)] = true;
    hear(0, delivery(make({}, forged)));
    ASSERT_EQ(stored().size(), 1U);
    EXPECT_EQ(stored()[0].status, ErrorCode::bad_signature);
    flush();
    EXPECT_EQ(said_of<wire::Acknowledge>().size(), 1U);
}

TEST_F(SyncTest, WhatIsNotValidIsAcknowledgedWithItsVerdict) {
    get_ready();
    hear(0, delivery(make({.counter = 1})));
    EnvelopeEntry spoilt = make({.counter = 2});
    spoilt.content[40] ^= 1;
    hear(0, delivery(spoilt));
    flush();
    const auto acknowledged = said_of<wire::Acknowledge>();
    ASSERT_EQ(acknowledged.size(), 1U);
    const Statement statement = parse_statement(acknowledged[0].second.statement).value();
    const DeliveredStatement body = parse_delivered(statement.body).value();
    ASSERT_EQ(body.faults.size(), 1U);
    EXPECT_EQ(body.faults[0].index, 1U);
    EXPECT_EQ(body.faults[0].code, ErrorCode::content_undecryptable);
}

TEST_F(SyncTest, WhatWaitedForTheDirectoryIsJudgedWhenItComes) {
    get_ready();
    const DirectorySize size = replica_->size();
    const DirectoryHead head = replica_->head();
    territory_.attest(territory_.nurse);
    hear(0, delivery(make({.head = head})));
    EXPECT_EQ(stored()[0].status, ErrorCode::ahead_of_directory);
    hear(0, wire::DirectoryEntries{size, log_bytes(size.value), checkpoint()});
    EXPECT_EQ(stored()[0].status, ErrorCode::ok);
}

// Whoever can make a station wait for what never comes could otherwise hide what comes after.
TEST_F(SyncTest, WhatWaitsForSomethingElseDoesNotHideWhatMayPassNow) {
    get_ready();
    const DirectorySize size = replica_->size();
    const DirectoryHead head = replica_->head();
    constexpr std::uint64_t kWaiting = 600;
    for (std::uint64_t i = 1; i <= kWaiting; ++i) {
        hear(0, delivery(make({.counter = i, .head = head, .at = DirectorySize{size.value + 99}})));
    }
    territory_.attest(territory_.nurse);
    hear(0, delivery(make({.counter = kWaiting + 1, .head = head})));
    const auto last = [&] { return store_->entries(kWaiting, 10).value().back().status; };
    ASSERT_EQ(last(), ErrorCode::ahead_of_directory);
    hear(0, wire::DirectoryEntries{size, log_bytes(size.value), checkpoint()});
    EXPECT_EQ(last(), ErrorCode::ok);
    EXPECT_EQ(store_->entries_with(ErrorCode::ahead_of_directory, 1000).value().size(), kWaiting);
}

TEST_F(SyncTest, EnvelopesGoInOrderAndAnswersAreMatchedByNumber) {
    const MessageId one = queue({1});
    const MessageId two = queue({2});
    const MessageId three = queue({3});
    get_ready();
    flush();
    const auto sent = said_of<wire::Submit>();
    ASSERT_EQ(sent.size(), 3U);
    for (std::uint8_t i = 0; i < 3; ++i)
        EXPECT_EQ(sent[i].second.envelope, Bytes{std::uint8_t(i + 1)});
    hear(sent[2].first, receipt(three));
    EXPECT_EQ(state_of(one), SendState::queued);
    EXPECT_EQ(state_of(three), SendState::accepted);
    hear(sent[0].first, receipt(one));
    hear(sent[1].first, wire::Refusal{ErrorCode::conflict, Retry::never, "clos", std::nullopt});
    EXPECT_EQ(state_of(one), SendState::accepted);
    EXPECT_EQ(state_of(two), SendState::refused);
    flush();
    EXPECT_TRUE(said().empty());
    hear(sent[0].first, receipt(one));  // an answer to what nobody asks any more
    EXPECT_EQ(alarm(), ErrorCode::ok);
}

TEST_F(SyncTest, WhatWasNotAnsweredIsSentAgainAfterABreakTheSameBytesInOrder) {
    const MessageId one = queue({1});
    queue({2});
    get_ready();
    flush();
    const auto sent = said_of<wire::Submit>();
    ASSERT_EQ(sent.size(), 2U);
    hear(sent[0].first, receipt(one));
    sync_.disconnected();
    hear(sent[1].first, receipt(one));  // late: of the connection before
    get_ready();
    flush();
    const auto again = said_of<wire::Submit>();
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again[0].second.envelope, Bytes{2});
}

TEST_F(SyncTest, NothingIsSentBeforeTheStationIsReady) {
    queue({1});
    sync_.connected();
    flush();
    EXPECT_TRUE(said_of<wire::Submit>().empty());
}

TEST_F(SyncTest, ARestoredBrokerIsOfferedWhatItHadAccepted) {
    const Bytes envelope = test::make_envelope(
        test::make_header({.kind = kind_digest(), .head = replica_->head()}, territory_.random()),
        *territory_.doctor.key, territory_.random());
    const MessageId accepted = queue(envelope);
    get_ready();
    flush();
    hear(said_of<wire::Submit>().at(0).first, receipt(accepted));
    hear(0, next_delivery());
    broker_restored();
    get_ready();
    flush();
    const auto again = said_of<wire::Submit>();
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again[0].second.envelope, envelope);
    EXPECT_TRUE(again[0].second.again);
    EXPECT_EQ(store_->next_seq(ward_, Lane::urgent).value(), ChannelSeq{1});
}

// Else a broker that went back to an older copy had but to draw a number, and no place of before
// could tell of it any more. A restore that was said of another incarnation says nothing of this.
TEST_F(SyncTest, AnotherIncarnationThatIsNoRestoreIsAnAlarmAndChangesNothing) {
    get_ready();
    hear(0, next_delivery());
    const auto known = store_->value("incarnation").value();
    const std::optional<wire::Restored> before{{{3}, {}, later_log(), false}};
    for (const auto& said_with : {std::optional<wire::Restored>(), before}) {
        incarnation_ = territory_.random().make<Incarnation>();
        restored_ = said_with;
        sync_.disconnected();
        sync_.connected();
        hear(said().at(0).number, welcome());
        EXPECT_EQ(alarm(), ErrorCode::wrong_position);
        EXPECT_FALSE(sync_.ready());
        EXPECT_TRUE(said().empty());
        EXPECT_EQ(store_->value("incarnation").value(), known);
        EXPECT_EQ(store_->next_seq(ward_, Lane::urgent).value(), ChannelSeq{2});
    }
    const auto kept = contradictions(*store_).value();
    ASSERT_EQ(kept.size(), 2U);
    for (const auto& each : kept) EXPECT_EQ(each.code, ErrorCode::wrong_position);
}

TEST_F(SyncTest, TheSameEntryUnderAnotherNumberAfterARestoreIsKnown) {
    get_ready();
    const wire::Delivery one = next_delivery();
    hear(0, one);
    broker_restored();
    get_ready();
    hear(0, delivery(std::get<EnvelopeEntry>(one.entry)));
    ASSERT_EQ(stored().size(), 2U);
    EXPECT_EQ(stored()[1].status, ErrorCode::already_exists);
}

TEST_F(SyncTest, ABundleIsTheOneThatWasPublishedOrAnAlarm) {
    const Bytes wanted = to_bytes(as_bytes("bundle de la version 2"));
    territory_.publish_kind(territory_.cpts, "admission", 2, sha256(wanted));
    const DirectorySize size = replica_->size();
    get_ready();
    hear(0, wire::DirectoryEntries{size, log_bytes(size.value), ""});
    const auto asked = said_of<wire::FetchBundle>();
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked[0].second.digest, sha256(wanted));
    hear(asked[0].first, wire::Bundle{Bytes(10, 1)});
    EXPECT_EQ(alarm(), ErrorCode::digest_mismatch);
    EXPECT_FALSE(store_->bundle(sha256(wanted)).value().has_value());
}

TEST_F(SyncTest, TheBrokersWordThatItEndsTheSessionIsPassedOn) {
    get_ready();
    hear(0, wire::Cut{ErrorCode::revoked});
    EXPECT_EQ(sync_.take_events().cut, ErrorCode::revoked);
}

TEST_F(SyncTest, MarksAreSentAgainUntilTheyAreAnswered) {
    store_->queue_mark({Bytes{1}, Bytes{2}}).value();
    get_ready();
    flush();
    EXPECT_EQ(said_of<wire::MarkEntry>().size(), 1U);
    sync_.disconnected();
    get_ready();
    flush();
    const auto again = said_of<wire::MarkEntry>();
    ASSERT_EQ(again.size(), 1U);
    hear(again[0].first, wire::Done{});
    EXPECT_TRUE(store_->marks(0, 9).value().empty());
}

// Of another header nobody here has seen anything: it is kept, and told of no message.
TEST_F(SyncTest, AMarkIsToldOfTheMessageWhoseHeaderItNames) {
    get_ready();
    const EnvelopeEntry entry = make({});
    hear(0, delivery(entry));
    const Header header = parse_header(entry.header.bytes).value();
    PersonMark mark{territory_.nurse.id, ward_,
                    header.id,           header_digest(entry.header.bytes),
                    Word::taken,         test::kTestTime};
    const auto hear_mark = [&] {
        const Statement made =
            make_statement(contexts::kMark, encode_mark(mark), *territory_.nurse.key);
        hear(0, wire::Delivery{ward_,
                               incarnation_,
                               Lane::urgent,
                               {next_seq_++},
                               MarkedEntry{encode_statement(made)}});
        return stored().back();
    };
    EXPECT_EQ(hear_mark().thread, header.thread);
    mark.header = territory_.random().make<Digest>();
    const StoredEntry other = hear_mark();
    EXPECT_EQ(other.status, ErrorCode::ok);
    EXPECT_FALSE(other.thread.has_value());
}

TEST_F(SyncTest, MarksLeaveRoomForOtherRequests) {
    for (std::size_t i = 0; i < limits::kRequestsInFlightMax; ++i) {
        store_->queue_mark({Bytes{1}, Bytes{2}}).value();
    }
    get_ready();
    std::size_t sent = 0;
    for (int i = 0; i < 20; ++i) {
        flush();
        sent += said_of<wire::MarkEntry>().size();
    }
    EXPECT_GT(sent, 0u);
    EXPECT_LT(sent, limits::kRequestsInFlightMax);
}

TEST_F(SyncTest, ARequestOfTheApplicationIsAnsweredOnceOrByTheBreak) {
    get_ready();
    const std::uint64_t one = sync_.ask(wire::AskStatus{});
    const std::uint64_t two = sync_.ask(wire::AskStatus{});
    hear(one, wire::Status{"{}"});
    EXPECT_TRUE(sync_.take_reply(one).has_value());
    EXPECT_FALSE(sync_.take_reply(one).has_value());
    EXPECT_FALSE(sync_.take_reply(two).has_value());
    sync_.disconnected();
    const auto reply = sync_.take_reply(two);
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(std::get<wire::Refusal>(*reply).code, ErrorCode::unreachable);
    EXPECT_TRUE(sync_.take_reply(sync_.ask(wire::AskStatus{})).has_value());
}

// An envelope from the ward to the practice, in the outbox.
class Reseal : public SyncTest {
protected:
    Reseal() {
        auto& random = territory_.random();
        const seal::PaddedContent content = seal::pad_content(as_bytes("offre"), random).value();
        Header header = test::make_header({.from = ward_.text(),
                                           .to = {practice_.text()},
                                           .kind = kind_digest_,
                                           .by = territory_.geriatrician.id,
                                           .station = territory_.geriatrics_station.id},
                                          random);
        header.content_digest = content.digest;
        header.content_bytes = static_cast<std::uint32_t>(content.bytes.size());
        const SignedHeader signed_header = test::sign_header(header, *territory_.geriatrician.key);
        const Digest digest = header_digest(signed_header.bytes);
        const Secret key = seal::make_content_key(random);
        std::vector<KeyBox> boxes;
        for (std::uint16_t position = 0; position < 2; ++position) {
            const Address& mailbox = position == 0 ? ward_ : practice_;
            boxes.push_back(seal::seal_box(key, digest, position, mailbox, {2},
                                           epochs_.at({mailbox.text(), 2})->public_key(),
                                           Release::at_once)
                                .value());
        }
        message_ = header.id;
        store_
            ->queue(message_, header.thread,
                    encode_envelope(signed_header,
                                    seal::encrypt_content(key, digest, content.bytes), boxes))
            .value();
    }
    [[nodiscard]] Envelope stored_envelope() {
        return Envelope::parse(store_->outgoing(message_).value()->envelope).value();
    }
    template <typename Alter>
    void alter_own_box(Alter alter) {
        const Envelope stored = stored_envelope();
        std::vector<KeyBox> boxes(stored.boxes().begin(), stored.boxes().end());
        alter(boxes[0]);
        store_
            ->set_envelope(message_,
                           encode_envelope(stored.signed_header(), stored.content(), boxes))
            .value();
    }
    void asked_to_reseal() {
        get_ready();
        flush();
        hear(said_of<wire::Submit>().at(0).first,
             wire::Refusal{ErrorCode::reseal, Retry::remade, "", std::nullopt});
    }
    MessageId message_;
};

TEST_F(Reseal, ToTheNewEpochKeepsHeaderSignatureAndContent) {
    const Envelope before = stored_envelope();
    add_epoch(territory_.practice, "", 3, territory_.practice_station);
    catch_up();
    asked_to_reseal();
    const Envelope after = stored_envelope();
    EXPECT_EQ(after.digest(), before.digest());
    EXPECT_EQ(after.signature().signature, before.signature().signature);
    EXPECT_TRUE(bytes_equal(after.content(), before.content()));
    const KeyBox& box = after.boxes()[1];
    EXPECT_EQ(box.epoch, EpochNumber{3});
    const Secret key =
        seal::open_box(box, after.digest(), practice_, *epochs_.at({practice_.text(), 3})).value();
    const auto payload =
        seal::decrypt_content(key, after.digest(), after.content(), after.header().content_digest);
    EXPECT_EQ(as_text(payload.value().expose()), "offre");
    EXPECT_EQ(state_of(message_), SendState::queued);
}

TEST_F(Reseal, WithoutTheKeyOfOnesOwnEpochItWaitsAndNothingElseStops) {
    alter_own_box([](KeyBox& own) { own.epoch = {9}; });
    asked_to_reseal();
    EXPECT_EQ(state_of(message_), SendState::queued);
    EXPECT_EQ(alarm(), ErrorCode::ok);
}

TEST_F(Reseal, WhatOnesOwnKeyDoesNotOpenIsOverAndNothingElseStops) {
    alter_own_box([](KeyBox& own) { own.sealed_key[0] ^= 1; });
    asked_to_reseal();
    EXPECT_EQ(state_of(message_), SendState::refused);
    EXPECT_EQ(store_->outgoing(message_).value()->code, ErrorCode::box_unopenable);
    EXPECT_EQ(alarm(), ErrorCode::ok);
}

// An erasure that the holder of an old key invents: an alarm, and nothing is erased; nor is
// anything called delivered. With the key renewed it counts.
TEST_F(SyncTest, WhatTheBrokerSaysWithAKeyThatIsOverIsAnAlarmAndNothingFollowsFromIt) {
    get_ready();
    const EnvelopeEntry kept = make({.counter = 1});
    hear(0, delivery(kept));
    const Header header = parse_header(kept.header.bytes).value();
    directory::Domain domain = *territory_.state().domain();
    Notice notice{.kind = NoticeKind::erased, .time = domain.broker_key_until};
    notice.message = header.id;
    notice.header = header_digest(kept.header.bytes);
    notice.state = "request";
    const NoticeEntry entry{encode_statement(
        make_statement(contexts::kNotice, encode_notice(notice), *territory_.broker_key()))};
    sync_.tell_time(domain.broker_key_until + Milliseconds(1));
    const wire::Delivery said_late{ward_, incarnation_, Lane::urgent, {next_seq_++}, entry};
    hear(0, said_late);
    EXPECT_EQ(alarm(), ErrorCode::revoked);
    ASSERT_EQ(stored().size(), 2U) << "kept, as evidence";
    EXPECT_EQ(stored()[1].status, ErrorCode::revoked);
    EXPECT_TRUE(std::holds_alternative<EnvelopeEntry>(stored()[0].delivery.entry));

    domain.broker_key_until = domain.broker_key_until + Milliseconds(1000);
    const std::size_t before = log_bytes().size();
    territory_.append("", *territory_.authority(), domain);
    hear(0, wire::DirectoryEntries{{before}, log_bytes(before), checkpoint()});
    EXPECT_EQ(alarm(), ErrorCode::ok);
    EXPECT_EQ(stored()[1].status, ErrorCode::ok);
    EXPECT_TRUE(std::holds_alternative<Tombstone>(stored()[0].delivery.entry));
}

// A station that was away over the end of a key that was renewed meanwhile goes on with the broker.
TEST_F(SyncTest, WhatAFormerKeySaidComesLateAndIsNoAlarm) {
    get_ready();
    const EnvelopeEntry kept = make({.counter = 1});
    hear(0, delivery(kept));
    directory::Domain domain = *territory_.state().domain();
    const WallTime end = domain.broker_key_until;
    Notice notice{.kind = NoticeKind::erased, .time = end};
    notice.message = parse_header(kept.header.bytes).value().id;
    notice.header = header_digest(kept.header.bytes);
    notice.state = "request";
    const NoticeEntry entry{encode_statement(
        make_statement(contexts::kNotice, encode_notice(notice), *territory_.broker_key()))};
    domain.broker_key = territory_.make_key()->public_key();
    domain.broker_key_until = end + Milliseconds(1000);
    const std::size_t before = log_bytes().size();
    territory_.append("", *territory_.authority(), domain);
    hear(0, wire::DirectoryEntries{{before}, log_bytes(before), checkpoint()});
    sync_.tell_time(end + Milliseconds(1));
    hear(0, wire::Delivery{ward_, incarnation_, Lane::urgent, {next_seq_++}, entry});
    EXPECT_EQ(alarm(), ErrorCode::ok);
    ASSERT_EQ(stored().size(), 2U);
    EXPECT_EQ(stored()[1].status, ErrorCode::revoked);
    EXPECT_TRUE(std::holds_alternative<EnvelopeEntry>(stored()[0].delivery.entry));
}

}  // namespace
}  // namespace relais::station
