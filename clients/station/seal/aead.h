// aead.h: AES-GCM (NIST SP 800-38D), 96-bit nonces, 16-byte tags, tag last. Opening gives nothing
// until the whole is authenticated.
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace relais::seal {

inline constexpr std::size_t kNonceBytes = 12;
inline constexpr std::size_t kTagBytes = 16;

// `key`: 16 bytes for AES-128-GCM, 32 for AES-256-GCM. Requires a nonce never used with this key.
[[nodiscard]] Bytes aead_seal(const Secret& key, ByteView nonce, ByteView aad, ByteView plaintext);
// Errors: content_undecryptable  wrong key, nonce, associated data, or altered bytes.
Result<Secret> aead_open(const Secret& key, ByteView nonce, ByteView aad, ByteView ciphertext);

}  // namespace relais::seal
