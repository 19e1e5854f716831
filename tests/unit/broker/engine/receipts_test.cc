// What stations and persons say of what they were given: remis, ouvert, pris en charge. Each is a
// leaf with the signed statement and a notice to whom it concerns; nobody is told of a notice.
#include "core/base/contexts.h"
#include "core/merkle/tree.h"
#include "tests/unit/broker/engine/fixture.h"

namespace relais::broker {
namespace {

class Receipts : public EngineTest {
protected:
    std::vector<wire::Delivery> deliver_to(int side) {
        bench.attach(ward(side), AdmissionCase::mailbox(side));
        return bench.take_deliveries(ward(side));
    }
    struct Said {
        Bytes mark;
        Bytes opened;
    };
    Said say(int side, const MessageId& message, const Digest& header, Word word,
             const test::TestPerson& person) {
        const auto& station = bench.station_of(thread.session(side));
        const Address mailbox = test::address(AdmissionCase::mailbox(side));
        const PersonMark mark{person.id, mailbox, message, header, word, test::kTestTime};
        const OpenedStatement opened{station.id, mailbox, message, header, word, test::kTestTime};
        return {encode_statement(make_statement(contexts::kMark, encode_mark(mark), *person.key)),
                encode_statement(
                    make_statement(contexts::kOpened, encode_opened(opened), *station.signing))};
    }
    ErrorCode mark(int side, const Said& said) {
        return code_of(bench.ask(thread.session(side), wire::MarkEntry{said.mark, said.opened}));
    }
    std::size_t notices(NoticeKind kind) { return bench.notices_of(kPractice, kind).size(); }
    test::SmallTerritory& small = bench.territory;
};

TEST_F(Receipts, TheSenderIsToldWhoHoldsWhichMessageWithAStatementThatProvesIt) {
    const wire::Receipt call = does(kOpener, "call");
    const auto deliveries = deliver_to(kGeri);
    ASSERT_EQ(code_of(bench.acknowledge(ward(kGeri), deliveries)), ErrorCode::ok);
    const auto told = bench.notices_of(kPractice, NoticeKind::delivered);
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].mailbox, kGeriatrics);
    ASSERT_EQ(told[0].delivered.size(), 1u);
    EXPECT_EQ(told[0].delivered[0].message, call.id);
    const Statement statement = parse_statement(told[0].statement).value();
    EXPECT_TRUE(verify_statement(contexts::kDelivered, statement,
                                 small.geriatrics_station.signing->public_key(),
                                 bench.territory.verifier())
                    .ok());
    const DeliveredStatement said = parse_delivered(statement.body).value();
    const auto& item = told[0].delivered[0];
    EXPECT_EQ(merkle::root_from_inclusion(entry_digest(deliveries[0].entry), item.index,
                                          said.last.value - said.first.value + 1, item.path)
                  .value(),
              said.root);
}

// The reader cannot open it: the sender hears so with the proof of delivery, the auditor by a leaf.
TEST_F(Receipts, WhatTheReaderRefusesIsInTheAuditAndInWhatTheSenderIsTold) {
    const wire::Receipt call = does(kOpener, "call");
    const auto deliveries = deliver_to(kGeri);
    const auto& station = small.geriatrics_station;
    const auto said = [&](ChannelSeq first) {
        std::vector<Digest> digests;
        for (const auto& delivery : deliveries) {
            if (delivery.seq >= first) digests.push_back(entry_digest(delivery.entry));
        }
        const DeliveredStatement body{station.id,
                                      deliveries[0].mailbox,
                                      deliveries[0].incarnation,
                                      deliveries[0].lane,
                                      first,
                                      deliveries.back().seq,
                                      merkle::tree_root(digests),
                                      {{0, ErrorCode::box_unopenable}}};
        return encode_statement(
            make_statement(contexts::kDelivered, encode_delivered(body), *station.signing));
    };
    ASSERT_EQ(code_of(bench.ask(ward(kGeri), wire::Acknowledge{said({1})})), ErrorCode::ok);
    ASSERT_EQ(bench.count_leaves(Event::found_faulty, ErrorCode::box_unopenable), 1u);
    const auto leaves = bench.leaves();
    const auto leaf = std::ranges::find(leaves, Event::found_faulty, &Leaf::event);
    EXPECT_EQ(leaf->message, call.id);
    EXPECT_EQ(leaf->header, entry_digest(deliveries[0].entry));
    EXPECT_EQ(leaf->station, station.id);
    EXPECT_EQ(leaf->mailbox, kGeriatrics);
    EXPECT_EQ(leaf->first.value, 1u);
    const auto told = bench.notices_of(kPractice, NoticeKind::delivered);
    ASSERT_EQ(told.size(), 1u);
    const Statement statement = parse_statement(told[0].statement).value();
    EXPECT_EQ(parse_delivered(statement.body).value().faults.size(), 1u);

    ASSERT_EQ(code_of(bench.ask(ward(kGeri), wire::Acknowledge{said({1})})), ErrorCode::ok);
    EXPECT_EQ(bench.count_leaves(Event::found_faulty, ErrorCode::box_unopenable), 1u)
        << "said again it says nothing new";
}

