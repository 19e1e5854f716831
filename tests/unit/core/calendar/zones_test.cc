// Changes of the clocks, zones without any, ends of days.
#include "core/calendar/calendar.h"
#include "tests/unit/core/calendar/moments.h"

namespace relais::calendar {
namespace {

using std::chrono::hours;

Hours in(const char* zone) { return {zone, Holidays::none, {period(kWorkdays, 480, 1080)}}; }

// Sunday 29 March 2026, 2:00 becomes 3:00; Sunday 25 October 2026, 3:00 becomes 2:00.
TEST(HourChange, ANightCountsTheHoursThatPass) {
    // From Saturday 20:00, eleven hours to Sunday 8:00, thirteen in October.
    EXPECT_EQ(after(nights(), utc(2026, 3, 28, 19), hours(11)), "2026-03-29T06:00:00.000Z");
    EXPECT_EQ(after(nights(), utc(2026, 3, 28, 19), hours(12)), "2026-03-29T19:00:00.000Z");
    EXPECT_EQ(after(nights(), utc(2026, 10, 24, 18), hours(13)), "2026-10-25T07:00:00.000Z");
    EXPECT_EQ(after(nights(), utc(2026, 10, 24, 18), hours(14)), "2026-10-25T20:00:00.000Z");
}

TEST(HourChange, OpeningFollowsTheClockOnTheWall) {
    EXPECT_EQ(opens(office(), utc(2026, 3, 27, 20)), "2026-03-30T06:00:00.000Z");
    EXPECT_EQ(opens(office(), utc(2026, 10, 23, 20)), "2026-10-26T07:00:00.000Z");
}

TEST(HourChange, AnHourThatIsSkippedIsNoOpeningTime) {
    const Hours early{"", Holidays::none, {period(kSunday, 120, 180)}};
    EXPECT_EQ(opens(early, utc(2026, 3, 29, 0)), "2026-04-05T00:00:00.000Z");
    // A period that begins within it begins after it.
    const Hours from_half_past{"", Holidays::none, {period(kSunday, 150, 240)}};
    EXPECT_EQ(opens(from_half_past, utc(2026, 3, 29, 0)), "2026-03-29T01:00:00.000Z");
}

TEST(HourChange, AnHourShownTwiceCountsTwice) {
    const Hours early{"", Holidays::none, {period(kSunday, 150, 180)}};
    EXPECT_EQ(opens(early, utc(2026, 10, 25, 0)), "2026-10-25T00:30:00.000Z");
    EXPECT_EQ(opens(early, utc(2026, 10, 25, 1)), "2026-10-25T01:30:00.000Z");
    EXPECT_EQ(after(early, utc(2026, 10, 25, 0), hours(1)), "2026-10-25T02:00:00.000Z");
}

TEST(Zone, EmptyIsParis) {
    const WallTime july = utc(2026, 7, 1, 6, 30);
    EXPECT_TRUE(is_open(in(""), july).value());
    EXPECT_EQ(is_open(in(""), july).value(), is_open(in("Europe/Paris"), july).value());
    EXPECT_FALSE(is_open(in("Etc/UTC"), july).value());
}

TEST(Zone, WithoutHourChangesKeepsItsOffset) {
    // Mondays around both changes of Paris.
    const auto opening = [](const char* zone, unsigned month, unsigned day) {
        return opens(in(zone), utc(2026, month, day, 2)).substr(5, 11);
    };
    EXPECT_EQ(opening("Indian/Reunion", 3, 23), "03-23T04:00");
    EXPECT_EQ(opening("Indian/Reunion", 3, 30), "03-30T04:00");
    EXPECT_EQ(opening("Indian/Reunion", 10, 26), "10-26T04:00");
    EXPECT_EQ(opening("America/Martinique", 3, 23), "03-23T12:00");
    EXPECT_EQ(opening("America/Martinique", 3, 30), "03-30T12:00");
    EXPECT_EQ(opening("America/Martinique", 10, 26), "10-26T12:00");
    EXPECT_EQ(opening("Indian/Mayotte", 7, 6), "07-06T05:00");
    EXPECT_EQ(opening("America/Cayenne", 7, 6), "07-06T11:00");
    EXPECT_EQ(opening("America/Guadeloupe", 7, 6), "07-06T12:00");
}

TEST(Zone, ThatIsMissingIsAnErrorWhateverTheHours) {
    for (const char* name : {"Europe/Valmont", "Europe", "../../etc/passwd", "tzdata.zi", " "}) {
        const WallTime at = utc(2026, 1, 1);
        const Hours always{name, Holidays::none, {}};
        EXPECT_EQ(is_open(in(name), at).code(), ErrorCode::not_found) << name;
        EXPECT_EQ(next_opening(in(name), at).code(), ErrorCode::not_found) << name;
        EXPECT_EQ(end_of_day(in(name), at).code(), ErrorCode::not_found) << name;
        EXPECT_EQ(after_open_time(in(name), at, hours(1)).code(), ErrorCode::not_found) << name;
        EXPECT_EQ(after_open_time(always, at, hours(1)).code(), ErrorCode::not_found) << name;
        EXPECT_FALSE(knows_zone(name)) << name;
    }
}

TEST(Zone, IsKnownByItsWholeName) {
    for (const char* name : {"", "Europe/Paris", "Indian/Reunion", "America/St_Barthelemy"}) {
        EXPECT_TRUE(knows_zone(name)) << name;
    }
    for (const char* name : {"Europe/Pari", "europe/paris", "Paris", "America/Marigot_"}) {
        EXPECT_FALSE(knows_zone(name)) << name;
    }
}

TEST(Zone, ItsClockIsReadBothWays) {
    using std::chrono::minutes;
    const auto day = std::chrono::year(2026) / 11 / 30;
    const Hours reunion = in("Indian/Reunion");
    EXPECT_EQ(wall_clock(reunion, utc(2026, 11, 29, 20, 5)).value(), (WallClock{day, minutes(5)}));
    EXPECT_EQ(first_shown(reunion, {day, minutes(5)}).value(), utc(2026, 11, 29, 20, 5));
    EXPECT_EQ(first_shown(in(""), {day, minutes(480)}).value(), utc(2026, 11, 30, 7));
    // Skipped, and shown twice.
    EXPECT_EQ(first_shown(in(""), {std::chrono::year(2026) / 3 / 29, minutes(150)}).value(),
              utc(2026, 3, 29, 1));
    EXPECT_EQ(first_shown(in(""), {std::chrono::year(2026) / 10 / 25, minutes(150)}).value(),
              utc(2026, 10, 25, 0, 30));
    EXPECT_EQ(wall_clock(in("Europe/Pari"), utc(2026, 1, 1)).code(), ErrorCode::not_found);
}

TEST(EndOfDay, IsTheFollowingMidnight) {
    EXPECT_EQ(day_ends(in(""), utc(2026, 11, 20, 12)), "2026-11-20T23:00:00.000Z");
    EXPECT_EQ(day_ends(in(""), utc(2026, 11, 20, 22, 59)), "2026-11-20T23:00:00.000Z");
    EXPECT_EQ(day_ends(in(""), utc(2026, 11, 20, 23)), "2026-11-21T23:00:00.000Z");
    EXPECT_EQ(day_ends(in("Indian/Reunion"), utc(2026, 7, 1, 12)), "2026-07-01T20:00:00.000Z");
    EXPECT_EQ(day_ends(in("America/Martinique"), utc(2026, 7, 1, 3)), "2026-07-01T04:00:00.000Z");
}

TEST(EndOfDay, ComesLaterOrSoonerWhereTheClocksChange) {
    EXPECT_EQ(day_ends(in(""), utc(2026, 3, 28, 23)), "2026-03-29T22:00:00.000Z");
    EXPECT_EQ(day_ends(in(""), utc(2026, 10, 24, 22)), "2026-10-25T23:00:00.000Z");
    EXPECT_EQ(day_ends(in(""), utc(2026, 10, 25, 0, 30)), "2026-10-25T23:00:00.000Z");
}

// Beirut skipped midnight of 30 March 2025; Asuncion showed the last hour of 23 March 2024 twice.
TEST(EndOfDay, StandsWhereTheClocksChangeAtMidnight) {
    EXPECT_EQ(day_ends(in("Asia/Beirut"), utc(2025, 3, 29, 12)), "2025-03-29T22:00:00.000Z");
    EXPECT_EQ(day_ends(in("America/Asuncion"), utc(2024, 3, 23, 12)), "2024-03-24T04:00:00.000Z");
    EXPECT_EQ(day_ends(in("America/Asuncion"), utc(2024, 3, 24, 2, 30)),
              "2024-03-24T04:00:00.000Z");
}

}  // namespace
}  // namespace relais::calendar
