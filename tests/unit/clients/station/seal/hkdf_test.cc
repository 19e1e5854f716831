// HKDF-SHA256 against the test cases of RFC 5869, appendix A.
#include "clients/station/seal/hkdf.h"

#include <gtest/gtest.h>

#include "tests/unit/clients/station/seal/damage.h"

namespace relais::seal {
namespace {

using test::secret_hex;
using test::unhex;

// `count` bytes that count up from `first`.
std::string counting(unsigned first, std::size_t count) {
    Bytes bytes;
    for (std::size_t i = 0; i < count; ++i) bytes.push_back(static_cast<std::uint8_t>(first + i));
    return hex(bytes);
}

struct HkdfCase {
    std::string input;
    std::string salt;
    std::string info;
    std::string prk;
    std::string okm;
};

std::string repeated(const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
}

std::vector<HkdfCase> hkdf_cases() {
    const std::string input = repeated("0b", 22);
    return {
        {input, counting(0, 13), counting(0xf0, 10),
         "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
         "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
        {counting(0, 80), counting(0x60, 80), counting(0xb0, 80),
         "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
         "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c6"
         "5e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"},
        {input, "", "", "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
         "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
    };
}

TEST(Hkdf, GivesThePublishedKeys) {
    for (const HkdfCase& c : hkdf_cases()) {
        const Secret prk = hkdf_extract(unhex(c.salt), secret_hex(c.input));
        EXPECT_EQ(hex(prk.expose()), c.prk);
        EXPECT_EQ(hex(hkdf_expand(prk, unhex(c.info), c.okm.size() / 2).expose()), c.okm);
    }
}

TEST(Hkdf, AShorterKeyIsTheBeginningOfALongerOne) {
    const HkdfCase c = hkdf_cases()[1];
    for (std::size_t size = 0; size <= c.okm.size() / 2; ++size) {
        ASSERT_EQ(hex(hkdf_expand(secret_hex(c.prk), unhex(c.info), size).expose()),
                  c.okm.substr(0, 2 * size));
    }
}

TEST(Hkdf, TheLongestKeyIs255Blocks) {
    const Secret key = secret_hex(hkdf_cases()[0].prk);
    EXPECT_EQ(hkdf_expand(key, {}, 255U * 32U).size(), 255U * 32U);
    EXPECT_DEATH((void)hkdf_expand(key, {}, 255U * 32U + 1U), "");
}

TEST(Hkdf, AnyOtherInputGivesAnotherKey) {
    const HkdfCase c = hkdf_cases()[0];
    for (const Bytes& salt : test::every_bit_flipped(unhex(c.salt))) {
        ASSERT_NE(hex(hkdf_extract(salt, secret_hex(c.input)).expose()), c.prk);
    }
    for (const Bytes& info : test::every_bit_flipped(unhex(c.info))) {
        ASSERT_NE(hex(hkdf_expand(secret_hex(c.prk), info, c.okm.size() / 2).expose()), c.okm);
    }
}

}  // namespace
}  // namespace relais::seal
