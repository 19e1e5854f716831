// What the broker refuses for now: it goes again on the same connection, after a delay, and holds
// up nothing but what has to come after it.
#include "tests/unit/clients/station/sync/sync_fixture.h"

namespace relais::station {
namespace {

const char* const kCabinet = "cabinet@indre";
const char* const kHeart = "cardiologie.ch-valmont@indre";

using Submits = std::vector<std::pair<std::uint64_t, wire::Submit>>;
using Messages = std::vector<MessageId>;

class PutOff : public SyncTest {
protected:
    PutOff() { get_ready(); }

    MessageId queue_to(const std::string& to, Lane lane = Lane::urgent) {
        return queue_envelope(header_to(to, lane));
    }
    Submits submitted(std::int64_t now_ms) {
        flush(now_ms);
        return said_of<wire::Submit>();
    }
    Messages ids(std::int64_t now_ms) { return ids_of(submitted(now_ms)); }
    void refuse(std::uint64_t number, ErrorCode code, Retry retry = Retry::later) {
        hear(number, wire::Refusal{code, retry, "", std::nullopt});
    }
    void refuse_all(const Submits& submits) {
        for (const auto& [number, submit] : submits) refuse(number, ErrorCode::busy);
    }
};

TEST_F(PutOff, AMailboxThatIsFullHoldsUpNoOther) {
    constexpr std::size_t kMany = 600;
    for (std::size_t i = 0; i < kMany; ++i) queue_to(kCabinet, Lane::routine);
    const MessageId crisis = queue_to(kHeart, Lane::crisis);
    Messages sent;
    for (int i = 0; i < 10; ++i) {
        const Submits submits = submitted(0);
        for (const MessageId& id : ids_of(submits)) sent.push_back(id);
        for (const auto& [number, submit] : submits) {
            const bool theirs = ids_of({{number, submit}})[0] != crisis;
            if (theirs) refuse(number, theirs ? ErrorCode::mailbox_full : ErrorCode::ok);
        }
    }
    EXPECT_EQ(std::ranges::count(sent, crisis), 1);
}

TEST_F(PutOff, TheFirstGoesAgainAfterADelayAndTheRestFollowItsAnswer) {
    const MessageId one = queue_to(kCabinet);
    const MessageId two = queue_to(kCabinet);
    const MessageId three = queue_to(kCabinet);
    const Submits sent = submitted(1000);
    ASSERT_EQ(ids_of(sent), (Messages{one, two, three}));
    refuse(sent[0].first, ErrorCode::not_restored_yet);
    EXPECT_EQ(sync_.take_events().put_off, ErrorCode::not_restored_yet);
    refuse(sent[1].first, ErrorCode::busy);
    refuse(sent[2].first, ErrorCode::busy);
    EXPECT_TRUE(ids(1000).empty());
    EXPECT_TRUE(ids(2999).empty());
    const Submits again = submitted(3000);
    ASSERT_EQ(ids_of(again), Messages{one});
    EXPECT_TRUE(ids(9000).empty()) << "under way";
    hear(again[0].first, receipt(one));
    EXPECT_EQ(ids(9000), (Messages{two, three}));
}

TEST_F(PutOff, WhatIsNotAnsweredIsSentOnceHoweverLongItTakes) {
    const MessageId one = queue_to(kCabinet);
    EXPECT_EQ(ids(0), Messages{one});
    constexpr std::int64_t kHourMs = 3'600'000;
    for (std::int64_t now = 1000; now < 24 * kHourMs; now *= 2) EXPECT_TRUE(ids(now).empty());
}

TEST_F(PutOff, ItIsTriedAgainAndAgain) {
    const MessageId one = queue_to(kCabinet);
    std::int64_t now = 0;
    for (int i = 0; i < 5; ++i) {
        const Submits sent = submitted(now);
        ASSERT_EQ(ids_of(sent), Messages{one}) << i;
        refuse(sent[0].first, ErrorCode::not_restored_yet);
        EXPECT_TRUE(ids(now).empty());
        now += 2000;
    }
}

TEST_F(PutOff, ALastRefusalOfTheFirstFreesTheRest) {
    const MessageId one = queue_to(kCabinet);
    const MessageId two = queue_to(kCabinet);
    refuse_all(submitted(0));
    EXPECT_TRUE(ids(0).empty());
    const Submits again = submitted(2000);
    ASSERT_EQ(ids_of(again), Messages{one});
    refuse(again[0].first, ErrorCode::unknown_thread, Retry::never);
    EXPECT_EQ(state_of(one), SendState::refused);
    EXPECT_EQ(ids(2000), Messages{two});
}

TEST_F(PutOff, WhatIsQueuedMeanwhileWaitsBehindItAndOnlyThere) {
    const MessageId one = queue_to(kCabinet);
    refuse_all(submitted(0));
    const MessageId behind = queue_to(kCabinet);
    Header answer = header_to(kHeart);
    answer.thread = store_->outgoing(one).value()->thread;
    const MessageId same_thread = queue_envelope(answer);
    const MessageId other_lane = queue_to(kCabinet, Lane::crisis);
    EXPECT_EQ(ids(0), Messages{other_lane});
    const Submits again = submitted(2000);
    ASSERT_EQ(ids_of(again), Messages{one});
    hear(again[0].first, receipt(one));
    EXPECT_EQ(ids(2000), (Messages{behind, same_thread}));
}

// The answer to the second may come first.
TEST_F(PutOff, TheOrderIsTheOneInWhichTheyWereQueued) {
    const MessageId one = queue_to(kCabinet);
    const MessageId two = queue_to(kCabinet);
    const Submits sent = submitted(0);
    ASSERT_EQ(sent.size(), 2U);
    refuse(sent[1].first, ErrorCode::busy);
    refuse(sent[0].first, ErrorCode::busy);
    EXPECT_TRUE(ids(0).empty());
    const Submits again = submitted(2000);
    ASSERT_EQ(ids_of(again), Messages{one});
    hear(again[0].first, receipt(one));
    EXPECT_EQ(ids(4000), Messages{two});
}

TEST_F(PutOff, ABreakBeginsAgainWithAll) {
    const MessageId one = queue_to(kCabinet);
    const MessageId two = queue_to(kCabinet);
    refuse_all(submitted(0));
    EXPECT_TRUE(ids(0).empty());
    sync_.disconnected();
    get_ready();
    EXPECT_EQ(ids(0), (Messages{one, two}));
}

// As that of somebody who stands in for another, while the broker doubts its clock.
class PutOffMark : public PutOff {
protected:
    void queue_marks(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            marks_.push_back({Bytes{std::uint8_t(i)}, Bytes{2}});
            store_->queue_mark(marks_.back()).value();
        }
    }
    std::vector<std::pair<std::uint64_t, wire::MarkEntry>> marks(std::int64_t now_ms) {
        flush(now_ms);
        return said_of<wire::MarkEntry>();
    }
    std::vector<wire::MarkEntry> marks_;
};

TEST_F(PutOffMark, GoesAgainOnTheSameConnection) {
    queue_marks(2);
    auto sent = marks(1000);
    ASSERT_EQ(sent.size(), 2U);
    refuse(sent[0].first, ErrorCode::busy);
    EXPECT_EQ(sync_.take_events().put_off, ErrorCode::busy);
    hear(sent[1].first, wire::Done{});
    EXPECT_TRUE(marks(1000).empty());
    EXPECT_TRUE(marks(2999).empty());
    sent = marks(3000);
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].second.mark, marks_[0].mark);
    refuse(sent[0].first, ErrorCode::busy);
    EXPECT_TRUE(marks(3000).empty());
    sent = marks(5000);
    ASSERT_EQ(sent.size(), 1U);
    hear(sent[0].first, wire::Done{});
    EXPECT_TRUE(store_->marks(0, 9).value().empty());
    EXPECT_TRUE(marks(9000).empty());
}

TEST_F(PutOffMark, HoldsUpNoOther) {
    queue_marks(200);
    std::size_t answered = 0;
    for (int i = 0; i < 10; ++i) {
        for (const auto& [number, mark] : marks(0)) {
            if (mark.mark.at(0) < 100) {
                refuse(number, ErrorCode::busy);
            } else {
                hear(number, wire::Done{});
                ++answered;
            }
        }
    }
    EXPECT_EQ(answered, 100U);
    EXPECT_EQ(store_->marks(0, 500).value().size(), 100U);
    EXPECT_FALSE(marks(2000).empty());
}

}  // namespace
}  // namespace relais::station
