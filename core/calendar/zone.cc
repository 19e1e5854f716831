// Over the date library (Howard Hinnant), the one place that includes it.
#include "core/calendar/zone.h"

#include <date/tz.h>

#include <algorithm>
#include <exception>

#include "core/calendar/hours.h"

namespace relais::calendar {
namespace {

using std::chrono::sys_time;

constexpr Milliseconds kAheadMax = std::chrono::hours(15);  // of any zone, of UTC

WallTime wall_time(date::sys_seconds time) {
    return {Milliseconds(time.time_since_epoch()).count()};
}

}  // namespace

// The library throws for an unknown name, a missing database and an unreadable file, the last one
// at the first question only: it is asked here, so that none comes later.
Result<Zone> Zone::find(const std::string& name) {
    if (!is_zone_name(name)) return fail(ErrorCode::not_found, "time zone: not a name");
    try {
        Zone zone(date::locate_zone(name));
        zone.find_offset(WallTime{});
        return zone;
    } catch (const std::exception&) {
        return fail(ErrorCode::not_found, "time zone " + name);
    }
}

void Zone::find_offset(WallTime at) {
    using std::chrono::seconds;
    const auto time = std::chrono::floor<seconds>(sys_time<Milliseconds>(Milliseconds(at.ms)));
    const date::sys_info info = zone_->get_info(time);
    offset_since_ = wall_time(info.begin);
    offset_until_ = wall_time(info.end);
    offset_ = info.offset;
}

CivilTime Zone::civil(WallTime at) {
    using std::chrono::days;
    if (at < offset_since_ || at >= offset_until_) find_offset(at);
    const std::chrono::local_time<Milliseconds> local(Milliseconds(at.ms) + offset_);
    const std::chrono::local_days day = std::chrono::floor<days>(local);
    const Milliseconds since_midnight = local - day;
    const WallTime midnight = at + (Milliseconds(days(1)) - since_midnight);
    return {day, since_midnight, std::min(midnight, offset_until_)};
}

// From before the day on, span by span.
WallTime Zone::first_shown(std::chrono::local_days day, Milliseconds since_midnight) {
    WallTime at = WallTime{Milliseconds(day.time_since_epoch()).count()} + -kAheadMax;
    for (;;) {
        const CivilTime now = civil(at);
        if (now.day > day) return at;
        if (now.day == day) {
            const WallTime shown =
                at + std::max(since_midnight - now.since_midnight, Milliseconds(0));
            if (shown < now.until) return shown;
        }
        at = now.until;
    }
}

}  // namespace relais::calendar
