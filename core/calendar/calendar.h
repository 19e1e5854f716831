// calendar.h: civil time, as clocks need it: opening hours, French public holidays, ends of days.
// The rules of time zones are those of the machine's tz database (/usr/share/zoneinfo), read once.
// Pure otherwise; any thread.
//
// A unit is open when the clock on its wall says so: an hour that the clocks skip is no opening
// time, one that they show twice counts twice where it is within a period, and what passes is
// always counted as it passes, whatever the clocks show. A holiday closes the whole civil day.
//
// A unit whose hours leave it closed for more than a year is taken as always open: a clock must
// end. The changes of the clocks are known as far as the database lists them, in Debian to 2037;
// after that the last offset stays.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/calendar/hours.h"

namespace relais::calendar {

// The zone that counts: theirs, or Europe/Paris where they name none.
[[nodiscard]] std::string zone_name(const Hours& hours);

// Whether this machine's database has a zone of that name; empty: Europe/Paris.
[[nodiscard]] bool knows_zone(const std::string& zone);

// By the law as it stands, whatever the year; false for a day that is none.
[[nodiscard]] bool is_holiday(Holidays holidays, std::chrono::year_month_day day);

// Errors of all that take hours: not_found      no such zone on this machine.
//                                invalid_field  a time outside the years 1970 to 9999, or a length
//                                               over two hundred years.

Result<bool> is_open(const Hours& hours, WallTime at);
// The first moment from `at` on at which it is open.
Result<WallTime> next_opening(const Hours& hours, WallTime at);
// The first moment from `at` on at which it is not; absent where none comes within a year.
Result<std::optional<WallTime>> next_closing(const Hours& hours, WallTime at);
// "lundi 30 novembre 2026 à 08:05", as the clock on its wall shows it.
Result<std::string> civil_text(const Hours& hours, WallTime at);
// What the clock on its wall shows.
struct WallClock {
    std::chrono::year_month_day date;
    std::chrono::minutes since_midnight;
    bool operator==(const WallClock&) const = default;
};
Result<WallClock> wall_clock(const Hours& hours, WallTime at);
// The moment at which it shows that for the first time, or the first one after it where the clocks
// skip it. Requires a date that exists.
Result<WallTime> first_shown(const Hours& hours, const WallClock& clock);
// When `length` of opening time has passed since `from`: at the close of a period, not at the next
// opening, where they fall together. Ends at the latest ten years after `length` from `from`; and
// `at_most` after `from`, where that is sooner. Requires length > 0. Cost: a walk over the days
// that pass: of some hours of a unit that opens for minutes a day, years.
Result<WallTime> after_open_time(const Hours& hours, WallTime from, std::chrono::seconds length,
                                 Milliseconds at_most = Milliseconds::max());
// The end of the civil day of `at`: the following midnight, or the first moment of the next day
// where the clocks skip midnight.
Result<WallTime> end_of_day(const Hours& hours, WallTime at);

}  // namespace relais::calendar
