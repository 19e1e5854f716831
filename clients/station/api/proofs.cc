#include "clients/station/api/proofs.h"

#include <ranges>

#include "clients/station/seal/content.h"
#include "clients/station/seal/envelope_seal.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/proof_file.h"
#include "core/merkle/tree.h"
#include "schemas/audit/leaf.h"
#include "schemas/audit/proof_extra.h"

namespace relais::station {

namespace {

constexpr std::chrono::seconds kPatience{15};
constexpr const char* kAuditHead = "audit_checkpoint";
constexpr const char* kContradiction = "audit_contradiction";

// The log's name of a note: `<domain>/audit`, or that with an addition since a restore.
Result<std::string> origin_of(const Station& station, std::string_view note) {
    std::string origin(note.substr(0, note.find('\n')));
    const std::string base = station.identity().domain.text() + "/audit";
    if (origin != base && !origin.starts_with(base + "/")) {
        return fail(ErrorCode::note_invalid, "another log: " + origin);
    }
    return origin;
}

Result<merkle::LogTrust> audit_trust(Station& station, std::string_view note) {
    const directory::Domain* domain = station.directory().domain();
    RELAIS_ASSIGN(const std::string origin, origin_of(station, note));
    RELAIS_ASSIGN(auto key, merkle::VerifierKey::make(origin, merkle::NoteKeyType::ed25519,
                                                      domain->audit_log));
    return merkle::LogTrust{origin, key};
}

Error contradiction(Station& station, const std::string& before, const std::string& later) {
    (void)station.store().set_value(kContradiction, as_bytes(before + "\n" + later)).ok();
    return fail(ErrorCode::inconsistent_log, "audit");
}

// The leaf by which a restored broker's log took its present name, proven under that name.
Result<Leaf> restored_leaf(Station& station, const merkle::LogTrust& trust) {
    // Asked anew: a head that this station offered may have been cited since the session began.
    RELAIS_ASSIGN(const wire::Body greeting,
                  station.ask(wire::Hello{wire::kProtocolVersion, "relais-station " RELAIS_VERSION},
                              kPatience));
    const auto* welcome = std::get_if<wire::Welcome>(&greeting);
    if (welcome == nullptr || !welcome->restored || welcome->restored->origin != trust.origin) {
        return fail(ErrorCode::inconsistent_log, "another name, and no restore is told");
    }
    const wire::Restored& restored = *welcome->restored;
    RELAIS_ASSIGN(const wire::Body body,
                  station.ask(wire::FetchProof{restored.leaf, restored.leaf_hash}, kPatience));
    const auto* proof = std::get_if<wire::Proof>(&body);
    if (proof == nullptr) return fail(ErrorCode::malformed, "answer to FetchProof");
    RELAIS_ASSIGN(const auto head, merkle::verify_checkpoint(proof->checkpoint, trust));
    RELAIS_TRY(merkle::verify_inclusion(merkle::leaf_hash(proof->leaf), proof->index.value,
                                        head.head().size, proof->hashes, head.head().root));
    RELAIS_ASSIGN(Leaf leaf, parse_leaf(proof->leaf));
    if (leaf.event != Event::restored || leaf.subject != trust.origin) {
        return fail(ErrorCode::inconsistent_log, "the leaf tells of no restore");
    }
    return leaf;
}

// The log was lost beyond the backup, and says so: a head seen before is either within the backup,
// and continued, or not beyond the last that is cited as lost.
Result<void> check_restored(Station& station, const std::string& before,
                            const merkle::VerifiedCheckpoint& head, const merkle::LogTrust& trust) {
    RELAIS_ASSIGN(const merkle::LogTrust former, audit_trust(station, before));
    RELAIS_ASSIGN(const auto known, merkle::verify_checkpoint(before, former));
    const auto leaf = restored_leaf(station, trust);
    if (leaf.code() == ErrorCode::inconsistent_log) {
        return contradiction(station, before, head.note());
    }
    if (!leaf.ok()) return leaf.error();
    if (known.head().size <= leaf->first.value) {
        RELAIS_ASSIGN(const wire::Body body,
                      station.ask(wire::FetchConsistency{wire::LogName::audit, known.head().size},
                                  kPatience));
        const auto* proof = std::get_if<wire::Consistency>(&body);
        if (proof == nullptr) return fail(ErrorCode::malformed, "answer to FetchConsistency");
        RELAIS_ASSIGN(const auto later, merkle::verify_checkpoint(proof->checkpoint, trust));
        const auto continues =
            merkle::verify_consistency(known.head().size, known.head().root, later.head().size,
                                       later.head().root, proof->hashes);
        if (!continues.ok()) return contradiction(station, before, later.note());
        return station.store().set_value(kAuditHead, as_bytes(later.note()));
    }
    RELAIS_ASSIGN(const auto cited, merkle::verify_checkpoint(as_text(leaf->statement), former));
    const bool told = known.head().size < cited.head().size || known.head() == cited.head();
    if (!told) return contradiction(station, before, head.note());
    return station.store().set_value(kAuditHead, as_bytes(head.note()));
}

// The new head continues the one seen before; both are kept where it does not.
Result<void> check_continuity(Station& station, const merkle::VerifiedCheckpoint& head,
                              const merkle::LogTrust& trust) {
    RELAIS_ASSIGN(const auto before, station.store().value(kAuditHead));
    if (before && !as_text(*before).starts_with(trust.origin + "\n")) {
        return check_restored(station, std::string(as_text(*before)), head, trust);
    }
    if (before) {
        RELAIS_ASSIGN(const auto known, merkle::verify_checkpoint(as_text(*before), trust));
        if (known.head().size > head.head().size) return {};  // an older one: nothing is learnt
        RELAIS_ASSIGN(const wire::Body body,
                      station.ask(wire::FetchConsistency{wire::LogName::audit, known.head().size},
                                  kPatience));
        const auto* proof = std::get_if<wire::Consistency>(&body);
        if (proof == nullptr) return fail(ErrorCode::malformed, "answer to FetchConsistency");
        RELAIS_ASSIGN(const auto later, merkle::verify_checkpoint(proof->checkpoint, trust));
        const auto continues =
            merkle::verify_consistency(known.head().size, known.head().root, later.head().size,
                                       later.head().root, proof->hashes);
        if (!continues.ok()) {
            RELAIS_TRY(station.store().set_value(
                kContradiction, as_bytes(std::string(as_text(*before)) + "\n" + later.note())));
            return fail(ErrorCode::inconsistent_log, trust.origin);
        }
        return station.store().set_value(kAuditHead, as_bytes(later.note()));
    }
    return station.store().set_value(kAuditHead, as_bytes(head.note()));
}

Result<void> check_leaf(const ProvableMessage& message, ByteView bytes) {
    RELAIS_ASSIGN(const Leaf leaf, parse_leaf(bytes));
    const Digest digest = header_digest(message.header.bytes);
    if (leaf.event != Event::submitted || leaf.code != ErrorCode::ok || leaf.header != digest ||
        leaf.message != message.message) {
        return fail(ErrorCode::proof_invalid, "the leaf is about something else");
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
                              kPatience));
    const auto* proof = std::get_if<wire::Proof>(&body);
    if (proof == nullptr) return fail(ErrorCode::malformed, "answer to FetchProof");
    RELAIS_TRY(check_leaf(message, proof->leaf));
    RELAIS_ASSIGN(const merkle::LogTrust trust, audit_trust(station, proof->checkpoint));
    merkle::ProofFile file{encode_proof_extra({proof->leaf, message.header}), proof->index.value,
                           proof->hashes, proof->checkpoint};
    RELAIS_ASSIGN(const auto verified,
                  merkle::verify_proof(file, message.accepted.leaf_hash, trust));
    RELAIS_TRY(check_continuity(station, verified, trust));
    return merkle::format_proof(file);
}

}  // namespace relais::station
