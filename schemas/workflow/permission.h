// permission.h: whether a header is one that its kind allows: its public fields, lane and delays,
// and who signs. The broker asks before it accepts, the reader again before it opens.
#pragma once

#include <set>

#include "schemas/directory/state.h"
#include "schemas/envelope/header.h"
#include "schemas/workflow/decide.h"

namespace relais::workflow {

// Errors: attachment_refused  none allowed, or more bytes than the act declares; lane_refused;
// public_field_refused  not of this act, out of its values, or a mandatory one
//         missing; duration_refused; agreement_missing.
Result<void> check_shape(const Kind& kind, const Act& act, const Header& header);

// That the person who signs is of the sender's organisation and station, holds one of the act's
// roles, or a mandate of one who does, as the directory stood at `at`; `when` judges a mandate's
// end. Errors: unknown_key  the station; not_your_mailbox, unknown_person, not_on_station,
// suspended;
//         role_refused; not_attested; no_mandate.
Result<void> check_signer(const directory::DirectoryState& directory, const Kind& kind,
                          const Act& act, const Header& header, DirectorySize at, WallTime when);

// Whom an act of `from` to these parties must reach besides, should nobody answer: the fallbacks
// that their units declare, where they take the kind, as the directory stood at `at`. None for an
// act that asks for none.
[[nodiscard]] std::set<Address> required_fallbacks(const directory::DirectoryState& directory,
                                                   const Kind& kind, const Act& act,
                                                   const Address& from,
                                                   const std::vector<Address>& parties,
                                                   DirectorySize at);

// What the table needs to know of an act whose header is `digest`, accepted at `accepted` under the
// directory as it stood at `at`. Requires that check_signer accepts it.
[[nodiscard]] ActInput act_input(const directory::DirectoryState& directory, const Kind& kind,
                                 ActIndex act, const Header& header, const Digest& digest,
                                 DirectorySize at, WallTime accepted);

}  // namespace relais::workflow
