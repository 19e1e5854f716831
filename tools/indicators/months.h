// months.h: the periods that figures may be of: whole calendar months, which never overlap, so that
// no breakdown is the difference of two published ones; or any days, of which totals alone are
// given (docs/decisions/0021, 0034). Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/base/time.h"

namespace relais::indicators {

// Of the civil calendar in Europe/Paris, for every domain.
struct Month {
    int year;
    unsigned month;  // 1 to 12
    auto operator<=>(const Month&) const = default;

    [[nodiscard]] Month next() const;
    [[nodiscard]] std::string text() const;    // "2026-09"
    [[nodiscard]] std::string french() const;  // "septembre 2026"
};

// From the first moment of one day to the last of another, in Paris; a month as a whole, or days.
struct Period {
    Period(const Month& whole);  // implicit: a month is a period
    Period(CivilDay first_day, CivilDay last_day) : first(first_day), last(last_day) {}

    CivilDay first;
    CivilDay last;
    std::optional<Month> month{};  // none: days, of which totals alone are given

    bool operator==(const Period&) const = default;
    [[nodiscard]] std::string text() const;    // "2026-09", "2026-09-02/2026-09-05"
    [[nodiscard]] std::string french() const;  // "septembre 2026", "du 02/09/2026 au 05/09/2026"
};

// Of one report.
inline constexpr std::size_t kMonthsMax = 24;
inline constexpr std::int32_t kDaysMax = 731;

// Errors of those that reckon: not_found  no tz database on this machine.
// The first moment of a day, of a month.
Result<WallTime> begin_of(CivilDay day);
Result<WallTime> begin_of(const Month& month);
Result<Month> month_of(WallTime at);

// What the command line asks for. With `to`, or with neither, days are those that begin and end a
// month; with `until` any.
struct PeriodRequest {
    std::string month{};  // "2026-09", "last", "current"; empty: "last"
    std::string from{};   // "2026-09" or "2026-09-01"
    std::string to{};     // "2026-11" or "2026-11-30"; empty: the month of `from`
    std::string until{};  // "2026-09-05", the last day
};
// Months in their order, or one period of days. Errors: usage  not whole months, none, over
//         kMonthsMax or kDaysMax, or one that has not begun; and as begin_of.
Result<std::vector<Period>> read_period(const PeriodRequest& request, WallTime now);

}  // namespace relais::indicators
