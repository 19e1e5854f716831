// One signature over many headers: each verifies with its own path, and with nothing else.
#include "schemas/envelope/signature.h"

#include "core/base/contexts.h"
#include "core/base/limits.h"
#include "core/merkle/tree.h"
#include "tests/unit/schemas/envelope/raw.h"

namespace relais {
namespace {

class Batch : public testing::TestWithParam<std::uint32_t> {
protected:
    Batch() {
        for (std::uint32_t i = 0; i < GetParam(); ++i) headers.push_back(random.make<Digest>());
        signatures = sign_headers(headers, key);
        root = signed_root(headers[0], signatures[0]).value();
    }

    // Whether the signature, whose bytes stay the same, still is about this header.
    bool reaches_root(const Digest& header, const HeaderSignature& signature) const {
        const auto reached = signed_root(header, signature);
        return reached.ok() && *reached == root;
    }

    test::SeededRandom random{7};
    P256Key key = test::make_p256_key(random);
    P256Verifier verifier;
    std::vector<Digest> headers;
    std::vector<HeaderSignature> signatures;
    Digest root;
};

TEST_P(Batch, EveryHeaderVerifies) {
    ASSERT_EQ(signatures.size(), headers.size());
    for (std::size_t i = 0; i < headers.size(); ++i) {
        EXPECT_EQ(signatures[i].index, i);
        EXPECT_EQ(signatures[i].size, headers.size());
        EXPECT_LE(signatures[i].path.size(), limits::kBatchPathMax);
        ASSERT_TRUE(
            verify_header_signature(headers[i], signatures[i], key.public_key(), verifier).ok())
            << i;
    }
}

TEST_P(Batch, AllCarryTheSameSignature) {
    for (const HeaderSignature& each : signatures) {
        EXPECT_EQ(each.signature, signatures[0].signature);
    }
}

TEST_P(Batch, NoHeaderVerifiesWithTheSignatureOfAnother) {
    for (std::size_t i = 1; i < headers.size(); ++i) {
        ASSERT_FALSE(reaches_root(headers[i], signatures[i - 1])) << i;
        ASSERT_FALSE(reaches_root(headers[i - 1], signatures[i])) << i;
    }
    EXPECT_FALSE(reaches_root(random.make<Digest>(), signatures[0]));
}

TEST_P(Batch, NoHeaderVerifiesAtAnotherIndex) {
    for (std::size_t i = 0; i < headers.size(); ++i) {
        HeaderSignature moved = signatures[i];
        for (std::uint32_t index = 0; index <= headers.size(); ++index) {
            if (index == i) continue;
            moved.index = index;
            ASSERT_FALSE(reaches_root(headers[i], moved)) << i << " at " << index;
        }
        moved.index = UINT32_MAX;
        ASSERT_FALSE(reaches_root(headers[i], moved));
    }
}

TEST_P(Batch, NoHeaderVerifiesWithAnotherPath) {
    for (std::size_t i = 0; i < headers.size(); ++i) {
        for (std::size_t step = 0; step < signatures[i].path.size(); ++step) {
            HeaderSignature altered = signatures[i];
            altered.path[step].bytes[step % 32] ^= 1;
            ASSERT_FALSE(reaches_root(headers[i], altered));
            altered = signatures[i];
            altered.path.erase(altered.path.begin() + static_cast<std::ptrdiff_t>(step));
            ASSERT_FALSE(reaches_root(headers[i], altered));
        }
        HeaderSignature longer = signatures[i];
        longer.path.push_back({});
        ASSERT_FALSE(reaches_root(headers[i], longer));
    }
}

// A path says how deep its leaf stands and on which side, not how many leaves follow: a size that
// gives the leaf the same place leads to the same root, and to the same header. Every other size
// fails.
TEST_P(Batch, ASizeThatMovesTheLeafFails) {
    for (const std::uint32_t size : {1U, 2U, 3U, 4U, 5U, 9U, 129U, 254U, 255U, 256U}) {
        const merkle::BatchTree tree = merkle::BatchTree::build(std::vector<Digest>(size)).value();
        for (std::uint32_t i = 0; i < headers.size(); ++i) {
            const bool same_depth = i < size && tree.path(i).size() == signatures[i].path.size();
            if (same_depth) continue;
            HeaderSignature resized = signatures[i];
            resized.size = size;
            ASSERT_FALSE(reaches_root(headers[i], resized)) << i << " of " << size;
        }
    }
}

TEST_P(Batch, ABatchIsOf1To256) {
    HeaderSignature resized = signatures[0];
    for (const std::uint32_t size : {0U, 257U, 512U, UINT32_MAX}) {
        resized.size = size;
        EXPECT_EQ(signed_root(headers[0], resized).code(), ErrorCode::proof_invalid) << size;
    }
}

TEST_P(Batch, AnAlteredSignatureOrAnotherKeyFails) {
    HeaderSignature altered = signatures.back();
    for (std::size_t byte = 0; byte < Signature::kSize; ++byte) {
        altered.signature = signatures.back().signature;
        altered.signature.bytes[byte] ^= 0x10;
        EXPECT_EQ(
            verify_header_signature(headers.back(), altered, key.public_key(), verifier).code(),
            ErrorCode::bad_signature);
    }
    const P256Key other = test::make_p256_key(random);
    EXPECT_EQ(
        verify_header_signature(headers.back(), signatures.back(), other.public_key(), verifier)
            .code(),
        ErrorCode::bad_signature);
}

INSTANTIATE_TEST_SUITE_P(Sizes, Batch, testing::Values(1U, 2U, 3U, 255U, 256U));

// A root signed for another purpose, or bare, is no header's signature.
TEST(HeaderSignatures, TheSignatureIsOverTheEnvelopeContextAndTheRoot) {
    test::SeededRandom random(1);
    P256Key key = test::make_p256_key(random);
    const P256Verifier verifier;
    const auto digest = random.make<Digest>();
    const auto verdict = [&](const Signature& signature) {
        return verify_header_signature(digest, {signature, 0, 1, {}}, key.public_key(), verifier)
            .code();
    };
    EXPECT_EQ(verdict(key.sign(signed_message(contexts::kEnvelope, digest.view()))), ErrorCode::ok);
    EXPECT_EQ(verdict(key.sign(signed_message(contexts::kEntry, digest.view()))),
              ErrorCode::bad_signature);
    EXPECT_EQ(verdict(key.sign(digest.view())), ErrorCode::bad_signature);
}

TEST(HeaderSignatures, SigningNothingOrTooMuchIsOurMistake) {
    test::SeededRandom random(1);
    P256Key key = test::make_p256_key(random);
    EXPECT_DEATH((void)sign_headers({}, key), "ok");
    const std::vector<Digest> many(limits::kBatchSignedMax + 1);
    EXPECT_DEATH((void)sign_headers(many, key), "ok");
}

}  // namespace
}  // namespace relais
