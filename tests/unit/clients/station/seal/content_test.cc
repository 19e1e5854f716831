// The padded content: its size classes, its salt, and what is refused when it is opened.
#include "clients/station/seal/content.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "clients/station/seal/aead.h"
#include "core/base/limits.h"
#include "core/crypto/sha256.h"
#include "tests/support/printers.h"
#include "tests/support/random.h"
#include "tests/unit/clients/station/seal/damage.h"

namespace relais::seal {
namespace {

constexpr std::size_t kPrefix = 36;  // salt and length
constexpr std::size_t kLargest = limits::kContentPaddedBytesMax - kPrefix;

Secret copy(ByteView bytes) { return Secret::copy_of(bytes); }

class Content : public testing::Test {
protected:
    [[nodiscard]] PaddedContent pad(std::size_t size) {
        return pad_content(random_.bytes(size), random_).value();
    }
    test::SeededRandom random_{7};
};

TEST_F(Content, ClassesAreThePowersOfTwoFrom512BytesTo512KiB) {
    EXPECT_EQ(pad(0).bytes.size(), 512U);
    EXPECT_EQ(pad(512 - kPrefix).bytes.size(), 512U);
    for (std::size_t size = 512; size < limits::kContentPaddedBytesMax; size *= 2) {
        EXPECT_EQ(pad(size - kPrefix).bytes.size(), size);
        EXPECT_EQ(pad(size - kPrefix + 1).bytes.size(), 2 * size);
    }
    EXPECT_EQ(pad(kLargest).bytes.size(), limits::kContentPaddedBytesMax);
}

TEST_F(Content, AboveTheLargestClassIsRefused) {
    EXPECT_EQ(pad_content(Bytes(kLargest + 1), random_).code(), ErrorCode::too_large);
}

TEST_F(Content, UnpaddingGivesThePayloadBack) {
    for (const std::size_t size : {0U, 1U, 475U, 476U, 477U, 5000U}) {
        const Bytes payload = random_.bytes(size);
        const auto padded = pad_content(payload, random_).value();
        EXPECT_EQ(hex(unpad_content(padded.bytes).value().expose()), hex(payload));
    }
}

TEST_F(Content, LayoutIsSaltLengthPayloadZeros) {
    const auto padded = pad_content(as_bytes("dossier"), random_).value();
    const ByteView bytes = padded.bytes.expose();
    EXPECT_EQ(read_u32(bytes.subspan(32)), 7U);
    EXPECT_EQ(as_text(bytes.subspan(36, 7)), "dossier");
    EXPECT_TRUE(std::ranges::all_of(bytes.subspan(43), [](auto byte) { return byte == 0; }));
    EXPECT_EQ(padded.digest, sha256(bytes));
}

// Without the salt, whoever holds a header could check a guess of the content against its digest.
TEST_F(Content, TheSamePayloadHasAnotherDigestEachTime) {
    const auto one = pad_content(as_bytes("oui"), random_).value();
    const auto two = pad_content(as_bytes("oui"), random_).value();
    EXPECT_NE(one.digest, two.digest);
    EXPECT_NE(hex(one.bytes.expose().first(32)), hex(two.bytes.expose().first(32)));
}

TEST_F(Content, AnySizeThatIsNoClassIsRefused) {
    const auto padded = pad(10);
    for (const std::size_t size : {0U, 1U, 35U, 36U, 256U, 511U}) {
        EXPECT_EQ(unpad_content(copy(padded.bytes.expose().first(size))).code(),
                  ErrorCode::malformed);
    }
    EXPECT_EQ(unpad_content(Secret(513)).code(), ErrorCode::malformed);
    EXPECT_EQ(unpad_content(Secret(768)).code(), ErrorCode::malformed);
    EXPECT_EQ(unpad_content(Secret(2 * limits::kContentPaddedBytesMax)).code(),
              ErrorCode::malformed);
}

TEST_F(Content, ALengthThatDoesNotFitIsRefused) {
    for (const std::uint32_t length : {512U - 35U, 512U, 0x80000000U, 0xFFFFFFFFU}) {
        Secret padded(512);
        Bytes field;
        append_u32(field, length);
        std::ranges::copy(field, padded.expose_mutable().begin() + 32);
        EXPECT_EQ(unpad_content(padded).code(), ErrorCode::malformed) << length;
    }
}

TEST_F(Content, PaddingThatIsNotZeroIsRefusedAtEachPlace) {
    const auto padded = pad(100);
    for (std::size_t at = kPrefix + 100; at < 512; ++at) {
        Secret bad = padded.bytes.duplicate();
        bad.expose_mutable()[at] = 1;
        ASSERT_EQ(unpad_content(bad).code(), ErrorCode::malformed) << at;
    }
}

class SealedContent : public Content {
protected:
    SealedContent()
        : padded_(pad_content(as_bytes("PAT-TROIS Dominique"), random_).value()),
          key_(make_content_key(random_)),
          header_(random_.make<Digest>()),
          sealed_(encrypt_content(key_, header_, padded_.bytes)) {}

