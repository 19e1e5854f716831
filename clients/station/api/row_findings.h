// row_findings.h: what the rows of an act ask of the draft: values of public fields, somebody by
// name where a register is kept by person, another person than those who have signed. Said before
// sending: the broker would say only that no row fits. One thread.
#pragma once

#include "clients/station/api/draft.h"

namespace relais::station {

// Whether a row of the draft's acts must read or set a register under the person to whose attention
// the act is, and the draft names nobody. Registers then say nothing of it that is the reason.
[[nodiscard]] bool lacks_attention(const workflow::Kind& kind, const Draft& draft);

// Errors for who fills it in; send_draft leaves them to the broker. missing_field  nobody is named;
// invalid_field  the value of a public field that no row of the act takes beside the others that
// are given, with those that are taken.
[[nodiscard]] std::vector<DraftFinding> row_findings(const workflow::Kind& kind,
                                                     const Draft& draft);

// An error where the act lacks a person though `signer` signs it, as its opener's mailbox sees the
// case; parties do not see who else has signed. Errors: those of view_thread.
Result<std::vector<DraftFinding>> signer_findings(Station& station, const Draft& draft,
                                                  const PersonId& signer);

}  // namespace relais::station
