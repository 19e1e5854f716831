// forms.h: filled forms, as JSON and as bytes. Encoding and decoding keep the same rules, so that
// what one station sends is what another accepts. Pure functions of their arguments; any thread.
//
// JSON of a form: an object with a member for each answered field, by its name; choices by their
// name, dates and identifiers as text, lists as arrays. An empty text, null, an empty array or an
// object without an answer is the same as no member. *Normalised* JSON has no such members; its
// texts have no space at either end, its lines end with a line feed, its identifiers are written
// their one way. decode(encode(values)) is the normalised form of `values`.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "schemas/forms/context.h"
#include "schemas/forms/findings.h"
#include "schemas/forms/form_schema.h"

namespace relais::forms {

// JSON text as a value: no member twice in an object, valid UTF-8, no comment.
// Errors: malformed  with the place, never the text; too_large  above limits::kFormBytesMax.
[[nodiscard]] Result<nlohmann::json> parse_json(std::string_view text);

// Judges `values` and returns them normalised. Appends to `findings` everything found, in the order
// of the fields, limits::kFormFindingsMax at most. Errors: the code of the first finding that is an
// error; the detail is its path.
[[nodiscard]] Result<nlohmann::json> check(const FormSchema& schema, const nlohmann::json& values,
                                           const Context& context, Findings& findings);

// The FlatBuffer of `values`: check(), then encoding. The same values give the same bytes.
// Errors: as check(); too_large  the buffer is above limits::kFormBytesMax.
[[nodiscard]] Result<Bytes> encode(const FormSchema& schema, const nlohmann::json& values,
                                   const Context& context, Findings& findings);

// The normalised values in `bytes`, which may come from anyone: every offset is checked before it
// is followed, every visit is counted. `findings` receives warnings, and the reasons of a
// form_invalid. Errors: too_large     above limits::kFormBytesMax.
//         malformed     not a FlatBuffer of this form; the detail is the path.
//         over_budget   would unfold to more than limits::kFormElementsMax or kFormBytesMax.
//         form_invalid  breaks a rule that check() keeps, or holds what the schema does not
//         declare;
//                       the detail is the path.
[[nodiscard]] Result<nlohmann::json> decode(const FormSchema& schema, ByteView bytes,
                                            const Context& context, Findings& findings);

// Lines for people, in French, ending with a line feed: "Label : valeur", nested tables indented,
// choices by their label. Lines of a text of several are marked "|", so that a text cannot pass for
// a field. Requires normalised values; what is not of its field's type is left out.
[[nodiscard]] std::string render_text(const FormSchema& schema, const nlohmann::json& values);

// What to fill, for a person or a program that writes JSON: title and fields with their paths,
// labels, help, types, bounds, units, conditions and admitted values, nested as they are in the
// form. `publics` are those of the act that the form is for, where it is for one.
[[nodiscard]] nlohmann::json describe_json(const FormSchema& schema, const Publics& publics = {});

}  // namespace relais::forms
