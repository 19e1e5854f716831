#include "core/identifiers/check_digits.h"

#include <algorithm>
#include <cstddef>

#include "core/base/check.h"

namespace relais::check_digits {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

unsigned value(char c) { return static_cast<unsigned>(c - '0'); }

unsigned luhn_doubled(unsigned digit) { return digit < 5 ? 2 * digit : 2 * digit - 9; }

}  // namespace

bool is_digits(std::string_view text) { return std::ranges::all_of(text, is_digit); }

bool luhn_holds(std::string_view digits) {
    RELAIS_CHECK(is_digits(digits));
    unsigned sum = 0;
    bool doubled = false;
    for (std::size_t i = digits.size(); i-- > 0; doubled = !doubled) {
        sum += doubled ? luhn_doubled(value(digits[i])) : value(digits[i]);
    }
    return sum % 10 == 0;
}

bool ean13_holds(std::string_view digits) {
    RELAIS_CHECK(digits.size() == 13 && is_digits(digits));
    unsigned sum = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        sum += value(digits[i]) * (i % 2 == 0 ? 1 : 3);
    }
    return sum % 10 == 0;
}

bool cip7_holds(std::string_view digits) {
    RELAIS_CHECK(digits.size() == 7 && is_digits(digits));
    unsigned sum = 0;
    for (unsigned i = 0; i < 6; ++i) sum += value(digits[i]) * (i + 2);
    return sum % 11 == value(digits[6]);
}

unsigned key97(std::string_view digits) {
    RELAIS_CHECK(is_digits(digits));
    unsigned remainder = 0;
    for (const char c : digits) remainder = (10 * remainder + value(c)) % 97;
    return 97 - remainder;
}

unsigned digit_sum(std::string_view digits) {
    RELAIS_CHECK(is_digits(digits));
    unsigned sum = 0;
    for (const char c : digits) sum += value(c);
    return sum;
}

}  // namespace relais::check_digits
