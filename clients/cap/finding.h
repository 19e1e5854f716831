// finding.h: what is wrong with a CAP document, or cannot be kept of it; all of it at once, so that
// its sender is told in one go. Plain values.
#pragma once

#include <string>
#include <vector>

namespace relais::cap {

enum class Severity {
    warning,  // not kept, or not as it stood; said to who imports
    error,    // refused
};

struct Finding {
    Severity severity = Severity::error;
    unsigned line = 0;    // of the document; 0 where none was read
    std::string element;  // "info[2]/area/polygon": names of the standard
    std::string message;  // French; never holds the value
};

using Findings = std::vector<Finding>;

// "ligne 12, info/urgency : valeur inconnue".
[[nodiscard]] std::string text_of(const Finding& finding);
// Null where there is none.
[[nodiscard]] const Finding* first_error(const Findings& findings);

}  // namespace relais::cap
