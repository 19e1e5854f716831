// compose.h: from a draft to envelopes in the outbox: forms encoded, padded, sealed to each
// mailbox, all signed at once by the person. What is queued is sent when there is a connection, in
// order.
#pragma once

#include "clients/station/api/draft.h"
#include "schemas/workflow/delegation.h"

namespace relais::station {

// Who signs: a person of this station with the key, unlocked.
struct SigningPerson {
    PersonId id;
    P256Key key;
};
// Errors: not_on_station; not_here, wrong_passphrase.
Result<SigningPerson> unlock_person(Station& station, const PersonId& person,
                                    const Secret& passphrase);

// Queues the draft's envelopes durably and removes the draft, together. Their ids, in order.
// Errors: invalid_field and the like, where check_draft finds errors; role_refused, not_attested,
// no_mandate and the others of check_signer, before anything is queued; too_large.
Result<std::vector<MessageId>> send_draft(Station& station, const Draft& draft,
                                          SigningPerson& person);

// Whom the draft's acts reach besides, in the place of recipients that are or will be away.
[[nodiscard]] std::vector<workflow::Delegate> draft_delegates(Station& station, const Draft& draft);

// Queues "opened" or "taken in charge" for a received message. Errors: unknown_object.
Result<void> mark_message(Station& station, const StoredEntry& entry, Word word,
                          SigningPerson& person);

}  // namespace relais::station
