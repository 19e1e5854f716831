#include "schemas/forms/identity_rule.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace relais::forms {

namespace {

using nlohmann::json;

const Field& playing(const Field& block, Trait trait) {
    const auto found = std::ranges::find(block.fields, trait, &Field::trait);
    RELAIS_CHECK(found != block.fields.end());
    return *found;
}

bool holds(const Field& block, const json& values, Trait trait) {
    return values.contains(playing(block, trait).name);
}

std::string text_of(const Field& block, const json& values, Trait trait) {
    const auto found = values.find(playing(block, trait).name);
    return found == values.end() ? std::string() : found->get<std::string>();
}

// Refers to both texts.
InsClaim claim_of(const Field& block, const json& values, const std::string& oid,
                  const std::string& matricule, InsEnvironment environment) {
    // A status that is missing or refused has its own finding.
    const auto status = identity_status(text_of(block, values, Trait::status));
    return {.status = status.value_or(IdentityStatus::provisional),
            .oid = oid,
            .environment = environment,
            .traits = {.birth_name = holds(block, values, Trait::birth_name),
                       .birth_given_names = holds(block, values, Trait::birth_given_names),
                       .birth_date = holds(block, values, Trait::birth_date),
                       .sex = holds(block, values, Trait::sex),
                       .birth_place = holds(block, values, Trait::birth_place)},
            .matricule = matricule};
}

}  // namespace

std::optional<IdentityRefusal> identity_refusal(const Field& block, const json& values,
                                                InsEnvironment environment) {
    const std::string oid = text_of(block, values, Trait::oid);
    const bool holds_one = holds(block, values, Trait::matricule);
    if (!holds_one && oid.empty()) return std::nullopt;
    const std::string matricule = text_of(block, values, Trait::matricule);
    const InsRefusal refusal =
        holds_one ? ins_refusal(claim_of(block, values, oid, matricule, environment))
                  : ins_oid_refusal(oid, environment);
    if (refusal == InsRefusal::none) return std::nullopt;
    const Trait at = holds_one ? Trait::matricule : Trait::oid;
    return IdentityRefusal{playing(block, at).name, std::string(ins_refusal_message(refusal))};
}

}  // namespace relais::forms
