// RFC 7914 vectors, and the bounds of the cost.
#include "core/crypto/scrypt.h"

#include <gtest/gtest.h>

#include "core/codecs/codecs.h"

namespace relais {
namespace {

std::string derived(std::string_view passphrase, std::string_view salt, const ScryptCost& cost,
                    std::size_t size = 64) {
    const auto key = scrypt(Secret::copy_of(passphrase), as_bytes(salt), cost, size);
    return hex(key.value().expose());
}

ErrorCode verdict(const ScryptCost& cost) {
    return scrypt(Secret::copy_of("x"), as_bytes("y"), cost, 32).code();
}

// RFC 7914, section 12: the second and third vectors. The first costs less than we accept; the
// fourth takes a gigabyte.
TEST(Scrypt, IsThatOfThePublishedVectors) {
    EXPECT_EQ(derived("password", "NaCl", {10, 8, 16}),
              "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
              "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640");
    EXPECT_EQ(derived("pleaseletmein", "SodiumChloride", {14, 8, 1}),
              "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
              "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887");
}

TEST(Scrypt, PassphraseSaltAndEachCostChangeTheKey) {
    const std::string reference = derived("password", "NaCl", {10, 8, 1}, 32);
    EXPECT_EQ(derived("password", "NaCl", {10, 8, 1}, 32), reference);
    EXPECT_NE(derived("passwore", "NaCl", {10, 8, 1}, 32), reference);
    EXPECT_NE(derived("password", "NaCk", {10, 8, 1}, 32), reference);
    EXPECT_NE(derived("password", "NaCl", {11, 8, 1}, 32), reference);
    EXPECT_NE(derived("password", "NaCl", {10, 9, 1}, 32), reference);
    EXPECT_NE(derived("password", "NaCl", {10, 8, 2}, 32), reference);
    EXPECT_NE(derived("", "NaCl", {10, 8, 1}, 32), reference);
    EXPECT_NE(derived("password", "", {10, 8, 1}, 32), reference);
}

TEST(Scrypt, CostsOutOfBoundsAreRefusedBeforeAnyWork) {
    for (const ScryptCost& cost :
         {ScryptCost{9, 8, 1}, ScryptCost{0, 8, 1}, ScryptCost{21, 8, 1}, ScryptCost{64, 8, 1},
          ScryptCost{10, 0, 1}, ScryptCost{10, 33, 1}, ScryptCost{10, ~0U, 1}, ScryptCost{10, 8, 0},
          ScryptCost{10, 8, 17}}) {
        EXPECT_EQ(verdict(cost), ErrorCode::invalid_field)
            << cost.log2_n << " " << cost.r << " " << cost.p;
    }
    for (const ScryptCost& cost :
         {ScryptCost{10, 1, 1}, ScryptCost{10, 32, 1}, ScryptCost{10, 1, 16}}) {
        EXPECT_EQ(verdict(cost), ErrorCode::ok);
    }
}

TEST(Scrypt, TheDefaultCostIsOneThatIsAccepted) { EXPECT_EQ(verdict(ScryptCost{}), ErrorCode::ok); }

}  // namespace
}  // namespace relais
