// What a form says again of what stands outside of it: the person to whose attention its act is,
// the moment of sending, the messages of its case; and what may not be answered no.
#include <gtest/gtest.h>

#include "tests/unit/schemas/forms/fixture.h"

namespace relais::forms {
namespace {

using nlohmann::json;

constexpr const char* kDupont = "10100000024";
constexpr const char* kSomebodyElse = "01234567897";

const FormSchema& notice_form() {
    static const FormSchema schema = FormSchema::load(schema_of(R"(
table Doctor {
  name:string (label: "Nom");
  rpps:string (label: "RPPS", ident: "rpps");
}
table Form (label: "Avis") {
  prescriber:Doctor (label: "Prescripteur", attention: "public basis is LOCAL");
  reader:string (label: "Lecteur", ident: "rpps", attention: "public basis is READ");
  informed:bool = null (label: "Informé", must_be_true);
  called_at:string (label: "Appelé le", datetime, happened);
  until:string (label: "Jusqu'au", datetime, still_ahead);
  slip:string (label: "Empreinte", fingerprint);
}
)"))
                                         .value();
    return schema;
}

Context named_in(const std::string& basis, Severity severity = Severity::error) {
    Context context(kTest, {{"basis", {"Base", {}, basis}}}, nullptr, severity);
    context.attention = Attention{kDupont, "Dr Dupont"};
    return context;
}

std::string noticed(const json& values, const Context& context) {
    Findings findings;
    const Result<json> checked = check(notice_form(), values, context, findings);
    const std::string text = shown(findings);
    EXPECT_EQ(checked.ok(), text.find(" error") == std::string::npos) << text;
    return text;
}

json prescribed_by(const json& rpps) { return {{"prescriber", {{"name", "Dr"}, {"rpps", rpps}}}}; }

TEST(FormAttention, IsThePersonWhomTheHeaderNames) {
    EXPECT_EQ(noticed(prescribed_by(kDupont), named_in("LOCAL")), "");
    EXPECT_EQ(noticed(prescribed_by(kSomebodyElse), named_in("LOCAL")),
              "prescriber.rpps invalid_field error\n");
    EXPECT_EQ(noticed({{"reader", kSomebodyElse}}, named_in("READ")),
              "reader invalid_field error\n");
    EXPECT_EQ(noticed({{"reader", kDupont}}, named_in("READ")), "");
    Findings findings;
    (void)check(notice_form(), prescribed_by(kSomebodyElse), named_in("LOCAL"), findings);
    EXPECT_EQ(findings.at(0).message,
              "Contradiction : ce RPPS n'est pas celui de la personne à l'attention de qui est cet "
              "acte (Dr Dupont). Vérifiez de qui il s'agit avant toute suite.");
}

TEST(FormAttention, IsComparedThoughTheKeyOfTheRppsIsDoubtful) {
    EXPECT_EQ(noticed(prescribed_by("10100000066"), named_in("LOCAL")),
              "prescriber.rpps bad_identifier warning\nprescriber.rpps invalid_field error\n");
}

TEST(FormAttention, IsNotLeftToANameAlone) {
    EXPECT_EQ(noticed(prescribed_by(nullptr), named_in("LOCAL")),
              "prescriber.rpps missing_field error\n");
    EXPECT_EQ(noticed(json::object(), named_in("LOCAL")), "prescriber.rpps missing_field error\n");
    EXPECT_EQ(noticed(json::object(), named_in("READ")), "reader missing_field error\n");
}

TEST(FormAttention, WarnsWhoeverReads) {
    EXPECT_EQ(noticed(prescribed_by(kSomebodyElse), named_in("LOCAL", Severity::warning)),
              "prescriber.rpps invalid_field warning\n");
    Findings findings;
    const Bytes bytes =
        encode(notice_form(), prescribed_by(kSomebodyElse), kTest, findings).value();
    const auto read = decode(notice_form(), bytes, named_in("LOCAL", Severity::warning), findings);
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(*read, prescribed_by(kSomebodyElse)) << "what was signed is read whole";
    EXPECT_EQ(shown(findings), "prescriber.rpps invalid_field warning\n");
}

TEST(FormAttention, IsAskedWhereTheConditionHoldsAndTheHeaderNamesSomebody) {
    EXPECT_EQ(noticed(prescribed_by(kSomebodyElse), named_in("URGENCY")), "");
    Context nobody = named_in("LOCAL");
    nobody.attention.reset();
    EXPECT_EQ(noticed(prescribed_by(kSomebodyElse), nobody), "");
    nobody.attention = Attention{"", "Secrétariat"};
    EXPECT_EQ(noticed(prescribed_by(kSomebodyElse), nobody), "");
}

TEST(FormTruth, NoIsRefusedWhereTheLawAsksForYes) {
    EXPECT_EQ(noticed({{"informed", true}}, kTest), "");
    EXPECT_EQ(noticed({{"informed", false}}, kTest), "informed invalid_field error\n");
}

TEST(FormMoment, WhatHappenedIsNotInTheFuture) {
    Context context(kTest);
    context.sent_at = std::int64_t{1'800'000'000} * 1'000'000'000;  // 2027-01-15T08:00:00Z
    const auto called = [&](const char* at) { return noticed({{"called_at", at}}, context); };
    EXPECT_EQ(called("2027-01-15T09:00:00+01:00"), "");
    EXPECT_EQ(called("2027-01-15T08:04:00Z"), "") << "typed by the minute";
    EXPECT_EQ(called("2027-01-15T08:06:00Z"), "called_at invalid_field error\n");
    EXPECT_EQ(noticed({{"called_at", "2027-01-15T09:06:00+01:00"}}, context),
              "called_at invalid_field error\n");
    EXPECT_EQ(noticed({{"called_at", "2150-01-01T00:00:00Z"}}, kTest), "")
        << "of what was sent before, nothing is said";
}

TEST(FormMoment, WhatIsOverAlreadyIsSaid) {
    Context context(kTest);
    context.sent_at = std::int64_t{1'800'000'000} * 1'000'000'000;
    EXPECT_EQ(noticed({{"until", "2027-01-15T08:01:00Z"}}, context), "");
    EXPECT_EQ(noticed({{"until", "2027-01-15T07:59:00Z"}}, context),
              "until invalid_field warning\n");
    EXPECT_EQ(noticed({{"until", "2000-01-01T00:00:00Z"}}, kTest), "");
}

TEST(FormFingerprint, IsThatOfAMessageOfTheCaseAsSlipsPrintIt) {
    const std::string known(64, 'a');
    const std::string printed =
        "AAAAAAAA aaaaaaaa aaaaaaaa aaaaaaaa aaaaaaaa aaaaaaaa aaaaaaaa "
        "aaaaaaaa";
    Context context(kTest);
    context.messages = std::vector<CaseMessage>{{known, "Avis rédigé"}};
    Findings findings;
    const auto checked = check(notice_form(), {{"slip", printed}}, context, findings);
    ASSERT_TRUE(checked.ok());
    EXPECT_EQ(checked->at("slip"), known);
    EXPECT_EQ(noticed({{"slip", std::string(64, 'b')}}, context), "slip invalid_field error\n");
    EXPECT_EQ(noticed({{"slip", std::string(64, 'b')}}, kTest), "") << "the case is not known";
    EXPECT_EQ(noticed({{"slip", std::string(63, 'a')}}, kTest), "slip invalid_field error\n");
    EXPECT_EQ(noticed({{"slip", std::string(64, 'g')}}, kTest), "slip invalid_field error\n");
    (void)check(notice_form(), {{"slip", std::string(64, 'b')}}, context, findings);
    EXPECT_NE(findings.back().message.find(known + "  Avis rédigé"), std::string::npos)
        << findings.back().message;
}

TEST(FormChoice, WhatIsAdmittedIsListedWithItsLabels) {
    Findings findings;
    json values = everything_values();
    values["colour"] = "blue";
    (void)check(everything(), values, kTest, findings);
    EXPECT_EQ(findings.at(0).message, "Valeur attendue parmi : red (Rouge), green (Vert).");
}

TEST(FormHeaderRules, AreRefusedOnFieldsThatCannotKeepThem) {
    const auto why = [](const std::string& field) {
        const auto loaded = FormSchema::load(
            schema_of("table D { a:string (label: \"A\", ident: \"rpps\"); b:string (label: "
                      "\"B\", ident: \"rpps\"); }\ntable Form (label: \"F\") { " +
                      field + " }"));
        return loaded.ok() ? std::string() : loaded.error().detail;
    };
    const auto refuses = [&](const std::string& field, const std::string& detail) {
        EXPECT_NE(why(field).find(detail), std::string::npos) << field << ": " << why(field);
    };
    refuses("t:string (label: \"T\", attention);", "neither an RPPS nor a table with one RPPS");
    refuses("t:D (label: \"T\", attention);", "neither an RPPS nor a table with one RPPS");
    refuses("t:[D] (label: \"T\", attention);", "not for this type of field");
    refuses("t:string (label: \"T\", ident: \"rpps\", attention: \"x answered\");",
            "unknown field \"x\"");
    refuses("t:string (label: \"T\", must_be_true);", "not for this type of field");
    refuses("t:string (label: \"T\", date, happened);", "a moment is a date and time");
    refuses("t:string (label: \"T\", still_ahead);", "a moment is a date and time");
}

}  // namespace
}  // namespace relais::forms
