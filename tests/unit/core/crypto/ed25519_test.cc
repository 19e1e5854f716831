// RFC 8032 vectors for Ed25519, each with its negative twins.
#include "core/crypto/ed25519.h"

#include <gtest/gtest.h>

#include "core/codecs/codecs.h"

namespace relais {
namespace {

struct Vector {
    const char* seed;
    const char* key;
    const char* message;
    const char* signature;
};

// RFC 8032, section 7.1: tests 1, 2, 3 and SHA(abc).
constexpr Vector kVectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9"
     "b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f1"
     "1d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984d"
     "c6594a7c15e9716ed28dc027beceea1ec40a"},
    {"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
     "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3fe"
     "ebbd454d4423643ce80e2a9ac94fa54ca49f",
     "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431"
     "e0303dca179c138ac17ad9bef1177331a704"}};

Ed25519Key key_of(const Vector& vector) {
    return Ed25519Key::from_seed(Secret::copy_of(parse_hex(vector.seed).value())).value();
}

TEST(Ed25519, SignsAndVerifiesThePublishedVectors) {
    for (const Vector& vector : kVectors) {
        Ed25519Key key = key_of(vector);
        const Bytes message = parse_hex(vector.message).value();
        EXPECT_EQ(hex(key.public_key().view()), vector.key);
        EXPECT_EQ(hex(key.sign(message).view()), vector.signature);
        EXPECT_EQ(hex(key.seed().expose()), vector.seed);
        EXPECT_TRUE(
            verify_ed25519(key.public_key(), message, hex_from<Signature>(vector.signature).value())
                .ok());
    }
}

TEST(Ed25519, AnyFlippedBitOfSignatureOrKeyFails) {
    const Vector& vector = kVectors[1];
    const Bytes message = parse_hex(vector.message).value();
    const auto key = hex_from<Ed25519Public>(vector.key).value();
    const auto signature = hex_from<Signature>(vector.signature).value();
    for (std::size_t bit = 0; bit < 8 * Signature::kSize; ++bit) {
        Signature bad = signature;
        bad.bytes[bit / 8] = static_cast<std::uint8_t>(bad.bytes[bit / 8] ^ (1U << (bit % 8)));
        ASSERT_EQ(verify_ed25519(key, message, bad).code(), ErrorCode::bad_signature) << bit;
    }
    for (std::size_t bit = 0; bit < 8 * Ed25519Public::kSize; ++bit) {
        Ed25519Public bad = key;
        bad.bytes[bit / 8] = static_cast<std::uint8_t>(bad.bytes[bit / 8] ^ (1U << (bit % 8)));
        ASSERT_EQ(verify_ed25519(bad, message, signature).code(), ErrorCode::bad_signature) << bit;
    }
}

TEST(Ed25519, AnotherMessageFails) {
    Ed25519Key key = key_of(kVectors[0]);
    const Signature signature = key.sign(as_bytes("message"));
    for (const char* other : {"", "messag", "messagf", "message ", "Message"}) {
        EXPECT_FALSE(verify_ed25519(key.public_key(), as_bytes(other), signature).ok()) << other;
    }
}

// S and S + L sign alike to a careless verifier: RFC 8032, 5.1.7 asks that S is below L.
TEST(Ed25519, ASignatureWithTheOrderAddedFails) {
    const Bytes order =
        parse_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
            .value();  // L, little-endian
    for (const Vector& vector : kVectors) {
        auto signature = hex_from<Signature>(vector.signature).value();
        int carry = 0;
        for (std::size_t i = 0; i < 32; ++i) {
            carry += signature.bytes[32 + i] + order[i];
            signature.bytes[32 + i] = static_cast<std::uint8_t>(carry);
            carry >>= 8;
        }
        const auto key = hex_from<Ed25519Public>(vector.key).value();
        EXPECT_FALSE(verify_ed25519(key, parse_hex(vector.message).value(), signature).ok());
    }
}

TEST(Ed25519, BytesThatAreNoKeyFailRatherThanStop) {
    Ed25519Public none;
    none.bytes.fill(0xFF);
    EXPECT_EQ(verify_ed25519(none, as_bytes("m"), Signature{}).code(), ErrorCode::bad_signature);
}

TEST(Ed25519, ASeedOfAnotherLengthIsMalformed) {
    for (const std::size_t size : {0U, 31U, 33U, 64U}) {
        EXPECT_EQ(Ed25519Key::from_seed(Secret(size)).code(), ErrorCode::malformed) << size;
    }
}

TEST(Ed25519, GeneratedKeysDifferAndComeBackFromTheirSeed) {
    Ed25519Key key = Ed25519Key::generate();
    EXPECT_NE(key.public_key(), Ed25519Key::generate().public_key());
    Ed25519Key again = Ed25519Key::from_seed(key.seed()).value();
    EXPECT_EQ(again.public_key(), key.public_key());
    EXPECT_EQ(again.sign(as_bytes("m")), key.sign(as_bytes("m")));
}

}  // namespace
}  // namespace relais
