// hmac.cc: HMAC-SHA256 and comparison in constant time, both declared in sha256.h.
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

#include "core/crypto/evp.h"
#include "core/crypto/sha256.h"

namespace relais {

Digest hmac_sha256(const Secret& key, std::initializer_list<ByteView> parts) {
    static const std::unique_ptr<EVP_MAC, evp::Deleter<EVP_MAC_free>> mac(
        EVP_MAC_fetch(nullptr, "HMAC", nullptr));
    const std::unique_ptr<EVP_MAC_CTX, evp::Deleter<EVP_MAC_CTX_free>> context(
        EVP_MAC_CTX_new(mac.get()));
    RELAIS_CHECK(context != nullptr);
    char digest_name[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name, 0),
        OSSL_PARAM_construct_end()};
    // OpenSSL takes a null key for "no key set", and an empty Secret has a null address.
    constexpr std::uint8_t kEmptyKey[1] = {};
    const std::uint8_t* key_bytes = key.empty() ? kEmptyKey : key.expose().data();
    evp::must(EVP_MAC_init(context.get(), key_bytes, key.size(), parameters));
    for (const ByteView part : parts) {
        evp::must(EVP_MAC_update(context.get(), part.data(), part.size()));
    }
    Digest digest;
    std::size_t written = 0;
    evp::must(EVP_MAC_final(context.get(), digest.bytes.data(), &written, Digest::kSize));
    RELAIS_CHECK(written == Digest::kSize);
    return digest;
}

bool equal_constant_time(ByteView a, ByteView b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace relais
