// remembering_verifier.h: a Verifier that remembers the last signatures it found good. A bulk
// sender signs up to 256 headers at once and each envelope shows the same signature: it is checked
// once. What did not verify is never remembered.
//
// Thread-safe. Memory: some tens of bytes for each of the signatures remembered.
#pragma once

#include <deque>
#include <mutex>
#include <set>

#include "core/base/ports.h"

namespace relais {

class RememberingVerifier final : public Verifier {
public:
    // `inner` outlives it.
    RememberingVerifier(const Verifier& inner, std::size_t remembered_max)
        : inner_(inner), remembered_max_(remembered_max) {}

    Result<void> verify(const P256Public& key, ByteView message,
                        const Signature& signature) const override;

private:
    const Verifier& inner_;
    std::size_t remembered_max_;
    mutable std::mutex mutex_;
    mutable std::set<Digest> good_;  // of key, signature and message
    mutable std::deque<Digest> order_;
};

}  // namespace relais
