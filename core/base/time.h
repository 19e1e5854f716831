// time.h: two kinds of time that never mix.
//
// WallTime is what a clock on the wall says, in milliseconds since 1970 (UTC): a claim, shown to
// people and written in leaves. EngineTime is the domain's own time: it never goes back, survives
// restarts, and decides every deadline (broker/engine/time_keeper.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace relais {

using Milliseconds = std::chrono::milliseconds;

template <typename Tag>
struct Instant {
    std::int64_t ms = 0;

    friend Instant operator+(Instant at, Milliseconds d) { return {at.ms + d.count()}; }
    friend Milliseconds operator-(Instant a, Instant b) { return Milliseconds(a.ms - b.ms); }
    auto operator<=>(const Instant&) const = default;
};

using WallTime = Instant<struct WallTag>;
using EngineTime = Instant<struct EngineTag>;
// The machine's time since boot, suspended time included (CLOCK_BOOTTIME).
using BootTime = Instant<struct BootTag>;

// A civil day, by its distance from 1 January 1970; whose day it is, its place says
// (core/calendar/days.h).
struct CivilDay {
    std::int32_t number = 0;

    friend CivilDay operator+(CivilDay day, std::int32_t days) { return {day.number + days}; }
    friend std::int32_t operator-(CivilDay a, CivilDay b) { return a.number - b.number; }
    auto operator<=>(const CivilDay&) const = default;
};

// "2026-11-21T23:30:00.000Z"
[[nodiscard]] std::string format_utc(WallTime time);
// "2026-11-21"
[[nodiscard]] std::string format_day(CivilDay day);
// "21/11/2026"
[[nodiscard]] std::string french_day(CivilDay day);
// None where the calendar has no such day.
[[nodiscard]] std::optional<CivilDay> civil_day(int year, unsigned month, unsigned day);
// Of "2026-11-21"; none where it is no day of the calendar, written so.
[[nodiscard]] std::optional<CivilDay> parse_civil_day(std::string_view text);

}  // namespace relais
