#include "schemas/workflow/public_value.h"

#include <algorithm>
#include <charconv>

namespace relais::workflow {

namespace {

std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
    return whole ? std::optional(value) : std::nullopt;
}

std::optional<std::int64_t> read_day(std::string_view text) {
    const auto day = parse_civil_day(text);
    if (!day) return whole_number(text);
    std::string digits = format_day(*day);
    std::erase(digits, '-');
    return whole_number(digits);
}

std::optional<std::int64_t> read_any(const PublicDeclared& field, std::string_view text) {
    switch (field.type) {
        case PublicType::boolean:
            if (text != "true" && text != "false") return std::nullopt;
            return text == "true" ? 1 : 0;
        case PublicType::code: {
            const auto found = std::ranges::find(field.values, text, &PublicValue::code);
            return found == field.values.end() ? std::nullopt : std::optional(found->value);
        }
        case PublicType::integer: return whole_number(text);
        case PublicType::day: return read_day(text);
    }
    return std::nullopt;
}

}  // namespace

std::optional<CivilDay> day_of_digits(std::int64_t digits) {
    if (digits < 0 || digits > 9999'12'31) return std::nullopt;
    const auto number = static_cast<unsigned>(digits);
    return civil_day(static_cast<int>(number / 10'000), number / 100 % 100, number % 100);
}

std::optional<std::int64_t> read_public(const PublicDeclared& field, std::string_view text) {
    const auto value = read_any(field, text);
    return value && field.allows(*value) ? value : std::nullopt;
}

std::string write_public(const PublicDeclared& field, std::int64_t value) {
    if (!field.allows(value)) return "";
    switch (field.type) {
        case PublicType::boolean: return value == 0 ? "false" : "true";
        case PublicType::code: return field.named(value)->code;
        case PublicType::integer: return std::to_string(value);
        case PublicType::day: return format_day(*day_of_digits(value));
    }
    return "";
}

std::string public_label(const PublicDeclared& field, std::int64_t value) {
    if (field.allows(value)) {
        if (field.type == PublicType::boolean) return value == 0 ? "non" : "oui";
        if (field.type == PublicType::code) return field.named(value)->label;
        if (field.type == PublicType::day) return french_day(*day_of_digits(value));
    }
    return std::to_string(value);
}

}  // namespace relais::workflow
