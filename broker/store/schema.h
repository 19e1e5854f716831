// schema.h: the tables of a domain, version by version.
#pragma once

#include <vector>

#include "core/database/database.h"

namespace relais::broker {

// Migration n brings version n to n + 1; they are never changed once released.
[[nodiscard]] std::vector<Migration> store_migrations();

}  // namespace relais::broker
