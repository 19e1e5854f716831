// information.h: what a patient is told of a kind of exchange, on paper, from what the kind
// declares: what is shared, who sends and reads it, on what basis, for how long, and whom to ask.
// Pure.
#pragma once

#include "clients/station/print/paper.h"
#include "clients/station/sync/kind_shelf.h"

namespace relais::print {

// Who answers for it, as the patient reads it; what is empty is printed as a line to be filled.
struct Responsible {
    std::string organisation;
    std::string contact;  // whom to ask for access, correction, opposition
    std::string dpo;      // the data protection officer
};

// Errors: not_found  the kind carries nothing of a patient.
[[nodiscard]] Result<Paper> information_of(const station::LoadedKind& kind,
                                           const Responsible& responsible);

}  // namespace relais::print
