// hpke.h: HPKE (RFC 9180), base mode, single shot: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-GCM.
// OpenSSL 3.0 has no such call; when 3.2 or later is at hand, hpke_seal and hpke_open are what to
// swap.
#pragma once

#include "core/crypto/p256.h"

namespace relais::seal {

// AEAD identifiers of RFC 9180, section 7.3. Relais uses 0x0002; the other serves the vectors.
enum class HpkeAead : std::uint16_t { aes_128_gcm = 1, aes_256_gcm = 2 };

struct HpkeSealed {
    Bytes enc;         // 65 bytes: the ephemeral public key, uncompressed
    Bytes ciphertext;  // plaintext and 16 bytes of tag
};

// Seals to the holder of `recipient`'s private key. Errors: malformed  not a point of P-256.
Result<HpkeSealed> hpke_seal(const P256Public& recipient, ByteView info, ByteView aad,
                             ByteView plaintext, HpkeAead aead = HpkeAead::aes_256_gcm);
// The same under a given ephemeral key, for vectors. Requires a key used once.
Result<HpkeSealed> hpke_seal_with(const P256Key& ephemeral, const P256Public& recipient,
                                  ByteView info, ByteView aad, ByteView plaintext, HpkeAead aead);

// Errors: box_unopenable  `enc` not a point, or sealed to another key, info or aad, or altered.
Result<Secret> hpke_open(const P256Key& recipient, ByteView enc, ByteView info, ByteView aad,
                         ByteView ciphertext, HpkeAead aead = HpkeAead::aes_256_gcm);

// DeriveKeyPair (RFC 9180, section 7.1.3). `seed`: at least 32 bytes of entropy.
[[nodiscard]] P256Key hpke_derive_key(const Secret& seed);

}  // namespace relais::seal
