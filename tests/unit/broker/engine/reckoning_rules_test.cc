// What a reckoning finds in the days of one mailbox. Day 100 is the last one reckoned; a unit of
// weekdays is closed on days whose number leaves 5 or 6 when divided by 7.
#include "broker/engine/reckoning_rules.h"

#include <gtest/gtest.h>

#include "core/base/limits.h"
#include "tests/support/envelopes.h"

namespace relais::broker {
namespace {

constexpr CivilDay kLast{100};  // 100 = 14 * 7 + 2: a weekday
constexpr std::chrono::hours kEvening{19};

// A time of a day, for these tests alone.
WallTime at(std::int32_t day, std::chrono::hours time) {
    return WallTime{} + (std::chrono::days(day) + time);
}

std::optional<WallTime> from_eight(CivilDay day) { return at(day.number, std::chrono::hours(8)); }
std::optional<WallTime> weekdays(CivilDay day) {
    return day.number % 7 < 5 ? from_eight(day) : std::nullopt;
}

class ReckoningRules : public testing::Test {
protected:
    // A mailbox that was connected and stated every day, zeros.
    ReckoningRules() {
        for (std::int32_t day = 40; day < kLast.number; ++day) states(day, 0, 0);
        states(kLast.number, 0, 0);
    }

    void states(std::int32_t day, std::uint64_t sent, std::uint64_t held, int which = 0) {
        const StationId& station = which == 0 ? first : second;
        std::erase_if(facts.days.stated, [&](const MailboxDays::Stated& stated) {
            return stated.day.number == day && stated.station == station;
        });
        facts.days.stated.push_back({{day}, station, {sent, held, 1, {}}});
    }
    void states_nothing(std::int32_t day) {
        std::erase_if(facts.days.stated,
                      [&](const MailboxDays::Stated& stated) { return stated.day.number == day; });
    }
    void accepted_from(std::int32_t day, std::uint64_t count) {
        facts.days.sent.push_back({{day}, first, count});
        states(day, count, 0);
    }
    void accepted_for(std::int32_t day, std::uint64_t count) {
        facts.days.held.push_back({{day}, {count, {day}, 0}});
    }
    std::vector<Finding> found() { return reckon(facts, kLast, before); }
    // Of the only finding, or a text that no code has.
    std::string code() {
        const auto findings = found();
        if (findings.empty()) return "nothing";
        return findings.size() > 1 ? "several" : std::string(finding_name(findings[0].code));
    }
    CivilDay since() { return found().at(0).since; }

