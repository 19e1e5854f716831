// identity_rule.h: whether an identity block may carry the matricule it holds. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "core/identifiers/ins_transmission.h"
#include "schemas/forms/form_schema.h"

namespace relais::forms {

struct IdentityRefusal {
    std::string field;    // the matricule's, or the OID's where it stands alone
    std::string message;  // French
};

// Requires a field that is an identity block, and its values normalised. A matricule needs a
// qualified status, an INS OID of the environment and of such numbers, and the five traits; an OID
// without matricule, its environment.
[[nodiscard]] std::optional<IdentityRefusal> identity_refusal(const Field& block,
                                                              const nlohmann::json& values,
                                                              InsEnvironment environment);

}  // namespace relais::forms
