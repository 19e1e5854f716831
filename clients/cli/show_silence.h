// show_silence.h: what this station knows of silence in the territory, as JSON and as lines.
#pragma once

#include <nlohmann/json.hpp>

#include "clients/cli/output.h"
#include "clients/station/api/silence.h"

namespace relais::cli {

[[nodiscard]] nlohmann::json silence_json(const station::SilenceReport& report);
// Whatever calls for somebody, each on a line.
void print_silence_alarms(Output& out, const nlohmann::json& silence);

}  // namespace relais::cli
