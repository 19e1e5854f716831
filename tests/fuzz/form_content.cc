// A form as bytes that anyone may have made: what is accepted can be sent again and reads the same;
// reading it unfolds to no more than the budget.
#include <nlohmann/json.hpp>

#include "core/base/limits.h"
#include "schemas/forms/forms.h"
#include "tests/fuzz/kinds.h"
#include "tests/fuzz/target.h"

namespace relais::fuzz {

namespace {

bool accepted_by(const forms::FormSchema& schema, ByteView input) {
    constexpr auto kTest = InsEnvironment::test;
    forms::Findings findings;
    const auto values = forms::decode(schema, input, kTest, findings);
    if (!values.ok()) return false;
    RELAIS_CHECK(values->dump(-1, ' ', false, nlohmann::json::error_handler_t::strict).size() <=
                 16 * limits::kFormBytesMax);
    const auto bytes = forms::encode(schema, *values, kTest, findings);
    RELAIS_CHECK(bytes.ok() || bytes.code() == ErrorCode::too_large);
    if (bytes.ok()) {
        RELAIS_CHECK(forms::decode(schema, *bytes, kTest, findings).value() == *values);
    }
    return true;
}

}  // namespace

bool accepts(ByteView input) {
    const Chosen chosen = chosen_form(input);
    return chosen.schema != nullptr && accepted_by(*chosen.schema, chosen.form);
}

}  // namespace relais::fuzz
