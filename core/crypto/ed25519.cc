#include "core/crypto/ed25519.h"

#include "core/crypto/evp.h"

namespace relais {

struct Ed25519Key::State {
    evp::Key key;
};

Ed25519Key::Ed25519Key(std::unique_ptr<State> state, const Ed25519Public& public_key)
    : state_(std::move(state)), public_(public_key) {}
Ed25519Key::Ed25519Key(Ed25519Key&&) noexcept = default;
Ed25519Key& Ed25519Key::operator=(Ed25519Key&&) noexcept = default;
Ed25519Key::~Ed25519Key() = default;

Ed25519Key Ed25519Key::generate() {
    evp::Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    RELAIS_CHECK(key != nullptr);
    Ed25519Public point;
    std::size_t size = Ed25519Public::kSize;
    evp::must(EVP_PKEY_get_raw_public_key(key.get(), point.bytes.data(), &size));
    auto state = std::make_unique<State>();
    state->key = std::move(key);
    return {std::move(state), point};
}

Result<Ed25519Key> Ed25519Key::from_seed(const Secret& seed) {
    if (seed.size() != 32) return fail(ErrorCode::malformed, "Ed25519 seed is 32 bytes");
    evp::Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.expose().data(), 32));
    RELAIS_CHECK(key != nullptr);
    Ed25519Public point;
    std::size_t size = Ed25519Public::kSize;
    evp::must(EVP_PKEY_get_raw_public_key(key.get(), point.bytes.data(), &size));
    auto state = std::make_unique<State>();
    state->key = std::move(key);
    return Ed25519Key(std::move(state), point);
}

Secret Ed25519Key::seed() const {
    Secret seed(32);
    std::size_t size = 32;
    evp::must(EVP_PKEY_get_raw_private_key(state_->key.get(), seed.expose_mutable().data(), &size));
    return seed;
}

Signature Ed25519Key::sign(ByteView message) {
    const evp::DigestContext context(EVP_MD_CTX_new());
    RELAIS_CHECK(context != nullptr);
    evp::must(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, state_->key.get()));
    Signature signature;
    std::size_t size = Signature::kSize;
    evp::must(EVP_DigestSign(context.get(), signature.bytes.data(), &size, message.data(),
                             message.size()));
    return signature;
}

Result<void> verify_ed25519(const Ed25519Public& key, ByteView message,
                            const Signature& signature) {
    const evp::Key parsed(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.bytes.data(),
                                                      Ed25519Public::kSize));
    const evp::DigestContext context(EVP_MD_CTX_new());
    RELAIS_CHECK(parsed != nullptr && context != nullptr);
    evp::must(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, parsed.get()));
    const int verdict = EVP_DigestVerify(context.get(), signature.bytes.data(), Signature::kSize,
                                         message.data(), message.size());
    if (verdict != 1) return fail(ErrorCode::bad_signature);
    return {};
}

}  // namespace relais
