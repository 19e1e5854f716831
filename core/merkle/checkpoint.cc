#include "core/merkle/checkpoint.h"

#include <algorithm>
#include <set>

#include "core/merkle/lines.h"
#include "core/merkle/tree.h"

namespace relais::merkle {

namespace {

// The log's key and the witnesses' in one list. One Ed25519 key stands for one signer: under two
// names it would count as two witnesses.
Result<std::vector<VerifierKey>> known_keys(const LogTrust& trust) {
    std::vector<VerifierKey> known = {trust.log};
    std::set<Ed25519Public> keys = {trust.log.key()};
    bool sound = trust.log.type() == NoteKeyType::ed25519;
    for (const VerifierKey& witness : trust.witnesses) {
        sound = sound && witness.type() == NoteKeyType::cosignature;
        sound = sound && keys.insert(witness.key()).second;
        known.push_back(witness);
    }
    if (!sound) return fail(ErrorCode::bad_configuration, "keys trusted for " + trust.origin);
    return known;
}

std::vector<Witnessed> witnesses_of(const VerifiedNote& note) {
    std::vector<Witnessed> witnessed;
    for (const VerifiedSignature& signature : note.signatures()) {
        if (signature.time) {
            witnessed.push_back({signature.key.name(), signature.key.key(), *signature.time});
        }
    }
    return witnessed;
}

}  // namespace

std::string Checkpoint::text() const {
    std::string text = origin + "\n" + std::to_string(size) + "\n" + hash_text(root) + "\n";
    for (const std::string& line : extensions) text.append(line).append("\n");
    return text;
}

Result<Checkpoint> parse_checkpoint(std::string_view text) {
    LineReader lines(text);
    RELAIS_ASSIGN(const std::string_view origin, lines.next());
    RELAIS_ASSIGN(const std::string_view size_line, lines.next());
    RELAIS_ASSIGN(const std::string_view root_line, lines.next());
    if (!is_note_line(origin)) return fail(ErrorCode::malformed, "origin of a checkpoint");
    RELAIS_ASSIGN(const std::uint64_t size, parse_decimal(size_line));
    RELAIS_ASSIGN(const Digest root, parse_hash(root_line));
    if (size == 0 && root != empty_root()) {
        return fail(ErrorCode::malformed, "root of an empty tree");
    }
    Checkpoint head{std::string(origin), size, root};
    while (!lines.done()) {
        RELAIS_ASSIGN(const std::string_view line, lines.next());
        if (!is_note_line(line)) return fail(ErrorCode::malformed, "extension line");
        head.extensions.emplace_back(line);
    }
    return head;
}

Result<std::string> sign_checkpoint(const Checkpoint& head, const VerifierKey& as, Signer& signer) {
    if (as.name() != head.origin) {
        return fail(ErrorCode::invalid_field, "a log signs as its origin");
    }
    const std::string text = head.text();
    RELAIS_ASSIGN(const Checkpoint read, parse_checkpoint(text));
    if (read != head) return fail(ErrorCode::malformed, "checkpoint reads as another");
    return sign_note(text, as, signer);
}

Result<VerifiedCheckpoint> verify_checkpoint(std::string_view note, const LogTrust& trust) {
    RELAIS_ASSIGN(const auto known, known_keys(trust));
    RELAIS_ASSIGN(const auto verified, verify_note(note, known));
    const auto by_log = [&](const VerifiedSignature& s) { return s.key == trust.log; };
    if (std::ranges::none_of(verified.signatures(), by_log)) {
        return fail(ErrorCode::note_invalid, "not signed by the log");
    }
    VerifiedCheckpoint checkpoint;
    RELAIS_ASSIGN(checkpoint.head_, parse_checkpoint(verified.text()));
    if (checkpoint.head_.origin != trust.origin) {
        return fail(ErrorCode::note_invalid, "checkpoint of another log");
    }
    checkpoint.witnessed_ = witnesses_of(verified);
    if (checkpoint.witnessed_.size() < trust.witnesses_min) {
        return fail(ErrorCode::note_invalid, "too few witnesses cosigned");
    }
    checkpoint.text_ = verified.text();
    checkpoint.note_ = note;
    return checkpoint;
}

}  // namespace relais::merkle
