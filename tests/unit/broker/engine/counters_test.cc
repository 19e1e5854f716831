// The counters of a station towards each mailbox and lane: they rise, may skip, are never used
// twice; and what was refused for now holds back what comes after it in its lane, there alone.
#include "tests/unit/broker/engine/fixture.h"

namespace relais::broker {
namespace {

class Counters : public EngineTest {
protected:
    Counters() { does(kOpener, "call"); }

    ErrorCode answer_with(std::uint64_t counter, int to = kGeri) {
        Header header = thread.make_header(kOpener, "answer", to);
        header.to[0].counter = counter;
        return refused(kOpener, header);
    }
};

TEST_F(Counters, ACounterIsUsedOnce) {
    EXPECT_EQ(answer_with(5), ErrorCode::ok);
    EXPECT_EQ(answer_with(5), ErrorCode::counter_reused);
    EXPECT_EQ(answer_with(4), ErrorCode::counter_reused);
    EXPECT_EQ(answer_with(6), ErrorCode::ok);
}

TEST_F(Counters, AGapIsNoError) {
    EXPECT_EQ(answer_with(1000), ErrorCode::ok);
    EXPECT_EQ(answer_with(1001), ErrorCode::ok);
}

TEST_F(Counters, OneThatNoStoreCanHoldIsRefusedAndHarmsNobody) {
    EXPECT_EQ(answer_with(UINT64_MAX), ErrorCode::invalid_field);
    EXPECT_EQ(answer_with(5), ErrorCode::ok);
}

TEST_F(Counters, EachMailboxHasItsOwn) {
    EXPECT_EQ(answer_with(50, kGeri), ErrorCode::ok);
    EXPECT_EQ(answer_with(2, kCardio), ErrorCode::ok);
}

TEST_F(Counters, EachLaneHasItsOwn) {
    does(kGeri, "offer");
    does(kOpener, "choose", kGeri);
    Header urgent = thread.make_header(kGeri, "ask");
    urgent.to[0].counter = 50;
    EXPECT_EQ(refused(kGeri, urgent), ErrorCode::ok);
    Header routine = thread.make_header(kGeri, "admitted");
    routine.lane = Lane::routine;
    routine.to[0].counter = 1;
    EXPECT_EQ(refused(kGeri, routine), ErrorCode::ok);
}

TEST_F(Counters, EachStationHasItsOwn) {
    auto& territory = bench.territory;
    EXPECT_EQ(answer_with(90), ErrorCode::ok);
    const auto second = territory.add_station(territory.practice, {territory.doctor.id}, {""});
    bench.publish_directory();
    const SessionId session = bench.connect(second);
    const Header header = bench.header(session, {.act = "answer",
                                                 .kind = admission_kind().digest,
                                                 .by = territory.doctor.id,
                                                 .thread = thread.id});
    EXPECT_EQ(code_of(bench.ask(session, wire::Submit{bench.envelope(header, territory.doctor)})),
              ErrorCode::ok);
}

TEST_F(Counters, TheySurviveARestart) {
    EXPECT_EQ(answer_with(7), ErrorCode::ok);
    bench.restart();
    thread.reconnect();
    EXPECT_EQ(answer_with(7), ErrorCode::counter_reused);
}

TEST_F(Counters, ARefusedMessageUsesNone) {
    Header header = thread.make_header(kOpener, "answer", kGeri);
    header.to[0].counter = 9;
    header.lane = Lane::crisis;
    EXPECT_EQ(refused(kOpener, header), ErrorCode::lane_refused);
    EXPECT_EQ(answer_with(9), ErrorCode::ok);
}

// A message that will pass later: the ward's key is renewed twice, its epoch is no longer taken.
class Stall : public Counters {
protected:
    Stall() {
        auto& territory = bench.territory;
        for (int i = 0; i < 2; ++i) territory.add_epoch(territory.hospital, "geriatrie");
        bench.publish_directory();
        first.to[0].counter = 10;
        first.id = thread.make_header(kOpener, "answer", kGeri).id;
        sealed = thread.seal(kOpener, first);
        EXPECT_EQ(code_of(thread.send(kOpener, sealed)), ErrorCode::reseal);
    }
    Bytes resealed() {
        const SignedHeader header = test::sign_header(first, *bench.territory.doctor.key);
        auto boxes = test::make_boxes(first, bench.random);
        boxes[1].epoch = {3};
        const Envelope old = Envelope::parse(sealed).value();
        return encode_envelope(header, old.content(), boxes);
    }
    ErrorCode behind(int to, std::uint64_t counter) {
        Header header = thread.make_header(kOpener, "answer", to);
        header.to[0].counter = counter;
        const SignedHeader made = test::sign_header(header, *bench.territory.doctor.key);
        auto boxes = test::make_boxes(header, bench.random);
        if (to == kGeri) boxes[1].epoch = {3};
        const Bytes content(header.content_bytes + kContentTagBytes, 7);
        return code_of(thread.send(kOpener, encode_envelope(made, content, boxes)));
    }
    Header first = thread.make_header(kOpener, "answer", kGeri);
    Bytes sealed;
};

TEST_F(Stall, WhatComesBehindWaitsUntilTheFirstPasses) {
    EXPECT_EQ(behind(kGeri, 11), ErrorCode::busy);
    EXPECT_EQ(code_of(thread.send(kOpener, resealed())), ErrorCode::ok);
    EXPECT_EQ(behind(kGeri, 11), ErrorCode::ok);
}

TEST_F(Stall, WhatItsSessionKeepsOfItIsBounded) {
    // Ahead of the directory, to mailboxes that are not there: each would be noted.
    for (std::size_t i = 0; i < limits::kStalledLanesMax / limits::kRecipientsMax; ++i) {
        Header header = thread.make_header(kOpener, "answer", kGeri);
        header.head.size = {1'000'000};
        header.to.clear();
        for (std::size_t to = 0; to < limits::kRecipientsMax; ++to) {
            const std::string unit = "u" + std::to_string(i) + "-" + std::to_string(to);
            header.to.push_back({test::address(unit + ".ch-valmont@indre"), 1});
        }
        EXPECT_EQ(refused(kOpener, header), ErrorCode::ahead_of_directory);
    }
    EXPECT_EQ(behind(kCardio, 11), ErrorCode::busy) << "no more can be noted: all others wait";
    EXPECT_EQ(code_of(thread.send(kOpener, resealed())), ErrorCode::ok) << "what clears a place";
    thread.reconnect();
    EXPECT_EQ(behind(kCardio, 11), ErrorCode::ok);
}

TEST_F(Stall, OtherMailboxesAreNotHeldUp) { EXPECT_EQ(behind(kCardio, 11), ErrorCode::ok); }

TEST_F(Stall, OtherStationsAreNotHeldUp) {
    EXPECT_EQ(code_of(thread.act(kCardio, "receive")), ErrorCode::ok);
}

TEST_F(Stall, AFinalRefusalOfTheFirstLetsTheOthersPass) {
    first.lane = Lane::urgent;
    first.publics = {{1, 1}};
    EXPECT_EQ(code_of(thread.send(kOpener, resealed())), ErrorCode::public_field_refused);
    EXPECT_EQ(behind(kGeri, 11), ErrorCode::ok);
}

TEST_F(Stall, WhatWaitsIsNotRememberedAsRefusedAndIsCounted) {
    for (int i = 0; i < 3; ++i) EXPECT_EQ(behind(kGeri, 11), ErrorCode::busy);
    bench.idle(std::chrono::minutes(3));
    std::uint32_t counted = 0;
    for (const Leaf& leaf : bench.leaves()) {
        if (leaf.event == Event::refusals_counted && leaf.code == ErrorCode::busy) {
            counted += leaf.count;
        }
    }
    EXPECT_EQ(counted, 3u);
}

// A mailbox that nobody reads has an end, and its senders are told.
class FullMailbox : public EngineTest {
protected:
    FullMailbox() : EngineTest(two_at_most()) {}
    static BenchOptions two_at_most() {
        BenchOptions options;
        options.limits.undelivered_max = 2;
        return options;
    }
};

TEST_F(FullMailbox, ItsSendersAreToldForNowAndPassWhenItIsRead) {
    does(kOpener, "call");
    does(kOpener, "answer", kGeri);
    const Bytes third = thread.make(kOpener, "answer", kGeri);
    const wire::Body told = thread.send(kOpener, third);
    EXPECT_EQ(code_of(told), ErrorCode::mailbox_full);
    EXPECT_EQ(std::get<wire::Refusal>(told).retry, Retry::later);
    EXPECT_EQ(bench.count_leaves(Event::submitted, ErrorCode::mailbox_full), 1u);
    does(kOpener, "answer", kCardio);
    bench.attach(ward(kGeri), kGeriatrics);
    bench.acknowledge(ward(kGeri), bench.take_deliveries(ward(kGeri)));
    EXPECT_EQ(code_of(thread.send(kOpener, third)), ErrorCode::ok);
}

}  // namespace
}  // namespace relais::broker
