// publics.h: public fields as declarations and tests write them.
#pragma once

#include <string>

#include "core/base/check.h"
#include "schemas/workflow/public_value.h"

namespace relais::test {

// The value that a text has in its field; stops where it has none.
inline std::int64_t public_value(const workflow::PublicDeclared& field, const std::string& text) {
    const auto value = workflow::read_public(field, text);
    RELAIS_CHECK(value);
    return *value;
}

}  // namespace relais::test
