#include "core/crypto/x25519.h"

#include "core/crypto/evp.h"

namespace relais {

CurveKeyPair generate_curve_keys() {
    const evp::Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
    RELAIS_CHECK(key != nullptr);
    Secret secret(32);
    std::size_t size = secret.size();
    evp::must(EVP_PKEY_get_raw_private_key(key.get(), secret.expose_mutable().data(), &size));
    return curve_keys_of(std::move(secret)).value();
}

Result<CurveKeyPair> curve_keys_of(Secret secret_key) {
    if (secret_key.size() != 32) return fail(ErrorCode::malformed, "CURVE secret key is 32 bytes");
    const evp::Key key(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, secret_key.expose().data(), 32));
    RELAIS_CHECK(key != nullptr);
    CurveKeyPair pair{{}, std::move(secret_key)};
    std::size_t size = CurvePublic::kSize;
    evp::must(EVP_PKEY_get_raw_public_key(key.get(), pair.public_key.bytes.data(), &size));
    return pair;
}

}  // namespace relais
