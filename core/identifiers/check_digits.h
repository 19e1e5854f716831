// check_digits.h: the arithmetic of control keys, apart from what the identifiers mean. Pure.
// Every function takes ASCII digits only; the rules (rules.h) check the shape before they ask.
#pragma once

#include <string_view>

namespace relais::check_digits {

// '0' to '9' only: a full-width, Arabic or superscript digit is several bytes, none of them a
// digit.
[[nodiscard]] bool is_digits(std::string_view text);

// The last digit is the Luhn key of those before it (ISO/IEC 7812-1 annex B). Catches every wrong
// digit and every transposition of neighbours but 09 and 90. All zeros satisfy it.
[[nodiscard]] bool luhn_holds(std::string_view digits);

// The thirteenth digit is the EAN-13 key of the twelve before it (GS1: weights 1 and 3).
[[nodiscard]] bool ean13_holds(std::string_view digits);

// The seventh digit is the sum of the six before it, weighted 2 to 7, modulo 11. A remainder of ten
// has no digit: such a body has no valid key.
[[nodiscard]] bool cip7_holds(std::string_view digits);

// 97 - (body modulo 97): 1 to 97, never 0.
[[nodiscard]] unsigned key97(std::string_view digits);

[[nodiscard]] unsigned digit_sum(std::string_view digits);

}  // namespace relais::check_digits
