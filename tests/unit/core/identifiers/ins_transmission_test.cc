// The decision to let an INS matricule travel, over every status, OID, environment and set of
// traits.
#include "core/identifiers/ins_transmission.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

namespace relais {
namespace {

constexpr StrictTraits kAll = {true, true, true, true, true};
constexpr std::string_view kNir = "1.2.250.1.213.1.4.8";
constexpr std::string_view kNia = "1.2.250.1.213.1.4.9";
constexpr std::string_view kNirTest = "1.2.250.1.213.1.4.10";

InsRefusal refusal(IdentityStatus status, std::string_view oid, InsEnvironment environment,
                   const StrictTraits& traits = kAll) {
    return ins_refusal({status, oid, environment, traits});
}

StrictTraits traits_of(unsigned bits) {
    return {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, (bits & 16) != 0};
}

// Every identity status and every combination of traits, with this OID in this environment.
void expect_passage(std::string_view oid, InsEnvironment environment, bool own) {
    for (const char* code : {"PROV", "VALI", "RECUP", "QUAL"}) {
        for (unsigned bits = 0; bits < 32; ++bits) {
            const bool may = std::string_view(code) == "QUAL" && own && bits == 31;
            const InsClaim claim = {identity_status(code).value(), oid, environment,
                                    traits_of(bits)};
            EXPECT_EQ(may_carry_ins(claim).ok(), may) << code << " " << oid << " " << bits;
        }
    }
}

TEST(InsTransmission, OfAllClaimsOnlyQualifiedOnesWithTheirOidAndAllTraitsPass) {
    const std::set<std::string_view> production = {"1.2.250.1.213.1.4.8", "1.2.250.1.213.1.4.9"};
    const std::set<std::string_view> test = {"1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.11"};
    const std::set<std::string_view> never = {"", "1.2.250.1.213.1.4.2", "1.2.250.1.176.1.2"};
    std::set<std::string_view> oids = never;
    oids.insert(production.begin(), production.end());
    oids.insert(test.begin(), test.end());
    for (const std::string_view oid : oids) {
        expect_passage(oid, InsEnvironment::production, production.contains(oid));
        expect_passage(oid, InsEnvironment::test, test.contains(oid));
    }
}

TEST(InsTransmission, EachMissingTraitIsEnoughToRefuse) {
    for (unsigned missing = 0; missing < 5; ++missing) {
        EXPECT_EQ(refusal(IdentityStatus::qualified, kNir, InsEnvironment::production,
                          traits_of(31u & ~(1u << missing))),
                  InsRefusal::traits_missing)
            << missing;
    }
}

TEST(InsTransmission, EachStatusShortOfQualifiedIsRefusedForItself) {
    for (const auto status :
         {IdentityStatus::provisional, IdentityStatus::validated, IdentityStatus::retrieved}) {
        EXPECT_EQ(refusal(status, kNir, InsEnvironment::production), InsRefusal::not_qualified);
    }
}

TEST(InsTransmission, OidsBelongToOneEnvironment) {
    EXPECT_EQ(refusal(IdentityStatus::qualified, kNirTest, InsEnvironment::production),
              InsRefusal::non_production_oid);
    EXPECT_EQ(refusal(IdentityStatus::qualified, kNir, InsEnvironment::test),
              InsRefusal::production_oid);
    EXPECT_EQ(refusal(IdentityStatus::qualified, kNir, InsEnvironment::production),
              InsRefusal::none);
}

TEST(InsTransmission, TheOidIsTheOneOfSuchNumbers) {
    const auto with = [](std::string_view matricule, std::string_view oid,
                         InsEnvironment environment = InsEnvironment::production) {
        return ins_refusal({IdentityStatus::qualified, oid, environment, kAll, matricule});
    };
    for (const char* nir : {"180032B02040123", "279035121518989"}) {
        EXPECT_EQ(with(nir, kNir), InsRefusal::none);
        EXPECT_EQ(with(nir, kNia), InsRefusal::oid_of_nia);
        for (const char* oid : {"1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.11"}) {
            EXPECT_EQ(with(nir, oid, InsEnvironment::test), InsRefusal::none);
        }
    }
    for (const char* nia : {"779035121518933", "879035121518989"}) {
        EXPECT_EQ(with(nia, kNia), InsRefusal::none);
        EXPECT_EQ(with(nia, kNir), InsRefusal::oid_of_nir);
        EXPECT_EQ(with(nia, kNirTest, InsEnvironment::test), InsRefusal::oid_of_nir)
            << "that of test numbers is a NIR's too";
    }
}

TEST(InsTransmission, OidsOfOtherAuthoritiesAndOtherSpellingsAreRefused) {
    // Obsolete, of another identifier, seen in public code, or written another way.
    for (const char* oid :
         {"1.2.250.1.213.1.4.2", "1.2.250.1.176.1.2", "1.2.250.1.213.1.4.5", "1.2.250.1.213.1.1.1",
          "1.2.250.1.213.1.4", "1.2.250.1.213.1.4.80", "urn:oid:1.2.250.1.213.1.4.8",
          " 1.2.250.1.213.1.4.8", "1.2.250.1.213.1.4.8 ", ""}) {
        for (const auto environment : {InsEnvironment::production, InsEnvironment::test}) {
            EXPECT_EQ(ins_oid_refusal(oid, environment), InsRefusal::not_an_ins_oid) << oid;
        }
    }
}

TEST(InsTransmission, StatusCodesAreReadExactly) {
    EXPECT_EQ(identity_status("PROV"), IdentityStatus::provisional);
    EXPECT_EQ(identity_status("VALI"), IdentityStatus::validated);
    EXPECT_EQ(identity_status("RECUP"), IdentityStatus::retrieved);
    EXPECT_EQ(identity_status("QUAL"), IdentityStatus::qualified);
    for (const char* code : {"", "qual", "QUAL ", "DOUA", "QUALI"}) {
        EXPECT_FALSE(identity_status(code).has_value()) << code;
    }
}

TEST(InsTransmission, TheErrorNamesTheReasonAndTheMessageSaysItInFrench) {
    const InsClaim claim = {IdentityStatus::validated, kNir, InsEnvironment::production, kAll};
    const Result<void> result = may_carry_ins(claim);
    ASSERT_EQ(result.code(), ErrorCode::identity_refused);
    EXPECT_EQ(result.error().detail, "not_qualified");
    EXPECT_NE(ins_refusal_message(InsRefusal::not_qualified).find("qualifiée"),
              std::string_view::npos);
    std::set<std::string_view> names;
    std::set<std::string_view> messages;
    for (const auto each :
         {InsRefusal::not_qualified, InsRefusal::not_an_ins_oid, InsRefusal::non_production_oid,
          InsRefusal::production_oid, InsRefusal::oid_of_nia, InsRefusal::oid_of_nir,
          InsRefusal::traits_missing}) {
        names.insert(ins_refusal_name(each));
        messages.insert(ins_refusal_message(each));
    }
    EXPECT_EQ(names.size(), 7u);
    EXPECT_EQ(messages.size(), 7u);
    EXPECT_FALSE(messages.contains(""));
    EXPECT_EQ(ins_refusal_message(InsRefusal::none), "");
}

}  // namespace
}  // namespace relais
