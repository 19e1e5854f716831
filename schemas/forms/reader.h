// reader.h: the values in a FlatBuffer that comes from anyone. Used by decode() alone. Pure.
//
// One walk checks each offset, then follows it, and counts each visit: a buffer that points to the
// same table many times over costs what it would print, and is refused for it. The library's own
// reflection-driven verifier is not used: in version 2.0.8 it follows the offset of a nested table
// before it has checked that the offset itself lies in the buffer, and reads outside it.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "schemas/forms/findings.h"
#include "schemas/forms/form_schema.h"

namespace relais::forms {

// Values as they stand, not judged yet: texts may be any bytes.
// Errors: malformed     an offset, a length or an alignment is wrong; the detail is the path.
//         over_budget   more elements or bytes than a form may unfold to.
//         form_invalid  a field that is not declared, a boolean that is neither, a choice that is
//         not
//                       listed; `findings` says it.
[[nodiscard]] Result<nlohmann::json> read_values(const Field& form, ByteView bytes,
                                                 Findings& findings);

}  // namespace relais::forms
