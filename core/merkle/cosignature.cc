#include "core/merkle/cosignature.h"

#include <limits>

#include "core/crypto/ed25519.h"

namespace relais::merkle {

namespace {

constexpr std::size_t kTimeBytes = 8;
constexpr std::uint64_t kSecondsMax = std::numeric_limits<std::int64_t>::max() / 1000;

bool signed_as(const NoteSignature& signature, const VerifierKey& key) {
    return signature.key_name == key.name() && signature.key_id == key.id();
}

}  // namespace

std::string cosignature_message(std::uint64_t posix_seconds, std::string_view checkpoint_text) {
    std::string message = "cosignature/v1\ntime " + std::to_string(posix_seconds) + "\n";
    message += checkpoint_text;
    return message;
}

Result<NoteSignature> cosign(const VerifiedCheckpoint& seen, const VerifierKey& as, Signer& signer,
                             WallTime now) {
    if (as.type() != NoteKeyType::cosignature || now.ms < 0) {
        return fail(ErrorCode::invalid_field, "key or time of a cosignature");
    }
    const auto seconds = static_cast<std::uint64_t>(now.ms / 1000);
    const std::string message = cosignature_message(seconds, seen.text());
    NoteSignature signature{as.name(), as.id(), {}};
    append_u64(signature.payload, seconds);
    append(signature.payload, signer.sign(as_bytes(message)).view());
    return signature;
}

Result<WallTime> verify_cosignature(std::string_view checkpoint_text,
                                    const NoteSignature& signature, const VerifierKey& witness) {
    const bool shaped = witness.type() == NoteKeyType::cosignature &&
                        signature.payload.size() == kTimeBytes + Signature::kSize;
    if (!shaped || !signed_as(signature, witness)) {
        return fail(ErrorCode::note_invalid, "not a cosignature of " + witness.name());
    }
    const std::uint64_t seconds = read_u64(signature.payload);
    if (seconds > kSecondsMax) return fail(ErrorCode::note_invalid, "time of a cosignature");
    const std::string message = cosignature_message(seconds, checkpoint_text);
    const auto bytes = Signature::from(ByteView(signature.payload).subspan(kTimeBytes));
    if (!verify_ed25519(witness.key(), as_bytes(message), bytes).ok()) {
        return fail(ErrorCode::note_invalid, "cosignature does not verify");
    }
    return WallTime{static_cast<std::int64_t>(seconds) * 1000};
}

Result<std::string> put_cosignature(std::string_view note, const NoteSignature& signature) {
    RELAIS_ASSIGN(const UnverifiedNote parsed, parse_note(note));
    std::string made = parsed.text + "\n";
    for (const NoteSignature& line : parsed.signatures) {
        const bool same = line.key_name == signature.key_name && line.key_id == signature.key_id;
        if (!same) made += line.line();
    }
    made += signature.line();
    RELAIS_TRY(parse_note(made));
    return made;
}

}  // namespace relais::merkle
