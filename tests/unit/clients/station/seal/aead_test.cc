// AES-GCM against the test cases of its authors (McGrew and Viega, "The Galois/Counter Mode of
// Operation", appendix B), each with its negative twins.
#include "clients/station/seal/aead.h"

#include <gtest/gtest.h>

#include "tests/support/printers.h"
#include "tests/unit/clients/station/seal/damage.h"

namespace relais::seal {
namespace {

using test::secret_hex;
using test::unhex;

const std::string kPlain =
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b5"
    "25b16aedf5aa0de657ba637b391aafd255";
const std::string kKey16 = "feffe9928665731c6d6a8f9467308308";
const std::string kNonce = "cafebabefacedbaddecaf888";
const std::string kAad = "feedfacedeadbeeffeedfacedeadbeefabaddad2";

struct Case {
    const char* name;
    std::string key;
    std::string nonce;
    std::string aad;
    std::string plain;
    std::string sealed;  // ciphertext and tag
};

std::vector<Case> cases() {
    const std::string zeros(32, '0');
    const std::string nonce(24, '0');
    return {
        {"1", zeros, nonce, "", "", "58e2fccefa7e3061367f1d57a4e7455a"},
        {"2", zeros, nonce, "", zeros,
         "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf"},
        {"4", kKey16, kNonce, kAad, kPlain.substr(0, 120),
         "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5a"
         "ac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47"},
        {"13", zeros + zeros, nonce, "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
        {"14", zeros + zeros, nonce, "", zeros,
         "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
        {"15", kKey16 + kKey16, kNonce, "", kPlain,
         "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b10"
         "56828838c5f61e6393ba7a0abcc9f662898015adb094dac5d93471bdec1a502270e3cc6c"},
        {"16", kKey16 + kKey16, kNonce, kAad, kPlain.substr(0, 120),
         "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b10"
         "56828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"},
    };
}

Result<Secret> open_case(const Case& c, ByteView sealed) {
    return aead_open(secret_hex(c.key), unhex(c.nonce), unhex(c.aad), sealed);
}

TEST(Aead, SealsThePublishedCasesToTheirBytes) {
    for (const Case& c : cases()) {
        SCOPED_TRACE(c.name);
        const Bytes sealed =
            aead_seal(secret_hex(c.key), unhex(c.nonce), unhex(c.aad), unhex(c.plain));
        EXPECT_EQ(hex(sealed), c.sealed);
    }
}

TEST(Aead, OpensThePublishedCases) {
    for (const Case& c : cases()) {
        SCOPED_TRACE(c.name);
        const auto opened = open_case(c, unhex(c.sealed));
        ASSERT_TRUE(opened.ok());
        EXPECT_EQ(hex(opened->expose()), c.plain);
    }
}

TEST(Aead, AnyFlippedBitOfCiphertextOrTagIsRefused) {
    for (const Case& c : cases()) {
        SCOPED_TRACE(c.name);
        for (const Bytes& bad : test::every_bit_flipped(unhex(c.sealed))) {
            ASSERT_EQ(open_case(c, bad).code(), ErrorCode::content_undecryptable) << hex(bad);
        }
    }
}

// A tag cut short is what other libraries have accepted.
TEST(Aead, AnotherLengthIsRefused) {
    for (const Case& c : cases()) {
        SCOPED_TRACE(c.name);
        for (const Bytes& bad : test::every_other_length(unhex(c.sealed))) {
            ASSERT_EQ(open_case(c, bad).code(), ErrorCode::content_undecryptable) << bad.size();
        }
    }
}

TEST(Aead, AnotherKeyNonceOrAssociatedDataIsRefused) {
    const Case c = cases().back();
    const Bytes sealed = unhex(c.sealed);
    for (const Bytes& key : test::every_bit_flipped(unhex(c.key))) {
        const auto opened = aead_open(Secret::copy_of(key), unhex(c.nonce), unhex(c.aad), sealed);
        ASSERT_EQ(opened.code(), ErrorCode::content_undecryptable);
    }
    for (const Bytes& nonce : test::every_bit_flipped(unhex(c.nonce))) {
        const auto opened = aead_open(secret_hex(c.key), nonce, unhex(c.aad), sealed);
        ASSERT_EQ(opened.code(), ErrorCode::content_undecryptable);
    }
    std::vector<Bytes> others = test::every_bit_flipped(unhex(c.aad));
    for (Bytes& other : test::every_other_length(unhex(c.aad))) others.push_back(std::move(other));
    for (const Bytes& aad : others) {
        const auto opened = aead_open(secret_hex(c.key), unhex(c.nonce), aad, sealed);
        ASSERT_EQ(opened.code(), ErrorCode::content_undecryptable);
    }
}

TEST(Aead, AKeyOfHalfTheLengthIsAnotherCipher) {
    const Case c = cases().back();
    EXPECT_EQ(aead_open(secret_hex(kKey16), unhex(c.nonce), unhex(c.aad), unhex(c.sealed)).code(),
              ErrorCode::content_undecryptable);
}

}  // namespace
}  // namespace relais::seal
