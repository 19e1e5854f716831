// The recovery sheet: what is printed gives the same keys back, and slips of the hand are noticed.
#include "clients/station/seal/recovery.h"

#include <gtest/gtest.h>

#include <regex>

#include "tests/support/printers.h"
#include "tests/support/random.h"
#include "tests/unit/clients/station/seal/damage.h"

namespace relais::seal {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

class RecoverySheet : public testing::Test {
protected:
    RecoverySheet()
        : secret_(make_recovery_secret(random_)), code_(as_text(recovery_code(secret_).expose())) {}

    // Whether what was typed gives the secret of the sheet.
    [[nodiscard]] bool gives_the_secret(std::string_view typed) const {
        const auto parsed = parse_recovery_code(typed);
        return parsed.ok() && hex(parsed->expose()) == hex(secret_.expose());
    }

    test::SeededRandom random_{21};
    Secret secret_;
    std::string code_;
};

TEST_F(RecoverySheet, IsElevenGroupsOfFive) {
    EXPECT_TRUE(
        std::regex_match(code_, std::regex("([0-9A-HJKMNP-TV-Z]{5}-){10}[0-9A-HJKMNP-TV-Z]{5}")))
        << code_;
}

TEST_F(RecoverySheet, GivesItsSecretBack) {
    for (int i = 0; i < 200; ++i) {
        const Secret secret = make_recovery_secret(random_);
        const Secret code = recovery_code(secret);
        const auto parsed = parse_recovery_code(as_text(code.expose()));
        ASSERT_TRUE(parsed.ok());
        ASSERT_EQ(hex(parsed->expose()), hex(secret.expose()));
    }
}

TEST_F(RecoverySheet, ReadsWhatPeopleTypeForTheSame) {
    std::string lower;
    std::string spaced;
    std::string alike;
    for (const char c : code_) {
        lower.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
        spaced.push_back(c == '-' ? ' ' : c);
        alike.push_back(c == '0' ? 'O' : c == '1' ? 'l' : c);
    }
    for (const std::string& typed : {lower, spaced, alike, " " + code_ + "\n"}) {
        EXPECT_TRUE(gives_the_secret(typed)) << typed;
    }
    std::string joined = code_;
    std::erase(joined, '-');
    EXPECT_TRUE(gives_the_secret(joined));
}

TEST_F(RecoverySheet, AnyOneCharacterMistypedIsNoticed) {
    for (std::size_t at = 0; at < code_.size(); ++at) {
        if (code_[at] == '-') continue;
        for (const char c : kAlphabet) {
            if (c == code_[at]) continue;
            std::string typed = code_;
            typed[at] = c;
            ASSERT_EQ(parse_recovery_code(typed).code(), ErrorCode::malformed) << typed;
        }
    }
}

TEST_F(RecoverySheet, TwoNeighboursExchangedAreNoticed) {
    std::string joined = code_;
    std::erase(joined, '-');
    for (std::size_t at = 0; at + 1 < joined.size(); ++at) {
        std::string typed = joined;
        std::swap(typed[at], typed[at + 1]);
        if (typed == joined) continue;
        ASSERT_EQ(parse_recovery_code(typed).code(), ErrorCode::malformed) << typed;
    }
}

TEST_F(RecoverySheet, GroupsExchangedMissingOrRepeatedAreNoticed) {
    std::vector<std::string> groups;
    for (std::size_t at = 0; at < code_.size(); at += 6) groups.push_back(code_.substr(at, 5));
    const auto joined = [](const std::vector<std::string>& all) {
        std::string text;
        for (const std::string& group : all) text += (text.empty() ? "" : "-") + group;
        return text;
    };
    ASSERT_EQ(joined(groups), code_);
    for (std::size_t at = 0; at < groups.size(); ++at) {
        std::vector<std::string> bad = groups;
        bad.erase(bad.begin() + static_cast<std::ptrdiff_t>(at));
        EXPECT_EQ(parse_recovery_code(joined(bad)).code(), ErrorCode::malformed);
        bad = groups;
        bad.insert(bad.begin() + static_cast<std::ptrdiff_t>(at), groups[at]);
        EXPECT_EQ(parse_recovery_code(joined(bad)).code(), ErrorCode::malformed);
        bad = groups;
        std::swap(bad[at], bad[(at + 1) % bad.size()]);
        EXPECT_EQ(parse_recovery_code(joined(bad)).code(), ErrorCode::malformed);
    }
}

TEST_F(RecoverySheet, OtherTextsAreNoticed) {
    for (const char* typed : {"", "-", "00000", "phrase de secours", "UUUUU"}) {
        EXPECT_EQ(parse_recovery_code(typed).code(), ErrorCode::malformed) << typed;
    }
    EXPECT_EQ(parse_recovery_code(code_ + "0").code(), ErrorCode::malformed);
    EXPECT_EQ(parse_recovery_code(code_.substr(0, code_.size() - 1)).code(), ErrorCode::malformed);
    EXPECT_EQ(parse_recovery_code("U" + code_.substr(1)).code(), ErrorCode::malformed);
}

TEST_F(RecoverySheet, ItsTwoKeysFollowFromItAlone) {
    const RecoveryKeys keys = recovery_keys(secret_);
    const RecoveryKeys again = recovery_keys(parse_recovery_code(code_).value());
    EXPECT_EQ(keys.signing.public_key(), again.signing.public_key());
    EXPECT_EQ(keys.sealing.public_key(), again.sealing.public_key());
    EXPECT_NE(keys.signing.public_key(), keys.sealing.public_key());
    const RecoveryKeys other = recovery_keys(make_recovery_secret(random_));
    EXPECT_NE(keys.signing.public_key(), other.signing.public_key());
    EXPECT_NE(keys.sealing.public_key(), other.sealing.public_key());
}

// A sheet printed today must open in ten years: the derivation may never change. The values were
// computed apart from this code, with Python's hmac and cryptography.
TEST(RecoveryKeysOf, AKnownSecretAreTheseForEver) {
    Secret secret(32);
    for (std::size_t i = 0; i < 32; ++i) {
        secret.expose_mutable()[i] = static_cast<std::uint8_t>(i);
    }
    EXPECT_EQ(as_text(recovery_code(secret).expose()),
              "000G4-0R40M-30E20-9185G-R38E1-W8124-GK2GA-HC5RR-34D1P-70X3R-FP638");
    const RecoveryKeys keys = recovery_keys(secret);
    EXPECT_EQ(hex(fingerprint(keys.signing.public_key()).view()),
              "0899961fd340b629d9fbc97f460f5a9f5872cddee5d2e23a23ce212f33ff837b");
    EXPECT_EQ(hex(fingerprint(keys.sealing.public_key()).view()),
              "90005f9b3878688d4b8570a01cdc907681f6abcb4181027338e49f9ea790eb35");
}

}  // namespace
}  // namespace relais::seal
