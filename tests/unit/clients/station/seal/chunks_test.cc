// A chunk of an attachment opens as that chunk of that message alone, and altered not at all.
#include "clients/station/seal/chunks.h"

#include <gtest/gtest.h>

#include "clients/station/seal/aead.h"
#include "clients/station/seal/content.h"
#include "core/base/limits.h"
#include "tests/support/printers.h"
#include "tests/support/random.h"

namespace relais::seal {
namespace {

class ChunksTest : public testing::Test {
protected:
    test::SeededRandom random{1};
    Secret key = make_attachment_key(random);
    ChunkName name{random.make<MessageId>(), 3, 7};
    Bytes piece = random.bytes(5000);
    Bytes sealed = seal_chunk(key, name, piece);

    ErrorCode opened(const ChunkName& as) {
        return open_chunk(key, as, sealed, piece.size()).code();
    }
};

TEST_F(ChunksTest, APieceComesBackAsItWas) {
    const auto back = open_chunk(key, name, sealed, piece.size());
    ASSERT_TRUE(back.ok());
    EXPECT_TRUE(bytes_equal(back->expose(), piece));
}

TEST_F(ChunksTest, ItsSizeSaysNoMoreThanItsClass) {
    for (const std::size_t size : {std::size_t{1}, std::size_t{4096}}) {
        EXPECT_EQ(seal_chunk(key, name, random.bytes(size)).size(),
                  limits::kChunkPaddedBytesMin + 16);
    }
    EXPECT_EQ(sealed.size(), 8192U + 16U);
    EXPECT_EQ(seal_chunk(key, name, random.bytes(limits::kChunkBytes)).size(),
              limits::kChunkSealedBytesMax);
}

TEST_F(ChunksTest, AtAnotherPlaceItDoesNotOpen) {
    EXPECT_EQ(opened({name.message, 4, 7}), ErrorCode::attachment_invalid);
}

TEST_F(ChunksTest, AmongAnotherNumberOfChunksItDoesNotOpen) {
    EXPECT_EQ(opened({name.message, 3, 6}), ErrorCode::attachment_invalid);
}

TEST_F(ChunksTest, OfAnotherMessageItDoesNotOpen) {
    EXPECT_EQ(opened({random.make<MessageId>(), 3, 7}), ErrorCode::attachment_invalid);
}

TEST_F(ChunksTest, UnderAnotherKeyItDoesNotOpen) {
    const Secret other = make_attachment_key(random);
    EXPECT_EQ(open_chunk(other, name, sealed, piece.size()).code(), ErrorCode::attachment_invalid);
}

TEST_F(ChunksTest, AlteredOrCutItDoesNotOpen) {
    for (const std::size_t at : {std::size_t{0}, sealed.size() / 2, sealed.size() - 1}) {
        Bytes altered = sealed;
        altered[at] ^= 1;
        EXPECT_EQ(open_chunk(key, name, altered, piece.size()).code(),
                  ErrorCode::attachment_invalid);
    }
    EXPECT_EQ(open_chunk(key, name, ByteView(sealed).first(4000), piece.size()).code(),
              ErrorCode::attachment_invalid);
}

TEST_F(ChunksTest, WithAnotherLengthItDoesNotOpen) {
    EXPECT_EQ(open_chunk(key, name, sealed, piece.size() - 1).code(), ErrorCode::attachment_invalid)
        << "what would be cut off is no padding";
    EXPECT_EQ(open_chunk(key, name, sealed, 100).code(), ErrorCode::attachment_invalid);
}

TEST_F(ChunksTest, TheListComesBackWithItsKey) {
    const AttachmentList list{key.duplicate(), {{"courrier.pdf", "application/pdf", 9, {}}}};
    const auto back = parse_list(encode_list(list));
    ASSERT_TRUE(back.ok());
    EXPECT_TRUE(bytes_equal(back->key.expose(), key.expose()));
    ASSERT_EQ(back->files.size(), 1U);
    EXPECT_EQ(back->files[0].name, "courrier.pdf");
    EXPECT_EQ(parse_list(key).code(), ErrorCode::malformed) << "a key alone";
}

TEST_F(ChunksTest, AContentHoldsPayloadAndListAndAReaderSaysWhich) {
    const Bytes payload = random.bytes(100);
    const Bytes list = random.bytes(60);
    const auto both = pad_content(payload, random, list).value();
    const auto parts = unpad_with_attachments(both.bytes);
    ASSERT_TRUE(parts.ok());
    EXPECT_TRUE(bytes_equal(parts->payload.expose(), payload));
    EXPECT_TRUE(bytes_equal(parts->attachments.expose(), list));
    EXPECT_EQ(unpad_content(both.bytes).code(), ErrorCode::malformed)
        << "without a header that says so, what follows the payload is no padding";
    const auto plain = pad_content(payload, random).value();
    EXPECT_TRUE(bytes_equal(unpad_content(plain.bytes).value().expose(), payload));
    EXPECT_TRUE(unpad_with_attachments(plain.bytes).value().attachments.empty());
}

}  // namespace
}  // namespace relais::seal
