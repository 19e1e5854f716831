// hours.h: when a unit works: its time zone, the public holidays that close it, its opening
// periods. Plain values, as the directory carries them; calendar.h computes with them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace relais::calendar {

// Which public holidays close a unit: those of the Code du travail (L3133-1), with what Alsace and
// Moselle (L3134-13) and the territories overseas (L3422-2) add. The numbers stand in the
// directory.
enum class Holidays : std::uint8_t {
    none = 0,
    metropole = 1,
    alsace_moselle = 2,
    guadeloupe = 3,
    martinique = 4,
    guyane = 5,
    reunion = 6,
    mayotte = 7,
    saint_martin = 8,
    saint_barthelemy = 9,
};
inline constexpr Holidays kLastHolidays = Holidays::saint_barthelemy;

inline constexpr std::uint16_t kMinutesOfDay = 24 * 60;

// Minutes of the unit's civil days; bit n of `days`: the n-th day of the week, Monday first. One
// that ends at 1440 goes on where the next day has one that begins at 0. Periods may overlap and
// stand in any order; one that ends before it begins opens nothing.
struct OpeningPeriod {
    std::uint8_t days;
    std::uint16_t from_minute;
    std::uint16_t until_minute;
    bool operator==(const OpeningPeriod&) const = default;
};

struct Hours {
    std::string zone{};  // IANA name; empty: Europe/Paris
    Holidays holidays = Holidays::none;
    std::vector<OpeningPeriod> opening{};  // empty: day and night, but for the holidays
    bool operator==(const Hours&) const = default;
};

// The shape of an IANA name ("Europe/Paris", "Etc/GMT+4"); whether there is such a zone is another
// question.
[[nodiscard]] bool is_zone_name(std::string_view text);

}  // namespace relais::calendar
