// persons.cc: the matricule of a patient, and places of birth.
#include <algorithm>
#include <array>
#include <string>

#include "core/identifiers/check_digits.h"
#include "core/identifiers/rules.h"

namespace relais::identifier_rules {

namespace {

using check_digits::is_digits;

constexpr std::size_t kBodyLength = 13;
constexpr std::size_t kMatriculeLength = kBodyLength + 2;
constexpr std::size_t kMonthAt = 3;
constexpr std::size_t kPlaceAt = 5;

// A month, or 20 to 99 where the civil register gave none; 00 and 13 to 19 were never given out.
bool is_month(std::string_view pair) {
    return is_digits(pair) && pair != "00" && (pair <= "12" || pair >= "20");
}

bool is_shaped(std::string_view text, std::string_view first_digits) {
    return first_digits.find(text[0]) != std::string_view::npos && is_digits(text.substr(1, 2)) &&
           is_month(text.substr(kMonthAt, 2)) && is_territory(text.substr(kPlaceAt, 2)) &&
           is_digits(text.substr(kPlaceAt + 2));
}

// The body with the letter of Corsica made a number, at the place of birth and nowhere else.
std::string numeric_body(std::string_view text) {
    std::string body(text.substr(0, kBodyLength));
    const std::string_view place = text.substr(kPlaceAt, 2);
    if (place == "2A") body.replace(kPlaceAt, 2, "19");
    if (place == "2B") body.replace(kPlaceAt, 2, "18");
    return body;
}

bool key_holds(std::string_view text) {
    const unsigned key = check_digits::key97(numeric_body(text));
    return static_cast<unsigned>(text[13] - '0') * 10 + static_cast<unsigned>(text[14] - '0') ==
           key;
}

IdentifierFault matricule(std::string_view text, std::string_view first_digits) {
    if (text.size() != kMatriculeLength) return IdentifierFault::length;
    if (!is_shaped(text, first_digits)) return IdentifierFault::format;
    return key_fault(key_holds(text));
}

constexpr std::array<std::string_view, 5> kOverseas = {"971", "972", "973", "974", "976"};

bool is_metropolitan(std::string_view text) {
    if (text == "2A" || text == "2B") return true;
    return text.size() == 2 && is_digits(text) && text >= "01" && text <= "95" && text != "20";
}

}  // namespace

bool is_territory(std::string_view pair) {
    return pair == "2A" || pair == "2B" || (pair.size() == 2 && is_digits(pair) && pair != "00");
}

bool is_number(std::string_view text) {
    return is_digits(text) && text.find_first_not_of('0') != std::string_view::npos;
}

IdentifierFault nir(std::string_view text) { return matricule(text, "12"); }

IdentifierFault nia(std::string_view text) { return matricule(text, "78"); }

IdentifierFault ins(std::string_view text) { return matricule(text, "1278"); }

IdentifierFault departement(std::string_view text) {
    const bool overseas = std::ranges::find(kOverseas, text) != kOverseas.end();
    return overseas || is_metropolitan(text) ? IdentifierFault::none : IdentifierFault::unknown;
}

IdentifierFault cog(std::string_view text) {
    const bool shaped =
        text.size() == 5 && is_territory(text.substr(0, 2)) && is_digits(text.substr(2));
    return shaped ? IdentifierFault::none : IdentifierFault::format;
}

}  // namespace relais::identifier_rules
