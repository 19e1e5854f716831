// publics.h: public fields as declarations and tests write them.
#pragma once

#include <algorithm>
#include <string>

#include "core/base/check.h"
#include "schemas/workflow/kind.h"

namespace relais::test {

// The value that a code, a truth value or a number has in its field; stops where it has none.
inline std::int64_t public_value(const workflow::PublicDeclared& field, const std::string& text) {
    if (field.type == workflow::PublicType::integer) return std::stoll(text);
    if (field.type == workflow::PublicType::boolean) return text == "true" ? 1 : 0;
    const auto value = std::ranges::find(field.values, text, &workflow::PublicValue::code);
    RELAIS_CHECK(value != field.values.end());
    return value->value;
}

}  // namespace relais::test