    test::SeededRandom random{1};
    StationId first = random.make<StationId>();
    StationId second = random.make<StationId>();
    MailboxFacts facts{
        test::address("geriatrie.ch-valmont@indre"), {10}, at(100, kEvening), weekdays, {}};
    std::vector<Finding> before;
};

TEST_F(ReckoningRules, DaysWithoutAnyMessageThatAreStatedAreFine) { EXPECT_EQ(code(), "nothing"); }

TEST_F(ReckoningRules, FortyTwoSentAndFortyTwoHeldAreFine) {
    accepted_for(100, 42);
    states(100, 0, 42);
    EXPECT_EQ(code(), "nothing");
}

TEST_F(ReckoningRules, FortyOneHeldOfFortyTwoAreAGap) {
    accepted_for(100, 42);
    states(100, 0, 41);
    ASSERT_EQ(code(), "holds_fewer");
    EXPECT_EQ(found()[0].expected, 42U);
    EXPECT_EQ(found()[0].counted, 41U);
    EXPECT_EQ(since().number, 100);
}

TEST_F(ReckoningRules, WhatOneStationLacksAnotherOfTheMailboxMayHold) {
    accepted_for(100, 42);
    states(100, 0, 3, 0);
    states(100, 0, 42, 1);
    EXPECT_EQ(code(), "nothing");
}

TEST_F(ReckoningRules, AGapIsSaidFromItsFirstDayOnWithAllThatIsMissing) {
    for (const std::int32_t day : {97, 99}) {
        accepted_for(day, 10);
        states(day, 0, 8);
    }
    ASSERT_EQ(code(), "holds_fewer");
    EXPECT_EQ(since().number, 97);
    EXPECT_EQ(found()[0].expected, 20U);
    EXPECT_EQ(found()[0].counted, 16U);
}

TEST_F(ReckoningRules, WhatIsReleasedAfterTheLastStatementWaitsForTheNext) {
    facts.days.held.push_back({{98}, {3, {101}, 2}});  // one released on day 101
    states(98, 0, 2);
    EXPECT_EQ(code(), "nothing");
    facts.days.held.back().held.changed = {100};
    EXPECT_EQ(code(), "holds_fewer");
}

TEST_F(ReckoningRules, ADayThatNobodyStatedYetIsNotComparedUntilItIs) {
    accepted_for(100, 5);
    states_nothing(100);  // switched off at night: stated tomorrow
    EXPECT_EQ(code(), "nothing");
}

TEST_F(ReckoningRules, AStationThatCountsOtherThanWasAcceptedFromItDiffers) {
    accepted_from(99, 4);
    states(99, 5, 0);
    ASSERT_EQ(code(), "sent_differs");
    EXPECT_EQ(found()[0].expected, 4U);
    EXPECT_EQ(found()[0].counted, 5U);
    states(99, 4, 0);
    EXPECT_EQ(code(), "nothing");
    states(98, 1, 0);  // nothing was accepted from it
    EXPECT_EQ(code(), "sent_differs");
}

TEST_F(ReckoningRules, AMailboxWithoutAConnectedStationOnItsLastOpenDayIsSilent) {
    facts.seen = at(99, kEvening);
    ASSERT_EQ(code(), "not_polling");
    EXPECT_EQ(since().number, 100);
    facts.seen = at(100, kEvening);
    EXPECT_EQ(code(), "nothing");
    facts.seen.reset();
    EXPECT_EQ(code(), "not_polling");
}

TEST_F(ReckoningRules, WhoWasConnectedInTheNightBeforeAndNoMoreIsSilent) {
    facts.seen = at(100, std::chrono::hours(7));
    ASSERT_EQ(code(), "not_polling");
    EXPECT_EQ(since().number, 100);
    facts.seen = at(100, std::chrono::hours(8));
    EXPECT_EQ(code(), "nothing");
}

TEST_F(ReckoningRules, SilenceBeganOnTheFirstOpenDayAfterTheLastConnection) {
    facts.seen = at(95, kEvening);  // 96 = 13 * 7 + 5 and 97 are closed
    EXPECT_EQ(since().number, 98);
    facts.seen = at(50, kEvening);
    EXPECT_EQ(since().number, 51);
    before = {{FindingCode::not_polling, facts.mailbox, {3}, 0, 0}};
    facts.seen = at(2, kEvening);
    EXPECT_EQ(since().number, 3);  // since long before what is kept
    facts.seen = at(95, kEvening);
    EXPECT_EQ(since().number, 98);  // it had come back
}

TEST_F(ReckoningRules, AClosedDayIsNotHeldAgainstAUnit) {
    facts.opens = [](CivilDay day) { return day.number < 99 ? from_eight(day) : std::nullopt; };
    facts.seen = at(98, kEvening);
    EXPECT_EQ(code(), "nothing");
    facts.seen = at(97, kEvening);
    ASSERT_EQ(code(), "not_polling");
    EXPECT_EQ(since().number, 98);
    facts.opens = [](CivilDay) { return std::optional<WallTime>(); };
    EXPECT_EQ(code(), "nothing");
}

TEST_F(ReckoningRules, AUnitThatIsConnectedAndStatesNothingIsNamed) {
    states_nothing(99);
    ASSERT_EQ(code(), "no_statement");
    EXPECT_EQ(since().number, 99);
    states_nothing(98);
    states_nothing(97);  // closed
    states_nothing(96);
    states_nothing(95);
    EXPECT_EQ(since().number, 95);
}

TEST_F(ReckoningRules, WhereTheBrokerStoodStillConnectionsAreNotJudged) {
    facts.polled = false;
    facts.seen = at(50, kEvening);
    states_nothing(99);
    EXPECT_EQ(code(), "nothing");
    accepted_for(98, 2);
    states(98, 0, 1);
    EXPECT_EQ(code(), "holds_fewer");
}

TEST_F(ReckoningRules, AMailboxIsAskedAboutNoDayBeforeItsFirst) {
    facts.from = {100};
    states_nothing(99);
    accepted_for(98, 5);
    states(98, 1, 0);
    EXPECT_EQ(code(), "nothing");
}

TEST_F(ReckoningRules, AUnitThatSentOnFourOfItsFiveLastOpenDaysAndNothingSinceHasStopped) {
    for (const std::int32_t day : {93, 94, 95, 98}) accepted_from(day, 2);  // 99 none
    facts.days.sent.push_back({{99}, first, 1});
    states(99, 1, 0);
    ASSERT_EQ(code(), "stopped_sending");
    EXPECT_EQ(since().number, 100);
    std::erase_if(facts.days.sent, [](const auto& sent) { return sent.day == CivilDay{94}; });
    states(94, 0, 0);
    EXPECT_EQ(code(), "stopped_sending");  // four of five
    std::erase_if(facts.days.sent, [](const auto& sent) { return sent.day == CivilDay{93}; });
    states(93, 0, 0);
    EXPECT_EQ(code(), "nothing");  // three
}

TEST_F(ReckoningRules, WhoHasStoppedSendingHasStoppedUntilItSendsAgain) {
    for (const std::int32_t day : {84, 85, 86, 87, 88}) accepted_from(day, 1);
    ASSERT_EQ(code(), "stopped_sending");
    EXPECT_EQ(since().number, 91);  // 89 and 90 are closed
    facts.days.sent.clear();
    for (const std::int32_t day : {84, 85, 86, 87, 88}) states(day, 0, 0);
    EXPECT_EQ(code(), "nothing");
    before = {{FindingCode::stopped_sending, facts.mailbox, {20}, 0, 0}};
    ASSERT_EQ(code(), "stopped_sending");  // its habit is older than what is kept
    EXPECT_EQ(since().number, 20);
    accepted_from(100, 1);
    EXPECT_EQ(code(), "nothing");
}

TEST_F(ReckoningRules, WhoIsNotConnectedIsNotSaidToHaveStoppedSendingToo) {
    for (const std::int32_t day : {91, 92, 93, 94, 95}) accepted_from(day, 1);
    facts.seen = at(95, kEvening);
    EXPECT_EQ(code(), "not_polling");
}

}  // namespace
}  // namespace relais::broker
