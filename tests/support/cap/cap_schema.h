// cap_schema.h: what the XML schema of CAP 1.2 (clients/cap/cap-1.2.xsd), or another one, says of a
// document: the verdict of a stock validator, beside our own. One thread.
#pragma once

#include <string>

namespace relais::test {

// Empty where the document is valid; otherwise what is wrong, the validator's words.
[[nodiscard]] std::string schema_objection(const std::string& document);

}  // namespace relais::test
