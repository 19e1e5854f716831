// ed25519.h: Ed25519 (RFC 8032), for checkpoints and cosignatures alone: what C2SP formats ask for.
#pragma once

#include <memory>

#include "core/base/ports.h"
#include "core/base/secret.h"

namespace relais {

// A private key. Move-only, wiped when it dies.
class Ed25519Key final : public Signer {
public:
    static Ed25519Key generate();
    // `seed`: 32 bytes. Errors: malformed  another length.
    static Result<Ed25519Key> from_seed(const Secret& seed);

    Ed25519Key(Ed25519Key&&) noexcept;
    Ed25519Key& operator=(Ed25519Key&&) noexcept;
    ~Ed25519Key() override;

    [[nodiscard]] const Ed25519Public& public_key() const { return public_; }
    [[nodiscard]] Secret seed() const;
    [[nodiscard]] Signature sign(ByteView message) override;

private:
    struct State;
    Ed25519Key(std::unique_ptr<State> state, const Ed25519Public& public_key);
    std::unique_ptr<State> state_;
    Ed25519Public public_;
};

// Errors: bad_signature.
Result<void> verify_ed25519(const Ed25519Public& key, ByteView message, const Signature& signature);

}  // namespace relais
