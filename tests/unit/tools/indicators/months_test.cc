// Figures are of whole months of the civil calendar in Paris, or of days of it.
#include "tools/indicators/months.h"

#include <gtest/gtest.h>

namespace relais::indicators {
namespace {

WallTime utc(int year, unsigned month, unsigned day, int hour, int minute = 0) {
    const auto date = std::chrono::sys_days(std::chrono::year(year) / std::chrono::month(month) /
                                            std::chrono::day(day));
    const auto at = date + std::chrono::hours(hour) + std::chrono::minutes(minute);
    return {std::chrono::duration_cast<Milliseconds>(at.time_since_epoch()).count()};
}

const WallTime kNow = utc(2026, 11, 29, 12);

std::string period(const PeriodRequest& request) {
    const auto months = read_period(request, kNow);
    if (!months.ok()) return std::string(error_name(months.code()));
    std::string text;
    for (const Period& each : *months) text += (text.empty() ? "" : " ") + each.text();
    return text;
}

TEST(Months, AMonthBeginsAtMidnightInParis) {
    EXPECT_EQ(begin_of({2026, 9}).value(), utc(2026, 8, 31, 22));
    EXPECT_EQ(begin_of({2026, 12}).value(), utc(2026, 11, 30, 23));
    EXPECT_EQ(begin_of({2027, 1}).value(), utc(2026, 12, 31, 23));
}

TEST(Months, ATimeIsOfTheMonthThatTheClockInParisShows) {
    EXPECT_EQ(month_of(utc(2026, 8, 31, 21, 59)).value(), (Month{2026, 8}));
    EXPECT_EQ(month_of(utc(2026, 8, 31, 22)).value(), (Month{2026, 9}));
    EXPECT_EQ(month_of(utc(2026, 12, 31, 23)).value(), (Month{2027, 1}));
    EXPECT_EQ(month_of(utc(2026, 2, 1, 0)).value(), (Month{2026, 2}));
}

TEST(Months, FollowEachOtherAndHaveFrenchNames) {
    EXPECT_EQ((Month{2026, 12}).next(), (Month{2027, 1}));
    EXPECT_EQ((Month{2026, 2}).french(), "février 2026");
    EXPECT_EQ((Month{2026, 2}).text(), "2026-02");
}

TEST(Period, IsTheMonthBeforeUnlessAsked) {
    EXPECT_EQ(period({}), "2026-10");
    EXPECT_EQ(period({.month = "last"}), "2026-10");
    EXPECT_EQ(period({.month = "current"}), "2026-11");
    EXPECT_EQ(period({.month = "2025-01"}), "2025-01");
    EXPECT_EQ(read_period({}, utc(2026, 1, 15, 0)).value().front(), (Month{2025, 12}));
}

TEST(Period, MayBeSeveralWholeMonths) {
    EXPECT_EQ(period({.from = "2026-07", .to = "2026-09"}), "2026-07 2026-08 2026-09");
    EXPECT_EQ(period({.from = "2026-07-01", .to = "2026-09-30"}), "2026-07 2026-08 2026-09");
    EXPECT_EQ(period({.from = "2025-12", .to = "2026-02-28"}), "2025-12 2026-01 2026-02");
    EXPECT_EQ(period({.from = "2026-07"}), "2026-07");
}

// Or the difference of two of them would be a few days.
TEST(Period, IsRefusedWhereItIsNotOfWholeMonths) {
    for (const PeriodRequest& request : std::vector<PeriodRequest>{
             {.from = "2026-07-02", .to = "2026-07-31"},
             {.from = "2026-07-01", .to = "2026-07-30"},
             {.from = "2026-02-01", .to = "2026-02-29"},
             {.from = "2026-09", .to = "2026-07"},
             {.to = "2026-07"},
             {.month = "2026-07", .from = "2026-07"},
             {.month = "2026-12"},
             {.from = "2026-11", .to = "2026-12"},
             {.from = "2024-01", .to = "2026-10"},
             {.month = "2026-13"},
             {.month = "2026-00"},
             {.month = "july"},
             {.month = "2026"},
             {.from = "2026-07-1"},
         }) {
        EXPECT_EQ(period(request), "usage")
            << request.month << " " << request.from << " " << request.to;
    }
}

TEST(Period, MayBeOfAnyDaysThatHaveBegun) {
    EXPECT_EQ(period({.from = "2026-07-02", .until = "2026-07-02"}), "2026-07-02/2026-07-02");
    EXPECT_EQ(period({.from = "2026-07-02", .until = "2026-09-11"}), "2026-07-02/2026-09-11");
    EXPECT_EQ(period({.from = "2026-11-29", .until = "2026-11-29"}), "2026-11-29/2026-11-29");
    EXPECT_EQ(period({.from = "2024-11-29", .until = "2026-11-29"}), "2024-11-29/2026-11-29");
    // Months asked for as days are days: nothing of them but totals.
    const Period days =
        read_period({.from = "2026-07-01", .until = "2026-07-31"}, kNow).value().front();
    EXPECT_FALSE(days.month.has_value());
    for (const PeriodRequest& request : std::vector<PeriodRequest>{
             {.until = "2026-07-02"},
             {.from = "2026-07-03", .until = "2026-07-02"},
             {.from = "2026-07-02", .until = "2026-11-30"},
             {.from = "2024-11-28", .until = "2026-11-29"},
             {.from = "2026-07", .until = "2026-07-02"},
             {.from = "2026-07-02", .until = "2026-08"},
             {.from = "2026-02-28", .until = "2026-02-29"},
             {.from = "2026-07-00", .until = "2026-07-02"},
             {.from = "2026-07-01", .to = "2026-07-31", .until = "2026-07-31"},
             {.month = "2026-07", .from = "2026-07-01", .until = "2026-07-31"},
         }) {
        EXPECT_EQ(period(request), "usage") << request.from << " " << request.until;
    }
}

TEST(Period, OfDaysBeginsAndEndsAtMidnightInParis) {
    const Period days =
        read_period({.from = "2026-03-29", .until = "2026-03-29"}, kNow).value().front();
    EXPECT_EQ(begin_of(days.first).value(), utc(2026, 3, 28, 23));
    EXPECT_EQ(begin_of(days.last + 1).value(), utc(2026, 3, 29, 22)) << "23 hours";
}

}  // namespace
}  // namespace relais::indicators
