#include "core/crypto/p256.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>

#include <list>
#include <map>
#include <mutex>
#include <optional>

#include "core/crypto/p256_evp.h"
#include "core/crypto/sha256.h"

namespace relais {

namespace evp {

namespace {

using Number = std::unique_ptr<BIGNUM, Deleter<BN_clear_free>>;
using Group = std::unique_ptr<EC_GROUP, Deleter<EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, Deleter<EC_POINT_clear_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, Deleter<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Deleter<OSSL_PARAM_free>>;

const EC_GROUP* group() {
    static const Group curve(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
    RELAIS_CHECK(curve != nullptr);
    return curve.get();
}

KeyContext generator() {
    KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    RELAIS_CHECK(context != nullptr);
    must(EVP_PKEY_keygen_init(context.get()));
    must(EVP_PKEY_CTX_set_group_name(context.get(), "prime256v1"));
    return context;
}

Key generate() {
    thread_local const KeyContext context = generator();  // names the curve once
    EVP_PKEY* key = nullptr;
    must(EVP_PKEY_generate(context.get(), &key));
    return Key(key);
}

// Any key of the curve: others take its parameters, which cost more to make than to copy.
const EVP_PKEY* of_the_curve() {
    static const Key key = generate();
    return key.get();
}

Key build(const P256Public& point, const BIGNUM* scalar) {
    const ParamBuilder builder(OSSL_PARAM_BLD_new());
    RELAIS_CHECK(builder != nullptr);
    must(OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1",
                                         0));
    must(OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                          point.bytes.data(), P256Public::kSize));
    must(OSSL_PARAM_BLD_push_BN_pad(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar, 32));
    const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    RELAIS_CHECK(params != nullptr && context != nullptr);
    must(EVP_PKEY_fromdata_init(context.get()));
    EVP_PKEY* key = nullptr;
    must(EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, params.get()));
    return Key(key);
}

}  // namespace

Result<Key> p256_from_public(const P256Public& point) {
    if (point.bytes[0] != 0x04) return fail(ErrorCode::malformed, "P-256 point not uncompressed");
    Key key(EVP_PKEY_new());
    RELAIS_CHECK(key != nullptr);
    must(EVP_PKEY_copy_parameters(key.get(), of_the_curve()));
    // Refuses what is not on the curve, as EC_POINT_oct2point does.
    if (EVP_PKEY_set1_encoded_public_key(key.get(), point.bytes.data(), P256Public::kSize) != 1) {
        return fail(ErrorCode::malformed, "not a point of P-256");
    }
    return key;
}

Result<Key> p256_from_scalar(const Secret& scalar, P256Public& point) {
    if (scalar.size() != 32) return fail(ErrorCode::malformed, "P-256 scalar is 32 bytes");
    const Number number(BN_bin2bn(scalar.expose().data(), 32, nullptr));
    const EC_GROUP* curve = group();
    RELAIS_CHECK(number != nullptr);
    if (BN_is_zero(number.get()) || BN_cmp(number.get(), EC_GROUP_get0_order(curve)) >= 0) {
        return fail(ErrorCode::malformed, "P-256 scalar out of range");
    }
    const Point product(EC_POINT_new(curve));
    must(EC_POINT_mul(curve, product.get(), number.get(), nullptr, nullptr, nullptr));
    const std::size_t size = EC_POINT_point2oct(curve, product.get(), POINT_CONVERSION_UNCOMPRESSED,
                                                point.bytes.data(), P256Public::kSize, nullptr);
    RELAIS_CHECK(size == P256Public::kSize);
    return build(point, number.get());
}

}  // namespace evp

namespace {

// One integer of a DER ECDSA signature: minimal, with a zero byte before a set top bit.
void append_der_integer(Bytes& out, ByteView value) {
    while (value.size() > 1 && value[0] == 0) value = value.subspan(1);
    const bool pad = (value[0] & 0x80) != 0;
    out.push_back(0x02);
    out.push_back(static_cast<std::uint8_t>(value.size() + (pad ? 1 : 0)));
    if (pad) out.push_back(0);
    append(out, value);
}

Bytes der_of(const Signature& signature) {
    Bytes integers;
    integers.reserve(72);
    append_der_integer(integers, signature.view().first(32));
    append_der_integer(integers, signature.view().last(32));
    Bytes der = {0x30, static_cast<std::uint8_t>(integers.size())};
    append(der, integers);
    return der;
}

// Requires a signature that OpenSSL made: SEQUENCE of two INTEGERs, short lengths.
Signature raw_of(ByteView der) {
    Signature signature;
    std::size_t at = 2;
    for (std::size_t half = 0; half < 2; ++half) {
        RELAIS_CHECK(at + 2 <= der.size() && der[at] == 0x02);
        ByteView value = der.subspan(at + 2, der[at + 1]);
        at += 2 + std::size_t{der[at + 1]};
        while (value.size() > 32) value = value.subspan(1);
        std::memcpy(signature.bytes.data() + half * 32 + (32 - value.size()), value.data(),
                    value.size());
    }
    return signature;
}

}  // namespace

