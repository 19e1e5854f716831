// Key boxes and grants: each opens only where it was meant to stand.
#include <gtest/gtest.h>

#include "clients/station/seal/envelope_seal.h"
#include "tests/support/printers.h"
#include "tests/support/random.h"
#include "tests/unit/clients/station/seal/damage.h"

namespace relais::seal {
namespace {

using test::address;

class KeyBoxes : public testing::Test {
protected:
    KeyBoxes()
        : epoch_(test::make_p256_key(random_)),
          content_key_(Secret::copy_of(random_.bytes(32))),
          header_(random_.make<Digest>()),
          box_(seal_box(content_key_, header_, 1, mailbox_, {3}, epoch_.public_key(),
                        Release::chosen)
                   .value()) {}

    [[nodiscard]] ErrorCode verdict(const KeyBox& box) const {
        return open_box(box, header_, mailbox_, epoch_).code();
    }

    test::SeededRandom random_{11};
    Address mailbox_ = address("geriatrie.ch-valmont@indre");
    P256Key epoch_;
    Secret content_key_;
    Digest header_;
    KeyBox box_;
};

TEST_F(KeyBoxes, OpenToTheContentsKey) {
    const auto opened = open_box(box_, header_, mailbox_, epoch_);
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(hex(opened->expose()), hex(content_key_.expose()));
    EXPECT_EQ(box_.position, 1);
    EXPECT_EQ(box_.epoch, EpochNumber{3});
    EXPECT_EQ(box_.suite, kSuiteP256);
    EXPECT_EQ(box_.release, Release::chosen);
    EXPECT_EQ(box_.enc.size(), kSuiteP256EncBytes);
    EXPECT_EQ(box_.sealed_key.size(), kSuiteP256SealedKeyBytes);
}

TEST_F(KeyBoxes, AnyFlippedBitIsRefused) {
    KeyBox bad = box_;
    for (const Bytes& enc : test::every_bit_flipped(box_.enc)) {
        bad.enc = enc;
        ASSERT_EQ(verdict(bad), ErrorCode::box_unopenable);
    }
    bad = box_;
    for (const Bytes& sealed : test::every_bit_flipped(box_.sealed_key)) {
        bad.sealed_key = sealed;
        ASSERT_EQ(verdict(bad), ErrorCode::box_unopenable);
    }
}

TEST_F(KeyBoxes, AnotherLengthIsRefused) {
    KeyBox bad = box_;
    for (const Bytes& enc : test::every_other_length(box_.enc)) {
        bad.enc = enc;
        ASSERT_EQ(verdict(bad), ErrorCode::box_unopenable);
    }
    bad = box_;
    for (const Bytes& sealed : test::every_other_length(box_.sealed_key)) {
        bad.sealed_key = sealed;
        ASSERT_EQ(verdict(bad), ErrorCode::box_unopenable);
    }
}

TEST_F(KeyBoxes, UnderAnotherHeaderItDoesNotOpen) {
    for (const Bytes& bad : test::every_bit_flipped(header_.view())) {
        ASSERT_EQ(open_box(box_, Digest::from(bad), mailbox_, epoch_).code(),
                  ErrorCode::box_unopenable);
    }
}

TEST_F(KeyBoxes, AtAnotherMailboxItDoesNotOpen) {
    for (const char* other : {"cardiologie.ch-valmont@indre", "ch-valmont@indre",
                              "geriatrie.ch-valmont@indre-sud", "geriatrie.ch-valmon@indre"}) {
        EXPECT_EQ(open_box(box_, header_, address(other), epoch_).code(),
                  ErrorCode::box_unopenable);
    }
}

TEST_F(KeyBoxes, AsOfAnotherEpochItDoesNotOpen) {
    for (const std::uint64_t number : {0U, 1U, 2U, 4U, 30U, 31U}) {
        KeyBox bad = box_;
        bad.epoch = {number};
        EXPECT_EQ(verdict(bad), ErrorCode::box_unopenable) << number;
    }
}

// A broker that hands a box over under another condition than the sealed one gives nothing away.
TEST_F(KeyBoxes, UnderAnotherReleaseConditionItDoesNotOpen) {
    for (const Release release : {Release::at_once, Release::overdue, Release::absence}) {
        KeyBox bad = box_;
        bad.release = release;
        EXPECT_EQ(verdict(bad), ErrorCode::box_unopenable);
    }
}

TEST_F(KeyBoxes, AnotherKeyDoesNotOpenIt) {
    EXPECT_EQ(open_box(box_, header_, mailbox_, test::make_p256_key(random_)).code(),
              ErrorCode::box_unopenable);
}

TEST_F(KeyBoxes, NothingIsSealedToAKeyThatIsNoPoint) {
    P256Public bad = epoch_.public_key();
    bad.bytes[64] ^= 1;
    EXPECT_EQ(seal_box(content_key_, header_, 1, mailbox_, {3}, bad, Release::at_once).code(),
              ErrorCode::malformed);
}

class Grants : public testing::Test {
protected:
    Grants()
        : epoch_(test::make_p256_key(random_)),
          station_key_(test::make_p256_key(random_)),
          station_(random_.make<StationId>()),
          grant_(seal_grant(epoch_, mailbox_, {2}, station_, station_key_.public_key()).value()) {}

