// message.h: a CAP 1.2 message, as XML and as JSON, and the rules that the schema cannot say. JSON
// of a message: an object whose members have the names of the elements; a group is an object, an
// element that may be repeated is an array, any other text. What is empty is left out. Times,
// choices, references and lists are texts as the standard writes them. Pure; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "clients/cap/finding.h"
#include "core/base/bytes.h"
#include "core/base/result.h"

namespace relais::cap {

// Reads a document that may come from anyone. `findings` receives all that is wrong and, as
// warnings, what stands outside of the message (a signature, which is not verified here).
// Errors: those of parse_xml (xml.h); unsupported_version  of another version of CAP;
//         invalid_field  the first finding that is an error, as the detail.
Result<nlohmann::json> read_message(ByteView bytes, Findings& findings);

// The document: UTF-8, indented, valid against the schema of CAP 1.2. The same message gives the
// same bytes. Errors: invalid_field  as above, without lines.
Result<std::string> write_message(const nlohmann::json& message, Findings& findings);

// What the standard asks beyond its schema: references of what updates or cancels, the restriction
// of what is restricted, the addresses of what is private. Requires the types of a message.
void check_rules(const nlohmann::json& message, Findings& findings);

// The text of an element of a group; empty where it has none.
[[nodiscard]] std::string text_in(const nlohmann::json& group, const char* element);

}  // namespace relais::cap
