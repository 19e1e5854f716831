#include "core/calendar/days.h"

#include <algorithm>

#include "core/calendar/calendar.h"
#include "core/calendar/zone.h"

namespace relais::calendar {
namespace {

constexpr const char* kZone = "Europe/Paris";
constexpr WallTime kEarliest{0};
constexpr WallTime kLatest{253402300799'999};  // the end of the year 9999
constexpr Milliseconds kDay = std::chrono::days(1);

CivilDay utc_day(WallTime at) { return {static_cast<std::int32_t>(at.ms / kDay.count())}; }

CivilDay civil_day(const CivilTime& civil) {
    return {static_cast<std::int32_t>(civil.day.time_since_epoch().count())};
}

WallTime utc_start(CivilDay day) { return WallTime{} + day.number * kDay; }

}  // namespace

CivilDay day_of(WallTime at) {
    at = std::clamp(at, kEarliest, kLatest);
    auto zone = Zone::find(kZone);
    return zone.ok() ? civil_day(zone->civil(at)) : utc_day(at);
}

WallTime time_of(CivilDay day, std::chrono::minutes since_midnight) {
    auto zone = Zone::find(kZone);
    if (!zone.ok()) return utc_start(day) + since_midnight;
    return zone->first_shown(std::chrono::local_days(std::chrono::days(day.number)),
                             since_midnight);
}

WallTime start_of(CivilDay day) { return time_of(day, std::chrono::minutes(0)); }

std::optional<WallTime> opens_on(const Hours& hours, CivilDay day,
                                 std::chrono::minutes since_midnight) {
    const WallTime end = start_of(day + 1);
    for (const WallTime from : {time_of(day, since_midnight), start_of(day)}) {
        const auto opens = next_opening(hours, from);
        if (!opens.ok()) return from;
        if (*opens < end) return *opens;
    }
    return std::nullopt;
}

}  // namespace relais::calendar
