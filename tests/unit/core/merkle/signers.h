// signers.h: keys for tests of notes, the same at each run; and every small damage to a text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/crypto/ed25519.h"
#include "core/merkle/checkpoint.h"

namespace relais::merkle {

// A private key made of one repeated byte, with its verifier key.
struct TestSigner {
    TestSigner(std::string_view name, NoteKeyType type, std::uint8_t seed)
        : signer(key_of(seed)), key(VerifierKey::make(name, type, signer.public_key()).value()) {}
    TestSigner(std::string_view name, NoteKeyType type, const Secret& seed)
        : signer(Ed25519Key::from_seed(seed).value()),
          key(VerifierKey::make(name, type, signer.public_key()).value()) {}

    Ed25519Key signer;
    VerifierKey key;

private:
    static Ed25519Key key_of(std::uint8_t seed) {
        Secret bytes(32);
        for (auto& byte : bytes.expose_mutable()) byte = seed;
        return Ed25519Key::from_seed(bytes).value();
    }
};

inline TestSigner log_signer() { return {"indre.example/audit", NoteKeyType::ed25519, 1}; }
inline TestSigner witness_signer(int number) {
    return {"temoin" + std::to_string(number) + ".example", NoteKeyType::cosignature,
            static_cast<std::uint8_t>(10 + number)};
}

// The text with one bit flipped, one byte gone, one byte twice, or cut: at every place.
inline std::vector<std::string> every_small_damage(std::string_view text) {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < text.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            all.emplace_back(text);
            all.back()[i] = static_cast<char>(all.back()[i] ^ (1 << bit));
        }
        all.push_back(std::string(text).erase(i, 1));
        all.emplace_back(text.substr(0, i));
    }
    for (const char extra : {'\n', ' ', 'A', '\0'}) all.push_back(std::string(text) + extra);
    return all;
}

}  // namespace relais::merkle
