// professionals.cc: professionals, health structures and companies.
#include <string>

#include "core/identifiers/check_digits.h"
#include "core/identifiers/rules.h"

namespace relais::identifier_rules {

namespace {

constexpr std::string_view kLaPoste = "356000000";

IdentifierFault luhn_number(std::string_view text, std::size_t length) {
    if (text.size() != length) return IdentifierFault::length;
    if (!is_number(text)) return IdentifierFault::format;
    return key_fault(check_digits::luhn_holds(text));
}

// A national identifier is a type digit, then an identifier with its own rule.
IdentifierFault after_type(char type, std::string_view text,
                           IdentifierFault (*rule)(std::string_view)) {
    if (text.empty() || text.front() != type) return IdentifierFault::format;
    return rule(text.substr(1));
}

// With A read as 1 and B as 2 in a Corsican department.
std::string finess_digits(std::string_view text) {
    std::string digits(text);
    if (digits[1] == 'A') digits[1] = '1';
    if (digits[1] == 'B') digits[1] = '2';
    return digits;
}

}  // namespace

IdentifierFault rpps(std::string_view text) { return luhn_number(text, 11); }

IdentifierFault idnps(std::string_view text) { return after_type('8', text, rpps); }

IdentifierFault finess(std::string_view text) {
    if (text.size() != 9) return IdentifierFault::length;
    const bool shaped = is_territory(text.substr(0, 2)) && check_digits::is_digits(text.substr(2));
    if (!shaped) return IdentifierFault::format;
    return key_fault(check_digits::luhn_holds(finess_digits(text)));
}

IdentifierFault idnst(std::string_view text) { return after_type('1', text, finess); }

IdentifierFault siren(std::string_view text) { return luhn_number(text, 9); }

IdentifierFault siret(std::string_view text) {
    const IdentifierFault fault = luhn_number(text, 14);
    // La Poste has more sites than Luhn leaves numbers for.
    const bool exempted = fault == IdentifierFault::key && text.starts_with(kLaPoste) &&
                          check_digits::digit_sum(text) % 5 == 0;
    return exempted ? IdentifierFault::none : fault;
}

}  // namespace relais::identifier_rules
