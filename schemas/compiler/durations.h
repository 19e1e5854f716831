// durations.h: durations as declarations write them: a whole number and its unit, 30s 5min 4h 14d.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace relais::compiler {

// Nothing where the text is another, zero, or above limits::kExpiresMax.
[[nodiscard]] std::optional<std::chrono::seconds> parse_duration(std::string_view text);

// In the greatest unit that needs no fraction.
[[nodiscard]] std::string format_duration(std::chrono::seconds duration);

}  // namespace relais::compiler
