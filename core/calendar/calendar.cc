// Opening time is walked in spans, within which neither the day, the offset nor the state changes.
#include "core/calendar/calendar.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/calendar/zone.h"

namespace relais::calendar {
namespace {

constexpr WallTime kFirst{0};                // 1970
constexpr WallTime kLast{253402300800'000};  // the year 10000
constexpr std::chrono::seconds kLengthMax = std::chrono::days(200 * 366);
constexpr Milliseconds kClosedMax = std::chrono::days(366);
constexpr Milliseconds kWaitMax = std::chrono::days(3653);

constexpr const char* kDayNames[] = {"lundi",    "mardi",  "mercredi", "jeudi",
                                     "vendredi", "samedi", "dimanche"};
constexpr const char* kMonthNames[] = {"janvier",   "février", "mars",     "avril",
                                       "mai",       "juin",    "juillet",  "août",
                                       "septembre", "octobre", "novembre", "décembre"};

Result<Zone> zone_of(const Hours& hours, WallTime at) {
    if (at < kFirst || at >= kLast) return fail(ErrorCode::invalid_field, "time out of range");
    return Zone::find(zone_name(hours));
}

bool ever_opens(const OpeningPeriod& period) {
    return (period.days & 0x7F) != 0 && period.from_minute < kMinutesOfDay &&
           period.from_minute < period.until_minute;
}

// Without periods, or with none that can open it, a unit has no hours to keep; the former may still
// have holidays.
bool never_closes(const Hours& hours) {
    if (hours.opening.empty()) return hours.holidays == Holidays::none;
    return std::ranges::none_of(hours.opening, ever_opens);
}

struct Span {
    bool open;
    WallTime until;  // it may be followed by another alike
};

bool is_on(const OpeningPeriod& period, std::chrono::weekday weekday) {
    return ((period.days >> (weekday.iso_encoding() - 1)) & 1) != 0;
}

// What the periods say from `at`, the moment `civil`, until the next moment at which one begins or
// ends, the day ends or the clocks change.
Span span_of_periods(const Hours& hours, WallTime at, const CivilTime& civil) {
    using std::chrono::minutes;
    Span span{hours.opening.empty(), civil.until};
    for (const OpeningPeriod& period : hours.opening) {
        if (!is_on(period, std::chrono::weekday(civil.day))) continue;
        const Milliseconds from = minutes(period.from_minute);
        const Milliseconds until = minutes(period.until_minute);
        span.open |= from <= civil.since_midnight && civil.since_midnight < until;
        for (const Milliseconds edge : {from, until}) {
            const Milliseconds away = edge - civil.since_midnight;
            if (away.count() > 0) span.until = std::min(span.until, at + away);
        }
    }
    return span;
}

Span span_at(const Hours& hours, Zone& zone, WallTime at) {
    const CivilTime civil = zone.civil(at);
    if (is_holiday(hours.holidays, std::chrono::year_month_day(civil.day))) {
        return {false, civil.until};
    }
    return span_of_periods(hours, at, civil);
}

}  // namespace

std::string zone_name(const Hours& hours) {
    return hours.zone.empty() ? "Europe/Paris" : hours.zone;
}

bool knows_zone(const std::string& zone) { return Zone::find(zone_name({.zone = zone})).ok(); }

Result<bool> is_open(const Hours& hours, WallTime at) {
    RELAIS_ASSIGN(Zone zone, zone_of(hours, at));
    return never_closes(hours) || span_at(hours, zone, at).open;
}

Result<WallTime> next_opening(const Hours& hours, WallTime at) {
    RELAIS_ASSIGN(Zone zone, zone_of(hours, at));
    if (never_closes(hours)) return at;
    for (WallTime now = at; now < at + kClosedMax;) {
        const Span span = span_at(hours, zone, now);
        if (span.open) return now;
        now = span.until;
    }
    return at;
}

Result<std::optional<WallTime>> next_closing(const Hours& hours, WallTime at) {
    RELAIS_ASSIGN(Zone zone, zone_of(hours, at));
    if (never_closes(hours)) return std::optional<WallTime>();
    for (WallTime now = at; now < at + kClosedMax;) {
        const Span span = span_at(hours, zone, now);
        if (!span.open) return std::optional(now);
        now = span.until;
    }
    return std::optional<WallTime>();
}

Result<WallClock> wall_clock(const Hours& hours, WallTime at) {
    RELAIS_ASSIGN(Zone zone, zone_of(hours, at));
    const CivilTime civil = zone.civil(at);
    return WallClock{std::chrono::year_month_day(civil.day),
                     std::chrono::duration_cast<std::chrono::minutes>(civil.since_midnight)};
}

Result<WallTime> first_shown(const Hours& hours, const WallClock& clock) {
    RELAIS_CHECK(clock.date.ok());
    const std::chrono::local_days day(clock.date);
    const WallTime about{Milliseconds(day.time_since_epoch()).count()};
    RELAIS_ASSIGN(Zone zone, zone_of(hours, about));
    return zone.first_shown(day, clock.since_midnight);
}

Result<std::string> civil_text(const Hours& hours, WallTime at) {
    RELAIS_ASSIGN(const WallClock clock, wall_clock(hours, at));
    const auto two = [](auto number) { return (number < 10 ? "0" : "") + std::to_string(number); };
    const std::chrono::weekday weekday{std::chrono::sys_days(clock.date)};
    const auto day = static_cast<unsigned>(clock.date.day());
    return std::string(kDayNames[weekday.iso_encoding() - 1]) + " " +
           (day == 1 ? "1er" : std::to_string(day)) + " " +
           kMonthNames[static_cast<unsigned>(clock.date.month()) - 1] + " " +
           std::to_string(static_cast<int>(clock.date.year())) + " à " +
           two(clock.since_midnight.count() / 60) + ":" + two(clock.since_midnight.count() % 60);
}

Result<WallTime> after_open_time(const Hours& hours, WallTime from, std::chrono::seconds length,
                                 Milliseconds at_most) {
    RELAIS_CHECK(length.count() > 0);
    if (length > kLengthMax) return fail(ErrorCode::invalid_field, "length out of range");
    RELAIS_ASSIGN(Zone zone, zone_of(hours, from));
    if (never_closes(hours)) return from + std::min<Milliseconds>(length, at_most);
    const WallTime latest = from + std::min(length + kWaitMax, at_most);
    Milliseconds left = length;
    for (WallTime now = from; now < latest;) {
        const Span span = span_at(hours, zone, now);
        if (span.open && left <= span.until - now) return std::min(now + left, latest);
        if (span.open) left -= span.until - now;
        now = span.until;
    }
    return latest;
}

Result<WallTime> end_of_day(const Hours& hours, WallTime at) {
    RELAIS_ASSIGN(Zone zone, zone_of(hours, at));
    CivilTime civil = zone.civil(at);
    const std::chrono::local_days day = civil.day;
    WallTime now = at;
    // The clocks may change within the day, and even show its last hour again after midnight.
    while (civil.day <= day) {
        now = civil.until;
        civil = zone.civil(now);
    }
    return now;
}

}  // namespace relais::calendar
