// anchor.h: what kinds and packs have in common: a station of the anchor organisation signs them,
// once somebody has read what they change. Private to the module.
#pragma once

#include "clients/station/api/registrar.h"
#include "tools/admin/commands.h"

namespace relais::admin {

// Up to date with the broker. Errors: forbidden  the station is of another organisation.
Result<std::unique_ptr<station::Station>> open_anchor(const PublishRequest& request);
// By `--yes`, or an answer on the terminal.
bool confirmed(const PublishRequest& request);

}  // namespace relais::admin
