// fixture.h: forms for tests, compiled from text, and one form that holds a field of every type.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/base/bytes.h"
#include "schemas/forms/forms.h"

namespace relais::forms {

inline constexpr auto kTest = InsEnvironment::test;

// The binary schema of a source that may include the files of schemas/kinds. What the source lacks
// (include, namespace, root_type Form) is put around it. Stops the test where it does not parse.
[[nodiscard]] Bytes schema_of(const std::string& source);

// The same as `source` is, with nothing put around it.
[[nodiscard]] Bytes schema_of_file(const std::string& source);

// A form with a field of every type and every attribute, in the table `Form`.
[[nodiscard]] const std::string& everything_source();
[[nodiscard]] const FormSchema& everything();
// Values that fill every field of everything(), without a finding.
[[nodiscard]] nlohmann::json everything_values();

// A form that is a patient's identity and a note: `patient`, `note`.
[[nodiscard]] const FormSchema& with_identity();
[[nodiscard]] nlohmann::json identity_values();

// "path code severity" of each finding, by line.
[[nodiscard]] std::string shown(const Findings& findings);

}  // namespace relais::forms
