// Room for calls: how many are under way at once in all, at one receiver and of one organisation;
// who goes first where there is none; and that whatever waits goes in the end.
#include <set>

#include "tests/unit/broker/engine/fixture.h"

namespace relais::broker {
namespace {

using directory::RingHours;
using directory::RingStep;
using directory::RingWay;
using std::chrono::minutes;

constexpr std::size_t kUrgent = static_cast<std::size_t>(Lane::urgent);
constexpr const char* kMute = "https://Muet.test:8443/relais";
constexpr const char* kOther = "https://autre.test/relais";

class RingRoom : public EngineTest {
protected:
    static std::vector<RingStep> steps(RingWay way, const char* to, std::size_t count = 1) {
        std::vector<RingStep> list(count, {way, to, minutes(0), RingHours::always});
        list.front().after = minutes(5);
        return list;
    }
    static std::vector<RingStep> hooks(const char* to, std::size_t count = 1) {
        return steps(RingWay::webhook, to, count);
    }
    void declare(const test::TestUnit& unit, std::vector<RingStep> list) {
        bench.declare_rings(unit, std::move(list));
    }
    // So many cases; their threads.
    std::vector<ThreadId> call(std::size_t count) {
        std::vector<ThreadId> threads;
        for (std::size_t i = 0; i < count; ++i) {
            AdmissionCase other = thread.sibling();
            EXPECT_EQ(code_of(other.act(kOpener, "call")), ErrorCode::ok);
            threads.push_back(other.id);
        }
        return threads;
    }
    // No kind here has all the lanes.
    void put_into(Lane lane, const ThreadId* of = nullptr) {
        auto query = bench.sqlite().database().query(
            "UPDATE ring SET lane = ?1 WHERE ?2 IS NULL OR thread = ?2");
        query.bind(static_cast<int>(lane));
        of == nullptr ? query.bind_null() : query.bind(of->view());
        ASSERT_TRUE(query.run().ok());
    }
    // What was handed out since the last time stays under way.
    void take() {
        for (Ring& ring : std::exchange(bench.rings, {})) under_way.push_back(std::move(ring));
    }
    // The outcome of each that is under way, or of those to this receiver.
    std::size_t answer(const char* to = nullptr, ErrorCode code = ErrorCode::ok,
                       std::size_t most = SIZE_MAX) {
        std::vector<Input> outcomes;
        std::erase_if(under_way, [&](const Ring& ring) {
            if ((to != nullptr && ring.to != to) || outcomes.size() == most) return false;
            outcomes.push_back(EngineBench::outcome(ring, code));
            return true;
        });
        const std::size_t count = outcomes.size();
        bench.step(std::move(outcomes));
        take();
        return count;
    }
    [[nodiscard]] std::size_t count(const char* to) const {
        return static_cast<std::size_t>(
            std::ranges::count_if(under_way, [&](const Ring& ring) { return ring.to == to; }));
    }
    void pass(Milliseconds time) {
        bench.idle(time);
        take();
    }

