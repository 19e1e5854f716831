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

}  // namespace relais
