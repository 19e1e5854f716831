// D5: nothing undelivered is dropped before it expires; at its expiry the sender is told; delivered
// or expired is decided once.
#include "tests/support/engine/unpacked.h"
#include "tests/unit/broker/engine/fixture.h"

namespace relais::broker {
namespace {

class Expiry : public EngineTest {
protected:
    Header call(std::chrono::seconds life) {
        Header header = thread.make_header(kOpener, "call");
        header.expires_after = life;
        EXPECT_EQ(refused(kOpener, header), ErrorCode::ok);
        return header;
    }
    std::vector<std::string> told_expired(const MessageId& id) {
        std::vector<std::string> mailboxes;
        for (const Notice& notice : bench.notices_of(kPractice, NoticeKind::expired)) {
            if (notice.message == id) mailboxes.push_back(notice.mailbox);
        }
        std::ranges::sort(mailboxes);
        return mailboxes;
    }
    std::vector<std::string> told_delivered(const MessageId& id) {
        std::vector<std::string> mailboxes;
        for (const Notice& notice : bench.notices_of(kPractice, NoticeKind::delivered)) {
            for (const DeliveredItem& item : notice.delivered) {
                if (item.message == id) mailboxes.push_back(notice.mailbox);
            }
        }
        return mailboxes;
    }
    std::vector<wire::Delivery> deliver_to(int side) {
        bench.attach(ward(side), AdmissionCase::mailbox(side));
        return bench.take_deliveries(ward(side));
    }
    using Names = std::vector<std::string>;
};

TEST_F(Expiry, NothingUndeliveredIsDroppedBefore) {
    call(std::chrono::minutes(10));
    bench.idle(10 * kMinute - Milliseconds(1));
    const auto deliveries = deliver_to(kGeri);
    ASSERT_EQ(deliveries.size(), 1u);
    EXPECT_NE(entry_of<EnvelopeEntry>(deliveries[0]), nullptr);
}

TEST_F(Expiry, TheSenderIsToldOfEachMailboxThatDidNotGetIt) {
    const Header header = call(std::chrono::minutes(10));
    EXPECT_EQ(code_of(bench.acknowledge(ward(kGeri), deliver_to(kGeri))), ErrorCode::ok);
    bench.idle(10 * kMinute);
    EXPECT_EQ(told_expired(header.id), (Names{kCardiology}));
    EXPECT_EQ(told_delivered(header.id), (Names{kGeriatrics}));
    EXPECT_EQ(bench.count_leaves(Event::expired), 1u);
    EXPECT_EQ(bench.count_leaves(Event::purged), 0u);
    for (const char* mailbox : {kPractice, kGeriatrics, kCardiology}) {
        EXPECT_TRUE(std::holds_alternative<Tombstone>(bench.log_of(mailbox)[0])) << mailbox;
    }
}

TEST_F(Expiry, WhatWasDeliveredEndsWithoutANotice) {
    const Header header = call(std::chrono::minutes(10));
    for (const int side : {kGeri, kCardio}) {
        EXPECT_EQ(code_of(bench.acknowledge(ward(side), deliver_to(side))), ErrorCode::ok);
    }
    bench.idle(10 * kMinute);
    EXPECT_EQ(told_expired(header.id), Names{});
    EXPECT_EQ(bench.count_leaves(Event::purged), 1u);
}

TEST_F(Expiry, ExpiredIsNotDeliveredAfterwards) {
    const Header header = call(std::chrono::minutes(10));
    const auto under_way = deliver_to(kGeri);
    bench.idle(10 * kMinute);
    EXPECT_EQ(told_expired(header.id), (Names{kCardiology, kGeriatrics}));
    EXPECT_EQ(code_of(bench.acknowledge(ward(kGeri), under_way)), ErrorCode::ok)
        << "the station goes on all the same";
    EXPECT_EQ(told_delivered(header.id), Names{});
}

TEST_F(Expiry, ItsBytesAreGone) {
    call(std::chrono::minutes(10));
    bench.idle(10 * kMinute);
    const Unpacked tables(bench.sqlite().database());
    auto envelopes = bench.sqlite().database().query("SELECT count(*) FROM envelope");
    ASSERT_TRUE(envelopes.row().value());
    EXPECT_EQ(envelopes.integer(0), 0);
}

TEST_F(Expiry, ALifeIsNeverShorterThanAMinuteNorLongerThanTheLimit) {
    const Header header = call(std::chrono::seconds(1));
    bench.idle(std::chrono::seconds(59));
    EXPECT_EQ(told_expired(header.id), Names{});
    bench.idle(std::chrono::seconds(1));
    EXPECT_EQ(told_expired(header.id).size(), 2u);
    AdmissionCase other(bench);
    Header lasting = other.make_header(kOpener, "call");
    lasting.expires_after = std::chrono::days(400);
    ASSERT_EQ(code_of(other.send(kOpener, other.seal(kOpener, lasting))), ErrorCode::ok);
    bench.idle(limits::kExpiresMax);
    EXPECT_EQ(told_expired(lasting.id).size(), 2u);
}

TEST_F(Expiry, WithoutALifeOfItsOwnItIsTheKindsRetention) {
    const Header header = call(std::chrono::seconds(0));
    bench.idle(admission_kind().retention - kMinute);
    EXPECT_EQ(told_expired(header.id), Names{});
    bench.idle(kMinute);
    EXPECT_EQ(told_expired(header.id).size(), 2u);
}

TEST_F(Expiry, ItComesAtItsTimeThoughTheBrokerRestarted) {
    const Header header = call(std::chrono::minutes(10));
    bench.idle(5 * kMinute);
    bench.restart();
    bench.idle(5 * kMinute - Milliseconds(1));
    EXPECT_EQ(told_expired(header.id), Names{});
    bench.idle(Milliseconds(1));
    EXPECT_EQ(told_expired(header.id).size(), 2u);
}

TEST_F(Expiry, ItComesOnceThoughTheBrokerWasDownForLong) {
    const Header header = call(std::chrono::minutes(10));
    bench.reboot(std::chrono::days(2));
    bench.restart();
    bench.step();
    bench.restart();
    bench.step();
    EXPECT_EQ(told_expired(header.id), (Names{kCardiology, kGeriatrics}));
    EXPECT_EQ(bench.count_leaves(Event::expired), 2u);
}

TEST_F(Expiry, AHeldBoxEndsWithItsEnvelopeAndIsNotReleasedAfterwards) {
    does(kOpener, "call");
    Header dossier = thread.make_header(kOpener, "deposit");
    dossier.expires_after = std::chrono::minutes(10);
    ASSERT_EQ(refused(kOpener, dossier), ErrorCode::ok);
    does(kGeri, "offer");
    bench.idle(11 * kMinute);
    does(kOpener, "choose", kGeri);
    EXPECT_EQ(bench.count_leaves(Event::released), 0u);
    for (const LogRecord& record : bench.log_of(kGeriatrics)) {
        if (const auto* stone = std::get_if<Tombstone>(&record)) {
            EXPECT_NE(stone->message, dossier.id) << "it never stood there";
        }
    }
}

TEST_F(Expiry, TheSenderIsToldOfABoxThatEndsBeforeAnythingReleasedIt) {
    does(kOpener, "call");
    Header dossier = thread.make_header(kOpener, "deposit");
    dossier.expires_after = std::chrono::minutes(10);
    ASSERT_EQ(refused(kOpener, dossier), ErrorCode::ok);
    bench.idle(11 * kMinute);
    EXPECT_EQ(told_expired(dossier.id), (Names{kCardiology, kGeriatrics}));
    EXPECT_EQ(bench.count_leaves(Event::expired), 2u);
    EXPECT_EQ(bench.count_leaves(Event::purged), 0u);
}

TEST_F(Expiry, AboutABoxOfAThreadThatIsOverNothingMoreIsSaid) {
    does(kOpener, "call");
    const Header dossier = thread.make_header(kOpener, "deposit");
    ASSERT_EQ(refused(kOpener, dossier), ErrorCode::ok);
    does(kGeri, "offer");
    does(kOpener, "choose", kGeri);
    does(kGeri, "no-show");
    ASSERT_TRUE(thread.over());
    bench.attach(ward(kGeri), kGeriatrics);
    ASSERT_EQ(code_of(bench.acknowledge(ward(kGeri), bench.take_deliveries(ward(kGeri)))),
              ErrorCode::ok);
    bench.idle(limits::kExpiresMax);
    EXPECT_EQ(told_expired(dossier.id), Names{}) << "the other ward was withdrawn";
}

}  // namespace
}  // namespace relais::broker
