// form_context.h: what an act's form is judged by: the territory, and the public fields of the act
// as they are answered. The same for whoever sends and for whoever reads. Pure.
#pragma once

#include <map>
#include <string>

#include "schemas/envelope/header.h"
#include "schemas/forms/context.h"
#include "schemas/workflow/kind.h"

namespace relais::station {

// The public fields that the act declares, answered by `values` (by name, as a draft holds them).
// Requires an act of the kind.
[[nodiscard]] forms::Publics publics_of(const workflow::Kind& kind, const workflow::Act& act,
                                        const std::map<std::string, std::string>& values);

// The same as a signed header answers them; a value that its field does not have is no answer.
[[nodiscard]] forms::Publics publics_of(const workflow::Kind& kind, const workflow::Act& act,
                                        const std::vector<PublicField>& values);

}  // namespace relais::station
