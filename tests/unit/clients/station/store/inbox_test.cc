// What a station received: once each, in order, for ever.
#include "tests/unit/clients/station/store/fixture.h"

namespace relais::station {
namespace {

using InboxTest = StoreTest;

TEST_F(InboxTest, APlaceIsFilledOnce) {
    EXPECT_TRUE(store_->add_entry(entry(1)).ok());
    EXPECT_EQ(store_->add_entry(entry(1)).code(), ErrorCode::already_exists);
    restart();
    EXPECT_EQ(store_->add_entry(entry(1)).code(), ErrorCode::already_exists);
    EXPECT_EQ(serials().size(), 1U);
}

TEST_F(InboxTest, APlaceIsItsMailboxIncarnationLaneAndNumber) {
    ASSERT_TRUE(store_->add_entry(entry(1)).ok());
    EXPECT_TRUE(store_->add_entry(entry(2)).ok());
    EXPECT_TRUE(store_->add_entry(entry(1, {1}, Lane::crisis)).ok());
    StoredEntry elsewhere = entry(1);
    elsewhere.delivery.mailbox = other_;
    EXPECT_TRUE(store_->add_entry(elsewhere).ok());
    StoredEntry after_restore = entry(1);
    after_restore.delivery.incarnation = random_.make<Incarnation>();
    EXPECT_TRUE(store_->add_entry(after_restore).ok());
    EXPECT_EQ(serials().size(), 5U);
}

TEST_F(InboxTest, EntriesComeBackAsTheyWere) {
    StoredEntry given = entry(7, random_.bytes(300));
    given.thread = random_.make<ThreadId>();
    given.message = random_.make<MessageId>();
    given.status = ErrorCode::bad_signature;
    const std::uint64_t serial = store_->add_entry(given).value();
    restart();
    const auto back = store_->entries(0, 10).value();
    ASSERT_EQ(back.size(), 1U);
    EXPECT_EQ(back[0].serial, serial);
    EXPECT_EQ(back[0].delivery.mailbox, mailbox_);
    EXPECT_EQ(back[0].delivery.incarnation, incarnation_);
    EXPECT_EQ(back[0].delivery.lane, Lane::urgent);
    EXPECT_EQ(back[0].delivery.seq, ChannelSeq{7});
    EXPECT_EQ(std::get<NoticeEntry>(back[0].delivery.entry).statement,
              std::get<NoticeEntry>(given.delivery.entry).statement);
    EXPECT_EQ(back[0].digest, given.digest);
    EXPECT_EQ(back[0].thread, given.thread);
    EXPECT_EQ(back[0].message, given.message);
    EXPECT_EQ(back[0].status, ErrorCode::bad_signature);
}

// The embedding application reads by its own cursor, with stable serials.
TEST_F(InboxTest, SerialsRiseInTheOrderOfArrivalAndStay) {
    const std::uint64_t first = store_->add_entry(entry(3, {1}, Lane::routine)).value();
    const std::uint64_t second = store_->add_entry(entry(1, {1}, Lane::crisis)).value();
    const std::uint64_t third = store_->add_entry(entry(2)).value();
    EXPECT_LT(first, second);
    EXPECT_LT(second, third);
    restart();
    EXPECT_EQ(serials(), (std::vector{first, second, third}));
    EXPECT_EQ(serials(first), (std::vector{second, third}));
    EXPECT_EQ(serials(0, 2), (std::vector{first, second}));
    EXPECT_EQ(serials(third), std::vector<std::uint64_t>{});
    EXPECT_EQ(store_->last_serial().value(), third);
    EXPECT_GT(store_->add_entry(entry(4)).value(), third);
}

TEST_F(InboxTest, NothingOfARolledBackTransactionStays) {
    store_->begin().value();
    ASSERT_TRUE(store_->add_entry(entry(1)).ok());
    store_->set_next_seq(mailbox_, Lane::urgent, {2}).value();
    store_->rollback();
    EXPECT_EQ(serials().size(), 0U);
    EXPECT_EQ(store_->next_seq(mailbox_, Lane::urgent).value(), ChannelSeq{1});
    EXPECT_TRUE(store_->add_entry(entry(1)).ok());
}

TEST_F(InboxTest, EachLaneOfEachMailboxHasItsOwnNextNumber) {
    store_->set_next_seq(mailbox_, Lane::urgent, {9}).value();
    EXPECT_EQ(store_->next_seq(mailbox_, Lane::urgent).value(), ChannelSeq{9});
    EXPECT_EQ(store_->next_seq(mailbox_, Lane::crisis).value(), ChannelSeq{1});
    EXPECT_EQ(store_->next_seq(other_, Lane::urgent).value(), ChannelSeq{1});
    restart();
    EXPECT_EQ(store_->next_seq(mailbox_, Lane::urgent).value(), ChannelSeq{9});
    store_->restart_lanes().value();
    EXPECT_EQ(store_->next_seq(mailbox_, Lane::urgent).value(), ChannelSeq{1});
}

TEST_F(InboxTest, EntriesAreFoundByThreadMessageAndStatus) {
    const auto thread = random_.make<ThreadId>();
    const auto message = random_.make<MessageId>();
    StoredEntry valid = entry(1);
    valid.thread = thread;
    valid.message = message;
    StoredEntry waiting = entry(2);
    waiting.thread = thread;
    waiting.status = ErrorCode::not_granted;
    const std::uint64_t one = store_->add_entry(valid).value();
    const std::uint64_t two = store_->add_entry(waiting).value();
    store_->add_entry(entry(3)).value();
    EXPECT_EQ(store_->entries_of_thread(thread).value().size(), 2U);
    ASSERT_EQ(store_->entries_of_message(message).value().size(), 1U);
    EXPECT_EQ(store_->entries_of_message(message).value()[0].serial, one);
    ASSERT_EQ(store_->entries_with(ErrorCode::not_granted, 10).value().size(), 1U);
    store_->set_status(two, ErrorCode::ok).value();
    EXPECT_EQ(store_->entries_with(ErrorCode::not_granted, 10).value().size(), 0U);
    EXPECT_EQ(store_->entries(one, 1).value()[0].status, ErrorCode::ok);
}

TEST_F(InboxTest, ADeliveryNoticeIsFoundByEachMessageItNames) {
    const auto one = random_.make<MessageId>();
    const auto two = random_.make<MessageId>();
    const std::uint64_t serial = store_->add_entry(entry(1)).value();
    store_->add_delivered(one, serial).value();
    store_->add_delivered(two, serial).value();
    store_->add_delivered(two, serial).value();
    EXPECT_EQ(store_->delivered_notices(one).value().size(), 1U);
    EXPECT_EQ(store_->delivered_notices(two).value().size(), 1U);
    EXPECT_EQ(store_->delivered_notices(random_.make<MessageId>()).value().size(), 0U);
}

TEST_F(InboxTest, DigestsOfARangeAreThoseOfItsPlacesOrNothing) {
    std::vector<Digest> digests;
    for (std::uint64_t seq = 1; seq <= 3; ++seq) {
        const StoredEntry each = entry(seq);
        digests.push_back(each.digest);
        ASSERT_TRUE(store_->add_entry(each).ok());
    }
    const auto range = [&](std::uint64_t first, std::uint64_t last) {
        return store_->digests(mailbox_, incarnation_, Lane::urgent, {first}, {last});
    };
    EXPECT_EQ(range(1, 3).value(), digests);
    EXPECT_EQ(range(2, 2).value(), std::vector{digests[1]});
    EXPECT_EQ(range(2, 4).code(), ErrorCode::wrong_position);
    EXPECT_EQ(store_->digests(other_, incarnation_, Lane::urgent, {1}, {3}).code(),
              ErrorCode::wrong_position);
    EXPECT_TRUE(store_->has_digest(mailbox_, digests[0]).value());
    EXPECT_FALSE(store_->has_digest(other_, digests[0]).value());
    EXPECT_FALSE(store_->has_digest(mailbox_, random_.make<Digest>()).value());
}

TEST_F(InboxTest, CountersSeenAreKeptByStationMailboxAndLane) {
    const auto station = random_.make<StationId>();
    const auto digest = random_.make<Digest>();
    EXPECT_EQ(store_->seen(station, mailbox_.text(), Lane::urgent).value().counter, 0U);
    store_->set_seen(station, mailbox_.text(), Lane::urgent, {5, digest}).value();
    restart();
    EXPECT_EQ(store_->seen(station, mailbox_.text(), Lane::urgent).value().counter, 5U);
    EXPECT_EQ(store_->seen(station, mailbox_.text(), Lane::urgent).value().digest, digest);
    EXPECT_EQ(store_->seen(station, mailbox_.text(), Lane::crisis).value().counter, 0U);
    EXPECT_EQ(store_->seen(station, other_.text(), Lane::urgent).value().counter, 0U);
    EXPECT_EQ(
        store_->seen(random_.make<StationId>(), mailbox_.text(), Lane::urgent).value().counter, 0U);
}

}  // namespace
}  // namespace relais::station
