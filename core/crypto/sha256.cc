#include "core/crypto/sha256.h"

#include "core/crypto/evp.h"

namespace relais {

struct Sha256::State {
    evp::DigestContext context{EVP_MD_CTX_new()};
    evp::DigestContext blank{EVP_MD_CTX_new()};
    State() {
        RELAIS_CHECK(context != nullptr && blank != nullptr);
        evp::must(EVP_DigestInit_ex2(blank.get(), evp::sha256_method(), nullptr));
        begin();
    }
    // Copying one that has begun takes less than beginning anew: a tenth of hashing a node.
    void begin() { evp::must(EVP_MD_CTX_copy_ex(context.get(), blank.get())); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;

void Sha256::update(ByteView bytes) {
    evp::must(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()));
}

Digest Sha256::finish() {
    Digest digest;
    evp::must(EVP_DigestFinal_ex(state_->context.get(), digest.bytes.data(), nullptr));
    state_->begin();
    return digest;
}

Digest sha256(std::initializer_list<ByteView> parts) {
    thread_local Sha256 hasher;  // a context costs more to make than a leaf to hash
    for (const ByteView part : parts) hasher.update(part);
    return hasher.finish();
}

Digest sha256(ByteView bytes) { return sha256({bytes}); }

}  // namespace relais
