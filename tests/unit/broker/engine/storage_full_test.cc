// When the disk is full: new messages are refused for now, what ends things still commits on the
// ballast, nothing is counted twice, and all is as before when there is room again.
#include "tests/unit/broker/engine/fixture.h"

namespace relais::broker {
namespace {

class StorageFull : public EngineTest {
protected:
    std::uint32_t counted(ErrorCode code) {
        std::uint32_t count = 0;
        for (const Leaf& leaf : bench.leaves()) {
            if (leaf.event == Event::refusals_counted && leaf.code == code) count += leaf.count;
        }
        return count;
    }
    void fill() {
        bench.store().restore_ballast();
        bench.store().set_full(true);
    }
};

TEST_F(StorageFull, ANewMessageIsRefusedForNowAndAcceptedWhenThereIsRoom) {
    const Bytes call = thread.make(kOpener, "call");
    fill();
    const wire::Body body = thread.send(kOpener, call);
    EXPECT_EQ(code_of(body), ErrorCode::storage_full);
    EXPECT_EQ(std::get<wire::Refusal>(body).retry, Retry::later);
    EXPECT_FALSE(bench.store().ballast_held());
    EXPECT_FALSE(thread.stored().has_value());
    bench.store().set_full(false);
    EXPECT_EQ(code_of(thread.send(kOpener, call)), ErrorCode::ok);
    bench.idle(2 * kMinute);
    EXPECT_TRUE(bench.store().ballast_held()) << "the space is kept aside again";
    EXPECT_EQ(counted(ErrorCode::storage_full), 1u);
}

TEST_F(StorageFull, WhatComesBehindARefusedMessageWaitsForIt) {
    does(kOpener, "call");
    const Bytes first = thread.make(kOpener, "answer", kGeri);
    const Bytes second = thread.make(kOpener, "answer", kGeri);
    fill();
    EXPECT_EQ(code_of(thread.send(kOpener, first)), ErrorCode::storage_full);
    bench.store().set_full(false);
    EXPECT_EQ(code_of(thread.send(kOpener, second)), ErrorCode::busy);
    EXPECT_EQ(code_of(thread.send(kOpener, first)), ErrorCode::ok);
    EXPECT_EQ(code_of(thread.send(kOpener, second)), ErrorCode::ok);
}

TEST_F(StorageFull, AcknowledgementsAndDeadlinesStillCommit) {
    does(kOpener, "call");
    bench.attach(ward(kGeri), kGeriatrics);
    const auto deliveries = bench.take_deliveries(ward(kGeri));
    fill();
    EXPECT_EQ(code_of(bench.acknowledge(ward(kGeri), deliveries)), ErrorCode::ok);
    EXPECT_EQ(bench.notices_of(kPractice, NoticeKind::delivered).size(), 1u);
    bench.store().restore_ballast();
    bench.store().set_full(true);
    bench.idle(std::chrono::hours(5));
    EXPECT_EQ(thread.state(), "overdue");
}

TEST_F(StorageFull, ARevocationStillCutsTheStation) {
    const auto revocation = bench.territory.revoke(bench.territory.geriatrics_station);
    fill();
    bench.step(together(bench.operator_input(wire::AppendEntries{{revocation.bytes}})));
    EXPECT_TRUE(bench.was_cut(ward(kGeri)));
    EXPECT_EQ(bench.count_leaves(Event::station_cut), 1u);
}

TEST_F(StorageFull, ASessionThatIsTakenOverIsStillCut) {
    const SessionId before = practice();
    const std::size_t attached = bench.count_leaves(Event::station_attached);
    fill();
    bench.connect(bench.territory.practice_station);
    EXPECT_TRUE(bench.was_cut(before));
    EXPECT_EQ(bench.count_leaves(Event::station_attached), attached + 1);
}

TEST_F(StorageFull, NothingIsCountedTwice) {
    fill();
    bench.step(together(Input{0, Principal::station, {}, 0, KeysRefused{3}},
                        bench.operator_input(wire::Probe{})));
    const EngineCounts counts = bench.engine().counts();
    bench.store().set_full(false);
    bench.idle(2 * kMinute);
    EXPECT_EQ(counted(ErrorCode::unknown_key), 3u);
    EXPECT_EQ(bench.engine().counts().refused, counts.refused);
    EXPECT_EQ(bench.engine().counts().leaves, bench.raw_leaves().size());
}

TEST_F(StorageFull, SuspicionFoundInAStepThatFailedStillHasItsLeaf) {
    bench.step_wall_clock(std::chrono::hours(1));
    fill();
    bench.step(together(bench.operator_input(wire::Probe{})));
    EXPECT_TRUE(bench.engine().clock_suspect());
    EXPECT_EQ(bench.count_leaves(Event::clock_suspected), 1u);
}

// The number of an envelope that was undone is given to the next.
TEST_F(StorageFull, WhatAStepReadBeforeItWasUndoneIsDeliveredToNobody) {
    const Bytes undone = thread.make(kOpener, "call");
    const Envelope read = Envelope::parse(undone).value();
    const ChannelSeq place{bench.log_of(kPractice).size() + 1};
    const Bytes incarnation = bench.sqlite().value("incarnation").value().value();
    const wire::Delivery own{
        test::address(kPractice), Incarnation::from(incarnation), Lane::urgent, place,
        EnvelopeEntry{
            read.signed_header(), to_bytes(read.content()), read.boxes()[0], {}, false, {}}};
    bench.store().fail_commits(ErrorCode::storage_full);
    bench.step(together(bench.input(practice(), wire::Submit{undone}),
                        bench.acknowledgement(practice(), {own})));
    EXPECT_FALSE(thread.stored().has_value());

    AdmissionCase other{bench};
    bench.attach(other.session(kGeri), kGeriatrics);
    const Bytes sent = other.make(kOpener, "call");
    ASSERT_EQ(code_of(other.send(kOpener, sent)), ErrorCode::ok);
    const auto deliveries = bench.take_deliveries(other.session(kGeri));
    ASSERT_EQ(deliveries.size(), 1u);
    EXPECT_EQ(entry_digest(deliveries[0].entry), Envelope::parse(sent).value().digest());
}

TEST_F(StorageFull, WithoutRoomOnTheBallastEitherTheProcessStops) {
    bench.store().fail_commits(ErrorCode::storage_full);
    ASSERT_TRUE(bench.try_step(together(bench.operator_input(wire::Probe{}))).ok());
    const std::uint64_t said = bench.outputs_seen();
    bench.store().fail_commits(ErrorCode::storage_full, 2);
    EXPECT_EQ(bench.try_step(together(bench.operator_input(wire::Probe{}))).code(),
              ErrorCode::storage_full);
    EXPECT_EQ(bench.outputs_seen(), said);
}

}  // namespace
}  // namespace relais::broker
