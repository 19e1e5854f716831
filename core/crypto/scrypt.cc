#include "core/crypto/scrypt.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include "core/crypto/evp.h"

namespace relais {

namespace {

constexpr unsigned kLog2NMin = 10;
constexpr unsigned kLog2NMax = 20;
constexpr unsigned kRMax = 32;
constexpr unsigned kPMax = 16;

}  // namespace

Result<Secret> scrypt(const Secret& passphrase, ByteView salt, const ScryptCost& cost,
                      std::size_t size) {
    if (cost.log2_n < kLog2NMin || cost.log2_n > kLog2NMax || cost.r < 1 || cost.r > kRMax ||
        cost.p < 1 || cost.p > kPMax) {
        return fail(ErrorCode::invalid_field, "scrypt cost out of bounds");
    }
    const evp::Kdf kdf(EVP_KDF_fetch(nullptr, "SCRYPT", nullptr));
    const evp::KdfContext context(EVP_KDF_CTX_new(kdf.get()));
    RELAIS_CHECK(context != nullptr);
    std::uint64_t n = std::uint64_t{1} << cost.log2_n;
    std::uint32_t r = cost.r;
    std::uint32_t p = cost.p;
    std::uint64_t memory_bytes_max = 130 * std::uint64_t{r} * (n + p) + (1 << 20);
    Secret words = passphrase.duplicate();
    Bytes salt_copy = to_bytes(salt);
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, words.expose_mutable().data(),
                                          words.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt_copy.data(), salt_copy.size()),
        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory_bytes_max),
        OSSL_PARAM_construct_end()};
    Secret key(size);
    evp::must(EVP_KDF_derive(context.get(), key.expose_mutable().data(), size, parameters));
    return key;
}

}  // namespace relais
