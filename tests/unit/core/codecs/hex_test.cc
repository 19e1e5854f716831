// Rules of hexadecimal and of UUIDs as text.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/codecs/codecs.h"

namespace relais {
namespace {

constexpr std::string_view kUuid = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";  // RFC 9562, A.6

TEST(Hex, IsLowerCaseTwoDigitsAByte) {
    EXPECT_EQ(hex(Bytes{0x00, 0x0F, 0xA0, 0xFF}), "000fa0ff");
    EXPECT_EQ(parse_hex("000fa0ff").value(), (Bytes{0x00, 0x0F, 0xA0, 0xFF}));
    EXPECT_EQ(parse_hex("").value(), Bytes{});
}

TEST(Hex, OneTextForEachValue) {
    for (const char* bad : {"0", "000", "0A", "A0", "0g", "g0", " 0", "0 ", "0x", "00\n0", "-0"}) {
        EXPECT_EQ(parse_hex(bad).code(), ErrorCode::malformed) << bad;
    }
    EXPECT_EQ(parse_hex(std::string_view("0\0", 2)).code(), ErrorCode::malformed);
}

RC_GTEST_PROP(Hex, ReadsBackWhatItWrites, (const Bytes& bytes)) {
    RC_ASSERT(parse_hex(hex(bytes)).value() == bytes);
}

TEST(Hex, AnIdIsReadAtItsLengthAlone) {
    const std::string text(2 * Digest::kSize, 'a');
    EXPECT_EQ(hex(hex_from<Digest>(text).value().view()), text);
    EXPECT_EQ(hex_from<Digest>(text.substr(2)).code(), ErrorCode::malformed);
    EXPECT_EQ(hex_from<Digest>(text + "aa").code(), ErrorCode::malformed);
}

TEST(Uuid, IsWrittenAsItsSpecificationWritesIt) {
    const Bytes bytes = parse_hex("017f22e279b07cc398c4dc0c0c07398f").value();
    EXPECT_EQ(format_uuid(bytes), kUuid);
    EXPECT_EQ(parse_uuid(kUuid).value(), bytes);
    EXPECT_EQ(uuid(uuid_from<MessageId>(kUuid).value()), kUuid);
}

TEST(Uuid, OtherFormsAreRefused) {
    std::string text(kUuid);
    const std::string bad[] = {
        "",
        text.substr(1),
        text + "0",
        "{" + text + "}",
        "017f22e279b07cc398c4dc0c0c07398f",
        "017f22e2-79b0-7cc3-98c4dc0c0c07398f-",
        "017f22e27-9b0-7cc3-98c4-dc0c0c07398f",
        "017f22e2-79b0-7cc3-98c4--c0c0c07398f",
        "017f22e2-79b0-7cc3-98c4--c0c0c07398-",
        "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
        "017f22e2_79b0_7cc3_98c4_dc0c0c07398f",
    };
    for (const std::string& form : bad) {
        EXPECT_EQ(parse_uuid(form).code(), ErrorCode::malformed) << form;
    }
}

RC_GTEST_PROP(Uuid, ReadsBackWhatItWrites, ()) {
    const auto bytes = *rc::gen::container<Bytes>(16, rc::gen::arbitrary<std::uint8_t>());
    RC_ASSERT(parse_uuid(format_uuid(bytes)).value() == bytes);
}

TEST(UuidDeathTest, OfAnotherLengthStops) {
    EXPECT_DEATH((void)format_uuid(Bytes(15)), "invariant broken");
}

}  // namespace
}  // namespace relais
