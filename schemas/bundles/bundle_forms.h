// bundle_forms.h: the forms that a kind's bundle brings, held against what the kind declares. Who
// publishes a kind, the broker that is given it and each station that loads it ask the same
// question, whichever compiler made the bundle. Pure; any thread.
#pragma once

#include <map>
#include <string>

#include "schemas/forms/form_schema.h"
#include "schemas/workflow/kind.h"

namespace relais::bundles {

// By name. Errors: those of FormSchema::load; invalid_field  the kind is declared to be without
// patients, and a form has a patient's identity block.
Result<std::map<std::string, forms::FormSchema>> load_forms(const workflow::Kind& kind);

}  // namespace relais::bundles