    [[nodiscard]] ErrorCode verdict(ByteView sealed) const {
        return decrypt_content(key_, header_, sealed, padded_.digest).code();
    }

    PaddedContent padded_;
    Secret key_;
    Digest header_;
    Bytes sealed_;
};

TEST_F(SealedContent, OpensToThePayload) {
    const auto opened = decrypt_content(key_, header_, sealed_, padded_.digest);
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(as_text(opened->expose()), "PAT-TROIS Dominique");
    EXPECT_EQ(sealed_.size(), padded_.bytes.size() + kTagBytes);
}

TEST_F(SealedContent, ThePaddedBytesAreThoseThatWereSigned) {
    const auto opened = decrypt_padded(key_, header_, sealed_, padded_.digest);
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(hex(opened->expose()), hex(padded_.bytes.expose()));
}

TEST_F(SealedContent, AnyFlippedBitIsRefused) {
    for (const Bytes& bad : test::every_bit_flipped(sealed_)) {
        ASSERT_EQ(verdict(bad), ErrorCode::content_undecryptable);
    }
}

TEST_F(SealedContent, AnotherLengthIsRefused) {
    for (const Bytes& bad : test::every_other_length(sealed_)) {
        ASSERT_EQ(verdict(bad), ErrorCode::content_undecryptable);
    }
}

TEST_F(SealedContent, UnderAnotherHeaderItDoesNotOpen) {
    for (const Bytes& bad : test::every_bit_flipped(header_.view())) {
        ASSERT_EQ(decrypt_content(key_, Digest::from(bad), sealed_, padded_.digest).code(),
                  ErrorCode::content_undecryptable);
    }
}

TEST_F(SealedContent, AnotherKeyDoesNotOpenIt) {
    EXPECT_EQ(decrypt_content(make_content_key(random_), header_, sealed_, padded_.digest).code(),
              ErrorCode::content_undecryptable);
}

// What stands in a box may be anything: only 32 bytes are a key.
TEST_F(SealedContent, AKeyOfAnotherSizeIsNoKey) {
    for (const std::size_t size : {0U, 16U, 31U, 33U}) {
        EXPECT_EQ(decrypt_content(Secret(size), header_, sealed_, padded_.digest).code(),
                  ErrorCode::box_unopenable);
    }
}

// The sender's key opens it, and it is still not what the sender signed.
TEST_F(SealedContent, ContentOtherThanTheSignedOneIsRefused) {
    const auto other = pad_content(as_bytes("PAT-QUATRE Camille"), random_).value();
    EXPECT_EQ(
        decrypt_content(key_, header_, encrypt_content(key_, header_, other.bytes), padded_.digest)
            .code(),
        ErrorCode::digest_mismatch);
    EXPECT_EQ(
        decrypt_padded(key_, header_, encrypt_content(key_, header_, other.bytes), padded_.digest)
            .code(),
        ErrorCode::digest_mismatch);
}

// Signed by its sender and malformed all the same.
TEST_F(SealedContent, SignedContentOfAnotherFormIsRefused) {
    const Secret shapeless = copy(random_.bytes(512));
    EXPECT_EQ(decrypt_content(key_, header_, encrypt_content(key_, header_, shapeless),
                              sha256(shapeless.expose()))
                  .code(),
              ErrorCode::malformed);
}

}  // namespace
}  // namespace relais::seal
