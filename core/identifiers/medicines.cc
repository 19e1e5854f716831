// medicines.cc: medicines and conditions.
#include <algorithm>

#include "core/identifiers/check_digits.h"
#include "core/identifiers/rules.h"

namespace relais::identifier_rules {

namespace {

using check_digits::is_digits;

constexpr std::string_view kMedicinePrefix = "3400";
constexpr std::string_view kUcdPrefix = "34008";

// The groups of the WHO classification, and the shape of the levels after them: 'd' a digit, 'L' a
// letter. Levels end after 3, 4, 5 and 7 characters.
constexpr std::string_view kAtcGroups = "ABCDGHJLMNPRSV";
constexpr std::string_view kAtcShape = "LddLLdd";

bool is_letter(char c) { return c >= 'A' && c <= 'Z'; }

bool follows(std::string_view text, std::string_view shape) {
    const auto fits = [](char c, char expected) {
        return expected == 'd' ? is_digits({&c, 1}) : is_letter(c);
    };
    return text.size() <= shape.size() && std::equal(text.begin(), text.end(), shape.begin(), fits);
}

// What follows the category in CIM-10: digits, or, in the national extensions, a '+' in the first
// or second place with digits after it ("M45+0", "C16.9+0").
bool is_cim10_extension(std::string_view text) {
    if (text.empty() || text.size() > 3) return false;
    const std::size_t plus = text.find('+');
    if (plus == std::string_view::npos) return is_digits(text);
    return plus + 1 < text.size() && is_digits(text.substr(0, plus)) &&
           is_digits(text.substr(plus + 1));
}

IdentifierFault format_fault(bool shaped) {
    return shaped ? IdentifierFault::none : IdentifierFault::format;
}

}  // namespace

IdentifierFault cip13(std::string_view text) {
    if (text.size() != 13 || !is_digits(text)) return IdentifierFault::format;
    if (!text.starts_with(kMedicinePrefix)) return IdentifierFault::prefix;
    if (text.starts_with(kUcdPrefix)) return IdentifierFault::ucd_range;
    return key_fault(check_digits::ean13_holds(text));
}

IdentifierFault ucd13(std::string_view text) {
    if (text.size() != 13 || !is_digits(text)) return IdentifierFault::format;
    if (!text.starts_with(kUcdPrefix)) return IdentifierFault::prefix;
    return key_fault(check_digits::ean13_holds(text));
}

IdentifierFault cip7(std::string_view text) {
    if (text.size() != 7 || !is_number(text)) return IdentifierFault::format;
    return key_fault(check_digits::cip7_holds(text));
}

IdentifierFault cis(std::string_view text) {
    return format_fault(text.size() == 8 && is_number(text));
}

IdentifierFault atc(std::string_view text) {
    const bool whole_levels = text.size() >= 3 && text.size() != 6;
    return format_fault(whole_levels && follows(text, kAtcShape) &&
                        kAtcGroups.find(text[0]) != std::string_view::npos);
}

IdentifierFault cim10(std::string_view text) {
    if (text.size() < 3 || !follows(text.substr(0, 3), "Ldd")) return IdentifierFault::format;
    const std::string_view rest = text.substr(3);
    if (rest.empty()) return IdentifierFault::none;
    return format_fault(is_cim10_extension(rest.front() == '.' ? rest.substr(1) : rest));
}

}  // namespace relais::identifier_rules
