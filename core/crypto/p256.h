// p256.h: ECDSA over P-256 with SHA-256 (FIPS 186-5). Public keys are uncompressed points of 65
// bytes; signatures are r ‖ s, 32 bytes each, big-endian (IEEE P1363), the form that travels.
#pragma once

#include <memory>
#include <string_view>

#include "core/base/ports.h"
#include "core/base/secret.h"

struct evp_pkey_st;

namespace relais {

class P256Key;
namespace evp {
evp_pkey_st* native(const P256Key& key);  // for p256_evp.h
}

// A private key. Move-only; the scalar is wiped with it. Signing is thread-safe.
class P256Key final : public Signer {
public:
    static P256Key generate();
    // `scalar`: 32 bytes, big-endian. Errors: malformed  wrong length, zero, or not below the
    // order.
    static Result<P256Key> from_scalar(const Secret& scalar);

    P256Key(P256Key&&) noexcept;
    P256Key& operator=(P256Key&&) noexcept;
    ~P256Key() override;

    [[nodiscard]] const P256Public& public_key() const { return public_; }
    [[nodiscard]] Secret scalar() const;
    [[nodiscard]] Signature sign(ByteView message) override;

private:
    friend evp_pkey_st* evp::native(const P256Key& key);
    struct State;
    P256Key(std::unique_ptr<State> state, const P256Public& public_key);
    std::unique_ptr<State> state_;
    P256Public public_;
};

// The Verifier port on OpenSSL. Keeps the last `keys_kept` parsed keys, since parsing a point costs
// a fraction of a verification. Thread-safe.
class P256Verifier final : public Verifier {
public:
    explicit P256Verifier(std::size_t keys_kept = 4096);
    ~P256Verifier() override;
    Result<void> verify(const P256Public& key, ByteView message,
                        const Signature& signature) const override;

private:
    struct Cache;
    std::unique_ptr<Cache> cache_;
};

// Errors: malformed  not an uncompressed point of the curve.
Result<void> check_p256_point(const P256Public& key);

// SHA-256 of the key's 65 bytes: how directory entries name their signer.
[[nodiscard]] Digest fingerprint(const P256Public& key);

}  // namespace relais
