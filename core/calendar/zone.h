// zone.h: civil time in one zone, by the rules of the machine's tz database. Used by this module
// alone, so that the library that reads the database stays in zone.cc. A value; confined to the
// caller.
#pragma once

#include <chrono>
#include <string>

#include "core/base/result.h"
#include "core/base/time.h"

namespace date {
class time_zone;
}

namespace relais::calendar {

struct CivilTime {
    std::chrono::local_days day;
    Milliseconds since_midnight;  // as the clock on the wall shows it
    WallTime until;               // when the day ends or the clocks change, whichever comes first
};

class Zone {
public:
    // Errors: not_found  no such zone on this machine, or no tz database.
    static Result<Zone> find(const std::string& name);

    // Times that follow one another are cheap: the last offset is kept.
    [[nodiscard]] CivilTime civil(WallTime at);
    // The moment of that day at which the clock on the wall shows this time for the first time, or
    // the first one after it where the clocks skip it.
    [[nodiscard]] WallTime first_shown(std::chrono::local_days day, Milliseconds since_midnight);

private:
    explicit Zone(const date::time_zone* zone) : zone_(zone) {}
    void find_offset(WallTime at);

    const date::time_zone* zone_;  // lives as long as the process
    WallTime offset_since_{};
    WallTime offset_until_{};  // before find_offset: an empty stretch
    Milliseconds offset_{};
};

}  // namespace relais::calendar
