#include "core/merkle/note.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/codecs/codecs.h"
#include "core/crypto/ed25519.h"
#include "core/crypto/sha256.h"
#include "core/merkle/cosignature.h"
#include "core/merkle/lines.h"

namespace relais::merkle {

namespace {

constexpr std::string_view kSignatureStart = "\xE2\x80\x94 ";  // em dash, space

// Unicode's White_Space above U+0020, in UTF-8.
constexpr std::string_view kWideSpaces[] = {
    "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81",
    "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86",
    "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8",
    "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"};

bool is_key_name(std::string_view name) {
    const auto within = [&](std::string_view part) {
        return name.find(part) != std::string_view::npos;
    };
    return is_note_line(name) && !within(" ") && !within("+") &&
           std::ranges::none_of(kWideSpaces, within);
}

NoteKeyId key_id(std::string_view name, NoteKeyType type, const Ed25519Public& key) {
    const std::uint8_t newline_and_type[] = {'\n', static_cast<std::uint8_t>(type)};
    const Digest digest = sha256({as_bytes(name), ByteView(newline_and_type), key.view()});
    return NoteKeyId::from(digest.view().first(NoteKeyId::kSize));
}

Result<NoteKeyType> parse_key_type(std::uint8_t byte) {
    for (const NoteKeyType type : {NoteKeyType::ed25519, NoteKeyType::cosignature}) {
        if (byte == static_cast<std::uint8_t>(type)) return type;
    }
    return fail(ErrorCode::unsupported_version, "signature type");
}

Result<std::vector<NoteSignature>> parse_signatures(std::string_view block) {
    std::vector<NoteSignature> signatures;
    LineReader lines(block);
    while (!lines.done()) {
        if (signatures.size() == limits::kNoteSignaturesMax) {
            return fail(ErrorCode::too_large, "too many signatures on a note");
        }
        const std::string_view before = lines.rest();
        RELAIS_ASSIGN(const std::string_view line, lines.next());
        RELAIS_ASSIGN(auto signature, parse_signature_line(before.substr(0, line.size() + 1)));
        signatures.push_back(std::move(signature));
    }
    return signatures;
}

// Errors: note_invalid.
Result<VerifiedSignature> verify_signature(const VerifierKey& key, std::string_view text,
                                           const NoteSignature& signature) {
    if (key.type() == NoteKeyType::cosignature) {
        RELAIS_ASSIGN(const WallTime time, verify_cosignature(text, signature, key));
        return VerifiedSignature{key, time};
    }
    if (signature.payload.size() != Signature::kSize) {
        return fail(ErrorCode::note_invalid, "an Ed25519 signature is 64 bytes");
    }
    if (!verify_ed25519(key.key(), as_bytes(text), Signature::from(signature.payload)).ok()) {
        return fail(ErrorCode::note_invalid, "signature does not verify");
    }
    return VerifiedSignature{key, std::nullopt};
}

// By one of the known keys that the line names; none where it names no known key. An id has 32
// bits: whoever makes many keys finds two of one name and id, and each of them signs for itself.
// Errors: note_invalid  by none of those that it names.
Result<std::optional<VerifiedSignature>> verify_line(std::span<const VerifierKey> known,
                                                     std::string_view text,
                                                     const NoteSignature& signature) {
    std::optional<Error> failed;
    for (const VerifierKey& key : known) {
        if (key.name() != signature.key_name || key.id() != signature.key_id) continue;
        auto verified = verify_signature(key, text, signature);
        if (verified.ok()) return std::optional(*std::move(verified));
        failed = verified.error();
    }
    if (failed) return *failed;
    return std::optional<VerifiedSignature>();
}

}  // namespace

VerifierKey::VerifierKey(std::string_view name, NoteKeyType type, const Ed25519Public& key)
    : name_(name), type_(type), key_(key), id_(key_id(name, type, key)) {}

Result<VerifierKey> VerifierKey::make(std::string_view name, NoteKeyType type,
                                      const Ed25519Public& key) {
    if (name.size() > limits::kNoteKeyNameBytesMax || !is_key_name(name)) {
        return fail(ErrorCode::invalid_field, "name of a note key");
    }
    return VerifierKey(name, type, key);
}

Result<VerifierKey> VerifierKey::parse(std::string_view text) {
    const std::size_t first = text.find('+');
    const std::size_t second = first == text.npos ? first : text.find('+', first + 1);
    if (second == text.npos) return fail(ErrorCode::malformed, "a verifier key is name+id+key");
    RELAIS_ASSIGN(const auto id, hex_from<NoteKeyId>(text.substr(first + 1, second - first - 1)));
    RELAIS_ASSIGN(const Bytes bytes, parse_base64(text.substr(second + 1)));
    if (bytes.empty()) return fail(ErrorCode::malformed, "verifier key without a type");
    RELAIS_ASSIGN(const NoteKeyType type, parse_key_type(bytes[0]));
    if (bytes.size() != 1 + Ed25519Public::kSize) {
        return fail(ErrorCode::malformed, "an Ed25519 key is 32 bytes");
    }
    const auto key = Ed25519Public::from(ByteView(bytes).subspan(1));
    RELAIS_ASSIGN(auto verifier, make(text.substr(0, first), type, key));
    if (verifier.id() != id) return fail(ErrorCode::malformed, "key id is not the key's");
    return verifier;
}

std::string VerifierKey::text() const {
    Bytes bytes = {static_cast<std::uint8_t>(type_)};
    append(bytes, key_.view());
    return name_ + "+" + hex(id_.view()) + "+" + base64(bytes);
}

std::string NoteSignature::line() const {
    Bytes bytes = to_bytes(key_id.view());
    append(bytes, payload);
    return std::string(kSignatureStart) + key_name + " " + base64(bytes) + "\n";
}

Result<NoteSignature> parse_signature_line(std::string_view line) {
    if (!line.starts_with(kSignatureStart) || !line.ends_with('\n')) {
        return fail(ErrorCode::malformed, "not a signature line");
    }
    line.remove_prefix(kSignatureStart.size());
    line.remove_suffix(1);
    const std::size_t space = line.find(' ');
    if (space == line.npos) return fail(ErrorCode::malformed, "signature line without a signature");
    const std::string_view name = line.substr(0, space);
    if (!is_key_name(name)) return fail(ErrorCode::malformed, "name in a signature line");
    RELAIS_ASSIGN(const Bytes bytes, parse_base64(line.substr(space + 1)));
    if (bytes.size() <= NoteKeyId::kSize) return fail(ErrorCode::malformed, "signature too short");
    const ByteView view = bytes;
    return NoteSignature{std::string(name), NoteKeyId::from(view.first(NoteKeyId::kSize)),
                         to_bytes(view.subspan(NoteKeyId::kSize))};
}

Result<UnverifiedNote> parse_note(std::string_view note) {
    if (note.size() > limits::kNoteBytesMax) return fail(ErrorCode::too_large, "note");
    if (!is_note_text(note)) return fail(ErrorCode::malformed, "characters not allowed in a note");
    const std::size_t split = note.rfind("\n\n");
    if (split == note.npos) return fail(ErrorCode::malformed, "note without signatures");
    RELAIS_ASSIGN(auto signatures, parse_signatures(note.substr(split + 2)));
    if (signatures.empty()) return fail(ErrorCode::malformed, "note without signatures");
    return UnverifiedNote{std::string(note.substr(0, split + 1)), std::move(signatures)};
}

Result<VerifiedNote> verify_note(std::string_view note, std::span<const VerifierKey> known) {
    RELAIS_ASSIGN(auto parsed, parse_note(note));
    VerifiedNote verified;
    for (const NoteSignature& signature : parsed.signatures) {
        RELAIS_ASSIGN(auto good, verify_line(known, parsed.text, signature));
        if (!good) continue;
        const bool again = std::ranges::find(verified.signatures_, good->key,
                                             &VerifiedSignature::key) != verified.signatures_.end();
        if (!again) verified.signatures_.push_back(*std::move(good));
    }
    if (verified.signatures_.empty()) return fail(ErrorCode::note_invalid, "no known key signed");
    verified.text_ = std::move(parsed.text);
    return verified;
}

Result<std::string> sign_note(std::string_view text, const VerifierKey& as, Signer& signer) {
    if (as.type() != NoteKeyType::ed25519) {
        return fail(ErrorCode::invalid_field, "a witness key signs checkpoints alone");
    }
    if (!text.ends_with('\n') || !is_note_text(text)) {
        return fail(ErrorCode::malformed, "text of a note");
    }
    const Signature signature = signer.sign(as_bytes(text));
    const NoteSignature line{as.name(), as.id(), to_bytes(signature.view())};
    std::string note = std::string(text) + "\n" + line.line();
    if (note.size() > limits::kNoteBytesMax) return fail(ErrorCode::too_large, "note");
    return note;
}

Result<std::string> add_signature(std::string_view note, const NoteSignature& signature) {
    RELAIS_ASSIGN(const auto before, parse_note(note));
    if (std::ranges::find(before.signatures, signature) != before.signatures.end()) {
        return std::string(note);
    }
    std::string more = std::string(note) + signature.line();
    RELAIS_TRY(parse_note(more));
    return more;
}

}  // namespace relais::merkle