    [[nodiscard]] Result<P256Key> open(const directory::Grant& grant) const {
        return open_grant(grant, mailbox_, {2}, epoch_.public_key(), station_key_);
    }

    test::SeededRandom random_{12};
    Address mailbox_ = address("geriatrie.ch-valmont@indre");
    P256Key epoch_;
    P256Key station_key_;
    StationId station_;
    directory::Grant grant_;
};

TEST_F(Grants, GiveTheEpochsKeyToTheStation) {
    const auto opened = open(grant_);
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(opened->public_key(), epoch_.public_key());
    EXPECT_EQ(grant_.station, station_);
}

TEST_F(Grants, ToTheRecoveryKeyNamesNoStation) {
    const auto grant = seal_grant(epoch_, mailbox_, {2}, std::nullopt, station_key_.public_key());
    ASSERT_TRUE(grant.ok());
    EXPECT_EQ(grant->station, std::nullopt);
    EXPECT_TRUE(open(*grant).ok());
}

TEST_F(Grants, AnyFlippedBitIsRefused) {
    directory::Grant bad = grant_;
    for (const Bytes& enc : test::every_bit_flipped(grant_.enc)) {
        bad.enc = enc;
        ASSERT_EQ(open(bad).code(), ErrorCode::box_unopenable);
    }
    bad = grant_;
    for (const Bytes& sealed : test::every_bit_flipped(grant_.sealed_key)) {
        bad.sealed_key = sealed;
        ASSERT_EQ(open(bad).code(), ErrorCode::box_unopenable);
    }
}

TEST_F(Grants, OfAnotherMailboxOrEpochDoNotOpen) {
    EXPECT_EQ(open_grant(grant_, address("cardiologie.ch-valmont@indre"), {2}, epoch_.public_key(),
                         station_key_)
                  .code(),
              ErrorCode::box_unopenable);
    EXPECT_EQ(open_grant(grant_, mailbox_, {1}, epoch_.public_key(), station_key_).code(),
              ErrorCode::box_unopenable);
}

TEST_F(Grants, OpenForTheGranteeAlone) {
    EXPECT_EQ(
        open_grant(grant_, mailbox_, {2}, epoch_.public_key(), test::make_p256_key(random_)).code(),
        ErrorCode::box_unopenable);
}

// A grantor that seals another key than the published one is found out before it is kept.
TEST_F(Grants, OfAnotherKeyThanTheEpochsAreRefused) {
    const P256Key other = test::make_p256_key(random_);
    const auto grant = seal_grant(other, mailbox_, {2}, station_, station_key_.public_key());
    EXPECT_EQ(open(grant.value()).code(), ErrorCode::box_unopenable);
}

// A content key and an epoch's key are sealed under other infos: one never passes for the other.
TEST_F(Grants, ABoxIsNoGrant) {
    const Digest header = random_.make<Digest>();
    const KeyBox box = seal_box(epoch_.scalar(), header, 1, mailbox_, {2},
                                station_key_.public_key(), Release::at_once)
                           .value();
    EXPECT_EQ(open({station_, box.enc, box.sealed_key}).code(), ErrorCode::box_unopenable);
}

}  // namespace
}  // namespace relais::seal
