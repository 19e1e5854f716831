#include "schemas/compiler/durations.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "core/base/limits.h"

namespace relais::compiler {

namespace {

using std::chrono::seconds;

constexpr std::array<std::pair<std::string_view, seconds>, 4> kUnits = {{
    {"d", seconds(24 * 3600)},
    {"h", seconds(3600)},
    {"min", seconds(60)},
    {"s", seconds(1)},
}};

}  // namespace

std::optional<seconds> parse_duration(std::string_view text) {
    std::uint32_t count = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
    const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
    const auto* found =
        std::ranges::find(kUnits, unit, &std::pair<std::string_view, seconds>::first);
    if (problem != std::errc{} || found == kUnits.end() || count == 0) return std::nullopt;
    const seconds duration = count * found->second;
    return duration <= limits::kExpiresMax ? std::optional(duration) : std::nullopt;
}

std::string format_duration(seconds duration) {
    for (const auto& [name, unit] : kUnits) {
        if (duration.count() != 0 && duration % unit == seconds(0)) {
            return std::to_string(duration / unit).append(name);
        }
    }
    return "0s";
}

}  // namespace relais::compiler
