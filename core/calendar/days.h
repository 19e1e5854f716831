// days.h: the days by which the territory counts its messages: civil days of Europe/Paris, whatever
// the zone of a unit, so that every machine counts the same. Pure but for the tz database, read
// once; any thread.
//
// Nothing here fails: on a machine without the database days are those of UTC, and times outside of
// the years 1970 to 9999 are taken as the nearest within.
#pragma once

#include <optional>

#include "core/base/time.h"
#include "core/calendar/hours.h"

namespace relais::calendar {

[[nodiscard]] CivilDay day_of(WallTime at);
// Its first moment; where the next one begins it ends.
[[nodiscard]] WallTime start_of(CivilDay day);
// The moment of that day at which the clock on the wall shows this time for the first time, or the
// first one after it where the clocks skip it.
[[nodiscard]] WallTime time_of(CivilDay day, std::chrono::minutes since_midnight);
// The first moment of it at which a unit of these hours is open, from `since_midnight` on where it
// is at all from then on; absent where it is closed all day. One whose zone is unknown here is
// open.
[[nodiscard]] std::optional<WallTime> opens_on(const Hours& hours, CivilDay day,
                                               std::chrono::minutes since_midnight);

}  // namespace relais::calendar
