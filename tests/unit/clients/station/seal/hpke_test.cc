// HPKE against the vectors of RFC 9180 (tests/data/vectors), each with its negative twins, and the
// points that a hostile sender might send.
#include "clients/station/seal/hpke.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/printers.h"
#include "tests/support/random.h"
#include "tests/unit/clients/station/seal/damage.h"

namespace relais::seal {
namespace {

using test::unhex;

// One vector; sequence 0, since Relais seals once with a key.
struct Vector {
    std::string source;
    HpkeAead aead;
    Bytes info, ikm_e, ikm_r, sk_e, sk_r, pk_r, enc, plain, aad, sealed;

    [[nodiscard]] P256Key recipient() const {
        return P256Key::from_scalar(Secret::copy_of(sk_r)).value();
    }
    [[nodiscard]] P256Key ephemeral() const {
        return P256Key::from_scalar(Secret::copy_of(sk_e)).value();
    }
    [[nodiscard]] ErrorCode verdict(ByteView enc_shown, ByteView info_shown, ByteView aad_shown,
                                    ByteView sealed_shown) const {
        return hpke_open(recipient(), enc_shown, info_shown, aad_shown, sealed_shown, aead).code();
    }
};

std::vector<Vector> vectors() {
    std::ifstream file(RELAIS_TEST_DATA "/vectors/hpke_p256_hkdf_sha256.json");
    std::vector<Vector> all;
    for (const auto& item : nlohmann::json::parse(file)) {
        const auto& setup = item.at("setup");
        const auto of = [&](const char* key) { return unhex(setup.at(key).get<std::string>()); };
        const auto& first = item.at("encryptions").at(0);
        const auto part = [&](const char* key) { return unhex(first.at(key).get<std::string>()); };
        EXPECT_EQ(setup.at("mode"), "0");
        EXPECT_EQ(setup.at("kem_id"), "16");
        EXPECT_EQ(setup.at("kdf_id"), "1");
        EXPECT_EQ(first.at("sequence number"), "0");
        all.push_back({item.at("source"),
                       static_cast<HpkeAead>(std::stoi(setup.at("aead_id").get<std::string>())),
                       of("info"), of("ikmE"), of("ikmR"), of("skEm"), of("skRm"), of("pkRm"),
                       of("enc"), part("pt"), part("aad"), part("ct")});
    }
    return all;
}

TEST(Hpke, TheVectorsCoverBothCiphers) {
    ASSERT_EQ(vectors().size(), 2U);
    EXPECT_EQ(vectors()[0].aead, HpkeAead::aes_128_gcm);
    EXPECT_EQ(vectors()[1].aead, HpkeAead::aes_256_gcm);
}

TEST(Hpke, DerivesThePublishedKeysFromTheirSeeds) {
    for (const Vector& v : vectors()) {
        SCOPED_TRACE(v.source);
        const P256Key ephemeral = hpke_derive_key(Secret::copy_of(v.ikm_e));
        const P256Key recipient = hpke_derive_key(Secret::copy_of(v.ikm_r));
        EXPECT_EQ(hex(ephemeral.scalar().expose()), hex(v.sk_e));
        EXPECT_EQ(hex(ephemeral.public_key().view()), hex(v.enc));
        EXPECT_EQ(hex(recipient.scalar().expose()), hex(v.sk_r));
        EXPECT_EQ(hex(recipient.public_key().view()), hex(v.pk_r));
    }
}

TEST(Hpke, SealsToThePublishedBytes) {
    for (const Vector& v : vectors()) {
        SCOPED_TRACE(v.source);
        const auto sealed =
            hpke_seal_with(v.ephemeral(), P256Public::from(v.pk_r), v.info, v.aad, v.plain, v.aead);
        ASSERT_TRUE(sealed.ok());
        EXPECT_EQ(hex(sealed->enc), hex(v.enc));
        EXPECT_EQ(hex(sealed->ciphertext), hex(v.sealed));
    }
}

TEST(Hpke, OpensThePublishedBytes) {
    for (const Vector& v : vectors()) {
        SCOPED_TRACE(v.source);
        const auto opened = hpke_open(v.recipient(), v.enc, v.info, v.aad, v.sealed, v.aead);
        ASSERT_TRUE(opened.ok());
        EXPECT_EQ(hex(opened->expose()), hex(v.plain));
    }
}

TEST(Hpke, AnyFlippedBitOfTheEncapsulationIsRefused) {
    for (const Vector& v : vectors()) {
        for (const Bytes& bad : test::every_bit_flipped(v.enc)) {
            ASSERT_EQ(v.verdict(bad, v.info, v.aad, v.sealed), ErrorCode::box_unopenable);
        }
    }
}

TEST(Hpke, AnyFlippedBitOfInfoAssociatedDataOrCiphertextIsRefused) {
    for (const Vector& v : vectors()) {
        for (const Bytes& bad : test::every_bit_flipped(v.info)) {
            ASSERT_EQ(v.verdict(v.enc, bad, v.aad, v.sealed), ErrorCode::box_unopenable);
        }
        for (const Bytes& bad : test::every_bit_flipped(v.aad)) {
            ASSERT_EQ(v.verdict(v.enc, v.info, bad, v.sealed), ErrorCode::box_unopenable);
        }
        for (const Bytes& bad : test::every_bit_flipped(v.sealed)) {
            ASSERT_EQ(v.verdict(v.enc, v.info, v.aad, bad), ErrorCode::box_unopenable);
        }
    }
}

TEST(Hpke, AnotherLengthOfAnyPartIsRefused) {
    for (const Vector& v : vectors()) {
        for (const Bytes& bad : test::every_other_length(v.enc)) {
            ASSERT_EQ(v.verdict(bad, v.info, v.aad, v.sealed), ErrorCode::box_unopenable);
        }
        for (const Bytes& bad : test::every_other_length(v.info)) {
            ASSERT_EQ(v.verdict(v.enc, bad, v.aad, v.sealed), ErrorCode::box_unopenable);
        }
        for (const Bytes& bad : test::every_other_length(v.aad)) {
            ASSERT_EQ(v.verdict(v.enc, v.info, bad, v.sealed), ErrorCode::box_unopenable);
        }
        for (const Bytes& bad : test::every_other_length(v.sealed)) {
            ASSERT_EQ(v.verdict(v.enc, v.info, v.aad, bad), ErrorCode::box_unopenable);
        }
    }
}

TEST(Hpke, AnotherRecipientsKeyDoesNotOpen) {
    test::SeededRandom random(1);
    for (const Vector& v : vectors()) {
        const P256Key other = test::make_p256_key(random);
        EXPECT_EQ(hpke_open(other, v.enc, v.info, v.aad, v.sealed, v.aead).code(),
                  ErrorCode::box_unopenable);
    }
}

TEST(Hpke, TheCipherIsPartOfTheKeySchedule) {
    const Vector v = vectors()[0];
    EXPECT_EQ(
        hpke_open(v.recipient(), v.enc, v.info, v.aad, v.sealed, HpkeAead::aes_256_gcm).code(),
        ErrorCode::box_unopenable);
}

// The field's prime and the curve's order (FIPS 186-4, D.1.2.3).
const std::string kPrime = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";

// Subtracts big-endian numbers of 32 bytes.
Bytes minus(const Bytes& a, ByteView b) {
    Bytes result(32);
    int borrow = 0;
    for (std::size_t i = 32; i-- > 0;) {
        const int value = a[i] - b[i] - borrow;
        borrow = value < 0 ? 1 : 0;
        result[i] = static_cast<std::uint8_t>(value & 0xFF);
    }
    return result;
}

// The x coordinate, and so the shared secret, is the same: only the KEM's context tells them apart.
TEST(Hpke, TheOppositePointIsAPointAndIsRefused) {
    for (const Vector& v : vectors()) {
        Bytes opposite(v.enc.begin(), v.enc.begin() + 33);
        append(opposite, minus(unhex(kPrime), ByteView(v.enc).last(32)));
        ASSERT_TRUE(check_p256_point(P256Public::from(opposite)).ok());
        EXPECT_EQ(v.verdict(opposite, v.info, v.aad, v.sealed), ErrorCode::box_unopenable);
    }
}

// P-256 has a prime order: the only points of low order are infinity and those of other curves.
std::vector<std::pair<const char*, Bytes>> hostile_points(const Vector& v) {
    const ByteView x = ByteView(v.enc).subspan(1, 32);
    const auto point = [](std::uint8_t form, ByteView a, ByteView b) {
        Bytes bytes{form};
        append(bytes, a);
        append(bytes, b);
        return bytes;
    };
    const Bytes zero(32, 0);
    const Bytes prime = unhex(kPrime);
    const ByteView y = ByteView(v.enc).last(32);
    const auto parity = static_cast<std::uint8_t>(6 + (y[31] & 1));
    Bytes compressed{static_cast<std::uint8_t>(2 + (y[31] & 1))};
    append(compressed, x);
    Bytes padded = compressed;
    padded.resize(65);
    return {{"infinity, one byte", {0}},
            {"infinity, padded", Bytes(65, 0)},
            {"zero coordinates", point(4, zero, zero)},
            {"x zero", point(4, zero, y)},
            {"off the curve", point(4, y, x)},
            {"x of the prime", point(4, prime, y)},
            {"y of the prime", point(4, x, prime)},
            {"hybrid form", point(parity, x, y)},
            {"compressed form", compressed},
            {"compressed form, padded", padded},
            {"all ones", Bytes(65, 0xFF)}};
}

TEST(Hpke, AnEncapsulationThatIsNoPointOfTheCurveIsRefused) {
    for (const Vector& v : vectors()) {
        for (const auto& [name, bad] : hostile_points(v)) {
            EXPECT_EQ(v.verdict(bad, v.info, v.aad, v.sealed), ErrorCode::box_unopenable) << name;
        }
    }
}

TEST(Hpke, NothingIsSealedToAKeyThatIsNoPointOfTheCurve) {
    for (const auto& [name, bad] : hostile_points(vectors()[1])) {
        if (bad.size() != P256Public::kSize) continue;
        EXPECT_EQ(hpke_seal(P256Public::from(bad), {}, {}, as_bytes("clef")).code(),
                  ErrorCode::malformed)
            << name;
    }
}

TEST(Hpke, EachSealIsUnderAFreshKey) {
    const Vector v = vectors()[1];
    const auto to = P256Public::from(v.pk_r);
    const HpkeSealed one = hpke_seal(to, v.info, v.aad, v.plain).value();
    const HpkeSealed two = hpke_seal(to, v.info, v.aad, v.plain).value();
    EXPECT_NE(hex(one.enc), hex(two.enc));
    EXPECT_NE(hex(one.ciphertext), hex(two.ciphertext));
    for (const HpkeSealed& sealed : {one, two}) {
        const auto opened = hpke_open(v.recipient(), sealed.enc, v.info, v.aad, sealed.ciphertext);
        ASSERT_TRUE(opened.ok());
        EXPECT_EQ(hex(opened->expose()), hex(v.plain));
    }
}

}  // namespace
}  // namespace relais::seal
