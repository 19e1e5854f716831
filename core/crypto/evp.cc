#include "core/crypto/evp.h"

namespace relais::evp {

const EVP_MD* sha256_method() {
    static const std::unique_ptr<EVP_MD, Deleter<EVP_MD_free>> method(
        EVP_MD_fetch(nullptr, "SHA256", nullptr));
    RELAIS_CHECK(method != nullptr);
    return method.get();
}

}  // namespace relais::evp
