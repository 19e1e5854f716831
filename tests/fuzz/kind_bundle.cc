// A kind's bundle that is accepted is named by its digest, has one opening act, ends that can be
// reached, and no difference from itself; its forms load or are refused.
#include <algorithm>

#include "core/crypto/sha256.h"
#include "schemas/compiler/compiler.h"
#include "schemas/forms/form_schema.h"
#include "schemas/workflow/kind.h"
#include "tests/fuzz/target.h"

namespace relais::fuzz {

bool accepts(ByteView input) {
    const auto kind = workflow::Kind::load(input);
    const auto difference = compiler::describe_difference(input, input);
    if (!kind.ok()) return false;
    RELAIS_CHECK(kind->digest == sha256(input));
    RELAIS_CHECK(!kind->opening_acts().empty());
    RELAIS_CHECK(std::ranges::any_of(kind->thread_states, &workflow::State::terminal));
    for (const workflow::Act& act : kind->acts) {
        RELAIS_CHECK(kind->acts[*kind->act(act.name)].name == act.name);
        RELAIS_CHECK(act.form.empty() || kind->form(act.form) != nullptr);
    }
    for (const workflow::Form& form : kind->forms) {
        const auto schema = forms::FormSchema::load(form.schema);
        if (schema.ok()) RELAIS_CHECK(!schema->describe().empty());
    }
    if (difference.ok()) RELAIS_CHECK(difference->empty());
    return true;
}

}  // namespace relais::fuzz
