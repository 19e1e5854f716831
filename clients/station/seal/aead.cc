#include "clients/station/seal/aead.h"

#include "core/crypto/evp.h"

namespace relais::seal {

namespace {

const EVP_CIPHER* cipher_of(const Secret& key) {
    RELAIS_CHECK(key.size() == 16 || key.size() == 32);
    return key.size() == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
}

int size_of(ByteView bytes) {
    RELAIS_CHECK(bytes.size() <= INT32_MAX);
    return static_cast<int>(bytes.size());
}

}  // namespace

Bytes aead_seal(const Secret& key, ByteView nonce, ByteView aad, ByteView plaintext) {
    RELAIS_CHECK(nonce.size() == kNonceBytes);
    const evp::CipherContext context(EVP_CIPHER_CTX_new());
    RELAIS_CHECK(context != nullptr);
    evp::must(EVP_EncryptInit_ex2(context.get(), cipher_of(key), key.expose().data(), nonce.data(),
                                  nullptr));
    Bytes out(plaintext.size() + kTagBytes);
    int written = 0;
    evp::must(EVP_EncryptUpdate(context.get(), nullptr, &written, aad.data(), size_of(aad)));
    evp::must(EVP_EncryptUpdate(context.get(), out.data(), &written, plaintext.data(),
                                size_of(plaintext)));
    RELAIS_CHECK(static_cast<std::size_t>(written) == plaintext.size());
    evp::must(EVP_EncryptFinal_ex(context.get(), out.data() + written, &written));
    evp::must(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes,
                                  out.data() + plaintext.size()));
    return out;
}

Result<Secret> aead_open(const Secret& key, ByteView nonce, ByteView aad, ByteView ciphertext) {
    RELAIS_CHECK(nonce.size() == kNonceBytes);
    if (ciphertext.size() < kTagBytes) return fail(ErrorCode::content_undecryptable, "too short");
    const ByteView body = ciphertext.first(ciphertext.size() - kTagBytes);
    Bytes tag = to_bytes(ciphertext.last(kTagBytes));
    const evp::CipherContext context(EVP_CIPHER_CTX_new());
    RELAIS_CHECK(context != nullptr);
    evp::must(EVP_DecryptInit_ex2(context.get(), cipher_of(key), key.expose().data(), nonce.data(),
                                  nullptr));
    Secret out(body.size());
    int written = 0;
    evp::must(EVP_DecryptUpdate(context.get(), nullptr, &written, aad.data(), size_of(aad)));
    evp::must(EVP_DecryptUpdate(context.get(), out.expose_mutable().data(), &written, body.data(),
                                size_of(body)));
    evp::must(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()));
    std::uint8_t rest[kTagBytes];
    if (EVP_DecryptFinal_ex(context.get(), rest, &written) != 1) {
        return fail(ErrorCode::content_undecryptable);  // `out` is wiped on the way
    }
    return out;
}

}  // namespace relais::seal
