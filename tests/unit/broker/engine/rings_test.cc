// Ringing: who is told outside that something with a delay waits, when, by which step, and what
// ends it; what an attempt that fails or is cut off leads to.
#include "core/base/contexts.h"
#include "tests/unit/broker/engine/fixture.h"

namespace relais::broker {
namespace {

using directory::RingHours;
using directory::RingStep;
using directory::RingWay;
using std::chrono::minutes;

// The engine's time begins on Monday, 21 September 2026, at 16:13:20 in Paris.
calendar::Hours weekdays(std::uint16_t from_hour, std::uint16_t until_hour) {
    return {.opening = {{0x1F, static_cast<std::uint16_t>(60 * from_hour),
                         static_cast<std::uint16_t>(60 * until_hour)}}};
}

RingStep mail(std::chrono::seconds after, RingHours hours = RingHours::always) {
    return {RingWay::email, "astreinte@ch-valmont.test", after, hours};
}
RingStep hook(std::chrono::seconds after, RingHours hours = RingHours::always) {
    return {RingWay::webhook, "https://astreinte.ch-valmont.test/relais", after, hours};
}

class RingsTest : public EngineTest {
protected:
    void declare(std::vector<RingStep> steps, calendar::Hours hours = {}) {
        bench.declare_rings(bench.territory.geriatrics, std::move(steps), std::move(hours));
    }
    // Passes the time in which nothing may be rung, and then the moment at which something is.
    Ring next_after(Milliseconds time) {
        bench.idle(time - Milliseconds(1));
        EXPECT_TRUE(bench.rings.empty()) << "too early";
        bench.idle(Milliseconds(1));
        EXPECT_EQ(bench.rings.size(), 1u);
        if (bench.rings.empty()) throw std::runtime_error("nothing was rung");
        return bench.answer_rings().front();
    }
    void nothing_for(Milliseconds time) {
        bench.idle(time);
        EXPECT_TRUE(bench.rings.empty());
    }
    // The ward's doctor opens the message there.
    ErrorCode open(const MessageId& message, const Digest& header, int side = kGeri) {
        const auto& station = bench.station_of(ward(side));
        const Address mailbox = test::address(AdmissionCase::mailbox(side));
        const auto& person = thread.person(side);
        const PersonMark mark{person.id, mailbox, message, header, Word::opened, test::kTestTime};
        const OpenedStatement opened{station.id, mailbox,      message,
                                     header,     Word::opened, test::kTestTime};
        return code_of(bench.ask(
            ward(side),
            wire::MarkEntry{
                encode_statement(make_statement(contexts::kMark, encode_mark(mark), *person.key)),
                encode_statement(
                    make_statement(contexts::kOpened, encode_opened(opened), *station.signing))}));
    }
    std::vector<Leaf> leaves_of(Event event) {
        std::vector<Leaf> found;
        for (Leaf& leaf : bench.leaves()) {
            if (leaf.event == event) found.push_back(std::move(leaf));
        }
        return found;
    }
    std::size_t planned() {
        auto query = bench.sqlite().database().query("SELECT count(*) FROM ring");
        return query.row().value() ? query.number(0) : 0;
    }
};

TEST_F(RingsTest, AUnitIsRungStepByStepAndEachLeavesALeaf) {
    declare({mail(minutes(5)), hook(minutes(10))});
    const wire::Receipt call = does(kOpener, "call");
    const Ring first = next_after(5 * kMinute);
    EXPECT_EQ(first.mailbox.text(), kGeriatrics);
    EXPECT_EQ(first.thread, thread.id);
    EXPECT_EQ(first.message, call.id);
    EXPECT_EQ(first.way, RingWay::email);
    EXPECT_EQ(first.to, "astreinte@ch-valmont.test");
    EXPECT_EQ(first.title, admission_kind().title);
    EXPECT_EQ(first.urgency, "Dans les 4 heures") << "the code of the call that chose the delay";
    EXPECT_EQ(first.attempt, 1);
    EXPECT_EQ(first.deadline, test::kTestTime + 4 * kHour)
        << "the delay to answer, not a longer one";
    const Ring second = next_after(10 * kMinute);
    EXPECT_EQ(second.way, RingWay::webhook);
    EXPECT_EQ(second.deadline, first.deadline);
    nothing_for(8 * kHour);
    const auto rung = leaves_of(Event::rung);
    ASSERT_EQ(rung.size(), 2u);
    EXPECT_EQ(rung[0].mailbox, kGeriatrics);
    EXPECT_EQ(rung[0].message, call.id);
    EXPECT_EQ(rung[0].thread, thread.id);
    EXPECT_EQ(rung[0].subject, "email");
    EXPECT_EQ(rung[0].first.value, 1u);
    EXPECT_EQ(rung[0].count, 1u);
    EXPECT_EQ(rung[1].subject, "webhook");
    EXPECT_EQ(rung[1].first.value, 2u);
    EXPECT_EQ(bench.engine().counts().rung, 2u);
}

// A trap of the field: whoever forgot to ask for it was never told. No kind asks.
TEST_F(RingsTest, NotificationsAreOnForWhateverHasAClock) {
    declare({mail(minutes(5))});
    does(kOpener, "call");
    EXPECT_EQ(planned(), 1u);
    EXPECT_EQ(next_after(5 * kMinute).mailbox.text(), kGeriatrics);
}

TEST_F(RingsTest, WithoutStepsNobodyIsRungAndNothingIsPlanned) {
    does(kOpener, "call");
    EXPECT_EQ(planned(), 0u);
    nothing_for(5 * kHour);
}

TEST_F(RingsTest, WhoeverOpensTheMessageStopsIt) {
    declare({mail(minutes(5)), hook(minutes(10))});
    const Bytes sent = thread.make(kOpener, "call");
    const Envelope call = Envelope::parse(sent).value();
    thread.send(kOpener, sent);
    next_after(5 * kMinute);
    ASSERT_EQ(open(call.header().id, call.digest()), ErrorCode::ok);
    EXPECT_EQ(planned(), 0u);
    nothing_for(5 * kHour);
}

TEST_F(RingsTest, ANewMessageIsRungThoughAnOlderOneIsOpenedAfterwards) {
    declare({mail(minutes(5))});
    const Bytes sent = thread.make(kOpener, "call");
    const Envelope call = Envelope::parse(sent).value();
    thread.send(kOpener, sent);
    AdmissionCase other = thread.sibling();
    other.act(kOpener, "call");
    ASSERT_EQ(open(call.header().id, call.digest()), ErrorCode::ok);
    EXPECT_EQ(next_after(5 * kMinute).thread, other.id);
}

TEST_F(RingsTest, AnActOfTheUnitStopsIt) {
    declare({mail(minutes(5))});
    does(kOpener, "call");
    does(kGeri, "decline");
    EXPECT_EQ(planned(), 0u);
    nothing_for(5 * kHour);
}

TEST_F(RingsTest, AnActOfAnotherPartyDoesNot) {
    declare({mail(minutes(5))});
    does(kOpener, "call");
    does(kCardio, "decline");
    next_after(5 * kMinute);
}

TEST_F(RingsTest, TheStopOfTheClockStopsIt) {
    declare({mail(minutes(5))});
    does(kOpener, "call");
    does(kCardio, "offer");
    does(kOpener, "choose", kCardio);
    nothing_for(5 * kHour);
    EXPECT_EQ(planned(), 0u);
}

TEST_F(RingsTest, TheEndOfTheClockStopsItAndNoStepIsPlannedBeyondIt) {
    declare({mail(minutes(5)), hook(std::chrono::hours(5))});
    does(kOpener, "call");
    EXPECT_EQ(planned(), 1u);
    next_after(5 * kMinute);
    nothing_for(10 * kHour);
}

TEST_F(RingsTest, WhatTheBrokerMissedWhileItWasDownIsNotRungOnceItIsOver) {
    declare({mail(minutes(5))});
    does(kOpener, "call");
    bench.pass(10 * kHour);
    bench.restart();
    bench.step();
    EXPECT_EQ(thread.state(), "overdue");
    EXPECT_TRUE(bench.rings.empty());
}

TEST_F(RingsTest, TheErasureOfTheMessageStopsIt) {
    declare({mail(minutes(5))});
    const wire::Receipt call = does(kOpener, "call");
    ASSERT_EQ(code_of(bench.ask_as_operator(wire::Administer{
                  wire::Command::erase, std::nullopt, call.id, wire::ErasureReason::mistake})),
              ErrorCode::ok);
    nothing_for(5 * kHour);
    EXPECT_EQ(planned(), 0u);
}

TEST_F(RingsTest, AUnitThatTakesItsStepsBackIsNotRung) {
    declare({mail(minutes(5)), hook(minutes(5))});
    does(kOpener, "call");
    declare({mail(minutes(5))});
    next_after(5 * kMinute);
    nothing_for(5 * kHour);
    EXPECT_EQ(planned(), 0u);
}

TEST_F(RingsTest, ASuspendedOrganisationIsNotRung) {
    declare({mail(minutes(5))});
    does(kOpener, "call");
    bench.territory.suspend(bench.territory.hospital);
    bench.publish_directory();
    nothing_for(5 * kHour);
}

// Who waits for its turn is told nothing; its turn is rung.
TEST_F(RingsTest, AWardIsRungWhenItsTurnComes) {
    bench.declare_rings(bench.territory.cardiology, {mail(minutes(5))});
    does(kOpener, "call-in-turn");
    EXPECT_EQ(planned(), 0u) << "geriatrics has the first turn";
    bench.idle(15 * kMinute);
    ASSERT_EQ(thread.state_of(kCardio), "called");
    const Ring ring = next_after(5 * kMinute);
    EXPECT_EQ(ring.mailbox.text(), kCardiology);
    EXPECT_EQ(ring.deadline, test::kTestTime + 30 * kMinute) << "the end of its turn";
}

// Hours -------------------------------------------------------------------------------------------

TEST_F(RingsTest, AStepForOpeningHoursWaitsForThem) {
    bench.idle(3 * kHour);  // 19:13
    declare({mail(minutes(5), RingHours::while_open)}, weekdays(20, 22));
    does(kOpener, "call");
    next_after(minutes(46) + std::chrono::seconds(40));  // 20:00
}

TEST_F(RingsTest, AStepForClosingHoursIsRungAtOnceAtNightAndTheOtherOneInTheMorning) {
    bench.idle(13 * kHour);  // 05:13
    declare({mail(minutes(5), RingHours::while_open), hook(minutes(0), RingHours::while_closed)},
            weekdays(8, 18));
    does(kOpener, "call");
    EXPECT_EQ(next_after(5 * kMinute).way, RingWay::webhook);
    EXPECT_EQ(next_after(std::chrono::hours(2) + minutes(41) + std::chrono::seconds(40)).way,
              RingWay::email);  // 08:00
}

TEST_F(RingsTest, AStepForClosingHoursWaitsForTheClosing) {
    declare({hook(minutes(5), RingHours::while_closed)}, weekdays(8, 18));
    does(kOpener, "call");
    next_after(std::chrono::hours(1) + minutes(46) + std::chrono::seconds(40));  // 18:00
}

TEST_F(RingsTest, AStepWhoseHoursDoNotComeBeforeTheEndIsPassedOver) {
    declare({mail(minutes(5), RingHours::while_open), hook(minutes(0), RingHours::while_closed)},
            weekdays(21, 22));
    does(kOpener, "call");  // due until 20:13
    EXPECT_EQ(next_after(5 * kMinute).way, RingWay::webhook);
    EXPECT_EQ(planned(), 0u);
    nothing_for(10 * kHour);
}

TEST_F(RingsTest, AUnitThatNeverClosesIsNotRungByAStepForClosingHours) {
    declare({hook(minutes(5), RingHours::while_closed)});
    does(kOpener, "call");
    nothing_for(5 * kHour);
    EXPECT_EQ(planned(), 0u);
}

TEST_F(RingsTest, WhileTheClockIsSuspectNoHoursHoldAStepBack) {
    declare({mail(minutes(5), RingHours::while_open)}, weekdays(20, 22));
    does(kOpener, "call");
    bench.step_wall_clock(-minutes(3));
    next_after(5 * kMinute);
    EXPECT_TRUE(bench.engine().clock_suspect());
}

TEST_F(RingsTest, AZoneThatIsNotKnownHoldsNothingBack) {
    calendar::Hours hours = weekdays(20, 22);
    hours.zone = "Europe/Nowhere";
    declare({mail(minutes(5), RingHours::while_open)}, hours);
    does(kOpener, "call");
    next_after(5 * kMinute);
}

// Failures ----------------------------------------------------------------------------------------

TEST_F(RingsTest, WhatFailsForNowIsTriedAgainAtGrowingIntervalsAFewTimes) {
    declare({mail(minutes(5))});
    does(kOpener, "call");
    std::uint8_t attempt = 0;
    for (const Milliseconds wait : {5 * kMinute, 1 * kMinute, 4 * kMinute, 16 * kMinute}) {
        bench.idle(wait - Milliseconds(1));
        ASSERT_TRUE(bench.rings.empty());
        bench.idle(Milliseconds(1));
        const auto made = bench.answer_rings(ErrorCode::unreachable);
        ASSERT_EQ(made.size(), 1u);
        EXPECT_EQ(made[0].attempt, ++attempt);
    }
    nothing_for(5 * kHour);
    EXPECT_EQ(planned(), 0u);
    const auto failed = leaves_of(Event::ring_failed);
    ASSERT_EQ(failed.size(), 4u);
    for (std::uint32_t i = 0; i < 4; ++i) {
        EXPECT_EQ(failed[i].count, i + 1);
        EXPECT_EQ(failed[i].code, ErrorCode::unreachable);
    }
    EXPECT_EQ(bench.engine().counts().ring_failures, 4u);
}

TEST_F(RingsTest, WhatFailsAndThenSucceedsIsRungOnce) {
    declare({mail(minutes(5))});
    does(kOpener, "call");
    bench.idle(5 * kMinute);
    bench.answer_rings(ErrorCode::busy);
    EXPECT_EQ(next_after(kMinute).attempt, 2);
    nothing_for(5 * kHour);
    ASSERT_EQ(leaves_of(Event::rung).size(), 1u);
    EXPECT_EQ(leaves_of(Event::rung)[0].count, 2u);
}

TEST_F(RingsTest, WhatIsRefusedForGoodIsNotTriedAgainAndTheNextStepIs) {
    declare({mail(minutes(5)), hook(minutes(5))});
    does(kOpener, "call");
    bench.idle(5 * kMinute);
    bench.answer_rings(ErrorCode::unknown_recipient);
    EXPECT_EQ(next_after(5 * kMinute).way, RingWay::webhook);
    nothing_for(5 * kHour);
}

TEST_F(RingsTest, ABrokerThatCannotRingLeavesALeafForEachStep) {
    declare({mail(minutes(5)), hook(minutes(5))});
    does(kOpener, "call");
    for (int i = 0; i < 2; ++i) {
        bench.idle(5 * kMinute);
        bench.answer_rings(ErrorCode::bad_configuration);
    }
    EXPECT_EQ(bench.count_leaves(Event::ring_failed, ErrorCode::bad_configuration), 2u);
    EXPECT_EQ(planned(), 0u);
}

TEST_F(RingsTest, AnOutcomeThatComesAfterTheStopStillLeavesItsLeaf) {
    declare({mail(minutes(5)), hook(minutes(5))});
    does(kOpener, "call");
    bench.idle(5 * kMinute);
    ASSERT_EQ(bench.rings.size(), 1u);
    does(kGeri, "decline");
    bench.answer_rings(ErrorCode::unreachable);
    EXPECT_EQ(bench.count_leaves(Event::ring_failed, ErrorCode::unreachable), 1u);
    nothing_for(5 * kHour);
}

TEST_F(RingsTest, WhatIsUnderWayIsNotHandedOutAgain) {
    declare({mail(minutes(5))});
    does(kOpener, "call");
    bench.idle(2 * kHour);
    EXPECT_EQ(bench.rings.size(), 1u);
}

// Restarts ----------------------------------------------------------------------------------------

TEST_F(RingsTest, StepsGoOnAfterARestartAndAfterAReboot) {
    declare({mail(minutes(5)), hook(minutes(10))});
    does(kOpener, "call");
    bench.restart();
    next_after(5 * kMinute);
    bench.reboot(minutes(4));
    bench.restart();
    EXPECT_EQ(next_after(6 * kMinute).way, RingWay::webhook);
    bench.restart();
    nothing_for(5 * kHour);
}

TEST_F(RingsTest, WhatWasUnderWayWhenTheProcessDiedIsRungAgainAtItsStart) {
    declare({mail(minutes(5))});
    does(kOpener, "call");
    bench.idle(5 * kMinute);
    ASSERT_EQ(bench.rings.size(), 1u);
    bench.rings.clear();
    bench.restart();
    bench.step();
    ASSERT_EQ(bench.rings.size(), 1u);
    EXPECT_EQ(bench.rings[0].attempt, 2);
    bench.answer_rings();
    bench.restart();
    bench.step();
    nothing_for(5 * kHour);
}

TEST_F(RingsTest, AStepThatIsNotCommittedRingsNobody) {
    declare({mail(minutes(5))});
    does(kOpener, "call");
    bench.pass(5 * kMinute);
    bench.store().fail_commits(ErrorCode::io_failed);
    EXPECT_FALSE(bench.try_step().ok());
    EXPECT_TRUE(bench.rings.empty());
    bench.restart();
    bench.step();
    EXPECT_EQ(bench.rings.size(), 1u);
}

TEST_F(RingsTest, AFullDiskDoublesNothing) {
    declare({mail(minutes(5))});
    does(kOpener, "call");
    bench.pass(5 * kMinute);
    bench.store().set_full(true);
    bench.step();
    EXPECT_EQ(bench.rings.size(), 1u) << "on the reserve";
}

}  // namespace
}  // namespace relais::broker
