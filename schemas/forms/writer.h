// writer.h: normalised values as a FlatBuffer. Used by encode() alone. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/base/bytes.h"
#include "schemas/forms/form_schema.h"

namespace relais::forms {

// Requires values that check_values() returned without an error. The same values give the same
// bytes: no string or vtable depends on an address, a table's fields stand by falling size, then by
// slot.
[[nodiscard]] Bytes write_values(const Field& form, const nlohmann::json& values);

}  // namespace relais::forms