TEST_F(Receipts, OneNoticeForEachSenderOfARange) {
    does(kOpener, "call");
    for (int i = 0; i < 5; ++i) does(kOpener, "answer", kGeri);
    ASSERT_EQ(code_of(bench.acknowledge(ward(kGeri), deliver_to(kGeri))), ErrorCode::ok);
    const auto told = bench.notices_of(kPractice, NoticeKind::delivered);
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].delivered.size(), 6u);
}

TEST_F(Receipts, ASecondStationOfTheWardIsNoNews) {
    const auto second = small.add_station(small.hospital, {small.nurse.id}, {"geriatrie"});
    bench.publish_directory();
    does(kOpener, "call");
    ASSERT_EQ(code_of(bench.acknowledge(ward(kGeri), deliver_to(kGeri))), ErrorCode::ok);
    const SessionId other = bench.connect(second);
    bench.attach(other, kGeriatrics);
    ASSERT_EQ(code_of(bench.acknowledge(other, bench.take_deliveries(other))), ErrorCode::ok);
    EXPECT_EQ(notices(NoticeKind::delivered), 1u);
    EXPECT_EQ(bench.count_leaves(Event::delivered), 2u) << "and yet it is on record";
}

TEST_F(Receipts, NothingIsSaidOfANoticeNorOfOnesOwnCopy) {
    does(kOpener, "call");
    ASSERT_EQ(code_of(bench.acknowledge(ward(kGeri), deliver_to(kGeri))), ErrorCode::ok);
    bench.attach(practice(), kPractice);
    const std::size_t before = bench.log_of(kPractice).size();
    ASSERT_EQ(code_of(bench.acknowledge(practice(), bench.take_deliveries(practice()))),
              ErrorCode::ok);
    EXPECT_EQ(bench.log_of(kPractice).size(), before);
    EXPECT_EQ(bench.log_of(kGeriatrics).size(), 1u);
}

// Else a station could have the engine read hundreds of its own entries with one small statement,
// sent again and again.
TEST_F(Receipts, AnAcknowledgementThatMovesNothingReadsNoEntry) {
    does(kOpener, "call");
    for (int i = 0; i < 5; ++i) does(kOpener, "answer", kGeri);
    const auto deliveries = deliver_to(kGeri);
    ASSERT_EQ(deliveries.size(), 6u);
    const std::vector<wire::Delivery> first(deliveries.begin(), deliveries.begin() + 2);
    const std::vector<wire::Delivery> after_a_gap(deliveries.begin() + 4, deliveries.end());
    ASSERT_EQ(code_of(bench.acknowledge(ward(kGeri), first)), ErrorCode::ok);
    const std::uint64_t before = bench.store().log_reads();
    EXPECT_EQ(code_of(bench.acknowledge(ward(kGeri), first)), ErrorCode::ok) << "said before";
    EXPECT_EQ(code_of(bench.acknowledge(ward(kGeri), after_a_gap)), ErrorCode::wrong_position);
    EXPECT_EQ(bench.store().log_reads(), before);
    EXPECT_EQ(bench.count_leaves(Event::delivered), 1u);
}

// Of a lane it is read once in a session, where it is not under way to that station any more.
TEST_F(Receipts, WhatWasNotDeliveredIsComparedOnceASession) {
    does(kOpener, "call");
    for (int i = 0; i < 5; ++i) does(kOpener, "answer", kGeri);
    const auto deliveries = deliver_to(kGeri);
    auto altered = deliveries;
    altered[2].entry = altered[1].entry;
    thread.reconnect();
    EXPECT_EQ(code_of(bench.acknowledge(ward(kGeri), altered)), ErrorCode::digest_mismatch);
    const std::uint64_t before = bench.store().log_reads();
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(code_of(bench.acknowledge(ward(kGeri), altered)), ErrorCode::digest_mismatch);
    }
    EXPECT_EQ(bench.store().log_reads(), before);
    thread.reconnect();
    EXPECT_EQ(code_of(bench.acknowledge(ward(kGeri), deliveries)), ErrorCode::ok)
        << "another session says it rightly";
}

TEST_F(Receipts, OpenedIsAMarkInTheMailboxALeafAndANotice) {
    const Header call = thread.make_header(kOpener, "call");
    ASSERT_EQ(refused(kOpener, call), ErrorCode::ok);
    const Digest digest = header_digest(encode_header(call));
    const Said said = say(kGeri, call.id, digest, Word::opened, small.geriatrician);
    EXPECT_EQ(mark(kGeri, said), ErrorCode::ok);
    EXPECT_EQ(bench.count_leaves(Event::opened), 1u);
    EXPECT_EQ(bench.leaves().back().statement, said.opened);
    ASSERT_EQ(bench.log_of(kGeriatrics).size(), 2u);
    EXPECT_EQ(std::get<MarkedEntry>(bench.log_of(kGeriatrics)[1]).statement, said.mark);
    EXPECT_TRUE(bench.log_of(kCardiology).size() == 1) << "the ward's own affair";
    const auto told = bench.notices_of(kPractice, NoticeKind::opened);
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].statement, said.opened) << "the service, not the person";
    EXPECT_EQ(mark(kGeri, say(kGeri, call.id, digest, Word::taken, small.nurse)), ErrorCode::ok);
    EXPECT_EQ(notices(NoticeKind::taken), 1u);
}

