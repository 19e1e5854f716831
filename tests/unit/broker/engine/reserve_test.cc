// What the reserve of a full disk is for, and what a crash may cost the audit: nothing new eats the
// reserve, a broker starts and stops on it, no counted refusal is lost with the process.
#include "tests/unit/broker/engine/fixture.h"

namespace relais::broker {
namespace {

class Reserve : public EngineTest {
protected:
    std::uint32_t counted(ErrorCode code) {
        std::uint32_t count = 0;
        for (const Leaf& leaf : bench.leaves()) {
            if (leaf.event == Event::refusals_counted && leaf.code == code) count += leaf.count;
        }
        return count;
    }
    // The store's writes fail until the reserve is released; after that they pass, as on a disk
    // that has the reserve's blocks and no more.
    void fill() {
        bench.store().restore_ballast();
        bench.store().set_full(true);
    }
    ErrorCode call_refused_by_lane() {
        return call_with([](Header& header) { header.lane = Lane::routine; });
    }
};

TEST_F(Reserve, NewMessagesAreRefusedThoughTheReserveWouldTakeThem) {
    const Bytes call = thread.make(kOpener, "call");
    fill();
    for (int times = 0; times < 3; ++times) {
        EXPECT_EQ(code_of(thread.send(kOpener, call)), ErrorCode::storage_full) << times;
    }
    EXPECT_FALSE(bench.store().ballast_held());
    bench.store().set_full(false);
    EXPECT_EQ(code_of(thread.send(kOpener, call)), ErrorCode::ok);
}

TEST_F(Reserve, AProbeSaysThatNothingNewCanBeTakenIn) {
    EXPECT_EQ(code_of(bench.ask_as_operator(wire::Probe{})), ErrorCode::ok);
    fill();
    EXPECT_EQ(code_of(bench.ask_as_operator(wire::Probe{})), ErrorCode::storage_full);
    EXPECT_EQ(code_of(bench.ask_as_operator(wire::Probe{})), ErrorCode::storage_full);
    bench.store().set_full(false);
    EXPECT_EQ(code_of(bench.ask_as_operator(wire::Probe{})), ErrorCode::ok);
}

TEST_F(Reserve, ABrokerStartsAndStopsOnIt) {
    const wire::Receipt receipt = does(kOpener, "call");
    fill();
    ASSERT_TRUE(bench.try_restart().ok());
    EXPECT_EQ(bench.leaves().back().event, Event::broker_started);
    EXPECT_GT(bench.raw_leaves().size(), receipt.accepted.leaf.value);
    fill();
    ASSERT_TRUE(bench.engine().close(bench.now).ok());
    EXPECT_EQ(bench.leaves().back().event, Event::broker_stopped);
    EXPECT_EQ(bench.count_leaves(Event::broker_stopped), 1U);
}

TEST_F(Reserve, ACutWhoseStepIsTriedAgainHasItsLeaf) {
    const auto revocation = bench.territory.revoke(bench.territory.geriatrics_station);
    bench.store().fail_commits(ErrorCode::storage_full);
    bench.step(together(bench.operator_input(wire::AppendEntries{{revocation.bytes}})));
    EXPECT_TRUE(bench.was_cut(ward(kGeri)));
    EXPECT_EQ(bench.count_leaves(Event::station_cut), 1U);
}

TEST_F(Reserve, TwoRevocationsOfOneStepHaveOneLeafEach) {
    const auto first = bench.territory.revoke(bench.territory.geriatrics_station);
    const auto second = bench.territory.revoke(bench.territory.cardiology_station);
    bench.step(together(bench.operator_input(wire::AppendEntries{{first.bytes}}),
                        bench.operator_input(wire::AppendEntries{{second.bytes}})));
    EXPECT_EQ(bench.count_leaves(Event::station_cut), 2U);
}

TEST_F(Reserve, ACrashLosesNoCountedRefusal) {
    constexpr std::uint32_t kFlood = 60;
    for (std::uint32_t i = 0; i < kFlood; ++i) {
        EXPECT_EQ(call_refused_by_lane(), ErrorCode::lane_refused);
    }
    bench.step(together(Input{0, Principal::station, {}, 0, KeysRefused{7}}));
    ASSERT_EQ(counted(ErrorCode::lane_refused), 0U) << "they must still wait for their minute";
    bench.restart();
    const std::size_t own = bench.count_leaves(Event::submitted, ErrorCode::lane_refused);
    EXPECT_EQ(own + counted(ErrorCode::lane_refused), kFlood);
    EXPECT_EQ(counted(ErrorCode::unknown_key), 7U);
    bench.restart();
    bench.idle(2 * kMinute);
    EXPECT_EQ(own + counted(ErrorCode::lane_refused), kFlood) << "and none is said twice";
}

TEST_F(Reserve, WhatWasFlushedIsNotSaidAgainAfterACrash) {
    bench.step(together(Input{0, Principal::station, {}, 0, KeysRefused{7}}));
    bench.idle(2 * kMinute);
    ASSERT_EQ(counted(ErrorCode::unknown_key), 7U);
    bench.restart();
    EXPECT_EQ(counted(ErrorCode::unknown_key), 7U);
}

TEST_F(Reserve, RefusalsForNowAreCountedToo) {
    fill();
    for (int times = 0; times < 2; ++times) {
        const wire::OpenInvitation open{bench.random.make<Locator>(),
                                        wire::InvitationPurpose::organisation,
                                        std::chrono::seconds(3600)};
        EXPECT_EQ(code_of(bench.ask_as_operator(open)), ErrorCode::storage_full);
    }
    bench.store().set_full(false);
    bench.idle(2 * kMinute);
    EXPECT_EQ(counted(ErrorCode::storage_full), 2U);
}

}  // namespace
}  // namespace relais::broker
