// Rules of core/base/bytes.h: byte order, bounds, views.
#include "core/base/bytes.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace relais {
namespace {

TEST(Bytes, IntegersAreWrittenInNetworkOrder) {
    Bytes out;
    append_u16(out, 0x0102);
    append_u32(out, 0x03040506);
    append_u64(out, 0x0708090A0B0C0D0EU);
    EXPECT_EQ(out, (Bytes{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}));
}

RC_GTEST_PROP(Bytes, IntegersReadBack, (std::uint32_t small, std::uint64_t large)) {
    Bytes out;
    append_u32(out, small);
    append_u64(out, large);
    RC_ASSERT(read_u32(out) == small);
    RC_ASSERT(read_u64(ByteView(out).subspan(4)) == large);
}

TEST(BytesDeathTest, ReadingPastTheEndStops) {
    EXPECT_DEATH((void)read_u32(Bytes(3)), "invariant broken");
    EXPECT_DEATH((void)read_u64(Bytes(7)), "invariant broken");
}

TEST(Bytes, EqualMeansSameLengthAndBytes) {
    EXPECT_TRUE(bytes_equal(Bytes{1, 2}, Bytes{1, 2}));
    EXPECT_TRUE(bytes_equal({}, Bytes{}));
    EXPECT_FALSE(bytes_equal(Bytes{1, 2}, Bytes{1}));
    EXPECT_FALSE(bytes_equal(Bytes{1, 2}, Bytes{1, 3}));
}

RC_GTEST_PROP(Bytes, TextAndBytesAreTheSameMemory, (const std::string& text)) {
    RC_ASSERT(as_text(as_bytes(text)) == text);
    Bytes out;
    append(out, text);
    append(out, as_bytes(text));
    RC_ASSERT(as_text(out) == text + text);
    RC_ASSERT(to_bytes(as_bytes(text)).size() == text.size());
}

}  // namespace
}  // namespace relais
