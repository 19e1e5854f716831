// D1: what the engine says, it says after the commit; what could not be committed was never said
// and never happened.
#include "tests/unit/broker/engine/fixture.h"

namespace relais::broker {
namespace {

class Commit : public EngineTest {};

TEST_F(Commit, AReceiptComesAfterTheEntryTheThreadAndTheLeafAreStored) {
    const wire::Receipt receipt = does(kOpener, "call");
    EXPECT_EQ(thread.state(), "called");
    EXPECT_EQ(bench.log_of(kGeriatrics).size(), 1u);
    const auto leaves = bench.leaves();
    ASSERT_GT(leaves.size(), receipt.accepted.leaf.value);
    const Leaf& leaf = leaves[receipt.accepted.leaf.value];
    EXPECT_EQ(leaf.event, Event::submitted);
    EXPECT_EQ(leaf.message, receipt.id);
    EXPECT_EQ(leaf.time, receipt.accepted.time);
    EXPECT_EQ(leaf.directory_size, receipt.accepted.directory_size);
}

TEST_F(Commit, OneStepIsOneTransaction) {
    auto inputs = together(thread.input(kOpener, thread.make(kOpener, "call")),
                           thread.input(kGeri, thread.make(kGeri, "receive")),
                           thread.input(kCardio, thread.make(kCardio, "receive")));
    const std::uint64_t before = bench.store().commits();
    bench.step(std::move(inputs));
    EXPECT_EQ(bench.store().commits(), before + 1);
    EXPECT_EQ(thread.state_of(kCardio), "received");
}

TEST_F(Commit, AFailedCommitSaysNothingAndLeavesNothing) {
    auto inputs = together(thread.input(kOpener, thread.make(kOpener, "call")));
    const std::uint64_t said = bench.outputs_seen();
    const std::size_t leaves = bench.raw_leaves().size();
    bench.store().fail_commits(ErrorCode::io_failed);
    EXPECT_EQ(bench.try_step(std::move(inputs)).code(), ErrorCode::io_failed);
    EXPECT_EQ(bench.outputs_seen(), said);
    EXPECT_EQ(bench.raw_leaves().size(), leaves);
    EXPECT_FALSE(thread.stored().has_value());
    EXPECT_TRUE(bench.log_of(kGeriatrics).empty());
}

TEST_F(Commit, WhatWasNotCommittedIsNotDeliveredAfterARestart) {
    bench.store().fail_commits(ErrorCode::corrupt);
    const Bytes envelope = thread.make(kOpener, "call");
    EXPECT_EQ(bench.try_step(together(thread.input(kOpener, envelope))).code(), ErrorCode::corrupt);
    bench.restart();
    thread.reconnect();
    bench.attach(ward(kGeri), kGeriatrics);
    EXPECT_TRUE(bench.take_deliveries(ward(kGeri)).empty());
    const wire::Body again = thread.send(kOpener, envelope);
    ASSERT_EQ(code_of(again), ErrorCode::ok);
    EXPECT_FALSE(std::get<wire::Receipt>(again).duplicate);
    EXPECT_EQ(bench.take_deliveries(ward(kGeri)).size(), 1u);
}

// A step with everything in it: acceptances, a release, a refusal, an acknowledgement, a clock.
struct BusyStep {
    explicit BusyStep(EngineBench& bench) : thread(bench) {
        for (const char* act : {"call", "deposit"}) thread.act(kOpener, act);
        bench.idle(std::chrono::minutes(110));
        thread.act(kGeri, "offer");
        bench.attach(thread.session(kGeri), kGeriatrics);
        const auto delivered = bench.take_deliveries(thread.session(kGeri));
        choose = thread.make(kOpener, "choose", kGeri);
        bench.pass(std::chrono::minutes(10));  // half of the delay to answer is over
        inputs = together(bench.acknowledgement(thread.session(kGeri), delivered),
                          thread.input(kOpener, choose),
                          thread.input(kCardio, thread.make(kCardio, "offer")));
    }
    AdmissionCase thread;
    Bytes choose;
    std::vector<Input> inputs;
};

TEST(CommitFaults, WhicheverStoreCallFailsNothingIsSaidAndTheSameBytesAreAcceptedLater) {
    std::uint64_t n = 1;
    for (bool fired = true; fired; ++n) {
        EngineBench bench;
        BusyStep busy(bench);
        const std::size_t leaves = bench.raw_leaves().size();
        const std::uint64_t said = bench.outputs_seen();
        bench.store().fail_call(n, ErrorCode::io_failed);
        const auto stepped = bench.try_step(std::move(busy.inputs));
        fired = bench.store().fired();
        if (!fired) {
            EXPECT_TRUE(stepped.ok());
            break;
        }
        ASSERT_EQ(stepped.code(), ErrorCode::io_failed) << "call " << n;
        ASSERT_EQ(bench.outputs_seen(), said) << "call " << n;
        bench.restart();
        busy.thread.reconnect();
        // Deliveries are read after the commit: there the step is done, and only unsaid.
        const bool committed = bench.count_leaves(Event::released) == 1;
        ASSERT_EQ(busy.thread.state(), committed ? "chosen" : "called") << "call " << n;
        ASSERT_GE(bench.raw_leaves().size(), leaves);
        const wire::Body again = busy.thread.send(kOpener, busy.choose);
        ASSERT_EQ(code_of(again), ErrorCode::ok) << "call " << n;
        EXPECT_EQ(std::get<wire::Receipt>(again).duplicate, committed);
        EXPECT_EQ(busy.thread.state(), "chosen");
        EXPECT_EQ(bench.count_leaves(Event::released), 1u);
    }
    EXPECT_GT(n, 30u) << "the step has many calls";
}

TEST(CommitFaults, WhereverTheDiskIsFullTheStepStillEndsThingsAndRefusesNewOnes) {
    std::uint64_t n = 1;
    for (bool fired = true; fired; ++n) {
        EngineBench bench;
        BusyStep busy(bench);
        const SessionId ward = busy.thread.session(kGeri);
        const std::uint64_t acknowledged = busy.inputs[0].number;
        const std::uint64_t chosen = busy.inputs[1].number;
        bench.store().fail_call(n, ErrorCode::storage_full);
        const auto stepped = bench.try_step(std::move(busy.inputs));
        fired = bench.store().fired();
        if (!stepped.ok()) {  // reading for deliveries, after the commit, or the very last call
            ASSERT_TRUE(fired);
            continue;
        }
        if (!fired) break;
        EXPECT_EQ(code_of(bench.answer(ward, acknowledged)), ErrorCode::ok) << "call " << n;
        EXPECT_EQ(code_of(bench.answer(busy.thread.session(kOpener), chosen)),
                  ErrorCode::storage_full)
            << "call " << n;
        EXPECT_EQ(busy.thread.state(), "called");
        EXPECT_EQ(bench.count_leaves(Event::clock_reminded), 1u);
        ASSERT_EQ(code_of(busy.thread.send(kOpener, busy.choose)), ErrorCode::ok);
    }
    EXPECT_GT(n, 30u);
}

}  // namespace
}  // namespace relais::broker
