// receipt.h: whether a notice of the broker proves that a message was delivered, opened or taken in
// a mailbox: by the signed statement of one of its stations, which the notice embeds. Pure.
#pragma once

#include "core/base/ports.h"
#include "schemas/directory/state.h"
#include "schemas/envelope/notice.h"

namespace relais::workflow {

// `header`: the digest of the message's header. Errors: proof_invalid  it is about another message,
// or not from a station of that mailbox; bad_signature; malformed.
Result<void> check_receipt(const directory::DirectoryState& directory, const Verifier& verifier,
                           const Notice& notice, const MessageId& message, const Digest& header);

}  // namespace relais::workflow
