// register_act.h: whether an entry of a register is one that the signed act beside it sets.
#pragma once

#include <string>

#include "schemas/directory/state.h"
#include "schemas/envelope/header.h"
#include "schemas/workflow/kind.h"

namespace relais::workflow {

// What an act is said to have set.
struct SetEntry {
    std::string name;  // of a register of the kind
    std::string key;
    std::int64_t value;
};

// The act with this header, accepted at `accepted` under the directory as it stood at `at`.
// Errors: act_refused  no such act; evidence_altered  no row of it sets that entry; those of
// check_shape and check_signer.
Result<void> check_set(const directory::DirectoryState& directory, const Kind& kind,
                       const Header& header, DirectorySize at, WallTime accepted,
                       const SetEntry& entry);

}  // namespace relais::workflow
