// typed.cc: from what is typed for a field to its JSON value.
#include <charconv>
#include <cstdlib>
#include <ctime>

#include "clients/cli/fill.h"
#include "clients/cli/text.h"
#include "schemas/forms/units.h"

namespace relais::cli {

namespace {

using forms::FieldType;
using forms::TextFormat;
using nlohmann::json;

Error not_understood(const char* expected) {
    return fail(ErrorCode::invalid_field, "attendu : " + std::string(expected));
}

Result<json> typed_boolean(const std::string& typed) {
    const std::string word = fold(typed);
    if (word == "o" || word == "oui") return json(true);
    if (word == "n" || word == "non") return json(false);
    return not_understood("o (oui) ou n (non)");
}

Result<json> typed_integer(const std::string& typed) {
    std::int64_t value = 0;
    const char* end = typed.data() + typed.size();
    const auto [stop, problem] = std::from_chars(typed.data(), end, value);
    if (problem != std::errc{} || stop != end) return not_understood("un nombre entier");
    return json(value);
}

Result<json> typed_decimal(std::string typed) {
    if (const auto comma = typed.find(','); comma != std::string::npos) typed[comma] = '.';
    double value = 0;
    const char* end = typed.data() + typed.size();
    const auto [stop, problem] = std::from_chars(typed.data(), end, value);
    if (problem != std::errc{} || stop != end) return not_understood("un nombre, comme 37,4");
    return json(value);
}

// What is left of "110 mmHg" without the unit of the field. Another unit is another number.
Result<std::string> without_unit(const forms::Field& field, const std::string& typed) {
    const forms::Unit* unit = forms::find_unit(field.unit);
    const std::size_t end = typed.find_first_not_of("0123456789+-,.");
    if (unit == nullptr || end == std::string::npos) return typed;
    const std::size_t begin = typed.find_first_not_of(' ', end);
    const std::string said = begin == std::string::npos ? "" : typed.substr(begin);
    if (said.empty() || forms::unit_typed(said) == unit) return typed.substr(0, end);
    return fail(ErrorCode::invalid_field,
                "attendu : un nombre en " + field.unit + " (" + std::string(unit->name) + ")");
}

// "22/11/2026" as "2026-11-22"; another text stays as it is, for the form to judge.
std::string iso_date(const std::string& typed) {
    std::tm parts{};
    const char* end = ::strptime(typed.c_str(), "%d/%m/%Y", &parts);
    if (end == nullptr || *end != '\0') return typed;
    char text[16];
    std::strftime(text, sizeof text, "%Y-%m-%d", &parts);
    return text;
}

// "22/11/2026 14:30" as RFC 3339 with the offset that the local zone has then.
std::string iso_date_time(const std::string& typed) {
    std::tm parts{};
    const char* end = ::strptime(typed.c_str(), "%d/%m/%Y %H:%M", &parts);
    if (end == nullptr || *end != '\0') return typed;
    parts.tm_isdst = -1;
    const std::time_t at = std::mktime(&parts);
    if (at == static_cast<std::time_t>(-1)) return typed;
    ::localtime_r(&at, &parts);
    char text[40];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S%z", &parts);
    std::string zoned = text;
    return zoned.insert(zoned.size() - 2, ":");
}

}  // namespace

Result<json> typed_value(const forms::Field& field, const std::string& typed) {
    switch (field.type) {
        case FieldType::boolean: return typed_boolean(typed);
        case FieldType::integer: {
            RELAIS_ASSIGN(const std::string number, without_unit(field, typed));
            return typed_integer(number);
        }
        case FieldType::decimal: {
            RELAIS_ASSIGN(const std::string number, without_unit(field, typed));
            return typed_decimal(number);
        }
        case FieldType::text:
            if (field.format == TextFormat::date) return json(iso_date(typed));
            if (field.format == TextFormat::date_time) return json(iso_date_time(typed));
            return json(typed);
        case FieldType::choice:
        case FieldType::table: break;
    }
    return json(typed);
}

json::json_pointer pointer_of(const std::string& path) {
    std::string text;
    for (const char c : path) {
        if (c == '.' || c == '[') {
            text += '/';
        } else if (c != ']') {
            text += c;
        }
    }
    return json::json_pointer(text.empty() ? "" : "/" + text);
}

}  // namespace relais::cli
