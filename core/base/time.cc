#include "core/base/time.h"

#include <cstdio>
#include <ctime>

namespace relais {

std::string format_utc(WallTime time) {
    const std::int64_t floor_ms = ((time.ms % 1000) + 1000) % 1000;
    // Rounded down without subtracting first: a sender's time may be the least number there is.
    const std::time_t seconds = time.ms / 1000 - (time.ms % 1000 < 0 ? 1 : 0);
    std::tm parts{};
    if (gmtime_r(&seconds, &parts) == nullptr) return "out-of-range";
    char text[64];
    const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    char tail[16];
    std::snprintf(tail, sizeof tail, ".%03dZ", static_cast<int>(floor_ms));
    return std::string(text, length) + tail;
}

std::string format_day(CivilDay day) {
    const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day.number))};
    char text[32];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return text;
}

std::string french_day(CivilDay day) {
    const std::string iso = format_day(day);
    return iso.substr(8, 2) + "/" + iso.substr(5, 2) + "/" + iso.substr(0, 4);
}

std::optional<CivilDay> civil_day(int year, unsigned month, unsigned day) {
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                           std::chrono::day(day)};
    if (!date.ok()) return std::nullopt;
    const auto since = std::chrono::sys_days(date).time_since_epoch();
    return CivilDay{static_cast<std::int32_t>(since.count())};
}

std::optional<CivilDay> parse_civil_day(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const auto number = [&](std::size_t from, std::size_t count) -> std::optional<unsigned> {
        unsigned value = 0;
        for (const char c : text.substr(from, count)) {
            if (c < '0' || c > '9') return std::nullopt;
            value = value * 10 + static_cast<unsigned>(c - '0');
        }
        return value;
    };
    const auto year = number(0, 4);
    const auto month = number(5, 2);
    const auto day = number(8, 2);
    if (!year || !month || !day) return std::nullopt;
    return civil_day(static_cast<int>(*year), *month, *day);
}

}  // namespace relais
