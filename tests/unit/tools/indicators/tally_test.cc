// Counted month by month, and published so that no two reports give away what one of them hides.
#include "tools/indicators/tally.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/tools/indicators/fixture.h"
#include "tools/indicators/present.h"

namespace relais::indicators {
namespace {

const Compiled& admission() { return Compiled::of("admission"); }

Report count(const std::vector<Period>& periods, WallTime now,
             const std::vector<History>& threads) {
    Tally tally = Tally::begin(periods, now).value();
    tally.add_kind(admission().bundle);
    for (const History& thread : threads) tally.add_thread(admission().kind.digest, thread);
    return tally.report();
}

// `number` calls of that urgency, each answered by a question after so many minutes.
void add_calls(std::vector<History>& threads, int number, std::int64_t urgency, int minutes) {
    for (int i = 0; i < number; ++i) {
        Course course(urgency);
        course.add("receive", "called", 0, minute(1));
        course.add("ask", "called", 0, minute(minutes));
        threads.push_back(course.history);
    }
}

TEST(Tally, CountsThreadsByTheCodeOfTheActThatOpensThem) {
    std::vector<History> threads;
    add_calls(threads, 20, 1, 30);
    add_calls(threads, 15, 2, 40);
    add_calls(threads, 3, 3, 50);
    add_calls(threads, 4, 4, 60);
    const Report report = count({kSeptember}, kInNovember, threads);
    const MonthFigure& called = figure(report, "called").months[0];
    EXPECT_EQ(called.count, 42);
    EXPECT_EQ(cells(called), "stat 20, asap 15, urgent ?, waiting ?");
    const MonthFigure& offered = figure(report, "offered").months[0];
    EXPECT_EQ(offered.count, 0);
    EXPECT_EQ(cells(offered), "stat 0, asap 0, urgent 0, waiting 0");
}

// The acknowledgement after one minute is no answer.
TEST(Tally, GivesTheDelayToTheFirstAnswerFromElevenCasesOn) {
    std::vector<History> threads;
    add_calls(threads, 10, 1, 30);
    Report report = count({kSeptember}, kInNovember, threads);
    EXPECT_EQ(figure(report, "first-answer").months[0].count, 10);
    EXPECT_FALSE(figure(report, "first-answer").months[0].delay.has_value());
    add_calls(threads, 1, 1, 90);
    add_calls(threads, 12, 2, 50);
    add_calls(threads, 11, 3, 50);
    add_calls(threads, 11, 4, 50);
    report = count({kSeptember}, kInNovember, threads);
    const MonthFigure& answer = figure(report, "first-answer").months[0];
    EXPECT_EQ(answer.delay->median, 50);
    EXPECT_EQ(answer.delay->p90, 50);
    EXPECT_EQ(cells(answer), "stat 11, asap 12, urgent 11, waiting 11");
    EXPECT_EQ(answer.cells[0].delay->median, 30);
    EXPECT_EQ(answer.cells[0].delay->p90, 30);
}

TEST(Tally, GivesNoDelayOfACellThatIsHidden) {
    std::vector<History> threads;
    add_calls(threads, 30, 1, 30);
    add_calls(threads, 12, 2, 30);
    add_calls(threads, 4, 3, 30);
    const Report report = count({kSeptember}, kInNovember, threads);
    for (const CellFigure& cell : figure(report, "first-answer").months[0].cells) {
        EXPECT_EQ(cell.count.has_value(), cell.delay.has_value()) << cell.code;
    }
    EXPECT_EQ(cells(figure(report, "first-answer").months[0]),
              "stat 30, asap ?, urgent ?, waiting ?");
}

TEST(Tally, CountsEachDeclineByItsReason) {
    Course course(1);
    for (int i = 0; i < 12; ++i) course.decline(1, minute(5));
    for (int i = 0; i < 11; ++i) course.decline(5, minute(6));
    const Report report = count({kSeptember}, kInNovember, {course.history});
    const MonthFigure& declines = figure(report, "declines").months[0];
    EXPECT_EQ(declines.count, 23);
    // Seven reasons that nobody gave: the last that is large enough is hidden with them.
    EXPECT_EQ(cells(declines).substr(0, 10), "NO_BED 12,");
    EXPECT_EQ(std::ranges::count_if(declines.cells, [](const auto& cell) { return !cell.count; }),
              8);
}

TEST(Tally, SaysHowManyLettersLeftOnTheDay) {
    Course early(1);
    early.add("choose", "chosen", -1, minute(10));
    early.add("admitted", "admitted", 0, minute(60));
    early.add("discharged", "discharged", 0, minute(3000));
    Step letter = early.history.back();
    letter.trigger = Trigger::followed;
    letter.index = first_row_for(admission().kind, {"liaison", "discharge-letter"}).value();
    letter.at = minute(3100);
    History late = early.history;
    early.history.push_back(letter);
    Step end = letter;
    end.trigger = Trigger::clock_end;
    const auto states = admission().kind.thread_states;
    end.state = static_cast<workflow::StateIndex>(
        std::ranges::find(states, "letter-overdue", &workflow::State::name) - states.begin());
    late.push_back(end);
    letter.at = minute(9000);
    late.push_back(letter);
    const Report report = count({kSeptember}, kInNovember, {early.history, late});
    EXPECT_EQ(figure(report, "letter-on-the-day").months[0].count, 1);
    EXPECT_EQ(figure(report, "letter-on-the-day").months[0].of, 2);
    EXPECT_EQ(figure(report, "chosen").months[0].count, 2);
    EXPECT_EQ(figure(report, "admitted").months[0].count, 2);
}

// ---- reach of groups

const Compiled& alert() { return Compiled::of("alert"); }

// An alert or exercise to so many, whose members answered after these minutes.
History told(const std::string& act, const std::string& state, std::uint16_t called,
             const std::vector<int>& minutes) {
    const auto& states = alert().kind.thread_states;
    Step opening;
    opening.index = alert().kind.act(act).value();
    opening.state = static_cast<workflow::StateIndex>(
        std::ranges::find(states, state, &workflow::State::name) - states.begin());
    opening.at = minute(0);
    opening.called = called;
    opening.publics = {{1, act == "alert" ? 1 : 2}, {2, 2}};
    std::vector<MemberStep> answers;
    for (const int each : minutes) {
        const auto number = static_cast<std::uint32_t>(answers.size());
        Step step;
        step.trigger = Trigger::act;
        step.index =
            alert().kind.act(act == "alert" ? "acknowledge" : "acknowledge-exercise").value();
        step.state = opening.state;
        step.at = minute(each);
        step.publics = {{3, 1}};
        step.member = 100 + number;
        answers.push_back({1, number, std::move(step)});
    }
    return whole({opening}, std::move(answers));
}

Report count_alerts(WallTime now, const std::vector<History>& threads) {
    Tally tally = Tally::begin({kSeptember}, now).value();
    tally.add_kind(alert().bundle);
    for (const History& thread : threads) tally.add_thread(alert().kind.digest, thread);
    return tally.report();
}

TEST(ReachOfGroups, IsAShareOfTheMembersAndTheTimeOfHalfAndOfNineTenthsOfThem) {
    std::vector<int> quick(10, 4);
    std::vector<int> slow(8, 90);
    const Report report = count_alerts(
        kInNovember, {told("alert", "alert", 10, quick), told("alert", "alert", 10, slow)});
    const MonthFigure& reach = figure(report, "reach").months[0];
    EXPECT_EQ(reach.count, 18);
    EXPECT_EQ(reach.of, 20);
    ASSERT_TRUE(reach.delay.has_value());
    EXPECT_EQ(reach.delay->median, 4);
    EXPECT_EQ(reach.delay->p90, 90);
}

// Of all who were called, not of those who answered.
TEST(ReachOfGroups, HasNoTimeThatFewerMembersKept) {
    const std::vector<int> half(11, 4);
    const Report most = count_alerts(kInNovember, {told("alert", "alert", 20, half)});
    ASSERT_TRUE(figure(most, "reach").months[0].delay.has_value());
    EXPECT_EQ(figure(most, "reach").months[0].delay->median, 4);
    EXPECT_FALSE(figure(most, "reach").months[0].delay->p90.has_value());
    const Report less = count_alerts(kInNovember, {told("alert", "alert", 23, half)});
    EXPECT_EQ(figure(less, "reach").months[0].count, 11);
    EXPECT_FALSE(figure(less, "reach").months[0].delay.has_value());
    const Report few =
        count_alerts(kInNovember, {told("alert", "alert", 10, std::vector<int>(10, 4))});
    EXPECT_EQ(figure(few, "reach").months[0].count, 10);
    EXPECT_FALSE(figure(few, "reach").months[0].delay.has_value()) << "of fewer than eleven";
}

TEST(ReachOfGroups, AnExerciseIsNoAlert) {
    const Report report =
        count_alerts(kInNovember, {told("exercise", "exercise", 30, std::vector<int>(15, 4))});
    EXPECT_EQ(figure(report, "reach").months[0].of, 0);
    EXPECT_EQ(figure(report, "exercise-reach").months[0].count, 15);
    EXPECT_EQ(figure(report, "exercise-reach").months[0].of, 30);
    EXPECT_EQ(figure(report, "test-reach").months[0].of, 0);
}

TEST(ReachOfGroups, CountsWhenItsTimeIsOver) {
    const std::vector<History> threads = {told("alert", "alert", 3, {5, 60 * 25})};
    EXPECT_EQ(figure(count_alerts(minute(60 * 24 - 1), threads), "reach").months[0].of, 0);
    const Report report = count_alerts(minute(60 * 24), threads);
    EXPECT_EQ(figure(report, "reach").months[0].of, 3);
    EXPECT_EQ(figure(report, "reach").months[0].count, 1) << "one came too late";
}

// ---- what two reports say together

// Steps anywhere in September and October.
std::vector<History> random_threads() {
    const auto count = *rc::gen::inRange(0, 60);
    std::vector<History> threads;
    for (int i = 0; i < count; ++i) {
        Course course(*rc::gen::inRange(1, 5));
        course.history[0].at = minute(*rc::gen::inRange(-10'000, 60'000));
        const auto steps = *rc::gen::inRange(0, 4);
        for (int step = 0; step < steps; ++step) {
            const WallTime at =
                course.history.back().at + std::chrono::minutes(*rc::gen::inRange(0, 20'000));
            course.decline(*rc::gen::inRange(1, 10), at);
        }
        threads.push_back(course.history);
    }
    return threads;
}

// What was done by `now`: what a report at that time could read.
std::vector<History> until(std::vector<History> threads, WallTime now) {
    for (History& thread : threads) {
        std::erase_if(thread, [&](const Step& step) { return step.at > now; });
    }
    return threads;
}

nlohmann::json of_month(const Report& report, std::size_t place) {
    Report one = report;
    for (Figure& figure : one.figures) figure.months = {figure.months[place]};
    return json_of(one, "indre");
}

RC_GTEST_PROP(Differencing, AMonthThatIsOverIsTheSameInEveryReport, ()) {
    const auto threads = random_threads();
    const WallTime end = begin_of(kOctober).value();
    const WallTime later = end + std::chrono::minutes(*rc::gen::inRange(0, 50'000));
    const Report first = count({kSeptember}, end, until(threads, end));
    const Report second = count({kSeptember, kOctober}, later, until(threads, later));
    RC_ASSERT(of_month(first, 0) == of_month(second, 0));
}

RC_GTEST_PROP(Differencing, AMonthThatGoesOnHasTotalsAlone, ()) {
    const auto threads = random_threads();
    const WallTime now = minute(*rc::gen::inRange(0, 28'000));
    const Report report = count({kSeptember}, now, until(threads, now));
    for (const Figure& each : report.figures) {
        RC_ASSERT(!each.months[0].over);
        RC_ASSERT(each.months[0].cells.empty());
        RC_ASSERT(!each.months[0].delay.has_value());
    }
}

RC_GTEST_PROP(Differencing, NoCellBelowElevenIsPublishedBesideATotal, ()) {
    const Report report = count({kSeptember, kOctober}, kInNovember, random_threads());
    for (const Figure& each : report.figures) {
        for (const MonthFigure& month : each.months) {
            std::uint64_t shown = 0;
            std::size_t hidden = 0;
            for (const CellFigure& cell : month.cells) {
                const bool may_be_seen = cell.count.value_or(11) >= 11 || month.count == 0;
                RC_ASSERT(may_be_seen);
                shown += cell.count.value_or(0);
                hidden += cell.count ? 0 : 1;
            }
            RC_ASSERT(hidden != 1);
            RC_ASSERT(month.cells.empty() || hidden != 0 || shown == month.count);
        }
    }
}

// Days of September and October, in any way.
Period random_days() {
    const CivilDay september = Period(kSeptember).first;
    const CivilDay first = september + *rc::gen::inRange(0, 60);
    return {first, first + *rc::gen::inRange(0, 40)};
}

// The same course at the same times, with every code another.
std::vector<History> recoded(std::vector<History> threads) {
    for (History& thread : threads) {
        for (Step& step : thread) {
            for (PublicField& field : step.publics) field.value = field.value % 4 + 1;
        }
    }
    return threads;
}

// Two of days that overlap, or days and a month, are not subtracted from each other to a cell: they
// say nothing of codes, so that whoever has all of them knows of each hidden cell what the months
// alone say.
RC_GTEST_PROP(Differencing, DaysSayNothingOfWhatAnyBreakdownIsBy, ()) {
    const auto threads = random_threads();
    const std::vector<Period> days = {random_days()};
    const Report report = count(days, kInNovember, threads);
    RC_ASSERT(json_of(report, "indre") ==
              json_of(count(days, kInNovember, recoded(threads)), "indre"));
    for (const Figure& each : report.figures) {
        RC_ASSERT(each.measure != Measure::share);
        RC_ASSERT(each.measure != Measure::reach);
        RC_ASSERT(each.months[0].cells.empty());
        RC_ASSERT(!each.months[0].delay.has_value());
    }
}

// As their totals do: the days of a month come to it, and no case is counted twice.
RC_GTEST_PROP(Differencing, TheDaysOfAMonthComeToIt, ()) {
    const auto threads = random_threads();
    const Period september(kSeptember);
    const CivilDay middle = september.first + *rc::gen::inRange(1, 29);
    const auto called = [&](const Period& period) {
        return figure(count({period}, kInNovember, threads), "called").months[0].count;
    };
    const std::uint64_t both =
        called({september.first, middle}) + called({middle + 1, september.last});
    RC_ASSERT(both == called(kSeptember));
}

// ---- registers

class Agreements {
public:
    Agreements() : tally(Tally::begin({kSeptember, kOctober}, kInNovember).value()) {
        tally.add_kind(Compiled::of("protocol").bundle);
    }
    void entry(const std::string& key, std::int64_t value, WallTime at) {
        tally.add_entry("protocol/agreement", key, value, at);
    }
    Tally tally;
};

TEST(Registers, AreCountedAsTheyStoodAtTheEndOfEachMonth) {
    Agreements agreements;
    EXPECT_TRUE(agreements.tally.registers().contains("protocol/agreement"));
    const WallTime october = begin_of(kOctober).value() + std::chrono::hours(48);
    agreements.entry("1/1/1/1", 1, minute(0));
    agreements.entry("1/1/1/1", 3, october);  // revoked
    agreements.entry("1/1/1/2", 2, minute(0));
    agreements.entry("1/1/1/3", 1, october);
    agreements.entry("1/1/1/4", 1, minute(0));
    agreements.entry("1/1/1/4", 1, minute(9));
    const Report report = agreements.tally.report();
    EXPECT_EQ(figure(report, "agreements").months[0].count, 2);
    EXPECT_EQ(figure(report, "agreements").months[1].count, 2);
}

TEST(Registers, AreBrokenDownByTheFirstPartsOfTheirKeys) {
    Agreements agreements;
    for (int i = 0; i < 40; ++i) {
        agreements.entry("1/1/" + std::to_string(1 + i % 3) + "/" + std::to_string(i), 1,
                         minute(0));
    }
    const Report report = agreements.tally.report();
    const Figure& found = figure(report, "agreements");
    EXPECT_EQ(cells(found.months[0]), "1/1/1 14, 1/1/2 13, 1/1/3 13");
    EXPECT_EQ(found.by,
              "Numéro du protocole / Version du protocole / Numéro de la classe dans le protocole");
}

TEST(Tally, SaysSoWhereTheKindOfAThreadIsNotThere) {
    Tally tally = Tally::begin({kSeptember}, kInNovember).value();
    tally.add_thread(Digest{}, Course(1).history);
    EXPECT_EQ(tally.report().notes.size(), 1);
}

}  // namespace
}  // namespace relais::indicators
