// RFC 4648 vectors, and the strictness that gives each value one text.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/codecs/codecs.h"

namespace relais {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// RFC 4648, section 10.
TEST(Base64, IsThatOfThePublishedVectors) {
    const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, coded] : vectors) {
        EXPECT_EQ(base64(as_bytes(plain)), coded);
        EXPECT_EQ(as_text(parse_base64(coded).value()), plain);
    }
    EXPECT_EQ(base64(Bytes{0xFB, 0xFF, 0xBF}), "+/+/");
    EXPECT_EQ(base64url(Bytes{0xFB, 0xFF, 0xBF}), "-_-_");
    EXPECT_EQ(base64url(Bytes{0xFB}), "-w");
}

TEST(Base64, OneTextForEachValue) {
    for (const char* bad :
         {"Z",     "Zg",       "Zg=",  "Zg===",   "=",     "==",    "====",     "Z===",
          "Zh==",  "Zm9=",     "Zm8",  "Zm8=\n",  " Zm8=", "Zm 8=", "Zg==Zg==", "Zm8=Zm8=",
          "Zm9v=", "Zm9v====", "-_-_", "Zm9\xC3", "Zm9.",  "Zm==",  "AAAAA==="}) {
        EXPECT_EQ(parse_base64(bad).code(), ErrorCode::malformed) << bad;
    }
    EXPECT_EQ(parse_base64(std::string_view("Zm9\0", 4)).code(), ErrorCode::malformed);
    for (const char* bad : {"Z", "Zg==", "Zm8=", "Zh", "Zm9", "+/+/", "Zm9v\n", "AAAAA"}) {
        EXPECT_EQ(parse_base64url(bad).code(), ErrorCode::malformed) << bad;
    }
}

// Of the 64 texts that differ only in the last character, those with unused bits set are refused.
TEST(Base64, UnusedBitsAreZero) {
    int one_byte = 0;
    int two_bytes = 0;
    for (const char c : kAlphabet) {
        one_byte += parse_base64(std::string("A") + c + "==").ok() ? 1 : 0;
        two_bytes += parse_base64(std::string("AA") + c + "=").ok() ? 1 : 0;
    }
    EXPECT_EQ(one_byte, 4);
    EXPECT_EQ(two_bytes, 16);
}

TEST(Base64, EveryCharacterOutsideTheAlphabetIsRefused) {
    for (int c = 0; c < 256; ++c) {
        const std::string text = std::string("AAA") + static_cast<char>(c);
        const bool inside = kAlphabet.find(static_cast<char>(c)) != std::string_view::npos;
        EXPECT_EQ(parse_base64(text).ok(), inside || c == '=') << c;
    }
}

RC_GTEST_PROP(Base64, ReadsBackWhatItWrites, (const Bytes& bytes)) {
    RC_ASSERT(parse_base64(base64(bytes)).value() == bytes);
    RC_ASSERT(parse_base64url(base64url(bytes)).value() == bytes);
}

RC_GTEST_PROP(Base64, WritesBackWhatItReads, ()) {
    const auto text =
        *rc::gen::container<std::string>(rc::gen::elementOf(std::string("AQgw+/=-_")));
    const auto padded = parse_base64(text);
    const auto url = parse_base64url(text);
    if (padded.ok()) RC_ASSERT(base64(*padded) == text);
    if (url.ok()) RC_ASSERT(base64url(*url) == text);
}

}  // namespace
}  // namespace relais
