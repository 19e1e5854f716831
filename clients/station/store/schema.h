// schema.h: the tables of a station, version by version.
#pragma once

#include <vector>

#include "core/database/database.h"

namespace relais::station {

[[nodiscard]] std::vector<Migration> station_migrations();

}  // namespace relais::station
