// hpke.h: HPKE (RFC 9180), base mode: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-GCM. Single shot,
// and contexts that seal many records in their order.
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

// One direction of a context (RFC 9180, section 5.2): the i-th call uses the i-th nonce. Both sides
// make the same calls in the same order. Not thread-safe.
class HpkeContext {
public:
    // For the sender; `enc` goes to the recipient. Errors: as hpke_seal.
    static Result<HpkeContext> send(const P256Public& recipient, ByteView info,
                                    HpkeAead aead = HpkeAead::aes_256_gcm);
    // The same under a given ephemeral key, for vectors.
    static Result<HpkeContext> send_with(const P256Key& ephemeral, const P256Public& recipient,
                                         ByteView info, HpkeAead aead);
    // For the recipient. Errors: box_unopenable  `enc` not a point.
    static Result<HpkeContext> receive(const P256Key& recipient, ByteView enc, ByteView info,
                                       HpkeAead aead = HpkeAead::aes_256_gcm);

    [[nodiscard]] const Bytes& enc() const { return enc_; }
    [[nodiscard]] Bytes seal(ByteView aad, ByteView plaintext);
    // Errors: content_undecryptable  altered, out of order, or sealed to another key or info; the
    // place in the order is not used up.
    Result<Secret> open(ByteView aad, ByteView ciphertext);

private:
    HpkeContext(Bytes enc, Secret key, Secret base_nonce)
        : enc_(std::move(enc)), key_(std::move(key)), base_nonce_(std::move(base_nonce)) {}
    [[nodiscard]] Secret nonce() const;

    Bytes enc_;
    Secret key_;
    Secret base_nonce_;
    std::uint64_t sequence_ = 0;
};

// DeriveKeyPair (RFC 9180, section 7.1.3). `seed`: at least 32 bytes of entropy.
[[nodiscard]] P256Key hpke_derive_key(const Secret& seed);

}  // namespace relais::seal
