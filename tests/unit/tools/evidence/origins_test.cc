// The names of an audit log that was restored: what its leaves tell is accepted, and nothing else.
#include "tools/evidence/origins.h"

#include <gtest/gtest.h>

#include "core/crypto/ed25519.h"

namespace relais::evidence {
namespace {

constexpr const char* kFirst = "indre/audit";
constexpr const char* kSecond = "indre/audit/0011223344556677";

Digest root(std::uint8_t fill) { return Digest::from(Bytes(Digest::kSize, fill)); }

class Origins : public testing::Test {
protected:
    std::string note(const std::string& origin, std::uint64_t size, const Digest& at) {
        return merkle::sign_checkpoint({origin, size, at}, key_as(origin), key_).value();
    }
    [[nodiscard]] merkle::VerifierKey key_as(const std::string& origin) const {
        return merkle::VerifierKey::make(origin, merkle::NoteKeyType::ed25519, key_.public_key())
            .value();
    }
    // A leaf that tells of a restore at `index`, citing a note.
    static TrailEntry restored(std::uint64_t index, const std::string& origin,
                               const std::string& cited, std::uint64_t first) {
        Leaf leaf{.event = Event::restored};
        leaf.subject = origin;
        leaf.first = {first};
        leaf.statement = to_bytes(as_bytes(cited));
        return {index, leaf};
    }
    std::vector<Origin> read(const std::vector<TrailEntry>& trail) {
        findings_.clear();
        return read_origins(Name::parse("indre").value(), trail, {key_as(kFirst)}, findings_);
    }

    Ed25519Key key_ = Ed25519Key::generate();
    Findings findings_;
};

TEST_F(Origins, ALogThatWasNeverRestoredHasOneName) {
    const auto origins = read({});
    ASSERT_EQ(origins.size(), 1U);
    EXPECT_TRUE(in_its_time({kFirst, 1000, root(1)}, origins));
    EXPECT_FALSE(in_its_time({kSecond, 1000, root(1)}, origins)) << "no leaf tells of it";
    EXPECT_FALSE(is_lost({kFirst, 1000, root(1)}, origins));
}

TEST_F(Origins, EachNameHasItsTime) {
    const auto origins = read({restored(100, kSecond, note(kFirst, 90, root(1)), 100)});
    ASSERT_EQ(origins.size(), 2U);
    EXPECT_TRUE(findings_.empty());
    EXPECT_TRUE(in_its_time({kFirst, 100, root(1)}, origins));
    EXPECT_FALSE(in_its_time({kFirst, 101, root(1)}, origins)) << "signed twice under one name";
    EXPECT_TRUE(in_its_time({kSecond, 101, root(1)}, origins));
    EXPECT_FALSE(in_its_time({kSecond, 100, root(1)}, origins));
}

TEST_F(Origins, NoMoreIsLostThanWhatIsCited) {
    const auto origins = read({restored(100, kSecond, note(kFirst, 90, root(1)), 100),
                               restored(120, kSecond, note(kFirst, 150, root(2)), 100)});
    EXPECT_TRUE(findings_.empty());
    EXPECT_TRUE(is_lost({kFirst, 150, root(2)}, origins));
    EXPECT_FALSE(is_lost({kFirst, 150, root(3)}, origins)) << "another head of the cited size";
    EXPECT_TRUE(is_lost({kFirst, 120, root(9)}, origins)) << "below it, unknown";
    EXPECT_FALSE(is_lost({kFirst, 151, root(2)}, origins)) << "beyond it: a loss that is not told";
    EXPECT_FALSE(is_lost({kFirst, 99, root(1)}, origins)) << "within the backup: it is checked";
    EXPECT_FALSE(is_lost({kSecond, 150, root(2)}, origins));
}

TEST_F(Origins, ALeafThatDoesNotFitIsAFinding) {
    const std::string good = note(kFirst, 90, root(1));
    std::string forged = good;
    forged[12] ^= 1;  // a digit of its size
    Ed25519Key other = Ed25519Key::generate();
    const std::string by_another =
        merkle::sign_checkpoint(
            {kFirst, 90, root(1)},
            merkle::VerifierKey::make(kFirst, merkle::NoteKeyType::ed25519, other.public_key())
                .value(),
            other)
            .value();
    const std::vector<std::vector<TrailEntry>> bad = {
        {restored(100, kSecond, forged, 100)},
        {restored(100, kSecond, by_another, 100)},
        {restored(100, kSecond, good, 99)},
        {restored(100, kFirst, good, 100)},
        {restored(100, "indre/audit/x", good, 100)},
        {restored(100, "autre/audit/0011223344556677", good, 100)},
        {restored(100, kSecond, note(kSecond, 90, root(1)), 100)},
        {restored(100, kSecond, good, 100), restored(120, kSecond, note(kFirst, 90, root(7)), 100)},
    };
    for (const auto& trail : bad) {
        read(trail);
        EXPECT_EQ(findings_.size(), 1U);
    }
}

}  // namespace
}  // namespace relais::evidence
