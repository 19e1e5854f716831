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
    EXPECT_EQ(cases[0].delay, std::chrono::minutes(5));
    EXPECT_EQ(cases[0].at, at(5));
    made.since = {on_act(kOther)};
    EXPECT_TRUE(cases_of(made, kAnswered).empty());
}

TEST(Delays, AreNeverNegativeWhenTheClockWasPutBack) {
    Indicator made = indicator(Measure::delay, {on_act(kAnswer)});
    made.since = {on_act(kCall)};
    const History history = {opened(1), act(kAnswer, 1, -3, 0)};
    EXPECT_EQ(cases_of(made, history)[0].delay, Milliseconds(0));
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
}

TEST(AnyMeasure, CountsNothingOfAThreadWithoutACourse) {
    for (const Measure measure : {Measure::threads, Measure::acts, Measure::delay, Measure::share,
                                  Measure::reach, Measure::entries}) {
        EXPECT_TRUE(cases_of(indicator(measure, {on_act(kCall)}), {}).empty());
    }
}

}  // namespace
}  // namespace relais::indicators
