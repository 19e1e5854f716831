// form_context.h: what an act's form is judged by: the territory, and the public fields of the act
// as they are answered. The same for whoever sends and for whoever reads. Pure.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>

#include "schemas/directory/state.h"
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

// The one person to whose attention an act to these recipients is, as the broker looks them up.
[[nodiscard]] std::optional<forms::Attention> attention_in(
    const directory::DirectoryState& directory, std::span<const Recipient> to, DirectorySize at);

}  // namespace relais::station
