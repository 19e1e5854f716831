// rules.h: one function for each kind of identifier, used by identifiers.cc alone. Pure.
// Each takes text that is already normalised (ASCII, upper case, separators dropped) and names the
// first fault it finds. The order is the one a person can act on: length, form, range, key.
#pragma once

#include <string_view>

#include "core/identifiers/identifiers.h"

namespace relais::identifier_rules {

[[nodiscard]] IdentifierFault ins(std::string_view text);
[[nodiscard]] IdentifierFault nir(std::string_view text);
[[nodiscard]] IdentifierFault nia(std::string_view text);
[[nodiscard]] IdentifierFault rpps(std::string_view text);
[[nodiscard]] IdentifierFault idnps(std::string_view text);
[[nodiscard]] IdentifierFault finess(std::string_view text);
[[nodiscard]] IdentifierFault idnst(std::string_view text);
[[nodiscard]] IdentifierFault siren(std::string_view text);
[[nodiscard]] IdentifierFault siret(std::string_view text);
[[nodiscard]] IdentifierFault cip13(std::string_view text);
[[nodiscard]] IdentifierFault ucd13(std::string_view text);
[[nodiscard]] IdentifierFault cip7(std::string_view text);
[[nodiscard]] IdentifierFault cis(std::string_view text);
[[nodiscard]] IdentifierFault atc(std::string_view text);
[[nodiscard]] IdentifierFault cim10(std::string_view text);
[[nodiscard]] IdentifierFault departement(std::string_view text);
[[nodiscard]] IdentifierFault cog(std::string_view text);

// The two characters of a department as NIR, FINESS and COG begin their places: 01 to 99, 2A or 2B.
// Wider than the list of departments: 96 was Tunisia, 97 and 98 are overseas, 99 is abroad.
[[nodiscard]] bool is_territory(std::string_view pair);

// Digits, and not all zeros: zeros satisfy Luhn and the key of a CIP7, and identify nothing.
[[nodiscard]] bool is_number(std::string_view text);

[[nodiscard]] inline IdentifierFault key_fault(bool holds) {
    return holds ? IdentifierFault::none : IdentifierFault::key;
}

}  // namespace relais::identifier_rules
