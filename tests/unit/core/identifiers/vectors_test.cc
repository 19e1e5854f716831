// The recomputed vectors of every identifier: each gets the verdict it names.
#include "tests/unit/core/identifiers/vectors.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/identifiers/identifiers.h"
#include "core/identifiers/ins_transmission.h"

namespace relais {
namespace {

using Json = nlohmann::json;

const std::map<std::string, IdentifierKind> kKindOfVector = {
    {"INS_NIR", IdentifierKind::ins_nir},
    {"INS_NIA", IdentifierKind::ins_nia},
    {"RPPS", IdentifierKind::rpps},
    {"IDNPS", IdentifierKind::idnps},
    {"FINESS", IdentifierKind::finess},
    {"IDNST", IdentifierKind::idnst},
    {"SIREN", IdentifierKind::siren},
    {"SIRET", IdentifierKind::siret},
    {"CIP13", IdentifierKind::cip13},
    {"UCD13", IdentifierKind::ucd13},
    {"CIP7", IdentifierKind::cip7},
    {"CIS", IdentifierKind::cis},
    {"ATC", IdentifierKind::atc},
    {"CIM10", IdentifierKind::cim10},
    {"DEPARTEMENT", IdentifierKind::departement},
    {"COG_BIRTHPLACE", IdentifierKind::cog},
};

const std::map<std::string, IdentifierFault> kFaultOfVector = {
    {"", IdentifierFault::none},           {"LENGTH", IdentifierFault::length},
    {"FORMAT", IdentifierFault::format},   {"KEY", IdentifierFault::key},
    {"PREFIX", IdentifierFault::prefix},   {"UCD_RANGE", IdentifierFault::ucd_range},
    {"UNKNOWN", IdentifierFault::unknown},
};

const std::map<std::string, InsRefusal> kRefusalOfVector = {
    {"", InsRefusal::none},
    {"NON_PRODUCTION_OID", InsRefusal::non_production_oid},
    {"NOT_AN_INS_OID", InsRefusal::not_an_ins_oid},
};

// The kinds whose key rule is inferred.
const std::set<IdentifierKind> kWarned = {IdentifierKind::rpps, IdentifierKind::idnps,
                                          IdentifierKind::finess, IdentifierKind::idnst};

std::string error_of(const Json& vector) {
    return vector.at("error").is_null() ? "" : vector.at("error").get<std::string>();
}

std::vector<Json> identifier_vectors() {
    const Json file = read_vectors();
    std::vector<Json> all;
    for (const Json& vector : file.at("vectors")) {
        if (vector.at("kind") != "INS_OID_PRODUCTION") all.push_back(vector);
    }
    EXPECT_EQ(all.size(), 112u) << "vectors were lost";
    return all;
}

IdentifierVerdict judge(const Json& vector) {
    return check_identifier(kKindOfVector.at(vector.at("kind").get<std::string>()),
                            vector.at("value").get<std::string>());
}

TEST(IdentifierVectors, EveryVectorGetsTheFaultItNames) {
    for (const Json& vector : identifier_vectors()) {
        EXPECT_EQ(judge(vector).fault, kFaultOfVector.at(error_of(vector))) << vector.dump();
    }
}

TEST(IdentifierVectors, WrongKeysOfInferredRulesWarnAndEveryOtherFaultRefuses) {
    for (const Json& vector : identifier_vectors()) {
        const IdentifierVerdict verdict = judge(vector);
        const bool valid = vector.at("valid").get<bool>();
        const bool warned = error_of(vector) == "KEY" && kWarned.contains(verdict.kind);
        const auto expected = valid    ? IdentifierSeverity::none
                              : warned ? IdentifierSeverity::warning
                                       : IdentifierSeverity::refusal;
        EXPECT_EQ(verdict.severity, expected) << vector.dump();
        EXPECT_EQ(verdict.normalised.empty(), !verdict.accepted()) << vector.dump();
    }
}

TEST(IdentifierVectors, EveryKindHasAVectorOfEachSide) {
    std::set<IdentifierKind> with_valid;
    std::set<IdentifierKind> with_fault;
    for (const Json& vector : identifier_vectors()) {
        auto& side = vector.at("valid").get<bool>() ? with_valid : with_fault;
        side.insert(judge(vector).kind);
    }
    for (const auto& [name, kind] : kKindOfVector) {
        EXPECT_TRUE(with_valid.contains(kind)) << name;
        // The file's SIREN twin has the wrong length; keys_test.cc has wrong keys for each kind.
        EXPECT_TRUE(with_fault.contains(kind)) << name;
    }
}

TEST(IdentifierVectors, OidsAreJudgedForProduction) {
    const Json file = read_vectors();
    std::size_t seen = 0;
    for (const Json& vector : file.at("vectors")) {
        if (vector.at("kind") != "INS_OID_PRODUCTION") continue;
        const auto oid = vector.at("value").get<std::string>();
        EXPECT_EQ(ins_oid_refusal(oid, InsEnvironment::production),
                  kRefusalOfVector.at(error_of(vector)))
            << oid;
        ++seen;
    }
    EXPECT_EQ(seen, 5u);
}

TEST(IdentifierVectors, AnInsIsWhateverANirOrANiaIs) {
    std::size_t accepted = 0;
    for (const Json& vector : identifier_vectors()) {
        const auto kind = vector.at("kind").get<std::string>();
        if (!kind.starts_with("INS_") || !judge(vector).accepted()) continue;
        const auto value = vector.at("value").get<std::string>();
        EXPECT_EQ(check_identifier(IdentifierKind::ins, value).normalised,
                  judge(vector).normalised);
        const auto other = kind == "INS_NIR" ? IdentifierKind::ins_nia : IdentifierKind::ins_nir;
        EXPECT_EQ(check_identifier(other, value).fault, IdentifierFault::format) << value;
        ++accepted;
    }
    EXPECT_EQ(accepted, 21u);
}

TEST(IdentifierVectors, WhatIsNormalisedGetsTheSameVerdictAgain) {
    for (const Json& vector : identifier_vectors()) {
        const IdentifierVerdict first = judge(vector);
        if (!first.accepted()) continue;
        const IdentifierVerdict again = check_identifier(first.kind, first.normalised);
        EXPECT_EQ(again.fault, first.fault) << vector.dump();
        EXPECT_EQ(again.severity, first.severity) << vector.dump();
        EXPECT_EQ(again.normalised, first.normalised) << vector.dump();
    }
}

TEST(IdentifierVectors, EveryTestPatientHasAValidInsAndPlaceOfBirth) {
    const Json patients = read_vectors().at("testPatients");
    EXPECT_EQ(patients.size(), 8u);
    for (const Json& patient : patients) {
        const auto ins = patient.at("ins").get<std::string>();
        const auto place = patient.at("birthPlaceCOG").get<std::string>();
        for (const auto kind : {IdentifierKind::ins, IdentifierKind::ins_nir}) {
            EXPECT_EQ(check_identifier(kind, ins).severity, IdentifierSeverity::none) << ins;
        }
        EXPECT_EQ(check_identifier(IdentifierKind::cog, place).severity, IdentifierSeverity::none)
            << place;
    }
}

TEST(IdentifierVectors, MatriculesPublishedWithAWrongKeyAreRefused) {
    for (const char* published : {"123456789012244", "284058832102530", "181036322045660",
                                  "281036322045610", "170017510112313"}) {
        const IdentifierVerdict verdict = check_identifier(IdentifierKind::ins, published);
        EXPECT_EQ(verdict.fault, IdentifierFault::key) << published;
        EXPECT_EQ(verdict.severity, IdentifierSeverity::refusal) << published;
    }
}

TEST(IdentifierVectors, FictionalProfessionalsAndStructuresOfGuidesPassWithAWarning) {
    const std::vector<std::pair<IdentifierKind, std::string>> published = {
        {IdentifierKind::rpps, "10003461033"},   {IdentifierKind::rpps, "10001234567"},
        {IdentifierKind::idnps, "801234567898"}, {IdentifierKind::idnps, "801234545872"},
        {IdentifierKind::finess, "754567860"},   {IdentifierKind::finess, "120456789"},
        {IdentifierKind::idnst, "1458174839"},
    };
    for (const auto& [kind, text] : published) {
        const IdentifierVerdict verdict = check_identifier(kind, text);
        EXPECT_EQ(verdict.fault, IdentifierFault::key) << text;
        EXPECT_EQ(verdict.severity, IdentifierSeverity::warning) << text;
        EXPECT_EQ(verdict.normalised, text);
    }
}

TEST(InsTransmissionVectors, EveryCaseOfThePolicyIsDecidedAsWritten) {
    const Json cases = read_vectors().at("insTransmissionPolicy");
    EXPECT_EQ(cases.size(), 11u);
    for (const Json& row : cases) {
        const auto oid = row.at("oid").get<std::string>();
        const auto status = identity_status(row.at("identityStatus").get<std::string>());
        ASSERT_TRUE(status.has_value()) << row.dump();
        const bool all = row.at("allFiveStrictTraits").get<bool>();
        const InsClaim claim = {*status,
                                oid,
                                row.at("environment") == "production" ? InsEnvironment::production
                                                                      : InsEnvironment::test,
                                {true, true, true, true, all}};
        const bool may = row.at("mayCarryINS").get<bool>();
        EXPECT_EQ(may_carry_ins(claim).ok(), may) << row.dump();
        EXPECT_EQ(may_carry_ins(claim).code(), may ? ErrorCode::ok : ErrorCode::identity_refused)
            << row.dump();
    }
}

}  // namespace
}  // namespace relais
