// What a station has to send: in order, under the same ids, until it is answered; and drafts.
#include "tests/support/members.h"
#include "tests/unit/clients/station/store/fixture.h"

namespace relais::station {
namespace {

using test::same;

class OutboxTest : public StoreTest {
protected:
    MessageId queue(Bytes envelope = {1}) {
        const auto message = random_.make<MessageId>();
        store_->queue(message, thread_, envelope).value();
        return message;
    }
    [[nodiscard]] StoredOutgoing stored(const MessageId& message) {
        return store_->outgoing(message).value().value();
    }
    [[nodiscard]] wire::Receipt receipt(const MessageId& message) {
        return {message, {test::kTestTime, {4}, {9}, random_.make<Digest>()}, false};
    }
    ThreadId thread_ = random_.make<ThreadId>();
};

TEST_F(OutboxTest, EnvelopesGoInTheOrderInWhichTheyWereQueued) {
    std::vector<MessageId> ids;
    for (int i = 0; i < 20; ++i) ids.push_back(queue());  // ids are random: not their order
    restart();
    const auto waiting = store_->queued(0, 100).value();
    ASSERT_EQ(waiting.size(), 20U);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        EXPECT_EQ(waiting[i].message, ids[i]);
        EXPECT_EQ(waiting[i].serial, waiting[0].serial + i);
    }
    EXPECT_EQ(queued(waiting[4].serial, 3),
              (std::vector{waiting[5].serial, waiting[6].serial, waiting[7].serial}));
}

TEST_F(OutboxTest, AnIdIsQueuedOnce) {
    const MessageId message = queue({1, 2});
    EXPECT_EQ(store_->queue(message, thread_, Bytes{3}).code(), ErrorCode::already_exists);
    EXPECT_EQ(stored(message).envelope, (Bytes{1, 2}));
}

TEST_F(OutboxTest, WhatWasAcceptedIsKeptWithItsReceipt) {
    const MessageId message = queue();
    const MessageId next = queue();
    const wire::Receipt given = receipt(message);
    store_->set_accepted(message, given).value();
    restart();
    EXPECT_EQ(stored(message).state, SendState::accepted);
    ASSERT_TRUE(stored(message).receipt.has_value());
    EXPECT_TRUE(same(*stored(message).receipt, given));
    ASSERT_EQ(queued().size(), 1U);
    EXPECT_EQ(store_->queued(0, 9).value()[0].message, next);
}

TEST_F(OutboxTest, WhatWasRefusedIsKeptWithItsReason) {
    const MessageId message = queue();
    const wire::Refusal given{ErrorCode::conflict, Retry::never, "état : clos", std::nullopt};
    store_->set_refused(message, given).value();
    restart();
    EXPECT_EQ(stored(message).state, SendState::refused);
    EXPECT_EQ(stored(message).code, ErrorCode::conflict);
    ASSERT_TRUE(stored(message).refusal.has_value());
    EXPECT_TRUE(same(*stored(message).refusal, given));
    EXPECT_EQ(queued().size(), 0U);
}

TEST_F(OutboxTest, ARefusalThatSomebodyHasSeenIsKeptAndCountedNoMore) {
    const MessageId seen = queue();
    const MessageId unseen = queue();
    const MessageId waiting = queue();
    for (const MessageId& message : {seen, unseen}) {
        store_->set_refused(message, {ErrorCode::conflict, Retry::never, "", std::nullopt}).value();
    }
    for (const MessageId& message : {seen, waiting}) store_->note_refused(message).value();
    restart();
    EXPECT_EQ(store_->count_refused_unnoted().value(), 1U);
    EXPECT_TRUE(stored(seen).noted);
    EXPECT_EQ(stored(seen).state, SendState::refused);
    EXPECT_FALSE(stored(unseen).noted);
    EXPECT_FALSE(stored(waiting).noted) << "it was not refused";
}

// A station keeps all that it ever sent: to count some of it must not open the rest.
TEST_F(OutboxTest, IdsAreReadByStateInTheirOrderWithoutOpeningAnything) {
    const MessageId refused = queue();
    const MessageId accepted = queue();
    const MessageId waiting = queue();
    const MessageId refused_too = queue();
    store_->set_accepted(accepted, receipt(accepted)).value();
    for (const MessageId& message : {refused_too, refused}) {
        store_->set_refused(message, {ErrorCode::conflict, Retry::never, "", std::nullopt}).value();
    }
    store_.reset();
    raw().execute("UPDATE outgoing SET sealed = zeroblob(3), receipt = NULL").value();
    restart();
    EXPECT_FALSE(store_->outgoing().ok());
    EXPECT_EQ(store_->outgoing_ids().value(),
              (std::vector{refused, accepted, waiting, refused_too}));
    EXPECT_EQ(store_->outgoing_ids(SendState::refused).value(),
              (std::vector{refused, refused_too}));
    EXPECT_EQ(store_->count_outgoing(SendState::refused).value(), 2U);
    EXPECT_EQ(store_->count_outgoing(SendState::queued).value(), 1U);
}

TEST_F(OutboxTest, AfterARestoreWhatWasAcceptedIsOfferedAgainAndWhatWasRefusedIsNot) {
    const MessageId accepted = queue();
    const MessageId refused = queue();
    store_->set_accepted(accepted, receipt(accepted)).value();
    store_->set_refused(refused, {ErrorCode::conflict, Retry::never, "", std::nullopt}).value();
    store_->offer_again().value();
    ASSERT_EQ(store_->queued(0, 9).value().size(), 1U);
    EXPECT_EQ(store_->queued(0, 9).value()[0].message, accepted);
    EXPECT_EQ(stored(refused).state, SendState::refused);
}

TEST_F(OutboxTest, SealedAgainItKeepsItsIdAndPlace) {
    const MessageId first = queue({1});
    queue({2});
    const std::uint64_t serial = stored(first).serial;
    store_->set_envelope(first, Bytes{9, 9}).value();
    EXPECT_EQ(stored(first).envelope, (Bytes{9, 9}));
    EXPECT_EQ(stored(first).serial, serial);
    EXPECT_EQ(queued()[0], serial);
}

TEST_F(OutboxTest, IsFoundByThread) {
    queue();
    queue();
    EXPECT_EQ(store_->outgoing_of_thread(thread_).value().size(), 2U);
    EXPECT_EQ(store_->outgoing_of_thread(random_.make<ThreadId>()).value().size(), 0U);
    EXPECT_EQ(store_->threads().value(), std::vector{thread_});
    EXPECT_EQ(store_->outgoing(random_.make<MessageId>()).value().has_value(), false);
    EXPECT_EQ(store_->outgoing().value().size(), 2U);
}

TEST_F(OutboxTest, CountersRiseByOneAndSurvive) {
    EXPECT_EQ(store_->take_counter(mailbox_, Lane::urgent).value(), 1U);
    EXPECT_EQ(store_->take_counter(mailbox_, Lane::urgent).value(), 2U);
    EXPECT_EQ(store_->take_counter(mailbox_, Lane::crisis).value(), 1U);
    EXPECT_EQ(store_->take_counter(other_, Lane::urgent).value(), 1U);
    restart();
    EXPECT_EQ(store_->take_counter(mailbox_, Lane::urgent).value(), 3U);
}

TEST_F(OutboxTest, MarksGoInOrderAndAreRemovedOneByOne) {
    for (std::uint8_t i = 0; i < 3; ++i) store_->queue_mark({Bytes{i}, Bytes{1, i}}).value();
    restart();
    const auto marks = store_->marks(0, 10).value();
    ASSERT_EQ(marks.size(), 3U);
    for (std::uint8_t i = 0; i < 3; ++i) {
        EXPECT_EQ(marks[i].mark.mark, Bytes{i});
        EXPECT_EQ(marks[i].mark.opened, (Bytes{1, i}));
    }
    store_->remove_mark(marks[1].serial).value();
    EXPECT_EQ(store_->marks(0, 10).value().size(), 2U);
    EXPECT_EQ(store_->marks(marks[0].serial, 10).value()[0].mark.mark, Bytes{2});
}

TEST_F(OutboxTest, DraftsAreKeptReplacedAndRemoved) {
    const auto one = random_.make<MessageId>();
    const auto two = random_.make<MessageId>();
    store_->put_draft(one, as_bytes("premier jet")).value();
    store_->put_draft(one, as_bytes("second jet")).value();
    store_->put_draft(two, as_bytes("autre")).value();
    restart();
    EXPECT_EQ(as_text(*store_->draft(one).value()), "second jet");
    EXPECT_EQ(store_->drafts().value(), (std::vector{std::min(one, two), std::max(one, two)}));
    store_->remove_draft(one).value();
    EXPECT_EQ(store_->draft(one).value(), std::nullopt);
    EXPECT_EQ(store_->drafts().value(), std::vector{two});
}

TEST_F(OutboxTest, ValuesBundlesAndKeysComeBack) {
    const auto digest = random_.make<Digest>();
    store_->set_value("identity", as_bytes("un")).value();
    store_->set_value("identity", as_bytes("deux")).value();
    store_->add_bundle(digest, as_bytes("bundle")).value();
    store_->add_bundle(digest, as_bytes("autre")).value();  // the first stands: digests name bytes
    store_->add_epoch_key(mailbox_, {1}, Secret::copy_of("scalaire")).value();
    restart();
    EXPECT_EQ(as_text(*store_->value("identity").value()), "deux");
    EXPECT_EQ(store_->value("none").value(), std::nullopt);
    EXPECT_EQ(as_text(*store_->bundle(digest).value()), "bundle");
    EXPECT_EQ(as_text(store_->epoch_key(mailbox_, {1}).value()->expose()), "scalaire");
    EXPECT_FALSE(store_->epoch_key(mailbox_, {2}).value().has_value());
    EXPECT_FALSE(store_->epoch_key(other_, {1}).value().has_value());
}

// An id is unique per station: what another sent under one of ours may be erased.
TEST_F(OutboxTest, WhatWasSentGoesWithTheErasureOfItsOwnHeaderAlone) {
    P256Key key = make_p256_key(random_);
    const Bytes sent = test::make_envelope(test::make_header({}, random_), key, random_);
    const MessageId message = queue(sent);
    store_->erase_message(message, random_.make<Digest>()).value();
    EXPECT_EQ(stored(message).envelope, sent);
    store_->erase_message(message, Envelope::parse(Bytes(sent)).value().digest()).value();
    EXPECT_FALSE(store_->outgoing(message).value());
}

TEST_F(OutboxTest, ADirectoryEntryMissingInTheMiddleIsNoticed) {
    for (std::uint64_t at = 0; at < 4; ++at) {
        store_->add_directory_entry(at, as_bytes("entry")).value();
    }
    EXPECT_EQ(store_->directory_entries(1).value().size(), 3U);
    EXPECT_EQ(store_->add_directory_entry(2, as_bytes("other")).code(), ErrorCode::already_exists);
    raw().execute("DELETE FROM directory WHERE position = 2").value();
    EXPECT_EQ(store_->directory_entries(0).code(), ErrorCode::corrupt);
}

}  // namespace
}  // namespace relais::station
