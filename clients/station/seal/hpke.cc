#include "clients/station/seal/hpke.h"

#include "clients/station/seal/aead.h"
#include "clients/station/seal/hkdf.h"
#include "core/crypto/p256_evp.h"

namespace relais::seal {

namespace {

constexpr std::uint16_t kKem = 0x0010;
constexpr std::uint16_t kKdf = 0x0001;
constexpr std::size_t kSecretBytes = 32;  // Nsecret
constexpr std::uint8_t kModeBase = 0;
constexpr std::string_view kVersion = "HPKE-v1";

Bytes kem_suite() {
    Bytes suite = to_bytes(as_bytes("KEM"));
    append_u16(suite, kKem);
    return suite;
}

Bytes hpke_suite(HpkeAead aead) {
    Bytes suite = to_bytes(as_bytes("HPKE"));
    append_u16(suite, kKem);
    append_u16(suite, kKdf);
    append_u16(suite, static_cast<std::uint16_t>(aead));
    return suite;
}

Secret labeled_extract(ByteView suite, ByteView salt, std::string_view label, ByteView input) {
    Secret labeled(kVersion.size() + suite.size() + label.size() + input.size());
    auto out = labeled.expose_mutable().begin();
    for (const ByteView part : {as_bytes(kVersion), suite, as_bytes(label), input}) {
        out = std::copy(part.begin(), part.end(), out);
    }
    return hkdf_extract(salt, labeled);
}

Secret labeled_expand(ByteView suite, const Secret& key, std::string_view label, ByteView info,
                      std::size_t size) {
    Bytes labeled;
    append_u16(labeled, static_cast<std::uint16_t>(size));
    append(labeled, kVersion);
    append(labeled, suite);
    append(labeled, label);
    append(labeled, info);
    return hkdf_expand(key, labeled, size);
}

// ECDH: the x coordinate. OpenSSL refuses peers off the curve; P-256 has no points of low order.
Result<Secret> diffie_hellman(const P256Key& own, const P256Public& peer) {
    RELAIS_ASSIGN(const evp::Key public_key, evp::p256_from_public(peer));
    const evp::KeyContext context(EVP_PKEY_CTX_new(evp::native(own), nullptr));
    RELAIS_CHECK(context != nullptr);
    evp::must(EVP_PKEY_derive_init(context.get()));
    evp::must(EVP_PKEY_derive_set_peer(context.get(), public_key.get()));
    Secret shared(kSecretBytes);
    std::size_t size = shared.size();
    evp::must(EVP_PKEY_derive(context.get(), shared.expose_mutable().data(), &size));
    RELAIS_CHECK(size == kSecretBytes);
    return shared;
}

// ExtractAndExpand of the KEM.
Secret kem_secret(const Secret& dh, ByteView enc, const P256Public& recipient) {
    const Bytes suite = kem_suite();
    const Secret prk = labeled_extract(suite, {}, "eae_prk", dh.expose());
    Bytes context = to_bytes(enc);
    append(context, recipient.view());
    return labeled_expand(suite, prk, "shared_secret", context, kSecretBytes);
}

struct AeadKeys {
    Secret key;
    Secret nonce;
};

AeadKeys key_schedule(const Secret& shared, ByteView info, HpkeAead aead) {
    const Bytes suite = hpke_suite(aead);
    const Secret psk_id_hash = labeled_extract(suite, {}, "psk_id_hash", {});
    const Secret info_hash = labeled_extract(suite, {}, "info_hash", info);
    Bytes context = {kModeBase};
    append(context, psk_id_hash.expose());
    append(context, info_hash.expose());
    const Secret secret = labeled_extract(suite, shared.expose(), "secret", {});
    const std::size_t key_bytes = aead == HpkeAead::aes_128_gcm ? 16 : 32;
    return {labeled_expand(suite, secret, "key", context, key_bytes),
            labeled_expand(suite, secret, "base_nonce", context, kNonceBytes)};
}

}  // namespace

Result<HpkeSealed> hpke_seal_with(const P256Key& ephemeral, const P256Public& recipient,
                                  ByteView info, ByteView aad, ByteView plaintext, HpkeAead aead) {
    RELAIS_ASSIGN(const Secret dh, diffie_hellman(ephemeral, recipient));
    Bytes enc = to_bytes(ephemeral.public_key().view());
    const AeadKeys keys = key_schedule(kem_secret(dh, enc, recipient), info, aead);
    // Single shot: sequence number 0, so that the nonce is the base nonce.
    return HpkeSealed{std::move(enc), aead_seal(keys.key, keys.nonce.expose(), aad, plaintext)};
}

Result<HpkeSealed> hpke_seal(const P256Public& recipient, ByteView info, ByteView aad,
                             ByteView plaintext, HpkeAead aead) {
    return hpke_seal_with(P256Key::generate(), recipient, info, aad, plaintext, aead);
}

Result<Secret> hpke_open(const P256Key& recipient, ByteView enc, ByteView info, ByteView aad,
                         ByteView ciphertext, HpkeAead aead) {
    if (enc.size() != P256Public::kSize) return fail(ErrorCode::box_unopenable, "enc");
    const auto dh = diffie_hellman(recipient, P256Public::from(enc));
    if (!dh.ok()) return fail(ErrorCode::box_unopenable, "enc is not a point of P-256");
    const AeadKeys keys = key_schedule(kem_secret(*dh, enc, recipient.public_key()), info, aead);
    auto opened = aead_open(keys.key, keys.nonce.expose(), aad, ciphertext);
    if (!opened.ok()) return fail(ErrorCode::box_unopenable);
    return opened;
}

Result<HpkeContext> HpkeContext::send_with(const P256Key& ephemeral, const P256Public& recipient,
                                           ByteView info, HpkeAead aead) {
    RELAIS_ASSIGN(const Secret dh, diffie_hellman(ephemeral, recipient));
    Bytes enc = to_bytes(ephemeral.public_key().view());
    AeadKeys keys = key_schedule(kem_secret(dh, enc, recipient), info, aead);
    return HpkeContext(std::move(enc), std::move(keys.key), std::move(keys.nonce));
}

Result<HpkeContext> HpkeContext::send(const P256Public& recipient, ByteView info, HpkeAead aead) {
    return send_with(P256Key::generate(), recipient, info, aead);
}

Result<HpkeContext> HpkeContext::receive(const P256Key& recipient, ByteView enc, ByteView info,
                                         HpkeAead aead) {
    if (enc.size() != P256Public::kSize) return fail(ErrorCode::box_unopenable, "enc");
    const auto dh = diffie_hellman(recipient, P256Public::from(enc));
    if (!dh.ok()) return fail(ErrorCode::box_unopenable, "enc is not a point of P-256");
    AeadKeys keys = key_schedule(kem_secret(*dh, enc, recipient.public_key()), info, aead);
    return HpkeContext(to_bytes(enc), std::move(keys.key), std::move(keys.nonce));
}

// ComputeNonce: the base nonce XOR the sequence number, big-endian.
Secret HpkeContext::nonce() const {
    Secret nonce = base_nonce_.duplicate();
    const auto bytes = nonce.expose_mutable();
    for (std::size_t i = 0; i < 8; ++i) {
        bytes[bytes.size() - 1 - i] ^= static_cast<std::uint8_t>(sequence_ >> (8 * i));
    }
    return nonce;
}

Bytes HpkeContext::seal(ByteView aad, ByteView plaintext) {
    RELAIS_CHECK(sequence_ != UINT64_MAX);
    Bytes sealed = aead_seal(key_, nonce().expose(), aad, plaintext);
    ++sequence_;
    return sealed;
}

Result<Secret> HpkeContext::open(ByteView aad, ByteView ciphertext) {
    auto opened = aead_open(key_, nonce().expose(), aad, ciphertext);
    if (opened.ok()) ++sequence_;
    return opened;
}

P256Key hpke_derive_key(const Secret& seed) {
    const Bytes suite = kem_suite();
    const Secret prk = labeled_extract(suite, {}, "dkp_prk", seed.expose());
    for (int counter = 0; counter < 256; ++counter) {
        const auto byte = static_cast<std::uint8_t>(counter);
        const Secret candidate =
            labeled_expand(suite, prk, "candidate", ByteView(&byte, 1), kSecretBytes);
        // For P-256 the bit mask is 0xff: nothing is masked, only out of range tried again.
        auto key = P256Key::from_scalar(candidate);
        if (key.ok()) return std::move(key).value();
    }
    RELAIS_CHECK(false && "256 candidates out of range");
    std::abort();
}

}  // namespace relais::seal
