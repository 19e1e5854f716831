#include "schemas/forms/text_rules.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>

namespace relais::forms {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The number that `text` is, digits only.
std::optional<int> digits(std::string_view text) {
    if (text.empty() || !std::ranges::all_of(text, is_digit)) return std::nullopt;
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

bool is_below(std::string_view two_digits, int limit) {
    const std::optional<int> value = digits(two_digits);
    return value && *value < limit;
}

// hh:mm
bool is_hour_minute(std::string_view text) {
    return text.size() == 5 && text[2] == ':' && is_below(text.substr(0, 2), 24) &&
           is_below(text.substr(3), 60);
}

// hh:mm:ss, then a fraction of a second or nothing.
bool is_time(std::string_view text) {
    if (text.size() < 8 || !is_hour_minute(text.substr(0, 5)) || text[5] != ':') return false;
    if (!is_below(text.substr(6, 2), 60)) return false;
    const std::string_view fraction = text.substr(8);
    return fraction.empty() ||
           (fraction[0] == '.' && fraction.size() <= 10 && digits(fraction.substr(1)));
}

// Where the offset of a time begins: "Z", or a sign and hh:mm.
std::size_t offset_at(std::string_view time) {
    const std::size_t at = time.find_first_of("Z+-");
    if (at == std::string_view::npos) return at;
    const std::string_view offset = time.substr(at);
    const bool shaped = offset == "Z" || (offset[0] != 'Z' && is_hour_minute(offset.substr(1)));
    return shaped ? at : std::string_view::npos;
}

bool is_direction_control(unsigned codepoint) {
    return (codepoint >= 0x202A && codepoint <= 0x202E) ||
           (codepoint >= 0x2066 && codepoint <= 0x2069) || codepoint == 0x200E ||
           codepoint == 0x200F || codepoint == 0x061C;
}

bool is_control(unsigned codepoint) {
    return codepoint < 0x20 || (codepoint >= 0x7F && codepoint < 0xA0);
}

bool is_hidden(unsigned codepoint) {
    const bool separator = codepoint == 0x2028 || codepoint == 0x2029;
    return (is_control(codepoint) && codepoint != '\n') || separator ||
           is_direction_control(codepoint);
}

// The code point at the front of valid UTF-8, which it removes.
unsigned take_codepoint(std::string_view& text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    unsigned value = length == 1 ? lead : lead & (0x7Fu >> length);
    for (std::size_t i = 1; i < length; ++i) {
        value = value << 6 | (static_cast<unsigned char>(text[i]) & 0x3Fu);
    }
    text.remove_prefix(length);
    return value;
}

// The last two are the no-break spaces that French typography uses.
constexpr std::string_view kSpaces[] = {" ", "\t", "\r", "\n", "\u00A0", "\u202F"};

std::string_view without_end_spaces(std::string_view text) {
    const auto* const end = std::end(kSpaces);
    while (true) {
        const auto* const first = std::find_if(
            std::begin(kSpaces), end, [&](std::string_view s) { return text.starts_with(s); });
        if (first != end) text.remove_prefix(first->size());
        const auto* const last = std::find_if(
            std::begin(kSpaces), end, [&](std::string_view s) { return text.ends_with(s); });
        if (last != end) text.remove_suffix(last->size());
        if (first == end && last == end) return text;
    }
}

}  // namespace

std::string tidy(std::string_view text) {
    text = without_end_spaces(text);
    std::string tidied;
    for (const char c : text) {
        while (c == '\n' && tidied.ends_with('\r')) tidied.pop_back();
        tidied.push_back(c == '\t' ? ' ' : c);
    }
    return tidied;
}

bool has_hidden_control(std::string_view text) {
    while (!text.empty()) {
        if (is_hidden(take_codepoint(text))) return true;
    }
    return false;
}

std::size_t characters_in(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool is_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
    const std::optional<int> year = digits(text.substr(0, 4));
    const std::optional<int> month = digits(text.substr(5, 2));
    const std::optional<int> day = digits(text.substr(8));
    if (!year || !month || !day || *year < 1850 || *year > 2150) return false;
    return std::chrono::year_month_day(std::chrono::year(*year),
                                       std::chrono::month(static_cast<unsigned>(*month)),
                                       std::chrono::day(static_cast<unsigned>(*day)))
        .ok();
}

bool is_date_time(std::string_view text) {
    if (text.size() < 20 || !is_date(text.substr(0, 10)) || text[10] != 'T') return false;
    const std::string_view time = text.substr(11);
    const std::size_t offset = offset_at(time);
    return offset != std::string_view::npos && is_time(time.substr(0, offset));
}

std::int64_t instant_of(std::string_view text) {
    const auto part = [text](std::size_t at, std::size_t length) {
        return digits(text.substr(at, length)).value_or(0);
    };
    const std::chrono::sys_days day = std::chrono::year_month_day(
        std::chrono::year(part(0, 4)), std::chrono::month(static_cast<unsigned>(part(5, 2))),
        std::chrono::day(static_cast<unsigned>(part(8, 2))));
    std::int64_t seconds = std::int64_t{day.time_since_epoch().count()} * 86'400 +
                           part(11, 2) * 3'600 + part(14, 2) * 60 + part(17, 2);
    const std::size_t offset = text.find_first_of("Z+-", 19);
    if (text[offset] != 'Z') {
        const int minutes = part(offset + 1, 2) * 60 + part(offset + 4, 2);
        seconds -= (text[offset] == '-' ? -60 : 60) * minutes;
    }
    std::string fraction(text.substr(19, offset - 19));
    fraction.resize(10, '0');  // ".5" as ".500000000"; none as ten digits of nothing
    return seconds * 1'000'000'000 + digits(std::string_view(fraction).substr(1)).value_or(0);
}

bool is_phone(std::string_view text) {
    const auto fits = [](char c) {
        return is_digit(c) || std::string_view(" .-()").find(c) != std::string_view::npos;
    };
    if (text.starts_with('+')) text.remove_prefix(1);
    const auto count = std::ranges::count_if(text, is_digit);
    return std::ranges::all_of(text, fits) && count >= 4 && count <= 15;
}

std::string french_decimal(double value) {
    std::array<char, 32> digits_of{};
    const auto written =
        std::to_chars(digits_of.data(), digits_of.data() + digits_of.size(), value);
    std::string text(digits_of.data(), written.ptr);
    std::ranges::replace(text, '.', ',');
    return text;
}

}  // namespace relais::forms
