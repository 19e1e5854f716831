// The closed lists: professions, organisation kinds, and which goes with which.
#include "schemas/directory/professions.h"

#include <gtest/gtest.h>

#include <set>

#include "core/base/names.h"
#include "tests/support/printers.h"

namespace relais::directory {
namespace {

constexpr int kKinds = 11;

OrganisationKind kind_at(int number) { return static_cast<OrganisationKind>(number); }

TEST(Professions, CodesAreDistinctSlugsAndLabelsTitles) {
    std::set<std::string_view> codes;
    for (const Profession& profession : professions()) {
        EXPECT_TRUE(codes.insert(profession.code).second) << profession.code;
        EXPECT_TRUE(is_slug(profession.code)) << profession.code;
        EXPECT_TRUE(is_title(profession.label, 120));
        EXPECT_EQ(find_profession(profession.code), &profession);
    }
    EXPECT_EQ(find_profession("wizard"), nullptr);
    EXPECT_EQ(find_profession(""), nullptr);
}

// Codes of digits are of the national table of regulated professions; the others have no RPPS.
TEST(Professions, CodesOfDigitsAreRegulatedAndTheOthersAreNot) {
    for (const Profession& profession : professions()) {
        const bool digits = profession.code.find_first_not_of("0123456789") == std::string::npos;
        EXPECT_EQ(profession.regulated, digits) << profession.code;
    }
}

TEST(Professions, EachKindHasItsOwnList) {
    EXPECT_TRUE(profession_allowed(OrganisationKind::practice, "10"));
    EXPECT_FALSE(profession_allowed(OrganisationKind::practice, "21"));
    EXPECT_TRUE(profession_allowed(OrganisationKind::pharmacy, "21"));
    EXPECT_FALSE(profession_allowed(OrganisationKind::pharmacy, "10"));
    EXPECT_TRUE(profession_allowed(OrganisationKind::nursing, "60"));
    EXPECT_FALSE(profession_allowed(OrganisationKind::other, "10"));
    for (const Profession& profession : professions()) {
        EXPECT_TRUE(profession_allowed(OrganisationKind::hospital, profession.code));
    }
}

TEST(Professions, AnUnknownCodeIsAllowedNowhere) {
    for (int kind = 1; kind <= kKinds; ++kind) {
        for (const char* code : {"", "1", "0", "10 40", "*", "wizard", " 10"}) {
            EXPECT_FALSE(profession_allowed(kind_at(kind), code)) << kind << " " << code;
        }
    }
}

TEST(Professions, EveryKindTakesASecretaryAndAServiceAccount) {
    for (int kind = 1; kind <= kKinds; ++kind) {
        EXPECT_TRUE(profession_allowed(kind_at(kind), "secretary")) << kind;
        EXPECT_TRUE(profession_allowed(kind_at(kind), "service")) << kind;
    }
}

TEST(OrganisationKinds, EachHasANameOfItsOwnThatIsReadBack) {
    std::set<std::string_view> names;
    for (int kind = 1; kind <= kKinds; ++kind) {
        EXPECT_TRUE(names.insert(kind_name(kind_at(kind))).second);
        EXPECT_EQ(parse_kind(kind_name(kind_at(kind))).value(), kind_at(kind));
        EXPECT_TRUE(is_title(kind_label(kind_at(kind)), 120));
    }
    EXPECT_EQ(parse_kind("castle").code(), ErrorCode::invalid_field);
    EXPECT_EQ(parse_kind("").code(), ErrorCode::invalid_field);
    EXPECT_EQ(parse_kind("Hospital").code(), ErrorCode::invalid_field);
}

}  // namespace
}  // namespace relais::directory
