#include "tests/bench/bare_crypto.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <array>
#include <vector>

#include "core/base/check.h"

namespace relais::bench {

namespace {

constexpr int kHmacsOfHpke = 7;  // RFC 9180: extract and expand; three extracts and two expands
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kLabeledBytes = 100;  // about what each of them hashes

using Bytes = std::vector<unsigned char>;

}  // namespace

struct BareCrypto::State {
    EVP_PKEY* recipient = EVP_EC_gen("P-256");
    EVP_PKEY* ephemeral = EVP_EC_gen("P-256");
    EVP_PKEY_CTX* maker = EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr);
    EVP_PKEY_CTX* opener = EVP_PKEY_CTX_new(recipient, nullptr);
    EVP_CIPHER_CTX* cipher = EVP_CIPHER_CTX_new();
    EVP_CIPHER* gcm = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
    std::array<unsigned char, kKeyBytes> key{};
    std::array<unsigned char, 12> nonce{};
    std::array<unsigned char, kTagBytes> tag{};
    Bytes content;
    Bytes sealed;
    Bytes labeled = Bytes(kLabeledBytes);

    explicit State(std::size_t bytes) : content(bytes), sealed(bytes) {
        EVP_PKEY_keygen_init(maker);
        EVP_PKEY_CTX_set_group_name(maker, "P-256");
        EVP_PKEY_derive_init(opener);
    }
    ~State() {
        EVP_CIPHER_free(gcm);
        EVP_CIPHER_CTX_free(cipher);
        EVP_PKEY_CTX_free(opener);
        EVP_PKEY_CTX_free(maker);
        EVP_PKEY_free(ephemeral);
        EVP_PKEY_free(recipient);
    }
    void encrypt(std::size_t bytes) {
        int size = 0;
        EVP_EncryptInit_ex2(cipher, gcm, key.data(), nonce.data(), nullptr);
        EVP_EncryptUpdate(cipher, sealed.data(), &size, content.data(), static_cast<int>(bytes));
        EVP_EncryptFinal_ex(cipher, sealed.data() + size, &size);
        EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, kTagBytes, tag.data());
    }
    // The tag is not that of these bytes: what it costs to say so is what it costs to agree.
    void decrypt(std::size_t bytes) {
        int size = 0;
        EVP_DecryptInit_ex2(cipher, gcm, key.data(), nonce.data(), nullptr);
        EVP_DecryptUpdate(cipher, content.data(), &size, sealed.data(), static_cast<int>(bytes));
        EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data());
        EVP_DecryptFinal_ex(cipher, content.data() + size, &size);
    }
    void derive(EVP_PKEY_CTX* own, EVP_PKEY* peer) {
        std::size_t size = key.size();
        RELAIS_CHECK(EVP_PKEY_derive_set_peer(own, peer) == 1);
        RELAIS_CHECK(EVP_PKEY_derive(own, key.data(), &size) == 1);
    }
    void hmacs() {
        for (int i = 0; i < kHmacsOfHpke; ++i) {
            unsigned size = 0;
            HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), labeled.data(),
                 labeled.size(), key.data(), &size);
        }
    }
    void digest() { SHA256(content.data(), content.size(), labeled.data()); }
};

BareCrypto::BareCrypto(std::size_t content_bytes) : state_(std::make_unique<State>(content_bytes)) {}
BareCrypto::~BareCrypto() = default;

void BareCrypto::seal(int boxes) {
    State& s = *state_;
    s.digest();
    s.encrypt(s.content.size());
    for (int i = 0; i < boxes; ++i) {
        EVP_PKEY* made = nullptr;
        RELAIS_CHECK(EVP_PKEY_keygen(s.maker, &made) == 1);
        EVP_PKEY_CTX* own = EVP_PKEY_CTX_new(made, nullptr);
        EVP_PKEY_derive_init(own);
        s.derive(own, s.recipient);
        s.hmacs();
        s.encrypt(kKeyBytes);
        EVP_PKEY_CTX_free(own);
        EVP_PKEY_free(made);
    }
}

void BareCrypto::open() {
    State& s = *state_;
    s.derive(s.opener, s.ephemeral);
    s.hmacs();
    s.decrypt(kKeyBytes);
    s.decrypt(s.content.size());
    s.digest();
}

}  // namespace relais::bench
