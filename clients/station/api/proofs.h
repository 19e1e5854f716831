// proofs.h: proof that the broker accepted a message: its leaf in the audit log, proven against a
// signed head, in a file that anyone can check without Relais (C2SP tlog-proof) and relais-audit
// explains.
#pragma once

#include "clients/station/api/station.h"

namespace relais::station {

// A message of this station, sent or received, with what the broker said when it accepted it.
struct ProvableMessage {
    MessageId message;
    SignedHeader header;
    Accepted accepted;
};
// Errors: unknown_object  no such message here; not_yet_proven  it has not been accepted.
Result<ProvableMessage> provable_message(Station& station, const MessageId& message);

// The padded content of a message of `mailbox`, whose SHA-256 the signed header holds: given with
// the header, it shows what was signed. Errors: those of Judge::open.
Result<Secret> signed_content(Station& station, const EnvelopeEntry& entry, const Address& mailbox);

// The proof file's text. Asks the broker; checks that the leaf is about this message, that the head
// is signed by the domain's key and continues the last head this station saw of that log. Errors:
// not_yet_proven  in a few seconds; proof_invalid, inconsistent_log  proof of misbehaviour: the
// heads are kept; unreachable.
Result<std::string> fetch_proof(Station& station, const ProvableMessage& message);

}  // namespace relais::station
