// RFC 6979 vectors for ECDSA P-256, each with its negative twins.
#include "core/crypto/p256.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <thread>

#include "core/codecs/codecs.h"
#include "core/crypto/sha256.h"

namespace relais {
namespace {

// RFC 6979, A.2.5: the key, and its signatures with SHA-256.
const std::string kScalar = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
const std::string kPoint =
    "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
const std::string kSample =
    "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
    "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
const std::string kTest =
    "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
    "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083";
const std::string kOrder = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const std::string kOrderLessOne =
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550";
const std::string kZero(64, '0');
const std::string kOnes(64, 'f');

P256Public point(const std::string& text) { return hex_from<P256Public>(text).value(); }
Signature signature(const std::string& text) { return hex_from<Signature>(text).value(); }
Result<P256Key> key_from(const std::string& scalar) {
    return P256Key::from_scalar(Secret::copy_of(parse_hex(scalar).value()));
}

ErrorCode verdict(const std::string& key, std::string_view message, const std::string& sig) {
    return P256Verifier().verify(point(key), as_bytes(message), signature(sig)).code();
}

template <typename Id>
Id flipped(Id id, std::size_t bit) {
    id.bytes[bit / 8] = static_cast<std::uint8_t>(id.bytes[bit / 8] ^ (1U << (bit % 8)));
    return id;
}

TEST(P256, TheScalarOfThePublishedVectorGivesItsPoint) {
    const P256Key key = key_from(kScalar).value();
    EXPECT_EQ(hex(key.public_key().view()), kPoint);
    EXPECT_EQ(hex(key.scalar().expose()), kScalar);
}

TEST(P256, ThePublishedSignaturesVerifyForTheirMessagesAlone) {
    EXPECT_EQ(verdict(kPoint, "sample", kSample), ErrorCode::ok);
    EXPECT_EQ(verdict(kPoint, "test", kTest), ErrorCode::ok);
    EXPECT_EQ(verdict(kPoint, "test", kSample), ErrorCode::bad_signature);
    EXPECT_EQ(verdict(kPoint, "sample", kTest), ErrorCode::bad_signature);
    EXPECT_EQ(verdict(kPoint, "", kSample), ErrorCode::bad_signature);
    EXPECT_EQ(verdict(kPoint, "sample ", kSample), ErrorCode::bad_signature);
}

TEST(P256, AnyFlippedBitOfSignatureOrKeyFails) {
    const P256Verifier verifier;
    const ByteView message = as_bytes("sample");
    for (std::size_t bit = 0; bit < 8 * Signature::kSize; ++bit) {
        const auto bad = flipped(signature(kSample), bit);
        ASSERT_EQ(verifier.verify(point(kPoint), message, bad).code(), ErrorCode::bad_signature);
    }
    for (std::size_t bit = 0; bit < 8 * P256Public::kSize; ++bit) {
        const auto bad = flipped(point(kPoint), bit);
        ASSERT_EQ(verifier.verify(bad, message, signature(kSample)).code(),
                  ErrorCode::bad_signature);
    }
}

TEST(P256, SignaturesWithAPartZeroOrNotBelowTheOrderFail) {
    const std::string r = kSample.substr(0, 64);
    const std::string s = kSample.substr(64);
    const std::string parts[] = {kZero, kOrder, kOnes};
    for (const std::string& part : parts) {
        EXPECT_EQ(verdict(kPoint, "sample", part + s), ErrorCode::bad_signature) << part;
        EXPECT_EQ(verdict(kPoint, "sample", r + part), ErrorCode::bad_signature) << part;
        for (const std::string& other : parts) {
            EXPECT_EQ(verdict(kPoint, "sample", part + other), ErrorCode::bad_signature);
        }
    }
    EXPECT_EQ(verdict(kPoint, "sample", s + r), ErrorCode::bad_signature);
}

TEST(P256, BytesThatAreNoPointOfTheCurveAreRefused) {
    const std::string x = kPoint.substr(2, 64);
    const std::string y = kPoint.substr(66);
    const std::string field = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
    const std::string bad[] = {
        "04" + kZero + kZero,              // no point at all
        "00" + kZero + kZero,              // infinity, padded
        "04" + x + y.substr(0, 63) + "8",  // off the curve
        "04" + y + x,                      // coordinates exchanged
        "04" + x + kZero,                  // y zero
        "04" + field + y,                  // x not below the field's prime
        "04" + kOnes + kOnes,              // beyond the field
        "02" + x + y,                      // says compressed
        "03" + x + y,                      // says compressed
        "06" + x + y,                      // hybrid form
        "07" + x + y,                      // hybrid form
        "00" + x + y,                      // no form
    };
    ASSERT_TRUE(check_p256_point(point(kPoint)).ok());
    for (const std::string& text : bad) {
        EXPECT_EQ(check_p256_point(point(text)).code(), ErrorCode::malformed) << text;
        EXPECT_EQ(verdict(text, "sample", kSample), ErrorCode::bad_signature) << text;
    }
}

TEST(P256, ScalarsFromOneToTheOrderLessOneAreKeys) {
    EXPECT_TRUE(key_from(kZero.substr(0, 63) + "1").ok());
    EXPECT_TRUE(key_from(kOrderLessOne).ok());
    EXPECT_EQ(key_from(kZero).code(), ErrorCode::malformed);
    EXPECT_EQ(key_from(kOrder).code(), ErrorCode::malformed);
    EXPECT_EQ(key_from(kOnes).code(), ErrorCode::malformed);
    EXPECT_EQ(key_from(kScalar.substr(2)).code(), ErrorCode::malformed);
    EXPECT_EQ(key_from(kScalar + "00").code(), ErrorCode::malformed);
    EXPECT_EQ(key_from("").code(), ErrorCode::malformed);
}

// The generator itself, and its negative: the points of the first and last scalars (FIPS 186-5).
TEST(P256, TheFirstAndLastScalarsGiveTheGeneratorAndItsNegative) {
    const std::string gx = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";
    const std::string gy = "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
    const P256Key first = key_from(kZero.substr(0, 63) + "1").value();
    EXPECT_EQ(hex(first.public_key().view()), "04" + gx + gy);
    EXPECT_EQ(hex(first.scalar().expose()), kZero.substr(0, 63) + "1");
    const P256Key last = key_from(kOrderLessOne).value();
    EXPECT_EQ(hex(last.public_key().view()).substr(2, 64), gx);
    EXPECT_NE(hex(last.public_key().view()).substr(66), gy);
}

RC_GTEST_PROP(P256, WhatAKeySignsVerifiesUnderThatKeyAlone, (const Bytes& message)) {
    static P256Key key = P256Key::generate();
    static P256Key other = P256Key::generate();
    static const P256Verifier verifier;
    const Signature made = key.sign(message);
    RC_ASSERT(verifier.verify(key.public_key(), message, made).ok());
    RC_ASSERT(!verifier.verify(other.public_key(), message, made).ok());
    Bytes longer = message;
    longer.push_back(0);
    RC_ASSERT(!verifier.verify(key.public_key(), longer, made).ok());
}

TEST(P256, GeneratedKeysDifferAndComeBackFromTheirScalar) {
    P256Key key = P256Key::generate();
    EXPECT_NE(key.public_key(), P256Key::generate().public_key());
    EXPECT_TRUE(check_p256_point(key.public_key()).ok());
    P256Key again = P256Key::from_scalar(key.scalar()).value();
    EXPECT_EQ(again.public_key(), key.public_key());
    EXPECT_TRUE(
        P256Verifier().verify(key.public_key(), as_bytes("m"), again.sign(as_bytes("m"))).ok());
}

// One signature in 128 has a part with a zero byte in front, which DER drops and we put back.
TEST(P256, SignaturesWithShortPartsAreFilledFromTheLeft) {
    P256Key key = P256Key::generate();
    const P256Verifier verifier;
    for (std::uint32_t i = 0; i < 1500; ++i) {
        Bytes message;
        append_u32(message, i);
        ASSERT_TRUE(verifier.verify(key.public_key(), message, key.sign(message)).ok());
    }
}

TEST(P256Verifier, ForgettingKeysChangesNoVerdict) {
    std::vector<P256Key> keys;
    for (int i = 0; i < 5; ++i) keys.push_back(P256Key::generate());
    for (const std::size_t kept : {0U, 1U, 3U}) {
        const P256Verifier verifier(kept);
        for (int round = 0; round < 3; ++round) {
            for (P256Key& key : keys) {
                const Signature made = key.sign(as_bytes("m"));
                EXPECT_TRUE(verifier.verify(key.public_key(), as_bytes("m"), made).ok());
                EXPECT_FALSE(verifier.verify(key.public_key(), as_bytes("n"), made).ok());
            }
        }
    }
}

TEST(P256Verifier, SharedByThreadsChangesNoVerdict) {
    const P256Verifier verifier(2);
    std::vector<P256Key> keys;
    for (int i = 0; i < 4; ++i) keys.push_back(P256Key::generate());
    std::atomic<int> wrong = 0;
    const auto work = [&](std::size_t start) {
        for (std::size_t i = 0; i < 100; ++i) {
            P256Key& key = keys[(start + i) % keys.size()];
            const Signature made = key.sign(as_bytes("m"));
            const auto& other = keys[(start + i + 1) % keys.size()].public_key();
            wrong += verifier.verify(key.public_key(), as_bytes("m"), made).ok() ? 0 : 1;
            wrong += verifier.verify(other, as_bytes("m"), made).ok() ? 1 : 0;
        }
    };
    std::thread first(work, 0);
    std::thread second(work, 2);
    first.join();
    second.join();
    EXPECT_EQ(wrong, 0);
}

TEST(Fingerprint, IsTheHashOfTheSixtyFiveBytes) {
    EXPECT_EQ(fingerprint(point(kPoint)), sha256(parse_hex(kPoint).value()));
}

}  // namespace
}  // namespace relais
