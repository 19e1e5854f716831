// Public holidays, against lists written out by hand from the published calendars.
#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "core/calendar/calendar.h"

namespace relais::calendar {
namespace {

using std::chrono::year_month_day;
using Days = std::set<unsigned>;  // 501: 1 May

Days holidays_of(Holidays holidays, int year) {
    const std::chrono::year in(year);
    Days found;
    for (std::chrono::sys_days day = in / 1 / 1; day <= std::chrono::sys_days(in / 12 / 31);
         day += std::chrono::days(1)) {
        const year_month_day date(day);
        if (!is_holiday(holidays, date)) continue;
        found.insert(static_cast<unsigned>(date.month()) * 100 + static_cast<unsigned>(date.day()));
    }
    return found;
}

TEST(Holidays, AreThoseOfTheCodeDuTravail) {
    const auto of = [](int year) { return holidays_of(Holidays::metropole, year); };
    EXPECT_EQ(of(2024), (Days{101, 401, 501, 508, 509, 520, 714, 815, 1101, 1111, 1225}));
    EXPECT_EQ(of(2025), (Days{101, 421, 501, 508, 529, 609, 714, 815, 1101, 1111, 1225}));
    EXPECT_EQ(of(2026), (Days{101, 406, 501, 508, 514, 525, 714, 815, 1101, 1111, 1225}));
    EXPECT_EQ(of(2027), (Days{101, 329, 501, 506, 508, 517, 714, 815, 1101, 1111, 1225}));
    // Ascension on 1 May.
    EXPECT_EQ(of(2008), (Days{101, 324, 501, 508, 512, 714, 815, 1101, 1111, 1225}));
}

TEST(Holidays, NoneCloseAUnitThatKeepsNone) {
    EXPECT_EQ(holidays_of(Holidays::none, 2026), Days{});
}

struct Place {
    Holidays holidays;
    Days adds;
};

TEST(Holidays, EachPlaceAddsItsOwn) {
    const std::vector<Place> places = {
        {Holidays::alsace_moselle, {403, 1226}},
        {Holidays::guadeloupe, {527}},
        {Holidays::martinique, {522}},
        {Holidays::guyane, {610}},
        {Holidays::reunion, {1220}},
        {Holidays::mayotte, {427}},
        {Holidays::saint_martin, {528}},
        {Holidays::saint_barthelemy, {1009}},
    };
    for (const Place& place : places) {
        Days expected = holidays_of(Holidays::metropole, 2026);
        expected.insert(place.adds.begin(), place.adds.end());
        EXPECT_EQ(holidays_of(place.holidays, 2026), expected) << static_cast<int>(place.holidays);
    }
}

TEST(Holidays, GoodFridayIsTheOneBeforeEaster) {
    const Days of_2024 = holidays_of(Holidays::alsace_moselle, 2024);
    const Days of_2025 = holidays_of(Holidays::alsace_moselle, 2025);
    const Days of_2027 = holidays_of(Holidays::alsace_moselle, 2027);
    EXPECT_TRUE(of_2024.contains(329) && of_2025.contains(418) && of_2027.contains(326));
    EXPECT_EQ(of_2024.size() + of_2025.size() + of_2027.size(), 39U);
}

// The day after Easter, the earliest and the latest included, and the years that the rule of Gauss
// needs exceptions for (1954, 1981, 2049, 2076).
TEST(Holidays, EasterMondayFollowsTheGregorianComputus) {
    const std::vector<year_month_day> mondays = {
        std::chrono::year(1818) / 3 / 23, std::chrono::year(1943) / 4 / 26,
        std::chrono::year(1954) / 4 / 19, std::chrono::year(1981) / 4 / 20,
        std::chrono::year(2000) / 4 / 24, std::chrono::year(2005) / 3 / 28,
        std::chrono::year(2008) / 3 / 24, std::chrono::year(2011) / 4 / 25,
        std::chrono::year(2016) / 3 / 28, std::chrono::year(2019) / 4 / 22,
        std::chrono::year(2020) / 4 / 13, std::chrono::year(2021) / 4 / 5,
        std::chrono::year(2022) / 4 / 18, std::chrono::year(2023) / 4 / 10,
        std::chrono::year(2028) / 4 / 17, std::chrono::year(2029) / 4 / 2,
        std::chrono::year(2030) / 4 / 22, std::chrono::year(2035) / 3 / 26,
        std::chrono::year(2038) / 4 / 26, std::chrono::year(2049) / 4 / 19,
        std::chrono::year(2076) / 4 / 20, std::chrono::year(2285) / 3 / 23,
    };
    for (const year_month_day monday : mondays) {
        const year_month_day sunday(std::chrono::sys_days(monday) - std::chrono::days(1));
        const year_month_day tuesday(std::chrono::sys_days(monday) + std::chrono::days(1));
        const int year = static_cast<int>(monday.year());
        EXPECT_TRUE(is_holiday(Holidays::metropole, monday)) << year;
        EXPECT_FALSE(is_holiday(Holidays::metropole, sunday)) << year;
        EXPECT_FALSE(is_holiday(Holidays::metropole, tuesday)) << year;
    }
}

TEST(Holidays, ADayThatIsNoneIsNoHoliday) {
    EXPECT_FALSE(is_holiday(Holidays::metropole, std::chrono::year(2026) / 0 / 1));
    EXPECT_FALSE(is_holiday(Holidays::reunion, std::chrono::year(2026) / 2 / 30));
}

}  // namespace
}  // namespace relais::calendar
