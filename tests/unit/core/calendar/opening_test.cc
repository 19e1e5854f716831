// Opening time over days, week-ends and holidays.
#include "core/calendar/calendar.h"
#include "tests/unit/core/calendar/moments.h"

namespace relais::calendar {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Paris is one hour ahead of UTC in winter.
TEST(OpeningTime, AClockOfFridayEveningEndsOnMonday) {
    EXPECT_EQ(after(office(), utc(2026, 11, 20, 16, 30), hours(4)), "2026-11-23T10:30:00.000Z");
    EXPECT_EQ(after(office(), utc(2026, 11, 21, 16, 30), hours(4)), "2026-11-23T11:00:00.000Z");
}

TEST(OpeningTime, ALengthUsedUpAtTheCloseEndsThere) {
    const WallTime friday = utc(2026, 11, 20, 16, 30);
    EXPECT_EQ(after(office(), friday, minutes(30)), "2026-11-20T17:00:00.000Z");
    EXPECT_EQ(after(office(), friday, minutes(30) + seconds(1)), "2026-11-23T07:00:01.000Z");
}

TEST(OpeningTime, MillisecondsAreKept) {
    const WallTime friday = utc(2026, 11, 20, 16, 30) + Milliseconds(123);
    EXPECT_EQ(after(office(), friday, hours(1)), "2026-11-23T07:30:00.123Z");
}

TEST(OpeningTime, APeriodIncludesItsBeginningAndNotItsEnd) {
    const auto open = [](WallTime at) { return is_open(office(), at).value(); };
    EXPECT_FALSE(open(utc(2026, 11, 20, 7, 0) + Milliseconds(-1)));
    EXPECT_TRUE(open(utc(2026, 11, 20, 7, 0)));
    EXPECT_TRUE(open(utc(2026, 11, 20, 17, 0) + Milliseconds(-1)));
    EXPECT_FALSE(open(utc(2026, 11, 20, 17, 0)));
    EXPECT_FALSE(open(utc(2026, 11, 21, 12, 0)));  // Saturday
}

TEST(OpeningTime, TheNextOpeningIsNowWhereItIsOpen) {
    EXPECT_EQ(opens(office(), utc(2026, 11, 20, 12, 34)), "2026-11-20T12:34:00.000Z");
    EXPECT_EQ(opens(office(), utc(2026, 11, 20, 5, 0)), "2026-11-20T07:00:00.000Z");
    EXPECT_EQ(opens(office(), utc(2026, 11, 20, 17, 0)), "2026-11-23T07:00:00.000Z");
}

std::string closes(const Hours& opening, WallTime at) {
    const auto closing = next_closing(opening, at).value();
    return closing ? format_utc(*closing) : "never";
}

TEST(OpeningTime, TheNextClosingIsNowWhereItIsClosed) {
    EXPECT_EQ(closes(office(), utc(2026, 11, 20, 5, 0)), "2026-11-20T05:00:00.000Z");
    EXPECT_EQ(closes(office(), utc(2026, 11, 20, 12, 34)), "2026-11-20T17:00:00.000Z");
    EXPECT_EQ(closes(nights(), utc(2026, 11, 20, 20, 0)), "2026-11-21T07:00:00.000Z")
        << "over midnight";
    EXPECT_EQ(closes({"", Holidays::metropole, {}}, utc(2026, 11, 20, 12, 0)),
              "2026-12-24T23:00:00.000Z")
        << "the next holiday";
    EXPECT_EQ(closes(Hours{}, utc(2026, 11, 20, 12, 0)), "never");
    EXPECT_EQ(next_closing({"Europe/Nowhere"}, utc(2026, 11, 20)).code(), ErrorCode::not_found);
}

TEST(OpeningTime, AMomentIsWrittenAsItsClockShowsIt) {
    EXPECT_EQ(civil_text({}, utc(2026, 11, 30, 7, 5)).value(), "lundi 30 novembre 2026 à 08:05");
    EXPECT_EQ(civil_text({}, utc(2026, 12, 1, 7, 5)).value(), "mardi 1er décembre 2026 à 08:05");
    EXPECT_EQ(civil_text({"America/Martinique"}, utc(2026, 8, 1, 3, 59)).value(),
              "vendredi 31 juillet 2026 à 23:59");
    EXPECT_EQ(civil_text({"Europe/Nowhere"}, utc(2026, 8, 1)).code(), ErrorCode::not_found);
}

TEST(OpeningTime, HolidaysClose) {
    // Wednesday 11 November 2026.
    const WallTime tuesday = utc(2026, 11, 10, 16, 30);
    EXPECT_FALSE(is_open(office(), utc(2026, 11, 11, 10)).value());
    EXPECT_EQ(after(office(), tuesday, hours(1)), "2026-11-12T07:30:00.000Z");
    EXPECT_EQ(after(office(Holidays::none), tuesday, hours(1)), "2026-11-11T07:30:00.000Z");
    // Friday 25 December, and Good Friday 3 April with Easter Monday, in Strasbourg.
    EXPECT_EQ(opens(office(), utc(2026, 12, 24, 20)), "2026-12-28T07:00:00.000Z");
    EXPECT_EQ(opens(office(), utc(2026, 4, 2, 20)), "2026-04-03T06:00:00.000Z");
    EXPECT_EQ(opens(office(Holidays::alsace_moselle), utc(2026, 4, 2, 20)),
              "2026-04-07T06:00:00.000Z");
}

TEST(OpeningTime, OfAUnitThatNeverClosesIsPlainTime) {
    const Hours always{};
    const WallTime at = utc(2026, 3, 28, 23, 17);
    EXPECT_EQ(after_open_time(always, at, hours(4000)).value(), at + hours(4000));
    EXPECT_EQ(next_opening(always, at).value(), at);
    EXPECT_TRUE(is_open(always, at).value());
}

TEST(OpeningTime, OfAUnitOpenDayAndNightStopsForHolidaysAlone) {
    const Hours all_but_holidays{"", Holidays::metropole, {}};
    // 23:00 of the 10th, one hour, then the holiday, then one hour from 0:00 of the 12th.
    EXPECT_EQ(after(all_but_holidays, utc(2026, 11, 10, 22), hours(2)), "2026-11-12T00:00:00.000Z");
    EXPECT_FALSE(is_open(all_but_holidays, utc(2026, 11, 11, 12)).value());
}

TEST(OpeningTime, GoesOnOverMidnight) {
    // 20:00 to 8:00 are twelve hours; one more from 20:00.
    EXPECT_EQ(after(nights(), utc(2026, 1, 10, 19), hours(13)), "2026-01-11T20:00:00.000Z");
}

TEST(OpeningTime, PeriodsMayOverlapAndStandInAnyOrder) {
    const Hours scattered{
        "",
        Holidays::metropole,
        {period(kWorkdays, 12 * 60, 18 * 60), period(kWorkdays, 8 * 60, 10 * 60),
         period(kWorkdays, 9 * 60, 13 * 60), period(kWorkdays, 9 * 60, 9 * 60 + 5),
         period(kWorkdays, 8 * 60, 10 * 60), period(kEveryDay, 700, 600), period(0, 0, 1440)}};
    for (int hour = 0; hour < 24 * 7; ++hour) {
        const WallTime at = utc(2026, 11, 16, 0, 45) + hours(hour);
        EXPECT_EQ(is_open(scattered, at).value(), is_open(office(), at).value()) << hour;
        EXPECT_EQ(opens(scattered, at), opens(office(), at)) << hour;
        EXPECT_EQ(after(scattered, at, hours(25)), after(office(), at, hours(25))) << hour;
    }
}

TEST(OpeningTime, HoursThatNeverOpenAreTakenAsAlwaysOpen) {
    const WallTime at = utc(2026, 12, 25, 3);
    for (const OpeningPeriod& never :
         {period(0, 0, 1440), period(kEveryDay, 600, 600), period(kEveryDay, 1440, 2000)}) {
        const Hours closed{"", Holidays::metropole, {never}};
        EXPECT_TRUE(is_open(closed, at).value());
        EXPECT_EQ(next_opening(closed, at).value(), at);
        EXPECT_EQ(after_open_time(closed, at, hours(9)).value(), at + hours(9));
    }
}

TEST(OpeningTime, AClockEndsEvenWhereTheUnitHardlyOpens) {
    const Hours hardly{"", Holidays::none, {period(kSunday, 600, 601)}};
    const WallTime at = utc(2026, 1, 1);
    EXPECT_EQ(after_open_time(hardly, at, hours(24)).value(),
              at + hours(24) + std::chrono::days(3653));
    EXPECT_EQ(after(hardly, at, minutes(2)), "2026-01-11T09:01:00.000Z");
}

TEST(OpeningTime, AbsurdTimesAndLengthsAreRefused) {
    for (const std::int64_t ms : {INT64_MIN, std::int64_t{-1}, INT64_MAX}) {
        EXPECT_EQ(is_open(office(), {ms}).code(), ErrorCode::invalid_field);
        EXPECT_EQ(next_opening(office(), {ms}).code(), ErrorCode::invalid_field);
        EXPECT_EQ(end_of_day(office(), {ms}).code(), ErrorCode::invalid_field);
        EXPECT_EQ(after_open_time(office(), {ms}, hours(1)).code(), ErrorCode::invalid_field);
    }
    EXPECT_EQ(after_open_time(office(), utc(2026, 1, 1), seconds::max()).code(),
              ErrorCode::invalid_field);
}

}  // namespace
}  // namespace relais::calendar
