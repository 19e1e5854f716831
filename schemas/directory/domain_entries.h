// domain_entries.h: what the domain's entry said before: for what was signed with a key that it
// named then. Pure.
#pragma once

#include "schemas/directory/state.h"

namespace relais::directory {

// Every entry that the domain ever had, the newest first; valid as long as the state is. Cost: a
// step for each entry of the directory.
[[nodiscard]] std::vector<const Domain*> domain_entries(const DirectoryState& state);

}  // namespace relais::directory
