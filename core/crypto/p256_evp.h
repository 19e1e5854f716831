// p256_evp.h: P-256 keys as OpenSSL objects. Private to modules that use OpenSSL.
#pragma once

#include "core/crypto/evp.h"
#include "core/crypto/p256.h"

namespace relais::evp {

// Errors: malformed  not an uncompressed point of the curve.
Result<Key> p256_from_public(const P256Public& point);
// Errors: malformed  not 32 bytes, zero, or not below the order. Writes the public point to
// `point`.
Result<Key> p256_from_scalar(const Secret& scalar, P256Public& point);
// The object that the key holds; it lives as long. Not to be changed.
EVP_PKEY* native(const P256Key& key);

}  // namespace relais::evp
