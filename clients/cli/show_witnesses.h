// show_witnesses.h: what this station knows of witnesses and of contradictions, as JSON and as
// lines.
#pragma once

#include <nlohmann/json.hpp>

#include "clients/cli/output.h"
#include "clients/station/api/heads.h"

namespace relais::cli {

// Online, the heads are fetched and checked first, and so are the acceptances of a bounded number
// of messages. A contradiction is no error here: it is kept, and shown.
Result<nlohmann::json> witnesses_json(station::Station& station, bool online);
void print_witnesses(Output& out, const nlohmann::json& shown);

}  // namespace relais::cli
