// public_value.h: the values of public fields as drafts write them and as people read them. A
// header has numbers (64 bits, signed); a day is its eight digits: 20261214. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.h"
#include "schemas/workflow/kind.h"

namespace relais::workflow {

// None where the eight digits are no day of the calendar.
[[nodiscard]] std::optional<CivilDay> day_of_digits(std::int64_t digits);

// The value that a draft writes as "true", a code, "12", "2026-12-14" (or 20261214); none where the
// field allows no such value.
[[nodiscard]] std::optional<std::int64_t> read_public(const PublicDeclared& field,
                                                      std::string_view text);
// The other way; empty where the field allows no such value.
[[nodiscard]] std::string write_public(const PublicDeclared& field, std::int64_t value);

// To people, in French: "oui", the label of a code, "12", "14/12/2026"; of a value that the field
// does not allow its digits.
[[nodiscard]] std::string public_label(const PublicDeclared& field, std::int64_t value);

}  // namespace relais::workflow
