// evp.h: owners of OpenSSL objects. Private to modules that use OpenSSL.
#pragma once

#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <memory>

#include "core/base/check.h"

namespace relais::evp {

template <auto Free>
struct Deleter {
    template <typename T>
    void operator()(T* object) const {
        Free(object);
    }
};

using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Deleter<EVP_CIPHER_CTX_free>>;
using Kdf = std::unique_ptr<EVP_KDF, Deleter<EVP_KDF_free>>;
using KdfContext = std::unique_ptr<EVP_KDF_CTX, Deleter<EVP_KDF_CTX_free>>;

// For calls that fail only when memory is gone or the library is broken.
inline void must(int result) { RELAIS_CHECK(result == 1); }

// SHA-256, fetched once: EVP_sha256() costs a lookup at each use in OpenSSL 3.0.
const EVP_MD* sha256_method();

}  // namespace relais::evp
