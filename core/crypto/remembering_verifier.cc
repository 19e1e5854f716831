#include "core/crypto/remembering_verifier.h"

#include "core/crypto/sha256.h"

namespace relais {

Result<void> RememberingVerifier::verify(const P256Public& key, ByteView message,
                                         const Signature& signature) const {
    const Digest asked = sha256({key.view(), signature.view(), message});
    {
        const std::lock_guard lock(mutex_);
        if (good_.contains(asked)) return {};
    }
    RELAIS_TRY(inner_.verify(key, message, signature));
    const std::lock_guard lock(mutex_);
    if (!good_.insert(asked).second) return {};
    order_.push_back(asked);
    if (order_.size() > remembered_max_) {
        good_.erase(order_.front());
        order_.pop_front();
    }
    return {};
}

}  // namespace relais
