// findings.h: what is wrong, or doubtful, in a form as filled or as received; all of it at once, so
// that a form is corrected in one go. Plain values.
#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"

namespace relais::forms {

enum class Severity : std::uint8_t {
    warning,      // kept, and shown
    error,        // the form cannot be sent, or is refused
    information,  // nothing is wrong: worth knowing
};

struct Finding {
    std::string path;  // "patient.birth_date", "allergies.items[2].substance"
    ErrorCode code;    // unknown_field, missing_field, invalid_field, bad_identifier,
                       // identity_refused or over_budget
    Severity severity;
    std::string message;  // French, for the professional; never holds the value
};

using Findings = std::vector<Finding>;

}  // namespace relais::forms
