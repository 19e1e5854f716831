// log_keys.h: the log and the witness whose signatures stand in the corpora of notes and proofs.
#pragma once

#include "core/crypto/ed25519.h"
#include "core/merkle/checkpoint.h"

namespace relais::fuzz {

inline Ed25519Key fixed_ed25519(std::uint8_t byte) {
    Secret seed(32);
    for (auto& each : seed.expose_mutable()) each = byte;
    return Ed25519Key::from_seed(seed).value();
}

struct LogKeys {
    Ed25519Key log_key = fixed_ed25519(1);
    Ed25519Key witness_key = fixed_ed25519(2);
    merkle::VerifierKey log =
        merkle::VerifierKey::make("indre/audit", merkle::NoteKeyType::ed25519, log_key.public_key())
            .value();
    merkle::VerifierKey witness =
        merkle::VerifierKey::make("temoin.example", merkle::NoteKeyType::cosignature,
                                  witness_key.public_key())
            .value();

    [[nodiscard]] merkle::LogTrust trust() const { return {log.name(), log, {witness}, 0}; }
};

}  // namespace relais::fuzz
