// Rules of Crockford's base 32, the code that people copy by hand.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/codecs/codecs.h"

namespace relais {
namespace {

std::string text_of(const Secret& secret) { return std::string(as_text(secret.expose())); }
Bytes bytes_of(const Secret& secret) { return to_bytes(secret.expose()); }

// Crockford's alphabet over the bits of RFC 4648's base 32, without padding.
TEST(Base32, IsCrockfordsAlphabetOverTheUsualBits) {
    EXPECT_EQ(text_of(base32({})), "");
    EXPECT_EQ(text_of(base32(as_bytes("f"))), "CR");
    EXPECT_EQ(text_of(base32(as_bytes("fo"))), "CSQG");
    EXPECT_EQ(text_of(base32(as_bytes("foo"))), "CSQPY");
    EXPECT_EQ(text_of(base32(as_bytes("foob"))), "CSQPYRG");
    EXPECT_EQ(text_of(base32(as_bytes("fooba"))), "CSQPYRK1");
    EXPECT_EQ(text_of(base32(as_bytes("foobar"))), "CSQPYRK1E8");
    EXPECT_EQ(text_of(base32(Bytes(5, 0xFF))), "ZZZZZZZZ");
}

TEST(Base32, IsReadAsPeopleCopyIt) {
    const Bytes expected = bytes_of(parse_base32("10110").value());
    for (const char* copied : {"IOIIO", "lolLo", "1-0-1-1-0", "1 0110", "10110\n", "i0LlO"}) {
        EXPECT_EQ(bytes_of(parse_base32(copied).value()), expected) << copied;
    }
    EXPECT_EQ(bytes_of(parse_base32("csqpyrk1e8").value()), to_bytes(as_bytes("foobar")));
}

TEST(Base32, OtherCharactersAndImpossibleLengthsAreRefused) {
    for (const char* bad : {"U", "CU", "Cu", "C=", "C_", "C.", "C\xC3\xA9", "C\t", "0", "000",
                            "000000", "CSQ", "CSQPYR"}) {
        EXPECT_EQ(parse_base32(bad).code(), ErrorCode::malformed) << bad;
    }
    EXPECT_EQ(parse_base32(std::string_view("C\0", 2)).code(), ErrorCode::malformed);
}

TEST(Base32, UnusedBitsAreZero) {
    int accepted = 0;
    for (const char c : std::string_view("0123456789ABCDEFGHJKMNPQRSTVWXYZ")) {
        accepted += parse_base32(std::string("C") + c).ok() ? 1 : 0;
    }
    EXPECT_EQ(accepted, 8);  // ten bits for eight
}

RC_GTEST_PROP(Base32, ReadsBackWhatItWrites, (const Bytes& bytes)) {
    const Secret text = base32(bytes);
    RC_ASSERT(bytes_of(parse_base32(as_text(text.expose())).value()) == bytes);
}

RC_GTEST_PROP(Base32, WritesBackWhatItReads, ()) {
    const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0128GZ")));
    const auto bytes = parse_base32(text);
    if (bytes.ok()) RC_ASSERT(text_of(base32(bytes->expose())) == text);
}

}  // namespace
}  // namespace relais
