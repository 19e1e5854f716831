// register_act.h: what signed acts set in registers: whether an entry is one that the act beside it
// sets, and which of two acts about one key was said last.
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

// An act that sets an entry, accepted at `accepted` under the directory as it stood at `at`.
struct SettingAct {
    const Header& header;
    DirectorySize at;
    WallTime accepted;
};

// Whether `act`, about to be accepted, was signed before `standing`, which set the same key: by the
// same person, or for the same organisation. The time of a header is its station's word, so it is
// heard only against its own: of an act that comes within limits::kClockStepTolerated of it, whose
// clock may just be slow, never; and one that stands counts as signed when it was accepted at the
// latest, so that a fast clock shuts nothing.
[[nodiscard]] bool was_said_before(const directory::DirectoryState& directory,
                                   const SettingAct& act, const SettingAct& standing);

}  // namespace relais::workflow
