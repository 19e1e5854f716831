// attributes.h: the attributes that schemas/kinds/form.fbs declares, one table of names, of the
// fields that each applies to and of what it sets. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "schemas/forms/form_schema.h"

namespace relais::forms {

// Name and value, in the order of the schema (by name). An attribute without a value has "0".
using Attributes = std::vector<std::pair<std::string, std::string>>;

// Sets what `attributes` say of `field`, whose type, storage and choices are known, and checks that
// it is enough: a label, bounds for a number.
// Errors: bad_configuration  unknown attribute, not for this type, value not understood, label or
//                            bounds missing; the detail names the attribute, not the field.
[[nodiscard]] Result<void> apply_attributes(Field& field, const Attributes& attributes);

// The same for the form itself, which takes a label and nothing else.
[[nodiscard]] Result<void> apply_form_attributes(Field& form, const Attributes& attributes);

// Whether a table has the attribute `identity`, the only one that a table that is not the form
// takes. Errors: bad_configuration  another attribute.
[[nodiscard]] Result<bool> identity_attribute(const Attributes& attributes);

}  // namespace relais::forms
