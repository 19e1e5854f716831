// months.h: the periods that figures may be of: whole calendar months, and no others. Two months
// never overlap and none contains another, so that no figure is the difference of two published
// ones (docs/decisions/0021). Pure; any thread.
#pragma once

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

inline constexpr std::size_t kMonthsMax = 24;  // of one report

// Errors of those that reckon: not_found  no tz database on this machine.
// The first moment of a month.
Result<WallTime> begin_of(const Month& month);
Result<Month> month_of(WallTime at);

// What the command line asks for. Days are those that begin and end a month.
struct PeriodRequest {
    std::string month{};  // "2026-09", "last", "current"; empty: "last"
    std::string from{};   // "2026-09" or "2026-09-01"
    std::string to{};     // "2026-11" or "2026-11-30"; empty: the month of `from`
};
// In their order. Errors: usage  not whole months, none, over kMonthsMax, or one that has not
//         begun; and as begin_of.
Result<std::vector<Month>> read_period(const PeriodRequest& request, WallTime now);

}  // namespace relais::indicators
