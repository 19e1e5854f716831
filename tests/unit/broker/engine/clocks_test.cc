// Clocks of threads: reminded at half, ended at their end, stopped by the act that overtakes them;
// the same across restarts; and what must not end while the machine's time is suspect.
#include "tests/unit/broker/engine/fixture.h"

namespace relais::broker {
namespace {

class Clocks : public EngineTest {
protected:
    std::size_t reminders(const char* mailbox) {
        return bench.notices_of(mailbox, NoticeKind::reminder).size();
    }
    std::size_t overdue(const char* mailbox) {
        return bench.notices_of(mailbox, NoticeKind::overdue).size();
    }
};

TEST_F(Clocks, TheCallerAndTheWardsAreRemindedAtHalfOfTheDelay) {
    does(kOpener, "call");
    bench.idle(2 * kHour - Milliseconds(1));
    EXPECT_EQ(reminders(kPractice), 0u);
    bench.idle(Milliseconds(1));
    for (const char* mailbox : {kPractice, kGeriatrics, kCardiology}) {
        EXPECT_EQ(reminders(mailbox), 1u) << mailbox;
    }
    EXPECT_EQ(bench.count_leaves(Event::clock_reminded), 1u);
    bench.idle(kHour);
    EXPECT_EQ(reminders(kPractice), 1u);
}

TEST_F(Clocks, NobodyAnsweringIsOverdueAtTheEndAndAllAreTold) {
    does(kOpener, "call");
    bench.idle(4 * kHour - Milliseconds(1));
    EXPECT_EQ(thread.state(), "called");
    bench.idle(Milliseconds(1));
    EXPECT_EQ(thread.state(), "overdue");
    EXPECT_EQ(bench.count_leaves(Event::clock_ended), 1u);
    for (const char* mailbox : {kPractice, kGeriatrics, kCardiology}) {
        EXPECT_EQ(overdue(mailbox), 1u) << mailbox;
    }
    does(kGeri, "offer");
}

// By it a station knows again, after a restore, what was said of the same run of a clock.
TEST_F(Clocks, WhatIsSaidOfOneNamesTheEndOfThatRun) {
    does(kOpener, "call");
    bench.idle(4 * kHour);
    const auto half = bench.notices_of(kPractice, NoticeKind::reminder);
    const auto end = bench.notices_of(kPractice, NoticeKind::overdue);
    ASSERT_EQ(half.size(), 1u);
    ASSERT_EQ(end.size(), 1u);
    EXPECT_EQ(half[0].due, end[0].due);
    EXPECT_EQ(half[0].due, (EngineTime{end[0].time.ms}));
}

TEST_F(Clocks, TheDelayIsTheOneThatTheCallAskedFor) {
    Header header = thread.make_header(kOpener, "call");
    header.respond_within = std::chrono::minutes(30);
    ASSERT_EQ(refused(kOpener, header), ErrorCode::ok);
    bench.idle(15 * kMinute);
    EXPECT_EQ(reminders(kPractice), 1u);
    bench.idle(15 * kMinute);
    EXPECT_EQ(thread.state(), "overdue");
}

TEST_F(Clocks, AChoiceStopsTheDelay) {
    does(kOpener, "call");
    does(kGeri, "offer");
    does(kOpener, "choose", kGeri);
    bench.idle(5 * kHour);
    EXPECT_EQ(reminders(kPractice), 0u);
    EXPECT_EQ(overdue(kPractice), 0u);
    EXPECT_EQ(thread.state(), "chosen");
}

TEST_F(Clocks, TheDelayThatEndsWhileAnOfferIsHeldIsSaidToNobody) {
    does(kOpener, "call");
    bench.idle(4 * kHour - 10 * kMinute);
    does(kGeri, "offer");  // held for 20 minutes
    bench.idle(10 * kMinute);
    EXPECT_EQ(bench.count_leaves(Event::clock_ended), 1u);
    EXPECT_EQ(thread.state(), "called");
    EXPECT_EQ(overdue(kPractice), 0u);
}

TEST_F(Clocks, AnOfferThatIsNotChosenLapsesAndTheNextIsPromoted) {
    does(kOpener, "call");
    does(kGeri, "offer");
    bench.idle(kMinute);
    does(kCardio, "offer");
    bench.idle(19 * kMinute);
    EXPECT_EQ(thread.state_of(kGeri), "lapsed");
    EXPECT_EQ(thread.state_of(kCardio), "held");
    EXPECT_EQ(bench.notices_of(kCardiology, NoticeKind::promoted).size(), 1u);
    EXPECT_EQ(bench.notices_of(kPractice, NoticeKind::promoted).size(), 1u);
    bench.idle(20 * kMinute - Milliseconds(1));
    EXPECT_EQ(thread.state_of(kCardio), "held") << "its own twenty minutes";
    bench.idle(Milliseconds(1));
    EXPECT_EQ(thread.state_of(kCardio), "lapsed");
}

// Public field 9 of an offer says how long it is held: 1 ten minutes, 2 an hour, 4 four hours.
constexpr PublicField kTenMinutes{9, 1};
constexpr PublicField kFourHours{9, 4};

TEST_F(Clocks, AnOfferThatIsPromotedIsHeldAsLongAsItSaysItself) {
    does(kOpener, "call");
    const auto offer = [&](int side, std::optional<PublicField> hold) {
        Header header = thread.make_header(side, "offer");
        if (hold) header.publics.push_back(*hold);
        EXPECT_EQ(refused(side, header), ErrorCode::ok);
    };
    offer(kGeri, kTenMinutes);
    offer(kCardio, kFourHours);
    bench.idle(10 * kMinute);
    ASSERT_EQ(thread.state_of(kCardio), "held") << "the other's time was over";
    bench.idle(4 * kHour - Milliseconds(1));
    EXPECT_EQ(thread.state_of(kCardio), "held");
    bench.idle(Milliseconds(1));
    EXPECT_EQ(thread.state_of(kCardio), "lapsed");
    // What it said before does not bind a later offer, which says nothing.
    offer(kGeri, kFourHours);
    offer(kCardio, std::nullopt);
    does(kGeri, "decline");
    ASSERT_EQ(thread.state_of(kCardio), "held") << "the other declined";
    bench.idle(20 * kMinute - Milliseconds(1));
    EXPECT_EQ(thread.state_of(kCardio), "held");
    bench.idle(Milliseconds(1));
    EXPECT_EQ(thread.state_of(kCardio), "lapsed");
}

// The course of a thread for figures ends after so many steps; what a party said of a clock does
// not.
TEST_F(Clocks, AnOfferIsHeldAsLongAsItSaysHoweverMuchWasSaidBefore) {
    does(kOpener, "call");
    for (std::size_t i = 0; i < indicators::kStepsMax + 3; ++i) does(kGeri, "ask");
    const auto offer = [&](int side, const PublicField& hold) {
        Header header = thread.make_header(side, "offer");
        header.publics.push_back(hold);
        EXPECT_EQ(refused(side, header), ErrorCode::ok);
    };
    offer(kGeri, kTenMinutes);
    offer(kCardio, kFourHours);
    does(kGeri, "decline");
    ASSERT_EQ(thread.state_of(kCardio), "held");
    bench.restart();
    thread.reconnect();
    bench.idle(4 * kHour - Milliseconds(1));
    EXPECT_EQ(thread.state_of(kCardio), "held");
    bench.idle(Milliseconds(1));
    EXPECT_EQ(thread.state_of(kCardio), "lapsed");
}

// Each party's last word, and none of before: a thread must not grow with what is repeated.
TEST_F(Clocks, WhatIsSaidOfAClockIsKeptOnce) {
    does(kOpener, "call");
    for (std::size_t i = 0; i < indicators::kStepsMax + 3; ++i) does(kGeri, "ask");
    for (int i = 0; i < 5; ++i) {
        does(kGeri, "offer");
        bench.idle(20 * kMinute);  // it lapses
    }
    EXPECT_EQ(thread.stored()->history.size(), indicators::kStepsMax + 1);
}

TEST_F(Clocks, AnActAtTheLastMomentOvertakesTheClock) {
    does(kOpener, "call");
    does(kGeri, "offer");
    bench.idle(20 * kMinute - Milliseconds(1));
    does(kOpener, "choose", kGeri);
    bench.idle(kMinute);
    EXPECT_EQ(thread.state_of(kGeri), "chosen");
    EXPECT_EQ(bench.count_leaves(Event::clock_ended), 0u);
}

TEST_F(Clocks, EveryThreadEndsWhateverNobodyDoes) {
    does(kOpener, "call");
    bench.idle(14 * kDay - Milliseconds(1));
    EXPECT_FALSE(thread.over());
    bench.idle(Milliseconds(1));
    EXPECT_EQ(thread.state(), "without-offer");
    EXPECT_EQ(bench.notices_of(kPractice, NoticeKind::ended).size(), 1u);
    EXPECT_EQ(bench.count_leaves(Event::thread_ended), 1u);
    auto timers = bench.sqlite().database().query("SELECT count(*) FROM timer WHERE kind <= 2");
    ASSERT_TRUE(timers.row().value());
    EXPECT_EQ(timers.integer(0), 0) << "no clock of an ended thread runs";
}

TEST_F(Clocks, TheyGoOnAfterARestartAndAfterAReboot) {
    does(kOpener, "call");
    bench.idle(kHour);
    bench.restart();
    bench.idle(kHour);
    EXPECT_EQ(reminders(kPractice), 1u);
    bench.reboot(kHour);
    bench.restart();
    bench.idle(kHour - Milliseconds(1));
    EXPECT_EQ(thread.state(), "called");
    bench.idle(Milliseconds(1));
    EXPECT_EQ(thread.state(), "overdue");
    EXPECT_EQ(reminders(kPractice), 1u);
}

TEST_F(Clocks, WhatFellDueWhileTheBrokerWasDownComesAtItsStart) {
    does(kOpener, "call");
    bench.pass(10 * kHour);
    bench.restart();
    bench.step();
    EXPECT_EQ(thread.state(), "overdue");
    EXPECT_EQ(reminders(kPractice), 1u);
}

// Suspicion ---------------------------------------------------------------------------------------

TEST_F(Clocks, AStepOfTheWallClockPostponesEndsAndNotReminders) {
    does(kOpener, "call");
    bench.step_wall_clock(std::chrono::minutes(3));
    bench.idle(5 * kHour);
    EXPECT_TRUE(bench.engine().clock_suspect());
    EXPECT_EQ(bench.count_leaves(Event::clock_suspected), 1u);
    EXPECT_EQ(reminders(kPractice), 1u);
    EXPECT_EQ(thread.state(), "called");
    bench.step_wall_clock(-std::chrono::minutes(3));
    bench.idle(2 * kMinute);
    EXPECT_FALSE(bench.engine().clock_suspect());
    EXPECT_EQ(bench.count_leaves(Event::clock_trusted), 1u);
    EXPECT_EQ(thread.state(), "overdue");
}

TEST_F(Clocks, DeliveryGoesOnWhileTheClockIsSuspect) {
    bench.step_wall_clock(kDay);
    does(kOpener, "call");
    bench.attach(ward(kGeri), kGeriatrics);
    const auto deliveries = bench.take_deliveries(ward(kGeri));
    ASSERT_EQ(deliveries.size(), 1u);
    EXPECT_EQ(code_of(bench.acknowledge(ward(kGeri), deliveries)), ErrorCode::ok);
    EXPECT_TRUE(bench.engine().clock_suspect());
}

TEST_F(Clocks, NothingExpiresWhileTheClockIsSuspectUntilTheOperatorTrustsIt) {
    Header header = thread.make_header(kOpener, "call");
    header.expires_after = std::chrono::minutes(10);
    ASSERT_EQ(refused(kOpener, header), ErrorCode::ok);
    bench.step_wall_clock(-kHour);
    bench.idle(kHour);
    EXPECT_EQ(bench.count_leaves(Event::expired), 0u);
    EXPECT_EQ(
        code_of(bench.ask_as_operator(wire::Administer{wire::Command::trust_clock, std::nullopt})),
        ErrorCode::ok);
    bench.idle(kMinute);
    EXPECT_EQ(bench.count_leaves(Event::expired), 2u);
    EXPECT_EQ(bench.count_leaves(Event::administered), 1u);
}

TEST_F(Clocks, SuspicionSurvivesARestart) {
    does(kOpener, "call");
    bench.step_wall_clock(kHour);
    bench.idle(kMinute);
    ASSERT_TRUE(bench.engine().clock_suspect());
    bench.restart();
    bench.idle(5 * kHour);
    EXPECT_TRUE(bench.engine().clock_suspect());
    EXPECT_EQ(thread.state(), "called");
}

TEST_F(Clocks, AWallClockBehindWhatItWasBeforeARebootIsSuspect) {
    does(kOpener, "call");
    bench.idle(kHour);
    bench.reboot(-2 * kHour);
    bench.restart();
    EXPECT_TRUE(bench.engine().clock_suspect());
    bench.restart();
    EXPECT_TRUE(bench.engine().clock_suspect()) << "after another restart too";
    bench.idle(3 * kHour + kMinute);
    EXPECT_FALSE(bench.engine().clock_suspect()) << "it has caught up";
}

TEST_F(Clocks, ALeapOfWeeksOverARebootIsNotFollowedUntilTrusted) {
    does(kOpener, "call");
    bench.reboot(400 * kDay);
    bench.restart();
    bench.idle(kMinute);
    EXPECT_TRUE(bench.engine().clock_suspect());
    EXPECT_EQ(thread.state(), "called");
    bench.restart();
    bench.idle(kMinute);
    EXPECT_EQ(
        code_of(bench.ask_as_operator(wire::Administer{wire::Command::trust_clock, std::nullopt})),
        ErrorCode::ok);
    bench.idle(kMinute);
    EXPECT_EQ(thread.state(), "without-offer");
}

// A seed's clocks: stepped by minutes to months both ways, nights of sleep, kills, reboots that
// lose or gain time, an operator who says that all is well when it is not.
class WildClocks : public Clocks {
protected:
    void disturb() {
        const Milliseconds by = kMinute * (1 + bench.random.below(90 * 24 * 60));
        switch (bench.random.below(7)) {
            case 0: return bench.step_wall_clock(by);
            case 1: return bench.step_wall_clock(-by);
            case 2: return bench.idle(kMinute * bench.random.below(50));
            case 3: return bench.pass(kMinute * bench.random.below(50));  // asleep
            case 4: return bench.restart();
            case 5: bench.reboot(bench.random.one_in(2) ? by : -by); return bench.restart();
            default: {
                const wire::Administer trust{wire::Command::trust_clock, std::nullopt};
                if (bench.random.one_in(4)) bench.ask_as_operator(trust);
            }
        }
    }
    // Of the delay to answer of this thread; a notice itself has its end, a leaf has none.
    long told(Event event) {
        return std::ranges::count_if(bench.leaves(), [&](const Leaf& leaf) {
            return leaf.event == event && leaf.thread == thread.id && leaf.subject == "answer";
        });
    }
    void expect_nothing_ended_in_doubt(bool doubted, const std::string& before) {
        EXPECT_TRUE(!doubted || !bench.engine().clock_suspect() || thread.state() == before);
    }
};

TEST_F(WildClocks, NoReminderIsLostOrDoubledAndNothingEndsInDoubt) {
    for (int round = 0; round < 25; ++round) {
        thread.id = make_uuid_v7<ThreadId>(bench.random, test::kTestTime);
        thread.reconnect();
        does(kOpener, "call");
        for (int i = 0; i < 12; ++i) {
            const bool doubted = bench.engine().clock_suspect();
            const std::string before = thread.state();
            disturb();
            bench.settle();
            expect_nothing_ended_in_doubt(doubted, before);
            EXPECT_LE(told(Event::clock_reminded), 1) << round << "/" << i;
            EXPECT_LE(told(Event::clock_ended), 1) << round << "/" << i;
        }
        bench.ask_as_operator(wire::Administer{wire::Command::trust_clock, std::nullopt});
        bench.idle(5 * kHour);
        EXPECT_EQ(told(Event::clock_reminded), 1) << round;
        EXPECT_EQ(told(Event::clock_ended), 1) << round;
        if (HasFailure()) return;
    }
}

}  // namespace
}  // namespace relais::broker
