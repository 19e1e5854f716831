// envelope_seal.h: key boxes: the content's key sealed to each mailbox, and grants: an epoch's
// private key sealed to a station or to the recovery key.
#pragma once

#include "clients/station/seal/hpke.h"
#include "schemas/directory/entries.h"
#include "schemas/envelope/envelope.h"

namespace relais::seal {

// HPKE with info = header digest, aad = "<mailbox>\n<epoch>\n<release>": a box opens only where it
// was meant to stand. Errors: malformed  the epoch's key.
Result<KeyBox> seal_box(const Secret& content_key, const Digest& header, std::uint16_t position,
                        const Address& mailbox, EpochNumber epoch, const P256Public& epoch_key,
                        Release release);
// The content's key. Errors: box_unopenable.
Result<Secret> open_box(const KeyBox& box, const Digest& header, const Address& mailbox,
                        const P256Key& epoch_key);

// HPKE with info = "relais/v1/grant", aad = "<mailbox>\n<epoch>\n".
Result<directory::Grant> seal_grant(const P256Key& epoch_key, const Address& mailbox,
                                    EpochNumber epoch, const std::optional<StationId>& station,
                                    const P256Public& grantee);
// Errors: box_unopenable  also where the key inside is not the epoch's.
Result<P256Key> open_grant(const directory::Grant& grant, const Address& mailbox, EpochNumber epoch,
                           const P256Public& epoch_key, const P256Key& grantee);

}  // namespace relais::seal
