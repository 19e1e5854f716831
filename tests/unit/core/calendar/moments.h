// Moments and hours as the tests of this folder write them.
#pragma once

#include <gtest/gtest.h>

#include "core/calendar/calendar.h"

namespace relais::calendar {

// A moment of UTC.
inline WallTime utc(int year, unsigned month, unsigned day, int hour = 0, int minute = 0) {
    const auto date = std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day);
    EXPECT_TRUE(date.ok());
    const auto time =
        std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute);
    return {Milliseconds(time.time_since_epoch()).count()};
}

inline constexpr std::uint8_t kWorkdays = 0b001'1111;
inline constexpr std::uint8_t kEveryDay = 0b111'1111;
inline constexpr std::uint8_t kSunday = 0b100'0000;

inline OpeningPeriod period(std::uint8_t days, int from_minute, int until_minute) {
    return {days, static_cast<std::uint16_t>(from_minute),
            static_cast<std::uint16_t>(until_minute)};
}

// Of Europe/Paris: Monday to Friday, 8 to 18.
inline Hours office(Holidays holidays = Holidays::metropole) {
    return {"", holidays, {period(kWorkdays, 8 * 60, 18 * 60)}};
}

// Every night from 20 to 8, over midnight.
inline Hours nights() {
    return {"Europe/Paris",
            Holidays::none,
            {period(kEveryDay, 20 * 60, kMinutesOfDay), period(kEveryDay, 0, 8 * 60)}};
}

inline std::string after(const Hours& hours, WallTime from, std::chrono::seconds length) {
    return format_utc(after_open_time(hours, from, length).value());
}

inline std::string opens(const Hours& hours, WallTime at) {
    return format_utc(next_opening(hours, at).value());
}

inline std::string day_ends(const Hours& hours, WallTime at) {
    return format_utc(end_of_day(hours, at).value());
}

}  // namespace relais::calendar
