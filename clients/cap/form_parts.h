// form_parts.h: what the forms of an alert and of a cancellation share: the members of the element
// `alert` that are not its `info`. Private to clients/cap.
#pragma once

#include <nlohmann/json.hpp>

#include "clients/cap/alert_form.h"

namespace relais::cap {

// Members of `exchange` and `origin`, as elements of `alert`. Errors: invalid_field.
Result<void> put_envelope(const Envelope& envelope, const nlohmann::json& form,
                          nlohmann::json& message);
// And back. `note` is left to the caller: a cancellation says its reason in it.
void take_envelope(const nlohmann::json& message, nlohmann::json& form);

// Sets a text that has something to say, on one line.
void put_line(nlohmann::json& form, const char* pointer, const std::string& text);
void put_lines(nlohmann::json& form, const char* pointer, const std::string& text);

// The text at a place of a form; empty where there is none.
[[nodiscard]] std::string text_at(const nlohmann::json& form, const char* pointer);
// The member of an object, or null.
[[nodiscard]] const nlohmann::json& member(const nlohmann::json& object, const char* name);

void warn(Findings& findings, std::string element, std::string message);

// The `info` of an alert, and its form. Errors: invalid_field.
Result<nlohmann::json> info_of(const Envelope& envelope, const nlohmann::json& form,
                               Findings& findings);
void take_info(const nlohmann::json& info, nlohmann::json& form, Findings& findings);

}  // namespace relais::cap
