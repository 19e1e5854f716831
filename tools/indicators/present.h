// present.h: figures for people, in French, and for programs. Pure; any thread.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "tools/indicators/report.h"

namespace relais::indicators {

// A table a month, in French. `domain` heads it.
[[nodiscard]] std::string text_of(const Report& report, const std::string& domain);

// RFC 4180, but for its fields, which semicolons part, as spreadsheets in French expect: a line for
// each total, then for each value of its breakdown. What is hidden is empty, and says so.
[[nodiscard]] std::string csv_of(const Report& report);

// What is hidden is null, with "hidden": true.
[[nodiscard]] nlohmann::json json_of(const Report& report, const std::string& domain);

// What each figure counts, and what holds for all of them, in French. Months are not looked at.
[[nodiscard]] std::string definitions_of(const Report& report);
// The same as an object: the rules, and each figure's kind, name, label, definition, measure, by.
[[nodiscard]] nlohmann::json definitions_json(const Report& report);

}  // namespace relais::indicators
