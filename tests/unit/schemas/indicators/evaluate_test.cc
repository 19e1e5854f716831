// What the course of a thread adds to each measure.
#include "schemas/indicators/evaluate.h"

#include <gtest/gtest.h>

namespace relais::indicators {
namespace {

// Minutes since the thread was opened.
WallTime at(int minutes) { return WallTime{1'790'000'000'000} + std::chrono::minutes(minutes); }

constexpr std::uint8_t kCall = 0;
constexpr std::uint8_t kAnswer = 1;
constexpr std::uint8_t kOther = 2;

Step opened(std::int64_t code) {
    return {Trigger::opened, kCall, 0, at(0), std::nullopt, 3, {{1, code}}};
}
Step act(std::uint8_t index, std::uint8_t state, int minutes, std::optional<std::uint16_t> party) {
    return {Trigger::act, index, state, at(minutes), party, 0, {}};
}
Step clock_end(std::uint8_t index, std::uint8_t state, int minutes) {
    return {Trigger::clock_end, index, state, at(minutes), std::nullopt, 0, {}};
}

Moment on_act(std::uint8_t index) { return {MomentKind::act, index}; }
Moment on_state(std::uint8_t index) { return {MomentKind::state, index}; }

Indicator indicator(Measure measure, std::vector<Moment> moments) {
    Indicator made{"essai", "Essai", "Essai.", measure, std::move(moments), {}, {}};
    return made;
}

const History kAnswered = {opened(2), act(kAnswer, 0, 5, 0), act(kAnswer, 1, 9, 1),
                           act(kOther, 1, 12, 1)};

TEST(Threads, CountOnceWhenItFirstHappens) {
    const auto cases = cases_of(indicator(Measure::threads, {on_act(kAnswer)}), kAnswered);
    ASSERT_EQ(cases.size(), 1);
    EXPECT_EQ(cases[0].at, at(5));
    EXPECT_EQ(cases_of(indicator(Measure::threads, {on_act(9)}), kAnswered).size(), 0);
}

TEST(Threads, ComeToAStateAndDoNotCountWhileTheyStay) {
    const auto cases = cases_of(indicator(Measure::threads, {on_state(1)}), kAnswered);
    ASSERT_EQ(cases.size(), 1);
    EXPECT_EQ(cases[0].at, at(9));
    EXPECT_EQ(cases_of(indicator(Measure::acts, {on_state(1)}), kAnswered).size(), 1);
    EXPECT_EQ(cases_of(indicator(Measure::threads, {on_state(0)}), kAnswered)[0].at, at(0));
}

TEST(Threads, MayBeThoseThatHadAnotherMomentBefore) {
    Indicator made = indicator(Measure::threads, {on_act(kAnswer)});
    made.since = {on_act(kOther)};
    EXPECT_TRUE(cases_of(made, kAnswered).empty());
    made.since = {on_state(1)};
    made.moments = {on_act(kOther)};
    EXPECT_EQ(cases_of(made, kAnswered).size(), 1);
}

TEST(Acts, CountEachTime) {
    EXPECT_EQ(cases_of(indicator(Measure::acts, {on_act(kAnswer)}), kAnswered).size(), 2);
}

TEST(Moments, OfAnActMayAskForAPublicValue) {
    Indicator made = indicator(Measure::acts, {{MomentKind::act, kCall, 1, 2}});
    EXPECT_EQ(cases_of(made, kAnswered).size(), 1);
    made.moments[0].value = 3;
    EXPECT_TRUE(cases_of(made, kAnswered).empty());
}

TEST(Moments, OfAClockAreItsEndsAndNotActsOfThatNumber) {
    const History history = {opened(1), clock_end(kAnswer, 1, 60)};
    EXPECT_TRUE(cases_of(indicator(Measure::acts, {on_act(kAnswer)}), history).empty());
    const Moment end{MomentKind::clock_end, kAnswer};
    EXPECT_EQ(cases_of(indicator(Measure::acts, {end}), history).size(), 1);
}

TEST(Breakdowns, LookAtTheActThatCountsThenAtTheOneThatOpened) {
    Indicator made = indicator(Measure::acts, {on_act(kAnswer)});
    made.by_public = 1;
    History history = kAnswered;
    history[2].publics = {{1, 7}};
    const auto cases = cases_of(made, history);
    EXPECT_EQ(cases[0].by, 2);
    EXPECT_EQ(cases[1].by, 7);
    made.by_public = 4;
    EXPECT_FALSE(cases_of(made, history)[0].by.has_value());
}

TEST(Delays, RunFromTheFirstOfOneToTheNextOfTheOther) {
    Indicator made = indicator(Measure::delay, {on_act(kAnswer)});
    made.since = {on_act(kCall)};
    const auto cases = cases_of(made, kAnswered);
    ASSERT_EQ(cases.size(), 1);
    EXPECT_EQ(cases[0].delays, std::vector<Milliseconds>{std::chrono::minutes(5)});
    EXPECT_EQ(cases[0].at, at(5));
    made.since = {on_act(kOther)};
    EXPECT_TRUE(cases_of(made, kAnswered).empty());
}

TEST(Delays, AreNeverNegativeWhenTheClockWasPutBack) {
    Indicator made = indicator(Measure::delay, {on_act(kAnswer)});
    made.since = {on_act(kCall)};
    const History history = {opened(1), act(kAnswer, 1, -3, 0)};
    EXPECT_EQ(cases_of(made, history)[0].delays, std::vector{Milliseconds(0)});
}

TEST(Shares, AreDecidedByWhicheverCameFirst) {
    Indicator made = indicator(Measure::share, {on_act(kAnswer)});
    made.missed = {{MomentKind::clock_end, 0}};
    const History kept = {opened(1), act(kAnswer, 1, 5, 0), clock_end(0, 1, 60)};
    const History missed = {opened(1), clock_end(0, 1, 60), act(kAnswer, 1, 65, 0)};
    ASSERT_EQ(cases_of(made, kept).size(), 1);
    EXPECT_EQ(cases_of(made, kept)[0].count, 1);
    EXPECT_EQ(cases_of(made, kept)[0].at, at(5));
    ASSERT_EQ(cases_of(made, missed).size(), 1);
    EXPECT_EQ(cases_of(made, missed)[0].count, 0);
    EXPECT_EQ(cases_of(made, missed)[0].at, at(60));
    EXPECT_TRUE(cases_of(made, {opened(1)}).empty());
}

TEST(Reach, CountsEachPartyThatActedInTimeOnce) {
    Indicator made = indicator(Measure::reach, {on_act(kAnswer)});
    made.since = {on_act(kCall)};
    made.within = std::chrono::minutes(10);
    const History history = {opened(1),
                             act(kAnswer, 0, 2, 0),
                             act(kAnswer, 0, 4, 0),
                             act(kAnswer, 0, 10, 1),
                             act(kAnswer, 0, 11, 2),
                             act(kAnswer, 0, 5, std::nullopt)};
    const auto cases = cases_of(made, history);
    ASSERT_EQ(cases.size(), 1);
    EXPECT_EQ(cases[0].count, 2);
    EXPECT_EQ(cases[0].of, 3);
    EXPECT_EQ(cases[0].at, at(10));
    EXPECT_EQ(cases[0].delays,
              (std::vector<Milliseconds>{std::chrono::minutes(2), std::chrono::minutes(10)}));
}

// ---- threads opened to groups

MemberStep by_member(std::uint64_t member, std::uint32_t after, std::uint32_t order, int minutes) {
    MemberStep made{after, order, act(kAnswer, 0, minutes, std::nullopt)};
    made.step.member = member;
    return made;
}

Indicator reach_from(Moment since) {
    Indicator made = indicator(Measure::reach, {on_act(kAnswer)});
    made.since = {since};
    made.within = std::chrono::minutes(10);
    return made;
}

TEST(Reach, CountsEachMemberOfAGroupThatActedInTimeOnce) {
    const History history = whole({opened(1)}, {by_member(70, 1, 2, 3), by_member(70, 1, 3, 4),
                                                by_member(9, 1, 4, 5), by_member(0, 1, 5, 11)});
    const auto cases = cases_of(reach_from(on_act(kCall)), history);
    ASSERT_EQ(cases.size(), 1);
    EXPECT_EQ(cases[0].count, 2);
    EXPECT_EQ(cases[0].of, 3);
    EXPECT_EQ(cases[0].delays,
              (std::vector<Milliseconds>{std::chrono::minutes(3), std::chrono::minutes(5)}));
}

TEST(Reach, IsNeverMoreThanWhatWasCalledAndThenOfTheFastest) {
    std::vector<MemberStep> answers;
    for (int i = 0; i < 5; ++i) {
        answers.push_back(
            by_member(static_cast<std::uint64_t>(i), 1, 2U + static_cast<unsigned>(i), 9 - i));
    }
    const auto cases = cases_of(reach_from(on_act(kCall)), whole({opened(1)}, answers));
    ASSERT_EQ(cases.size(), 1);
    EXPECT_EQ(cases[0].count, 3);
    EXPECT_EQ(cases[0].delays.back(), std::chrono::minutes(7));
}

// What is held reaches nobody; the step that releases it says whom.
TEST(Reach, BeginsWhereTheHeldIsReleased) {
    Step held = opened(1);
    held.called = 0;
    Step released = clock_end(0, 1, 30);
    released.called = 2;
    const Indicator made = reach_from(on_state(1));
    EXPECT_TRUE(cases_of(made, {held}).empty()) << "not yet";
    EXPECT_TRUE(cases_of(made, {held, act(kOther, 1, 5, std::nullopt)}).empty()) << "given up";
    const auto cases = cases_of(made, whole({held, released}, {by_member(4, 2, 3, 36)}));
    ASSERT_EQ(cases.size(), 1);
    EXPECT_EQ(cases[0].of, 2);
    EXPECT_EQ(cases[0].count, 1);
    EXPECT_EQ(cases[0].at, at(40));
    EXPECT_EQ(cases[0].delays, std::vector<Milliseconds>{std::chrono::minutes(6)});
}

// By their places, whatever the clock of the wall said then.
TEST(Whole, PutsTheActsOfMembersWhereTheyHappened) {
    const History history =
        whole({opened(1), act(kOther, 1, 8, std::nullopt)},
              {by_member(2, 2, 9, 1), by_member(1, 1, 3, 50), by_member(2, 1, 2, 60)});
    ASSERT_EQ(history.size(), 5);
    EXPECT_EQ(history[0].trigger, Trigger::opened);
    EXPECT_EQ(history[1].at, at(60));
    EXPECT_EQ(history[2].at, at(50));
    EXPECT_EQ(history[3].index, kOther);
    EXPECT_EQ(history[4].at, at(1));
}

TEST(AnyMeasure, CountsNothingOfAThreadWithoutACourse) {
    for (const Measure measure : {Measure::threads, Measure::acts, Measure::delay, Measure::share,
                                  Measure::reach, Measure::entries}) {
        EXPECT_TRUE(cases_of(indicator(measure, {on_act(kCall)}), {}).empty());
    }
}

}  // namespace
}  // namespace relais::indicators
