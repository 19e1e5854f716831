// checker.h: the rules of forms, applied to values in JSON. Used by encoding and by decoding. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "schemas/forms/context.h"
#include "schemas/forms/findings.h"
#include "schemas/forms/form_schema.h"

namespace relais::forms {

// `values` normalised (forms.h), without what is refused; why, in `findings`, which is empty
// before.
[[nodiscard]] nlohmann::json check_values(const Field& form, const nlohmann::json& values,
                                          const Context& context, Findings& findings);

[[nodiscard]] const Finding* first_error(const Findings& findings);

}  // namespace relais::forms
