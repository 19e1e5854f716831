// text_rules.h: what a text of a form may be, apart from which field holds it. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace relais::forms {

// Without space at either end, tabs as spaces, line ends as line feeds. Any bytes.
[[nodiscard]] std::string tidy(std::string_view text);

// Requires UTF-8. Holds a character that changes how the rest is shown without being seen itself:
// a control (line feed apart), a line separator, an override or isolate of the writing direction.
[[nodiscard]] bool has_hidden_control(std::string_view text);

// Code points. Requires UTF-8.
[[nodiscard]] std::size_t characters_in(std::string_view text);

// 2026-11-22, a day of the calendar, from 1850 to 2150.
[[nodiscard]] bool is_date(std::string_view text);
// RFC 3339 section 5.6 with 'T' and the offset: 2026-11-22T14:30:00+01:00; no leap second.
[[nodiscard]] bool is_date_time(std::string_view text);
// Nanoseconds since 1970, UTC. Requires is_date_time(text).
[[nodiscard]] std::int64_t instant_of(std::string_view text);
// 4 to 15 digits, a '+' first where the country stands, and the signs that people put between.
[[nodiscard]] bool is_phone(std::string_view text);

// Requires a finite value. The shortest digits that give it back, with a comma: "38,5".
[[nodiscard]] std::string french_decimal(double value);

}  // namespace relais::forms
