// calendar.h: civil time, as clocks need it: opening hours, French public holidays, ends of days.
// The rules of time zones are those of the machine's tz database, read once. Pure otherwise; any
// thread.
//
// A unit whose hours leave it closed for more than a year is taken as always open: a clock must end.
#pragma once

#include <chrono>
#include <optional>

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/calendar/hours.h"

namespace relais::calendar {

// Errors of all that take hours or a zone: not_found  no such zone on this machine.

[[nodiscard]] bool is_holiday(Holidays holidays, std::chrono::year_month_day day);

Result<bool> is_open(const Hours& hours, WallTime at);
// The first moment from `at` on at which it is open.
Result<WallTime> next_opening(const Hours& hours, WallTime at);
// When `length` of opening time has passed since `from`. Requires length > 0.
Result<WallTime> after_open_time(const Hours& hours, WallTime from, std::chrono::seconds length);
// The end of the civil day of `at`: the following midnight, whatever the clocks do in between.
Result<WallTime> end_of_day(const Hours& hours, WallTime at);

}  // namespace relais::calendar
