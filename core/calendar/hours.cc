#include "core/calendar/hours.h"

#include <algorithm>

namespace relais::calendar {

bool is_zone_name(std::string_view text) {
    constexpr std::size_t kZoneBytesMax = 40;
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '/' || c == '_' || c == '-' || c == '+';
    };
    const bool plain = std::ranges::all_of(text, fits);
    return plain && !text.empty() && text.size() <= kZoneBytesMax && text.front() != '/' &&
           text.back() != '/';
}

}  // namespace relais::calendar
