// The days by which messages are counted: civil days of Europe/Paris, the changes of the clocks
// included.
#include "core/calendar/days.h"

#include <gtest/gtest.h>

#include "tests/unit/core/calendar/moments.h"

namespace relais::calendar {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr Milliseconds kMillisecond{1};

CivilDay day(std::chrono::year_month_day date) {
    return {static_cast<std::int32_t>(std::chrono::sys_days(date).time_since_epoch().count())};
}

constexpr auto kWinter = std::chrono::year(2026) / 11 / 30;
constexpr auto kSummer = std::chrono::year(2026) / 7 / 1;
constexpr auto kClocksForward = std::chrono::year(2026) / 3 / 29;
constexpr auto kClocksBack = std::chrono::year(2026) / 10 / 25;

TEST(Days, ADayBeginsAtMidnightInParis) {
    EXPECT_EQ(format_utc(start_of(day(kWinter))), "2026-11-29T23:00:00.000Z");
    EXPECT_EQ(format_utc(start_of(day(kSummer))), "2026-06-30T22:00:00.000Z");
    for (const auto& date : {kWinter, kSummer, kClocksForward, kClocksBack}) {
        const WallTime begins = start_of(day(date));
        EXPECT_EQ(day_of(begins), day(date));
        EXPECT_EQ(day_of(begins + -kMillisecond), day(date) + -1);
    }
}

TEST(Days, TheClocksMakeOneDayShorterAndOneLonger) {
    const auto length = [](CivilDay which) { return start_of(which + 1) - start_of(which); };
    EXPECT_EQ(length(day(kClocksForward)), hours(23));
    EXPECT_EQ(length(day(kClocksBack)), hours(25));
    EXPECT_EQ(length(day(kWinter)), hours(24));
}

TEST(Days, ATimeOfADayIsTheFirstTheClockShows) {
    EXPECT_EQ(format_utc(time_of(day(kWinter), hours(6))), "2026-11-30T05:00:00.000Z");
    EXPECT_EQ(format_utc(time_of(day(kSummer), hours(6))), "2026-07-01T04:00:00.000Z");
    // 02:30 is skipped, then shown twice.
    EXPECT_EQ(format_utc(time_of(day(kClocksForward), minutes(150))), "2026-03-29T01:00:00.000Z");
    EXPECT_EQ(format_utc(time_of(day(kClocksBack), minutes(150))), "2026-10-25T00:30:00.000Z");
}

TEST(Days, AUnitOpensOnADayWhenItIsOpenAtAnyMomentOfIt) {
    const auto opens = [](const Hours& unit, CivilDay which) {
        return opens_on(unit, which, std::chrono::hours(6));
    };
    const Hours always;
    EXPECT_EQ(opens(always, day(kWinter)), time_of(day(kWinter), hours(6)));
    // Mondays to Fridays, 9 to 17, closed on holidays.
    const Hours office{"", Holidays::metropole, {{0x1F, 9 * 60, 17 * 60}}};
    EXPECT_EQ(opens(office, day(kWinter)), time_of(day(kWinter), hours(9)));         // a Monday
    EXPECT_EQ(opens(office, day(kWinter) + -1), std::nullopt);                       // a Sunday
    EXPECT_EQ(opens(office, day(std::chrono::year(2026) / 11 / 11)), std::nullopt);  // Armistice
    const Hours night{"", Holidays::none, {{0x01, 60, 300}}};
    EXPECT_EQ(opens(night, day(kWinter)), time_of(day(kWinter), hours(1)));
    EXPECT_EQ(opens(night, day(kWinter) + 1), std::nullopt);
    const Hours brief{"", Holidays::none, {{0x01, 1439, 1440}}};
    EXPECT_EQ(opens(brief, day(kWinter)), time_of(day(kWinter), minutes(1439)));
    const Hours nowhere{"Nowhere/At-All", Holidays::none, {{0x01, 0, 60}}};
    EXPECT_NE(opens(nowhere, day(kWinter) + 1), std::nullopt);
}

TEST(Days, NoTimeIsOutsideOfTheDays) {
    EXPECT_EQ(day_of(WallTime{INT64_MIN}).number, 0);
    EXPECT_EQ(format_day(day_of(WallTime{INT64_MAX})), "10000-01-01");
    EXPECT_EQ(format_day({0}), "1970-01-01");
}

}  // namespace
}  // namespace relais::calendar
