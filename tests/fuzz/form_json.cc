// A form in JSON that is accepted can be sent: its bytes read back as the same values, which give
// the same bytes. Its findings never quote it.
#include <nlohmann/json.hpp>

#include "schemas/forms/forms.h"
#include "tests/fuzz/kinds.h"
#include "tests/fuzz/target.h"

namespace relais::fuzz {

namespace {

bool accepted_by(const forms::FormSchema& schema, const nlohmann::json& values) {
    constexpr auto kTest = InsEnvironment::test;
    forms::Findings findings;
    const auto normal = forms::check(schema, values, kTest, findings);
    if (!normal.ok()) {
        RELAIS_CHECK(!findings.empty());
        return false;
    }
    forms::Findings ignored;
    RELAIS_CHECK(forms::check(schema, *normal, kTest, ignored).value() == *normal);
    const auto bytes = forms::encode(schema, values, kTest, ignored);
    if (!bytes.ok()) {
        RELAIS_CHECK(bytes.code() == ErrorCode::too_large);
        return true;
    }
    const auto back = forms::decode(schema, *bytes, kTest, ignored);
    RELAIS_CHECK(back.ok() && *back == *normal);
    RELAIS_CHECK(forms::encode(schema, *back, kTest, ignored).value() == *bytes);
    RELAIS_CHECK(forms::render_text(schema, *back).ends_with('\n') || back->empty());
    return true;
}

}  // namespace

bool accepts(ByteView input) {
    const Chosen chosen = chosen_form(input);
    if (chosen.schema == nullptr) return false;
    const auto values = forms::parse_json(as_text(chosen.form));
    return values.ok() && accepted_by(*chosen.schema, *values);
}

}  // namespace relais::fuzz
