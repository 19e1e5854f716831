// fill.h: a form filled at the terminal, field by field, from what the form itself says: label,
// help, example, choices, bounds. No form is known here by name. What is wrong is said at its field
// and asked again. One thread.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "clients/cli/dialogue.h"
#include "schemas/forms/forms.h"
#include "schemas/workflow/kind.h"

namespace relais::cli {

// A code of a list and its label, for a person who types words.
struct CodeFound {
    std::string code;
    std::string label;
};
// Those of the list that the words mean, a few at most.
using CodeSearch =
    std::function<std::vector<CodeFound>(const std::string& list, const std::string& words)>;

// The values of a whole form without an error left; what the answers so far make pointless is not
// asked. Where a field has a list and `search` is given, words stand for the one code that they
// mean; of several, it shows them and asks again. Of what `begun` holds each field, a table or list
// as a whole, is shown and asked only where it is not to be kept. Errors: usage  the person ended
// the input.
Result<nlohmann::json> ask_form(Dialogue& dialogue, const forms::FormSchema& schema,
                                const forms::Context& context, const CodeSearch& search = {},
                                nlohmann::json begun = {});

// Adds to `values` the public fields of an act that are not there, as a draft holds them.
// Errors: as above.
Result<void> ask_publics(Dialogue& dialogue, const workflow::Kind& kind, const workflow::Act& act,
                         std::map<std::string, std::string>& values);

// What was typed for a field of one value, as JSON: numbers with a comma and, if one likes, their
// unit; dates as 22/11/2026, times as 22/11/2026 14:30 in the local zone. Errors: invalid_field not
// of the field's type; the detail is French.
Result<nlohmann::json> typed_value(const forms::Field& field, const std::string& typed);

// "allergies.items[2].substance" as a JSON pointer. Requires a path of a finding.
[[nodiscard]] nlohmann::json::json_pointer pointer_of(const std::string& path);

}  // namespace relais::cli
