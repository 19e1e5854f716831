#include "clients/station/api/proofs.h"

#include <ranges>

#include "clients/station/api/heads.h"
#include "clients/station/seal/content.h"
#include "clients/station/seal/envelope_seal.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/proof_file.h"
#include "core/merkle/tree.h"
#include "schemas/audit/leaf.h"
#include "schemas/audit/proof_extra.h"
#include "schemas/witness/witness.h"

namespace relais::station {

namespace {

Result<void> check_leaf(const ProvableMessage& message, ByteView bytes) {
    RELAIS_ASSIGN(const Leaf leaf, parse_leaf(bytes));
    const Digest digest = header_digest(message.header.bytes);
    if (leaf.event != Event::submitted || leaf.code != ErrorCode::ok || leaf.header != digest ||
        leaf.message != message.message) {
        return fail(ErrorCode::proof_invalid, "the leaf is about something else");
    }
    const Accepted& said = message.accepted;
    if (leaf.directory_size != said.directory_size || leaf.time != said.time) {
        return fail(ErrorCode::proof_invalid, "the leaf records another directory or time");
    }
    return {};
}

}  // namespace

Result<ProvableMessage> provable_message(Station& station, const MessageId& message) {
    RELAIS_ASSIGN(const auto entries, station.store().entries_of_message(message));
    // The last: after a restore of the broker it names the leaf that the log has now.
    for (const StoredEntry& entry : std::views::reverse(entries)) {
        if (const auto* envelope = std::get_if<EnvelopeEntry>(&entry.delivery.entry)) {
            return ProvableMessage{message, envelope->header, envelope->accepted};
        }
    }
    RELAIS_ASSIGN(const auto outgoing, station.store().outgoing(message));
    if (!outgoing) return fail(ErrorCode::unknown_object, "message");
    if (!outgoing->receipt) return fail(ErrorCode::not_yet_proven, "not accepted yet");
    RELAIS_ASSIGN(const Envelope envelope, Envelope::parse(outgoing->envelope));
    return ProvableMessage{message, envelope.signed_header(), outgoing->receipt->accepted};
}

Result<Secret> signed_content(Station& station, const EnvelopeEntry& entry,
                              const Address& mailbox) {
    RELAIS_ASSIGN(const Opened opened,
                  station.judge().open(entry, mailbox));  // valid, first of all
    RELAIS_ASSIGN(const P256Key epoch, station.keyring().get(mailbox, entry.box.epoch));
    RELAIS_ASSIGN(const Secret key, seal::open_box(entry.box, opened.digest, mailbox, epoch));
    return seal::decrypt_padded(key, opened.digest, entry.content, opened.header.content_digest);
}

Result<std::string> fetch_proof(Station& station, const ProvableMessage& message) {
    RELAIS_ASSIGN(const wire::Body body,
                  station.ask(wire::FetchProof{message.accepted.leaf, message.accepted.leaf_hash},
                              kAnswerPatience));
    const auto* proof = std::get_if<wire::Proof>(&body);
    if (proof == nullptr) return fail(ErrorCode::malformed, "answer to FetchProof");
    RELAIS_TRY(check_leaf(message, proof->leaf));
    RELAIS_ASSIGN(const merkle::LogTrust trust,
                  witness::log_trust(station.directory(), wire::LogName::audit, proof->checkpoint));
    merkle::ProofFile file{encode_proof_extra({proof->leaf, message.header}), proof->index.value,
                           proof->hashes, proof->checkpoint};
    RELAIS_ASSIGN(const auto verified,
                  merkle::verify_proof(file, message.accepted.leaf_hash, trust));
    RELAIS_TRY(check_of_log(station, wire::LogName::audit, verified));
    return merkle::format_proof(file);
}

}  // namespace relais::station
