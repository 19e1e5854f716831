// ZeroMQ RFC 32 vectors, and Z85's strictness.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/codecs/codecs.h"

namespace relais {
namespace {

// ZeroMQ RFC 32: the test case of the specification, and a key of its reference code.
TEST(Z85, IsThatOfThePublishedVectors) {
    const std::pair<const char*, const char*> vectors[] = {
        {"864fd26fb559f75b", "HelloWorld"},
        {"bb88471d65e2659b30c55a5321cebb5aab2b70a398645c26dca2b2fcb43fc518",
         "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"},
        {"", ""},
        {"00000000", "00000"},
        {"ffffffff", "%nSc0"}};
    for (const auto& [bytes, text] : vectors) {
        EXPECT_EQ(z85(parse_hex(bytes).value()), text);
        EXPECT_EQ(hex(parse_z85(text).value()), bytes);
    }
}

TEST(Z85, GroupsAboveThirtyTwoBitsAreRefused) {
    EXPECT_TRUE(parse_z85("%nSc0").ok());
    for (const char* bad :
         {"%nSc1", "%nSd0", "%nT00", "%o000", "$0000", "#####", "HelloWorld%nSc1"}) {
        EXPECT_EQ(parse_z85(bad).code(), ErrorCode::malformed) << bad;
    }
}

TEST(Z85, OtherLengthsAndCharactersAreRefused) {
    for (const char* bad : {"H", "Hell", "HelloW", "Hell ", "Hell\n", "Hell\"", "Hell'", "Hell,",
                            "Hell;", "Hell_", "Hell`", "Hell|", "Hell~", "Hell\\", "Hell\xC3"}) {
        EXPECT_EQ(parse_z85(bad).code(), ErrorCode::malformed) << bad;
    }
    EXPECT_EQ(parse_z85(std::string_view("Hell\0", 5)).code(), ErrorCode::malformed);
}

RC_GTEST_PROP(Z85, ReadsBackWhatItWrites, (const std::vector<std::uint32_t>& groups)) {
    Bytes bytes;
    for (const std::uint32_t group : groups) append_u32(bytes, group);
    RC_ASSERT(parse_z85(z85(bytes)).value() == bytes);
}

TEST(Z85DeathTest, AnIncompleteGroupStops) {
    EXPECT_DEATH((void)z85(Bytes(3)), "invariant broken");
}

}  // namespace
}  // namespace relais