    std::vector<Ring> under_way;
};

TEST_F(RingRoom, AReceiverThatHangsHoldsUpNoOther) {
    declare(bench.territory.geriatrics, hooks(kMute, 8));
    declare(bench.territory.cardiology, hooks(kOther));
    call(20);
    pass(5 * kMinute);
    EXPECT_EQ(count(kMute), limits::kRingCallsToHostMax[kUrgent]);
    std::size_t made = 0;
    while (const std::size_t more = answer(kOther)) made += more;
    EXPECT_EQ(made, 20U) << "at one instant";
    EXPECT_EQ(count(kMute), limits::kRingCallsToHostMax[kUrgent]);
    std::size_t late = 0;
    while (const std::size_t more = answer(kMute)) late += more;
    EXPECT_EQ(late, 160U);
}

TEST_F(RingRoom, AHostIsOneByAnyOfItsPortsPathsAndSpellings) {
    std::vector<RingStep> list;
    for (const char* to : {"https://muet.test/a", "https://MUET.test:444/b", "https://muet.test./",
                           "https://muet.test?c", "https://muet.test", "https://muet.test#d"}) {
        list.push_back({RingWay::webhook, to, minutes(0), RingHours::always});
    }
    declare(bench.territory.geriatrics, list);
    call(1);
    pass(Milliseconds(0));
    EXPECT_EQ(under_way.size(), limits::kRingCallsToHostMax[kUrgent]);
}

// Names cost nothing: whoever has a zone of his own has as many hosts as he likes.
TEST_F(RingRoom, AnOrganisationWithManyHostsHasNoMoreRoomThanOne) {
    std::vector<RingStep> list;
    for (char host = 'a'; host < 'i'; ++host) {
        list.push_back({RingWay::webhook, std::string("https://") + host + ".test/", minutes(0),
                        RingHours::always});
    }
    declare(bench.territory.geriatrics, list);
    call(10);
    pass(Milliseconds(0));
    EXPECT_EQ(under_way.size(), limits::kRingCallsOfOrganisationMax[kUrgent]);
    std::size_t made = 0;
    while (const std::size_t more = answer()) made += more;
    EXPECT_EQ(made, 80U);
}

TEST_F(RingRoom, ACrisisGoesAtOnceWhateverWaitsEvenAtTheSameReceiver) {
    declare(bench.territory.geriatrics, hooks(kMute, 8));
    call(64);
    put_into(Lane::routine);
    pass(4 * kMinute);
    const ThreadId crisis = call(1).front();
    put_into(Lane::crisis, &crisis);
    pass(1 * kMinute);
    EXPECT_EQ(under_way.size(), limits::kRingCallsToHostMax[0]) << "512 are due";
    pass(4 * kMinute);
    EXPECT_EQ(std::ranges::count(under_way, crisis, &Ring::thread), 2) << "the rest of the room";
    answer(kMute, ErrorCode::ok, 1);
    EXPECT_EQ(std::ranges::count(under_way, crisis, &Ring::thread), 3) << "before the routine ones";
}

TEST_F(RingRoom, SixHundredAtOneInstantAreAllMadeAtTheirFirstAttempt) {
    declare(bench.territory.geriatrics, steps(RingWay::email, "astreinte@ch-valmont.test", 8));
    call(75);
    pass(5 * kMinute);
    std::set<std::pair<ThreadId, std::uint8_t>> made;
    do {
        ASSERT_LE(under_way.size(), limits::kRingCallsMax[kUrgent]);
        for (const Ring& ring : under_way) {
            EXPECT_EQ(ring.attempt, 1);
            EXPECT_TRUE(made.insert({ring.thread, ring.step}).second) << "twice";
        }
    } while (answer() > 0);
    EXPECT_EQ(made.size(), 600U);
    EXPECT_EQ(bench.count_leaves(Event::rung), 600U);
    EXPECT_EQ(bench.engine().counts().ring_failures, 0U);
}

TEST_F(RingRoom, WhatWaitsGoesInItsOrder) {
    declare(bench.territory.geriatrics, hooks(kMute));
    std::vector<ThreadId> threads;
    for (int i = 0; i < 8; ++i) {
        threads.push_back(call(1).front());
        pass(Milliseconds(10));
    }
    pass(5 * kMinute);
    std::vector<ThreadId> order;
    do {
        for (const Ring& ring : under_way) {
            if (!std::ranges::count(order, ring.thread)) order.push_back(ring.thread);
        }
    } while (answer(kMute, ErrorCode::ok, 1) > 0);
    EXPECT_EQ(order, threads);
}

// The receiver does not hear that nobody wants to know any more.
TEST_F(RingRoom, WhatIsStoppedWhileItIsUnderWayTakesItsRoomUntilItsOutcome) {
    declare(bench.territory.geriatrics, hooks(kMute, 3));
    does(kOpener, "call");
    pass(5 * kMinute);
    ASSERT_EQ(under_way.size(), 3U);
    does(kGeri, "decline");
    call(1);
    pass(10 * kMinute);
    EXPECT_EQ(under_way.size(), 3U);
    answer(kMute, ErrorCode::ok, 3);
    EXPECT_EQ(under_way.size(), 3U);
}

TEST_F(RingRoom, WhatWaitsAndIsStoppedIsNeverMade) {
    declare(bench.territory.geriatrics, hooks(kMute, 8));
    does(kOpener, "call");
    pass(5 * kMinute);
    does(kGeri, "decline");
    answer();
    EXPECT_TRUE(under_way.empty());
}

TEST_F(RingRoom, AStepThatIsTriedAgainOnAFullDiskTakesRoomOnce) {
    declare(bench.territory.geriatrics, hooks(kMute, 8));
    call(2);
    bench.pass(5 * kMinute);
    bench.store().set_full(true);
    bench.step();
    bench.store().set_full(false);
    take();
    const std::size_t at_once = under_way.size();
    EXPECT_EQ(at_once, limits::kRingCallsToHostMax[kUrgent]);
    answer();
    EXPECT_EQ(under_way.size(), at_once);
}

TEST_F(RingRoom, WhatWaitsGoesAfterARestart) {
    declare(bench.territory.geriatrics, hooks(kMute, 8));
    call(5);
    pass(5 * kMinute);
    under_way.clear();
    bench.restart();
    pass(Milliseconds(0));
    std::size_t made = 0;
    while (const std::size_t more = answer()) made += more;
    EXPECT_EQ(made, 40U);
}

// A transport that has no room after all has called nobody.
TEST_F(RingRoom, WhatFindsNoRoomUsesUpNoAttempt) {
    declare(bench.territory.geriatrics, hooks(kMute));
    call(1);
    pass(5 * kMinute);
    for (int i = 0; i < 10; ++i) {
        ASSERT_EQ(answer(kMute, ErrorCode::quota_reached), 1U);
        pass(1 * kMinute);
    }
    ASSERT_EQ(under_way.size(), 1U);
    EXPECT_EQ(under_way[0].attempt, 1);
    answer();
    EXPECT_EQ(bench.count_leaves(Event::ring_failed, ErrorCode::quota_reached), 0U);
    EXPECT_EQ(bench.count_leaves(Event::rung), 1U);
}

}  // namespace
}  // namespace relais::broker
