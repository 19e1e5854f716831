// Opening time of any hours, against a count minute by minute that knows the rule of the European
// clocks by itself.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "core/calendar/calendar.h"
#include "tests/unit/core/calendar/moments.h"

namespace relais::calendar {
namespace {

using std::chrono::minutes;

constexpr Milliseconds kMinute = minutes(1);

WallTime last_sunday_at_one_utc(int year, unsigned month) {
    const auto sunday = std::chrono::year(year) / std::chrono::month(month) /
                        std::chrono::Sunday[std::chrono::last];
    const std::chrono::year_month_day day{std::chrono::sys_days(sunday)};
    return utc(year, month, static_cast<unsigned>(day.day()), 1);
}

bool is_open_in_paris(const Hours& unit, WallTime at) {
    const std::chrono::sys_time<Milliseconds> time{Milliseconds(at.ms)};
    const int year = static_cast<int>(
        std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(time)).year());
    const bool summer =
        at >= last_sunday_at_one_utc(year, 3) && at < last_sunday_at_one_utc(year, 10);
    const auto local = time + std::chrono::hours(summer ? 2 : 1);
    const auto day = std::chrono::floor<std::chrono::days>(local);
    if (is_holiday(unit.holidays, std::chrono::year_month_day(day))) return false;
    const auto minute = std::chrono::floor<minutes>(local - day).count();
    return std::ranges::any_of(unit.opening, [&](const OpeningPeriod& item) {
        const unsigned weekday = std::chrono::weekday(day).iso_encoding() - 1;
        return ((item.days >> weekday) & 1) != 0 && item.from_minute <= minute &&
               minute < item.until_minute;
    });
}

// One to four periods, any days, down to one minute a week (the tests' lengths leave such hours
// some years to spare before the walk gives up), often at the edges of the day or about the hours
// that change.
Hours any_hours() {
    Hours unit{"Europe/Paris", static_cast<Holidays>(*rc::gen::inRange(0, 8)), {}};
    const int count = *rc::gen::inRange(1, 5);
    for (int i = 0; i < count; ++i) {
        const int from = *rc::gen::element(0, 60, 119, 150, 480, 1200, *rc::gen::inRange(0, 1440));
        const int until = *rc::gen::element(1440, from + 1, from + 60, *rc::gen::inRange(1, 1441));
        const auto days = static_cast<std::uint8_t>(*rc::gen::inRange(1, 128));
        unit.opening.push_back(period(days, from, std::max(from + 1, std::min(until, 1440))));
    }
    return unit;
}

// Within 2026, half of the time in the days around a change of the clocks or at a holiday.
WallTime any_moment() {
    const WallTime around = *rc::gen::element(utc(2026, 3, 27), utc(2026, 10, 23),
                                              utc(2026, 12, 24), utc(2026, 4, 2), utc(2026, 5, 7));
    const int near = *rc::gen::inRange(0, 4 * 1440);
    const int far = *rc::gen::inRange(0, 360 * 1440);
    return *rc::gen::arbitrary<bool>() ? around + minutes(near) : utc(2026, 1, 2) + minutes(far);
}

RC_GTEST_PROP(AnyHours, AreWhatACountByTheMinuteSays, ()) {
    const Hours unit = any_hours();
    const WallTime from = any_moment();
    const int length = *rc::gen::inRange(1, 3000);
    WallTime now = from;
    WallTime opening{-1};
    for (int left = length; left > 0; now = now + kMinute) {
        const bool open = is_open_in_paris(unit, now);
        if (open && opening.ms < 0) opening = now;
        left -= open ? 1 : 0;
        // Few hours a week would take a year of minutes.
        if (now - from > std::chrono::days(30)) RC_DISCARD("too long to count");
    }
    RC_ASSERT(next_opening(unit, from).value() == opening);
    RC_ASSERT(is_open(unit, from).value() == (opening == from));
    RC_ASSERT(after_open_time(unit, from, minutes(length)).value() == now);
}

RC_GTEST_PROP(AnyHours, AClockEndsWhileTheUnitIsOpenOrAsItCloses, ()) {
    const Hours unit = any_hours();
    const std::chrono::seconds length(*rc::gen::inRange(1, 12'000));
    const WallTime end = after_open_time(unit, any_moment(), length).value();
    RC_ASSERT(is_open(unit, end + Milliseconds(-1)).value());
}

RC_GTEST_PROP(AnyHours, LengthsAddUp, ()) {
    const Hours unit = any_hours();
    const WallTime from = any_moment();
    const std::chrono::seconds a(*rc::gen::inRange(1, 12'000));
    const std::chrono::seconds b(*rc::gen::inRange(1, 12'000));
    const WallTime first = after_open_time(unit, from, a).value();
    RC_ASSERT(after_open_time(unit, from, a + b).value() ==
              after_open_time(unit, first, b).value());
}

// The walk that stops at a ceiling says what the whole walk says, up to it.
RC_GTEST_PROP(AnyHours, ACeilingChangesNothingThatEndsBefore, ()) {
    const Hours unit = any_hours();
    const WallTime from = any_moment();
    const std::chrono::seconds length(*rc::gen::inRange(1, 12'000));
    const WallTime end = after_open_time(unit, from, length).value();
    const Milliseconds at_most = *rc::gen::element<Milliseconds>(
        end - from, end - from + Milliseconds(1), std::max(end - from, Milliseconds(1)) / 2,
        std::chrono::seconds(*rc::gen::inRange(1, 400 * 86'400)));
    RC_ASSERT(after_open_time(unit, from, length, at_most).value() ==
              std::min(end, from + at_most));
}

RC_GTEST_PROP(AnyHours, LaterOrLongerNeverEndsSooner, ()) {
    const Hours unit = any_hours();
    const WallTime from = any_moment();
    const std::chrono::seconds length(*rc::gen::inRange(1, 12'000));
    const std::chrono::seconds more(*rc::gen::inRange(1, 12'000));
    const WallTime end = after_open_time(unit, from, length).value();
    RC_ASSERT(end >= from + length);
    RC_ASSERT(after_open_time(unit, from, length + more).value() >= end + more);
    RC_ASSERT(after_open_time(unit, from + more, length).value() >= end);
}

}  // namespace
}  // namespace relais::calendar
