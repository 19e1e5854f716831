// professions.h: the closed list of professions that each kind of organisation may declare.
//
// Codes of digits are those of the national table TRE_G15 (regulated professions); the others are
// ours, for those who take part without being in that table.
#pragma once

#include <span>
#include <string_view>

#include "schemas/directory/entries.h"

namespace relais::directory {

struct Profession {
    std::string_view code;
    std::string_view label;  // French
    bool regulated;          // has an RPPS; gives rights only when attested
};

[[nodiscard]] std::span<const Profession> professions();
// Null where the code is unknown.
[[nodiscard]] const Profession* find_profession(std::string_view code);
[[nodiscard]] bool profession_allowed(OrganisationKind kind, std::string_view code);

// "hospital", "Établissement de santé".
[[nodiscard]] std::string_view kind_name(OrganisationKind kind);
[[nodiscard]] std::string_view kind_label(OrganisationKind kind);
Result<OrganisationKind> parse_kind(std::string_view name);

}  // namespace relais::directory
