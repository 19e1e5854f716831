// watched.h: what reference packs say of what kinds declare about them (schemas/references): acts
// to prepare where a register does not stand as a pack says it should, and what a draft says that a
// pack does not.
#pragma once

#include "clients/station/api/draft.h"

namespace relais::station {

// An act that is due, unsigned.
struct WatchedTurn {
    Draft draft;
    std::string entry;  // of the register: its key
    std::string why;    // French
};

// By what this station wrote, what the registers hold now and what the packs in force say, or the
// last day of the text; in the order of kinds and entries. What was closed for another reason than
// the pack's is not reopened. Errors: those of read_register and of this machine.
Result<std::vector<WatchedTurn>> watched_turns(Station& station,
                                               std::chrono::milliseconds patience);

// Keeps those as drafts that no draft here has prepared already, and returns them.
Result<std::vector<WatchedTurn>> keep_turns(Station& station, std::vector<WatchedTurn> turns);

// Warnings where a public field of the draft is not what the pack says of the code in its form, or
// where it closes or reopens an entry for what no pack says now; errors where it names an entry
// that the last form of its case does not list.
Result<std::vector<DraftFinding>> listed_findings(Station& station, const Draft& draft);

}  // namespace relais::station