TEST_F(Receipts, TheSameMarkAgainChangesNothing) {
    const Header call = thread.make_header(kOpener, "call");
    ASSERT_EQ(refused(kOpener, call), ErrorCode::ok);
    const Said said =
        say(kGeri, call.id, header_digest(encode_header(call)), Word::opened, small.geriatrician);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(mark(kGeri, said), ErrorCode::ok);
    EXPECT_EQ(bench.count_leaves(Event::opened), 1u);
    EXPECT_EQ(notices(NoticeKind::opened), 1u);
}

// Else a person, or a program in its name, could fill mailboxes by signing one word again and
// again.
TEST_F(Receipts, APersonSaysAWordOnceOfAMessageHoweverOftenItIsSigned) {
    const Header call = thread.make_header(kOpener, "call");
    ASSERT_EQ(refused(kOpener, call), ErrorCode::ok);
    const Digest digest = header_digest(encode_header(call));
    const auto second = small.add_station(small.hospital, {small.geriatrician.id}, {"geriatrie"});
    bench.publish_directory();
    const SessionId other = bench.connect(second);
    for (int i = 0; i < 3; ++i) {  // each signature is another
        EXPECT_EQ(mark(kGeri, say(kGeri, call.id, digest, Word::opened, small.geriatrician)),
                  ErrorCode::ok);
    }
    const Address mailbox = test::address(AdmissionCase::mailbox(kGeri));
    const PersonMark again{small.geriatrician.id, mailbox,        call.id, digest,
                           Word::opened,          test::kTestTime};
    const OpenedStatement opened{second.id, mailbox,      call.id,
                                 digest,    Word::opened, test::kTestTime};
    EXPECT_EQ(
        code_of(bench.ask(
            other,
            wire::MarkEntry{encode_statement(make_statement(contexts::kMark, encode_mark(again),
                                                            *small.geriatrician.key)),
                            encode_statement(make_statement(
                                contexts::kOpened, encode_opened(opened), *second.signing))})),
        ErrorCode::ok)
        << "on another station";
    EXPECT_EQ(bench.log_of(kGeriatrics).size(), 2u);
    EXPECT_EQ(bench.count_leaves(Event::opened), 1u);
    EXPECT_EQ(mark(kGeri, say(kGeri, call.id, digest, Word::taken, small.geriatrician)),
              ErrorCode::ok);
    EXPECT_EQ(mark(kGeri, say(kGeri, call.id, digest, Word::opened, small.nurse)), ErrorCode::ok);
    EXPECT_EQ(bench.log_of(kGeriatrics).size(), 4u) << "another word, and another person";
}

TEST_F(Receipts, AMarkIsOfAPersonOfTheStationOnAMessageOfItsMailbox) {
    const Header call = thread.make_header(kOpener, "call");
    ASSERT_EQ(refused(kOpener, call), ErrorCode::ok);
    const Digest digest = header_digest(encode_header(call));
    const auto& doctor = small.geriatrician;
    EXPECT_EQ(mark(kGeri, say(kGeri, call.id, digest, Word::opened, small.cardiologist)),
              ErrorCode::not_on_station);
    EXPECT_EQ(mark(kGeri, say(kGeri, bench.random.make<MessageId>(), digest, Word::opened, doctor)),
              ErrorCode::unknown_object);
    EXPECT_EQ(mark(kGeri, say(kGeri, call.id, bench.random.make<Digest>(), Word::opened, doctor)),
              ErrorCode::unknown_object);
    const Said of_cardiology = say(kCardio, call.id, digest, Word::opened, small.cardiologist);
    EXPECT_EQ(mark(kGeri, of_cardiology), ErrorCode::forbidden);
    Said two_words = say(kGeri, call.id, digest, Word::opened, doctor);
    two_words.mark = say(kGeri, call.id, digest, Word::taken, doctor).mark;
    EXPECT_EQ(mark(kGeri, two_words), ErrorCode::forbidden);
    test::TestPerson forger = doctor;
    forger.key = small.nurse.key;
    EXPECT_EQ(mark(kGeri, say(kGeri, call.id, digest, Word::opened, forger)),
              ErrorCode::bad_signature);
    EXPECT_EQ(bench.count_leaves(Event::opened), 0u);
    EXPECT_EQ(notices(NoticeKind::opened), 0u);
}

TEST_F(Receipts, ABoxThatIsHeldIsNotOpened) {
    does(kOpener, "call");
    const Header dossier = thread.make_header(kOpener, "deposit");
    ASSERT_EQ(refused(kOpener, dossier), ErrorCode::ok);
    EXPECT_EQ(mark(kGeri, say(kGeri, dossier.id, header_digest(encode_header(dossier)),
                              Word::opened, small.geriatrician)),
              ErrorCode::unknown_object);
}

}  // namespace
}  // namespace relais::broker
