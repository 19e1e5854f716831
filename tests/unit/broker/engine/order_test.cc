// D3: each lane of a mailbox is numbered without gap; a station reads it in order from where it
// says it stands, and moves on only over what it proves to hold.
#include "core/merkle/tree.h"
#include "tests/support/engine/unpacked.h"
#include "tests/unit/broker/engine/fixture.h"

namespace relais::broker {
namespace {

class Order : public EngineTest {
protected:
    // The practice's own copies: one entry each, nobody else's mailbox moves.
    void deposit(int count) {
        for (int i = 0; i < count; ++i) does(kOpener, "deposit");
    }
    static std::vector<std::uint64_t> numbers(const std::vector<wire::Delivery>& deliveries) {
        std::vector<std::uint64_t> numbers;
        for (const auto& delivery : deliveries) numbers.push_back(delivery.seq.value);
        return numbers;
    }
    using Numbers = std::vector<std::uint64_t>;
};

TEST_F(Order, ALaneIsReadFromWhereTheStationStandsAndThenAsItGrows) {
    does(kOpener, "call");
    deposit(4);
    bench.attach(practice(), kPractice, 256, 3);
    EXPECT_EQ(numbers(bench.take_deliveries(practice())), (Numbers{3, 4, 5}));
    deposit(2);
    EXPECT_EQ(numbers(bench.take_deliveries(practice())), (Numbers{6, 7}));
}

TEST_F(Order, TheMostPressingLaneComesFirst) {
    for (const char* act : {"call", "deposit"}) does(kOpener, act);
    does(kGeri, "offer");
    does(kOpener, "choose", kGeri);
    Header admitted = thread.make_header(kGeri, "admitted");
    admitted.lane = Lane::routine;
    ASSERT_EQ(refused(kGeri, admitted), ErrorCode::ok);
    bench.attach(practice(), kPractice);
    std::vector<Lane> lanes;
    for (const auto& delivery : bench.take_deliveries(practice())) lanes.push_back(delivery.lane);
    ASSERT_GT(lanes.size(), 3u);
    EXPECT_TRUE(std::ranges::is_sorted(lanes, std::ranges::greater()));
    EXPECT_EQ(lanes.back(), Lane::routine);
}

TEST_F(Order, EachMailboxGetsItsOwnBoxOfTheOneContent) {
    const Bytes call = thread.make(kOpener, "call");
    const Envelope sent = Envelope::parse(call).value();
    thread.send(kOpener, call);
    bench.attach(practice(), kPractice);
    bench.attach(ward(kCardio), kCardiology);
    const auto own = bench.take_deliveries(practice());
    const auto theirs = bench.take_deliveries(ward(kCardio));
    ASSERT_EQ(own.size(), 1u);
    ASSERT_EQ(theirs.size(), 1u);
    EXPECT_EQ(entry_of<EnvelopeEntry>(own[0])->box.position, 0);
    EXPECT_EQ(entry_of<EnvelopeEntry>(theirs[0])->box.position, 2);
    EXPECT_EQ(entry_of<EnvelopeEntry>(theirs[0])->box.sealed_key, sent.boxes()[2].sealed_key);
    EXPECT_TRUE(bytes_equal(entry_of<EnvelopeEntry>(theirs[0])->content, sent.content()));
    EXPECT_EQ(header_digest(entry_of<EnvelopeEntry>(theirs[0])->header.bytes), sent.digest());
    const Unpacked tables(bench.sqlite().database());
    auto envelopes = bench.sqlite().database().query("SELECT count(*) FROM envelope");
    ASSERT_TRUE(envelopes.row().value());
    EXPECT_EQ(envelopes.integer(0), 1) << "its bytes are stored once";
}

TEST_F(Order, AttachingSaysHowFarTheStationAndTheLaneAre) {
    does(kOpener, "call");
    deposit(2);
    bench.attach(practice(), kPractice);
    auto deliveries = bench.take_deliveries(practice());
    deliveries.pop_back();
    EXPECT_EQ(code_of(bench.acknowledge(practice(), deliveries)), ErrorCode::ok);
    const wire::Body body = bench.attach(practice(), kPractice, 256, 3);
    const auto& urgent =
        std::get<wire::Attached>(body).lanes[static_cast<std::size_t>(Lane::urgent)];
    EXPECT_EQ(urgent.acknowledged.value, 2u);
    EXPECT_EQ(urgent.last.value, 3u);
}

TEST_F(Order, NobodyAttachesBeyondTheEndOrInAnotherIncarnation) {
    does(kOpener, "call");
    EXPECT_EQ(code_of(bench.attach(practice(), kPractice, 256, 3)), ErrorCode::wrong_position);
    wire::Attach attach{test::address(kPractice), bench.random.make<Incarnation>(), {}};
    attach.lanes.fill({{1}, 10});
    EXPECT_EQ(code_of(bench.ask(practice(), attach)), ErrorCode::wrong_position);
}

TEST_F(Order, ARestoreOpensANewIncarnation) {
    const auto incarnation = [&] {
        return std::get<wire::Attached>(bench.attach(practice(), kPractice)).incarnation;
    };
    const Incarnation first = incarnation();
    bench.restart();
    thread.reconnect();
    EXPECT_EQ(incarnation(), first);
    bench.restart(true);
    thread.reconnect();
    EXPECT_NE(incarnation(), first);
}

TEST_F(Order, AStationMovesOnOnlyOverWhatItHolds) {
    does(kOpener, "call");
    deposit(3);
    bench.attach(practice(), kPractice);
    auto deliveries = bench.take_deliveries(practice());
    ASSERT_EQ(deliveries.size(), 4u);
    const std::vector<wire::Delivery> after_a_gap(deliveries.begin() + 1, deliveries.end());
    EXPECT_EQ(code_of(bench.acknowledge(practice(), after_a_gap)), ErrorCode::wrong_position);
    auto altered = deliveries;
    altered[2].entry = altered[1].entry;
    EXPECT_EQ(code_of(bench.acknowledge(practice(), altered)), ErrorCode::digest_mismatch);
    auto beyond = deliveries;
    beyond.push_back(beyond.back());
    beyond.back().seq = {5};
    EXPECT_EQ(code_of(bench.acknowledge(practice(), beyond)), ErrorCode::wrong_position);
    EXPECT_EQ(bench.count_leaves(Event::delivered), 0u);
    EXPECT_EQ(code_of(bench.acknowledge(practice(), deliveries)), ErrorCode::ok);
    EXPECT_EQ(bench.count_leaves(Event::delivered), 1u);
    EXPECT_EQ(code_of(bench.acknowledge(practice(), deliveries)), ErrorCode::ok) << "said before";
    EXPECT_EQ(bench.count_leaves(Event::delivered), 1u);
}

TEST_F(Order, AnAcknowledgementIsTheStationsOwn) {
    does(kOpener, "call");
    bench.attach(ward(kGeri), kGeriatrics);
    const auto deliveries = bench.take_deliveries(ward(kGeri));
    Input forged = bench.acknowledgement(ward(kGeri), deliveries);
    forged.session = ward(kCardio);
    forged.station = bench.station_of(ward(kCardio)).id;
    EXPECT_EQ(code_of(bench.ask(std::move(forged))), ErrorCode::forbidden);
    const auto& other = bench.territory.cardiology_station;
    const DeliveredStatement statement{
        bench.station_of(ward(kGeri)).id,
        deliveries[0].mailbox,
        deliveries[0].incarnation,
        Lane::urgent,
        {1},
        {1},
        merkle::tree_root(std::vector{entry_digest(deliveries[0].entry)})};
    const Statement badly =
        make_statement("relais/v1/delivered", encode_delivered(statement), *other.signing);
    EXPECT_EQ(code_of(bench.ask(ward(kGeri), wire::Acknowledge{encode_statement(badly)})),
              ErrorCode::bad_signature);
    EXPECT_EQ(bench.count_leaves(Event::delivered), 0u);
}

TEST_F(Order, TwoStationsOfAWardReadEachFromItsOwnCursor) {
    auto& territory = bench.territory;
    const auto second =
        territory.add_station(territory.hospital, {territory.nurse.id}, {"geriatrie"});
    bench.publish_directory();
    does(kOpener, "call");
    const SessionId other = bench.connect(second);
    bench.attach(ward(kGeri), kGeriatrics);
    const auto first_gets = bench.take_deliveries(ward(kGeri));
    EXPECT_EQ(code_of(bench.acknowledge(ward(kGeri), first_gets)), ErrorCode::ok);
    bench.attach(other, kGeriatrics);
    EXPECT_EQ(numbers(bench.take_deliveries(other)), (Numbers{1}));
}

TEST_F(Order, AStationHasOneSessionAndTheLatterTakesOver) {
    const SessionId before = practice();
    bench.attach(before, kPractice);
    thread.reconnect();
    EXPECT_TRUE(bench.was_cut(before));
    const auto pushes = bench.take_pushes(before);
    ASSERT_EQ(pushes.size(), 1u);
    EXPECT_EQ(std::get<wire::Cut>(pushes[0]).code, ErrorCode::superseded);
    bench.attach(practice(), kPractice);
    does(kOpener, "call");
    EXPECT_TRUE(bench.take_deliveries(before).empty());
    EXPECT_EQ(bench.take_deliveries(practice()).size(), 1u);
}

TEST_F(Order, HelloAgainIsAnsweredAndChangesNothing) {
    const wire::Hello hello{wire::kProtocolVersion, "test"};
    bench.attach(practice(), kPractice);
    const std::size_t before = bench.count_leaves(Event::station_attached);
    for (int i = 0; i < 20; ++i) {
        EXPECT_TRUE(std::holds_alternative<wire::Welcome>(bench.ask(practice(), hello)));
    }
    EXPECT_EQ(bench.count_leaves(Event::station_attached), before);
    does(kOpener, "call");
    EXPECT_EQ(bench.take_deliveries(practice()).size(), 1u) << "what was attached still is";
}

TEST_F(Order, AnErasedEntryIsDeliveredAsATombstoneInItsPlace) {
    Header short_lived = thread.make_header(kOpener, "call");
    short_lived.expires_after = std::chrono::minutes(10);
    const Digest digest = header_digest(encode_header(short_lived));
    ASSERT_EQ(refused(kOpener, short_lived), ErrorCode::ok);
    deposit(1);
    bench.idle(std::chrono::minutes(11));
    bench.attach(practice(), kPractice);
    const auto deliveries = bench.take_deliveries(practice());
    ASSERT_GE(deliveries.size(), 2u);
    const auto* stone = entry_of<Tombstone>(deliveries[0]);
    ASSERT_NE(stone, nullptr);
    EXPECT_EQ(stone->digest, digest);
    EXPECT_EQ(stone->message, short_lived.id);
    EXPECT_NE(entry_of<EnvelopeEntry>(deliveries[1]), nullptr);
    EXPECT_EQ(code_of(bench.acknowledge(practice(), deliveries)), ErrorCode::ok);
}

// D6 ----------------------------------------------------------------------------------------------

TEST_F(Order, NoMoreIsUnderWayThanTheCreditAllows) {
    does(kOpener, "call");
    deposit(9);
    bench.attach(practice(), kPractice, 4);
    bench.settle();
    const auto first = bench.take_deliveries(practice());
    EXPECT_EQ(numbers(first), (Numbers{1, 2, 3, 4}));
    EXPECT_EQ(code_of(bench.acknowledge(practice(), {first[0], first[1], first[2]})),
              ErrorCode::ok);
    bench.settle();
    EXPECT_EQ(numbers(bench.take_deliveries(practice())), (Numbers{5, 6, 7}));
    bench.attach(practice(), kPractice, 0, 4);
    bench.settle();
    EXPECT_TRUE(bench.take_deliveries(practice()).empty());
}

TEST_F(Order, MoreCreditThanTheLimitIsTheLimit) {
    does(kOpener, "call");
    deposit(300);
    bench.attach(practice(), kPractice, 100'000);
    bench.settle();
    EXPECT_EQ(bench.take_deliveries(practice()).size(), limits::kCreditEntriesMax);
}

TEST_F(Order, LargeEntriesAreBoundedByTheirBytes) {
    does(kOpener, "call");
    std::size_t bytes = 0;
    for (int i = 0; i < 16; ++i) {
        Header large = thread.make_header(kOpener, "deposit");
        large.content_bytes = limits::kContentPaddedBytesMax;
        const Bytes envelope = thread.seal(kOpener, large);
        bytes = envelope.size();
        ASSERT_EQ(code_of(thread.send(kOpener, envelope)), ErrorCode::ok);
    }
    bench.attach(practice(), kPractice);
    bench.settle();
    const auto sent = bench.take_deliveries(practice());
    EXPECT_LE(sent.size() * bytes, limits::kInFlightBytesMax + 2 * bytes);
    EXPECT_EQ(code_of(bench.acknowledge(practice(), sent)), ErrorCode::ok);
    bench.settle();
    EXPECT_EQ(bench.take_deliveries(practice()).size(), 17 - sent.size());
}

TEST_F(Order, TheBacklogIsReadInBoundedPieces) {
    does(kOpener, "call");
    deposit(700);
    bench.restart();
    thread.reconnect();
    bench.attach(practice(), kPractice);
    for (std::size_t got = 0; got < 701;) {
        bench.settle();
        const auto deliveries = bench.take_deliveries(practice());
        ASSERT_FALSE(deliveries.empty());
        got += deliveries.size();
        EXPECT_EQ(code_of(bench.acknowledge(practice(), deliveries)), ErrorCode::ok);
    }
    EXPECT_LE(bench.store().most_asked(), limits::kEntriesPerFrameMax);
}

TEST_F(Order, ASlowReaderDoesNotHoldUpAnother) {
    bench.attach(practice(), kPractice, 1);
    bench.attach(ward(kGeri), kGeriatrics);
    does(kOpener, "call");
    for (int i = 0; i < 5; ++i) does(kOpener, "answer", kGeri);
    bench.settle();
    EXPECT_EQ(bench.take_deliveries(practice()).size(), 1u);
    EXPECT_EQ(bench.take_deliveries(ward(kGeri)).size(), 6u);
}

}  // namespace
}  // namespace relais::broker
