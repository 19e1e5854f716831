// schema_tree.h: from a binary schema to the tree of fields. Used by form_schema.cc alone. Pure.
#pragma once

#include "schemas/forms/form_schema.h"

namespace relais::forms {

// The root table as a field, with all that it holds. Errors: as FormSchema::load.
[[nodiscard]] Result<Field> schema_tree(ByteView bfbs);

}  // namespace relais::forms
