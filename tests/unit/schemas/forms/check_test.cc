// The rules of values, each with the value that breaks it, and what is said about it.
#include <gtest/gtest.h>

#include "core/base/limits.h"
#include "tests/unit/schemas/forms/fixture.h"

namespace relais::forms {
namespace {

using nlohmann::json;

std::string findings_of(const FormSchema& schema, const json& values,
                        InsEnvironment environment = kTest) {
    Findings findings;
    const Result<json> checked = check(schema, values, environment, findings);
    const std::string text = shown(findings);
    EXPECT_EQ(checked.ok(), text.find(" error") == std::string::npos) << text;
    return text;
}

TEST(FormCheck, AFullFormHasNothingToFind) {
    EXPECT_EQ(findings_of(everything(), everything_values()), "");
    EXPECT_EQ(findings_of(everything(), json::parse(R"({"yes": false})")), "");
}

TEST(FormCheck, WhatIsNormalisedAlreadyStaysAsItIs) {
    Findings findings;
    const Result<json> checked = check(everything(), everything_values(), kTest, findings);
    ASSERT_TRUE(checked.ok());
    EXPECT_EQ(*checked, everything_values());
}

// One value put in a full form, at a JSON pointer, and what must be found.
struct Case {
    std::string rule;
    std::string at;
    std::string value;
    std::string found;
};

std::vector<Case> refused_values() {
    return {
        {"boolean_text", "/yes", "\"true\"", "yes invalid_field error\n"},
        {"boolean_number", "/yes", "1", "yes invalid_field error\n"},
        {"integer_text", "/small", "\"3\"", "small invalid_field error\n"},
        {"integer_decimal", "/small", "3.5", "small invalid_field error\n"},
        {"integer_whole_decimal", "/small", "3.0", "small invalid_field error\n"},
        {"integer_below", "/small", "0", "small invalid_field error\n"},
        {"integer_above", "/small", "201", "small invalid_field error\n"},
        {"integer_wraps", "/small", "257", "small invalid_field error\n"},
        {"integer_beyond_64_bits", "/long_", "18446744073709551615", "long_ invalid_field error\n"},
        {"unsigned_negative", "/ulong_", "-1", "ulong_ invalid_field error\n"},
        {"decimal_text", "/decimal", "\"37\"", "decimal invalid_field error\n"},
        {"decimal_below", "/decimal", "-1.51", "decimal invalid_field error\n"},
        {"decimal_above", "/decimal", "45.26", "decimal invalid_field error\n"},
        {"text_number", "/line", "3", "line invalid_field error\n"},
        {"text_list", "/line", "[\"a\"]", "line invalid_field error\n"},
        {"text_long", "/line", "\"123456789012345678901\"", "line invalid_field error\n"},
        {"text_long_in_bytes", "/line", "\"ééééééééééé\"", "line invalid_field error\n"},
        {"text_two_lines", "/line", "\"a\\nb\"", "line invalid_field error\n"},
        {"text_control", "/lines", "\"a\\u0007b\"", "lines invalid_field error\n"},
        {"text_escape", "/lines", "\"\\u001b[2Jx\"", "lines invalid_field error\n"},
        {"text_override", "/lines", "\"a\\u202eb\"", "lines invalid_field error\n"},
        {"date_french", "/day", "\"22/11/2026\"", "day invalid_field error\n"},
        {"date_not_a_day", "/day", "\"2023-02-29\"", "day invalid_field error\n"},
        {"moment_without_offset", "/moment", "\"2026-11-22T14:30:00\"",
         "moment invalid_field error\n"},
        {"phone_words", "/phone", "\"standard\"", "phone invalid_field error\n"},
        {"identifier_form", "/rpps", "\"0123456789\"", "rpps bad_identifier error\n"},
        {"identifier_key", "/cip", "\"3400935955839\"", "cip bad_identifier error\n"},
        {"choice_label", "/colour", "\"Rouge\"", "colour invalid_field error\n"},
        {"choice_number", "/colour", "-1", "colour invalid_field error\n"},
        {"list_one", "/texts", "\"a\"", "texts invalid_field error\n"},
        {"list_long", "/texts", R"(["a","b","c","d","e","f"])", "texts invalid_field error\n"},
        {"list_empty_item", "/texts", R"(["a",""," "])",
         "texts[1] invalid_field error\ntexts[2] invalid_field error\n"},
        {"list_null_item", "/texts", R"(["a",null])", "texts[1] invalid_field error\n"},
        {"list_bad_item", "/colours", R"(["red","blue"])", "colours[1] invalid_field error\n"},
        {"table_text", "/outer", "\"a\"", "outer invalid_field error\n"},
        {"table_in_list", "/outer/list", R"([{"text":"a"},{}])",
         "outer.list[1] invalid_field error\n"},
        {"nested_bound", "/outer/inner/numbers", "[301]",
         "outer.inner.numbers[0] invalid_field error\n"},
        {"missing", "/yes", "null", "yes missing_field error\n"},
        {"missing_nested", "/outer/inner", R"({"flag":true})",
         "outer.inner.text missing_field error\n"},
        {"missing_blank", "/outer/inner/text", "\" \\n\\u00a0\"",
         "outer.inner.text missing_field error\n"},
        {"missing_in_list", "/outer/list", R"([{"text":"a"},{"flag":true}])",
         "outer.list[1].text missing_field error\n"},
        {"unknown", "/colors", "3", "colors unknown_field error\n"},
        {"unknown_nested", "/outer/inner/texte", "\"a\"",
         "outer.inner.texte unknown_field error\n"},
        {"unknown_null", "/colors", "null", "colors unknown_field error\n"},
    };
}

void PrintTo(const Case& value, std::ostream* out) { *out << value.rule; }

class RefusedValue : public testing::TestWithParam<Case> {};

TEST_P(RefusedValue, IsFoundAtItsPath) {
    json values = everything_values();
    values[json::json_pointer(GetParam().at)] = json::parse(GetParam().value);
    EXPECT_EQ(findings_of(everything(), values), GetParam().found);
}

INSTANTIATE_TEST_SUITE_P(Rules, RefusedValue, testing::ValuesIn(refused_values()),
                         [](const auto& param) { return param.param.rule; });

struct Kept {
    std::string rule;
    std::string at;
    std::string value;
    std::string normalised;  // empty: no member
};

std::vector<Kept> kept_values() {
    return {
        {"integer_min", "/small", "1", "1"},
        {"integer_max", "/small", "200", "200"},
        {"decimal_min", "/decimal", "-1.5", "-1.5"},
        {"decimal_max", "/decimal", "45.25", "45.25"},
        {"decimal_whole", "/decimal", "37", "37.0"},
        {"text_at_limit", "/line", "\"12345678901234567890\"", "\"12345678901234567890\""},
        {"text_tidied", "/line", "\" a \"", "\"a\""},
        {"lines_tidied", "/lines", "\"a\\r\\nb\\tc\\n\"", "\"a\\nb c\""},
        {"list_at_limit", "/texts", R"(["a","b","c","d","e"])", R"(["a","b","c","d","e"])"},
        {"null", "/line", "null", ""},
        {"empty_text", "/line", "\"\"", ""},
        {"blank_text", "/line", "\"  \"", ""},
        {"empty_choice", "/colour", "\"\"", ""},
        {"empty_list", "/texts", "[]", ""},
        {"empty_table", "/outer", "{}", ""},
        {"empty_tables", "/outer", R"({"inner":{},"list":[]})", ""},
        {"untouched_table", "/outer/inner", R"({"text":"","flag":null})", ""},
    };
}

void PrintTo(const Kept& kept, std::ostream* out) { *out << kept.rule; }

class KeptValue : public testing::TestWithParam<Kept> {};

TEST_P(KeptValue, IsNormalised) {
    json values = everything_values();
    values[json::json_pointer(GetParam().at)] = json::parse(GetParam().value);
    Findings findings;
    const Result<json> checked = check(everything(), values, kTest, findings);
    ASSERT_TRUE(checked.ok()) << shown(findings);
    const json::json_pointer at(GetParam().at);
    ASSERT_EQ(checked->contains(at), !GetParam().normalised.empty());
    if (!GetParam().normalised.empty()) {
        EXPECT_EQ(checked->at(at), json::parse(GetParam().normalised));
    }
}

INSTANTIATE_TEST_SUITE_P(Rules, KeptValue, testing::ValuesIn(kept_values()),
                         [](const auto& param) { return param.param.rule; });

TEST(FormCheck, CharactersAreCountedNotBytes) {
    const auto schema =
        FormSchema::load(schema_of("table Form (label: \"F\") { a:string (label: \"A\", bytes_max: "
                                   "12, characters_max: 3); }"));
    ASSERT_TRUE(schema.ok());
    EXPECT_EQ(findings_of(*schema, {{"a", "été"}}), "");
    EXPECT_EQ(findings_of(*schema, {{"a", "🚨🚨🚨"}}), "");
    EXPECT_EQ(findings_of(*schema, {{"a", "étés"}}), "a invalid_field error\n");
    EXPECT_EQ(findings_of(*schema, {{"a", "abcd"}}), "a invalid_field error\n");
    EXPECT_EQ(describe_json(*schema)["fields"][0]["characters_max"], 3);
    EXPECT_FALSE(describe_json(everything())["fields"][10].contains("characters_max"));
}

TEST(FormCheck, AFormIsAnObject) {
    for (const char* values : {"[]", "null", "3", "\"a\""}) {
        EXPECT_EQ(findings_of(everything(), json::parse(values)), " invalid_field error\n");
    }
}

TEST(FormCheck, EverythingIsFoundAtOnceInTheOrderOfTheFields) {
    json values = everything_values();
    values["yes"] = nullptr;
    values["small"] = 0;
    values["day"] = "demain";
    values["rpps"] = "01234567898";
    values["outer"]["inner"]["texte"] = "a";
    values["zzz"] = 1;
    EXPECT_EQ(findings_of(everything(), values),
              "yes missing_field error\nsmall invalid_field error\nday invalid_field error\n"
              "rpps bad_identifier warning\nouter.inner.texte unknown_field error\n"
              "zzz unknown_field error\n");
}

TEST(FormCheck, TheErrorIsTheFirstFindingThatIsOne) {
    json values = everything_values();
    values["rpps"] = "01234567898";  // a warning, first
    values["outer"]["inner"]["numbers"] = {301};
    Findings findings;
    const Result<json> checked = check(everything(), values, kTest, findings);
    EXPECT_EQ(checked.code(), ErrorCode::invalid_field);
    EXPECT_EQ(checked.error().detail, "outer.inner.numbers[0]");
}

TEST(FormCheck, AWrongKeyOfAnRppsWarnsAndIsKept) {
    json values = everything_values();
    values["rpps"] = "01234567898";
    Findings findings;
    const Result<json> checked = check(everything(), values, kTest, findings);
    ASSERT_TRUE(checked.ok());
    EXPECT_EQ((*checked)["rpps"], "01234567898");
    ASSERT_EQ(findings.size(), 1u);
    EXPECT_EQ(findings[0].severity, Severity::warning);
    EXPECT_FALSE(findings[0].message.empty());
}

TEST(FormCheck, IdentifiersAreWrittenTheirOneWay) {
    json values = identity_values();
    values["patient"]["matricule"] = "2 79 03 51 215 189 89";
    values["patient"]["birth_place"] = "2a004";
    Findings findings;
    const Result<json> checked = check(with_identity(), values, kTest, findings);
    ASSERT_TRUE(checked.ok()) << shown(findings);
    EXPECT_EQ((*checked)["patient"]["matricule"], "279035121518989");
    EXPECT_EQ((*checked)["patient"]["birth_place"], "2A004");
}

TEST(FormCheck, InvalidUtf8IsRefused) {
    json values = everything_values();
    values["line"] = std::string("a\xC3(");
    EXPECT_EQ(findings_of(everything(), values), "line invalid_field error\n");
}

// A member that is not declared may be anything, a patient's name put there by mistake included.
TEST(FormCheck, NeitherErrorNorMessageHoldsWhatWasTyped) {
    json values = everything_values();
    values["DUPONT Jeanne"] = 1;
    values["dupont"] = 1;
    values["line"] = "DUPONT\nJeanne";
    values["cip"] = "DUPONT";
    values["colour"] = "DUPONT";
    Findings findings;
    const Result<json> checked = check(everything(), values, kTest, findings);
    ASSERT_FALSE(checked.ok());
    EXPECT_EQ(findings.size(), 5u);
    for (const Finding& finding : findings) {
        EXPECT_EQ(finding.path.find("DUPONT"), std::string::npos);
        EXPECT_EQ(finding.message.find("DUPONT"), std::string::npos);
        EXPECT_FALSE(finding.message.empty());
    }
    const Result<json> lone =
        check(everything(), json::parse(R"({"yes": true, "dupont": 1})"), kTest, findings);
    EXPECT_EQ(lone.code(), ErrorCode::unknown_field);
    EXPECT_EQ(lone.error().detail, "");
}

TEST(FormCheck, AnErrorIsNotLostAmongWarnings) {
    const std::string source =
        "table Form (label: \"F\") { a:[string] (label: \"A\", ident: \"rpps\", items_max: 500); "
        "z:bool = null (label: \"Z\", mandatory); }";
    const Result<FormSchema> schema = FormSchema::load(schema_of(source));
    ASSERT_TRUE(schema.ok());
    json values = json::object();
    values["a"] = std::vector<std::string>(400, "01234567898");
    Findings findings;
    EXPECT_EQ(check(*schema, values, kTest, findings).code(), ErrorCode::missing_field);
    EXPECT_EQ(findings.size(), limits::kFormFindingsMax + 1);
}

TEST(FormCheck, FindingsAreBounded) {
    json values = everything_values();
    for (int i = 0; i < 10'000; ++i) values["x" + std::to_string(i)] = i;
    Findings findings;
    EXPECT_FALSE(check(everything(), values, kTest, findings).ok());
    EXPECT_EQ(findings.size(), limits::kFormFindingsMax);
}

TEST(FormCheck, MoreElementsThanAWalkMayVisitAreRefused) {
    std::string fields;
    for (int i = 0; i < 11; ++i) {
        fields += "f" + std::to_string(i) + ":[bool] (label: \"A\", items_max: 500); ";
    }
    const auto schema = FormSchema::load(schema_of("table Form (label: \"F\") { " + fields + "}"));
    ASSERT_TRUE(schema.ok());
    json values = json::object();
    for (int i = 0; i < 10; ++i) {
        values["f" + std::to_string(i)] = std::vector<bool>(i < 9 ? 500 : 499, true);
    }
    EXPECT_EQ(findings_of(*schema, values), "");  // 1 table and 4 999 answers
    values["f10"] = {true};
    EXPECT_EQ(findings_of(*schema, values), "f10[0] over_budget error\n");
}

// ---- the identity block
// ---------------------------------------------------------------------------

struct Claim {
    std::string rule;
    InsEnvironment environment;
    std::string at;     // of the identity; empty: as it is
    std::string value;  // null: removed
    std::string found;
};

std::vector<Claim> claims() {
    constexpr auto kReal = InsEnvironment::production;
    const std::string refused = "patient.matricule identity_refused error\n";
    return {
        {"qualified_test_oid", kTest, "", "", ""},
        {"demonstration_oid", kTest, "oid", "\"1.2.250.1.213.1.4.11\"", ""},
        {"test_oid_in_production", kReal, "", "", refused},
        {"real_oid_in_production", kReal, "oid", "\"1.2.250.1.213.1.4.8\"", ""},
        {"nia_oid_of_a_nir", kReal, "oid", "\"1.2.250.1.213.1.4.9\"", refused},
        {"nir_test_oid_of_a_nia", kTest, "matricule", "\"779035121518933\"", refused},
        {"real_oid_in_test", kTest, "oid", "\"1.2.250.1.213.1.4.8\"", refused},
        {"obsolete_oid", kTest, "oid", "\"1.2.250.1.213.1.4.2\"", refused},
        {"no_oid", kTest, "oid", "null", refused},
        {"provisional", kTest, "status", "\"PROV\"", refused},
        {"validated", kTest, "status", "\"VALI\"", refused},
        {"retrieved", kTest, "status", "\"RECUP\"", refused},
        {"no_place", kTest, "birth_place", "null", refused},
        {"no_status", kTest, "status", "null", "patient.status missing_field error\n" + refused},
        {"no_sex", kTest, "sex", "null", "patient.sex missing_field error\n" + refused},
        {"no_date", kTest, "birth_date", "null",
         "patient.birth_date missing_field error\n" + refused},
        {"no_name", kTest, "birth_name", "null",
         "patient.birth_name missing_field error\n" + refused},
        {"no_given_name", kTest, "birth_given_names", "null",
         "patient.birth_given_names missing_field error\n" + refused},
        {"wrong_key", kTest, "matricule", "\"279035121518988\"",
         "patient.matricule bad_identifier error\n"},
        {"no_matricule", kTest, "matricule", "null", ""},
        {"lone_real_oid_in_test", kTest, "matricule", "null", ""},
    };
}

void PrintTo(const Claim& claim, std::ostream* out) { *out << claim.rule; }

class IdentityClaim : public testing::TestWithParam<Claim> {};

TEST_P(IdentityClaim, CarriesAMatriculeOnlyWhereItMay) {
    json values = identity_values();
    if (!GetParam().at.empty()) {
        values["patient"][GetParam().at] = json::parse(GetParam().value);
    }
    EXPECT_EQ(findings_of(with_identity(), values, GetParam().environment), GetParam().found);
}

INSTANTIATE_TEST_SUITE_P(Rules, IdentityClaim, testing::ValuesIn(claims()),
                         [](const auto& param) { return param.param.rule; });

TEST(IdentityBlock, AnIdentityWithoutMatriculeTravelsByItsTraitsInAnyStatus) {
    for (const char* status : {"PROV", "VALI", "RECUP", "QUAL"}) {
        json values = identity_values();
        values["patient"]["status"] = status;
        values["patient"].erase("matricule");
        values["patient"].erase("oid");
        values["patient"].erase("birth_place");
        EXPECT_EQ(findings_of(with_identity(), values), "") << status;
    }
}

TEST(IdentityBlock, AnOidOfAnotherEnvironmentIsRefusedEvenAlone) {
    json values = identity_values();
    values["patient"].erase("matricule");
    EXPECT_EQ(findings_of(with_identity(), values, InsEnvironment::production),
              "patient.oid identity_refused error\n");
}

}  // namespace
}  // namespace relais::forms
