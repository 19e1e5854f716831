// fixture.h: CAP documents for tests, and the forms of the kind of exchange that carries alerts.
#pragma once

#include <nlohmann/json.hpp>

#include "clients/cap/alert_form.h"
#include "clients/cap/message.h"
#include "schemas/forms/forms.h"

namespace relais::cap {

// A document that fills every element of CAP 1.2 once at least, some twice, in French.
[[nodiscard]] const std::string& full_document();
// The least that is a message for people.
[[nodiscard]] const std::string& small_document();

// `document` with the first `what` replaced. Stops the test where it is not there.
[[nodiscard]] std::string with(std::string document, const std::string& what,
                               const std::string& by);

struct Read {
    Result<nlohmann::json> message;
    Findings findings;
};
[[nodiscard]] Read read(const std::string& document);
// "ligne 3, status : ..." of each finding, by line.
[[nodiscard]] std::string shown(const Findings& findings);

// The form of a source of schemas/kinds/alert: "alert.fbs".
[[nodiscard]] const forms::FormSchema& form(const std::string& file);
// An example form of the kind: "alert-extreme".
[[nodiscard]] nlohmann::json example(const std::string& act);

[[nodiscard]] Envelope envelope(const std::string& type);

}  // namespace relais::cap