struct P256Key::State {
    evp::Key key;
};

P256Key::P256Key(std::unique_ptr<State> state, const P256Public& public_key)
    : state_(std::move(state)), public_(public_key) {}
P256Key::P256Key(P256Key&&) noexcept = default;
P256Key& P256Key::operator=(P256Key&&) noexcept = default;
P256Key::~P256Key() = default;

P256Key P256Key::generate() {
    auto state = std::make_unique<State>();
    state->key = evp::generate();
    P256Public point;
    std::size_t size = 0;
    evp::must(EVP_PKEY_get_octet_string_param(state->key.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                              point.bytes.data(), P256Public::kSize, &size));
    RELAIS_CHECK(size == P256Public::kSize);
    return {std::move(state), point};
}

Result<P256Key> P256Key::from_scalar(const Secret& scalar) {
    P256Public point;
    RELAIS_ASSIGN(evp::Key key, evp::p256_from_scalar(scalar, point));
    auto state = std::make_unique<State>();
    state->key = std::move(key);
    return P256Key(std::move(state), point);
}

EVP_PKEY* evp::native(const P256Key& key) { return key.state_->key.get(); }

Secret P256Key::scalar() const {
    BIGNUM* number = nullptr;
    evp::must(EVP_PKEY_get_bn_param(state_->key.get(), OSSL_PKEY_PARAM_PRIV_KEY, &number));
    const std::unique_ptr<BIGNUM, evp::Deleter<BN_clear_free>> owned(number);
    Secret scalar(32);
    RELAIS_CHECK(BN_bn2binpad(number, scalar.expose_mutable().data(), 32) == 32);
    return scalar;
}

Signature P256Key::sign(ByteView message) {
    const Digest digest = sha256(message);
    const evp::KeyContext context(EVP_PKEY_CTX_new(state_->key.get(), nullptr));
    RELAIS_CHECK(context != nullptr);
    evp::must(EVP_PKEY_sign_init(context.get()));
    std::uint8_t der[80];
    std::size_t size = sizeof der;
    evp::must(EVP_PKEY_sign(context.get(), der, &size, digest.bytes.data(), Digest::kSize));
    return raw_of({der, size});
}

// Least recently used keys, bounded; the list holds them by age.
struct P256Verifier::Cache {
    struct Slot {
        std::shared_ptr<EVP_PKEY> key;
        std::list<P256Public>::iterator age;
    };
    std::size_t kept;
    std::mutex mutex;
    std::map<P256Public, Slot> slots;
    std::list<P256Public> ages;  // newest first

    std::shared_ptr<EVP_PKEY> find(const P256Public& point) {
        const std::lock_guard lock(mutex);
        const auto slot = slots.find(point);
        if (slot == slots.end()) return nullptr;
        ages.splice(ages.begin(), ages, slot->second.age);
        return slot->second.key;
    }
    void keep(const P256Public& point, const std::shared_ptr<EVP_PKEY>& key) {
        const std::lock_guard lock(mutex);
        if (slots.contains(point)) return;
        ages.push_front(point);
        slots.emplace(point, Slot{key, ages.begin()});
        if (slots.size() <= kept) return;
        slots.erase(ages.back());
        ages.pop_back();
    }
};

P256Verifier::P256Verifier(std::size_t keys_kept) : cache_(std::make_unique<Cache>()) {
    cache_->kept = keys_kept;
}
P256Verifier::~P256Verifier() = default;

Result<void> P256Verifier::verify(const P256Public& key, ByteView message,
                                  const Signature& signature) const {
    std::shared_ptr<EVP_PKEY> parsed = cache_->find(key);
    if (parsed == nullptr) {
        auto made = evp::p256_from_public(key);
        if (!made.ok()) return fail(ErrorCode::bad_signature, "key is not a point of P-256");
        parsed = std::shared_ptr<EVP_PKEY>(std::move(made).value().release(), EVP_PKEY_free);
        cache_->keep(key, parsed);
    }
    const Digest digest = sha256(message);
    const Bytes der = der_of(signature);
    const evp::KeyContext context(EVP_PKEY_CTX_new(parsed.get(), nullptr));
    RELAIS_CHECK(context != nullptr);
    evp::must(EVP_PKEY_verify_init(context.get()));
    const int verdict =
        EVP_PKEY_verify(context.get(), der.data(), der.size(), digest.bytes.data(), Digest::kSize);
    if (verdict != 1) return fail(ErrorCode::bad_signature);
    return {};
}

Result<void> check_p256_point(const P256Public& key) {
    RELAIS_TRY(evp::p256_from_public(key));
    return {};
}

Digest fingerprint(const P256Public& key) { return sha256(key.view()); }

}  // namespace relais
