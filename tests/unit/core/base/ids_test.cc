// Rules of the distinct id types, and UUIDv7 (RFC 9562).
#include "core/base/ids.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <type_traits>

#include "core/base/ports.h"

namespace relais {
namespace {

// Every byte the same.
class ConstantRandom final : public Random {
public:
    explicit ConstantRandom(std::uint8_t byte) : byte_(byte) {}
    void fill(std::span<std::uint8_t> out) override { std::ranges::fill(out, byte_); }

private:
    std::uint8_t byte_;
};

std::uint64_t milliseconds_of(const MessageId& id) { return read_u64(id.view()) >> 16; }

TEST(Ids, DoNotConvertIntoEachOther) {
    static_assert(!std::is_convertible_v<PersonId, StationId>);
    static_assert(!std::is_convertible_v<ChannelSeq, LeafIndex>);
    static_assert(!std::is_convertible_v<P256Public, Ed25519Public>);
    static_assert(MessageId::kSize == 16 && Digest::kSize == 32 && P256Public::kSize == 65);
}

TEST(Ids, AreOrderedAsTheirBytes) {
    EXPECT_LT(PersonId::from(Bytes(16, 1)), PersonId::from(Bytes(16, 2)));
    EXPECT_GT(PersonId::from(Bytes(16, 0x80)), PersonId::from(Bytes(16, 0x7F)));
    EXPECT_TRUE(PersonId{}.is_zero());
    EXPECT_FALSE(PersonId::from(Bytes(16, 1)).is_zero());
    EXPECT_EQ(ChannelSeq{4}.next(), ChannelSeq{5});
}

TEST(IdsDeathTest, OfAnotherLengthStop) {
    EXPECT_DEATH((void)PersonId::from(Bytes(15)), "invariant broken");
    EXPECT_DEATH((void)PersonId::from(Bytes(17)), "invariant broken");
}

TEST(UuidV7, HoldsVersionAndVariantWhateverIsRandom) {
    for (const int byte : {0x00, 0xFF}) {
        ConstantRandom random(static_cast<std::uint8_t>(byte));
        const auto id = make_uuid_v7<MessageId>(random, {1'700'000'000'123});
        EXPECT_EQ(id.bytes[6] >> 4, 7);
        EXPECT_EQ(id.bytes[8] >> 6, 2);
        EXPECT_TRUE(is_uuid_v7(id));
        EXPECT_EQ(milliseconds_of(id), 1'700'000'000'123U);
    }
}

// The example of RFC 9562, appendix A.6: its time and random bits.
TEST(UuidV7, IsTheExampleOfItsSpecification) {
    class Example final : public Random {
        void fill(std::span<std::uint8_t> out) override {
            const Bytes tail = {0x0C, 0xC3, 0x18, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F};
            std::ranges::copy(tail, out.begin() + 6);
        }
    } random;
    const auto id = make_uuid_v7<MessageId>(random, {0x017F22E279B0});
    EXPECT_EQ(to_bytes(id.view()), (Bytes{0x01, 0x7F, 0x22, 0xE2, 0x79, 0xB0, 0x7C, 0xC3, 0x98,
                                          0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F}));
}

TEST(UuidV7, OtherVersionsAndVariantsAreNot) {
    ConstantRandom random(0x55);
    const auto id = make_uuid_v7<MessageId>(random, {1});
    for (int version = 0; version < 16; ++version) {
        MessageId other = id;
        other.bytes[6] = static_cast<std::uint8_t>(version << 4);
        EXPECT_EQ(is_uuid_v7(other), version == 7);
    }
    for (int variant = 0; variant < 4; ++variant) {
        MessageId other = id;
        other.bytes[8] = static_cast<std::uint8_t>(variant << 6);
        EXPECT_EQ(is_uuid_v7(other), variant == 2);
    }
}

RC_GTEST_PROP(UuidV7, LaterIdsSortAfterEarlierOnesWhateverIsRandom,
              (std::uint8_t a, std::uint8_t b)) {
    const auto first = *rc::gen::inRange<std::int64_t>(0, (std::int64_t{1} << 48) - 1);
    const auto second = *rc::gen::inRange<std::int64_t>(first + 1, std::int64_t{1} << 48);
    ConstantRandom early(a);
    ConstantRandom late(b);
    RC_ASSERT(make_uuid_v7<MessageId>(early, {first}) < make_uuid_v7<MessageId>(late, {second}));
}

}  // namespace
}  // namespace relais
