// The conditions that the kinds declare between their fields, and on what their acts publish: each
// on a message that keeps it and on one that does not. And what the compiler refuses of them.
#include <gtest/gtest.h>

#include "tests/unit/schemas/compiler/compiled_kind.h"

namespace relais::compiler {
namespace {

using nlohmann::json;

// A change to the example of an act, and what is then found; and of the act's public field, where
// the condition is on one.
struct Case {
    std::string kind;
    std::string act;
    std::string patch;  // RFC 7386
    std::string found;  // path, then code
    std::string name{};
    std::string answer{};
};

std::vector<Case> admission_cases() {
    return {
        {"admission", "decline", R"({"remark": null})", "remark missing_field", "decline-reason",
         "OTHER"},
        {"admission", "decline", R"({"remark": null})", "", "decline-reason", "NO_BED"},
        {"admission", "choose", R"({"remark": null})", ""},
        {"admission", "counter", R"({"unit": null})", "unit missing_field", "counter",
         "OTHER_WARD"},
        {"admission", "counter", R"({"unit": null})", "", "counter", "ADVICE"},
        {"admission", "discharged", R"({"place": null})", "place missing_field", "destination",
         "EHPAD"},
        {"admission", "discharged", R"({"place": null})", "", "destination", "HOME"},
        {"admission", "defer", R"({"reason": "other", "remark": null})", "remark missing_field"},
        {"admission", "offer", R"({"arrival_until": "2026-11-23T13:00:00+01:00"})",
         "arrival_until invalid_field"},
        {"admission", "call", R"({"needs": {"oxygen": false, "oxygen_flow": 2}})",
         "needs.oxygen_flow invalid_field"},
        {"admission", "call", R"({"needs": {"oxygen": true, "oxygen_flow": 2}})", ""},
        {"admission", "deposit", R"({"isolation": {"bmr_carrier": "yes", "germ": null}})",
         "isolation.germ missing_field"},
        {"admission", "deposit", R"({"residence": "home", "residence_finess": "360000012"})",
         "residence_finess invalid_field"},
        {"admission", "deposit", R"({"vital_signs": {"systolic": 60, "diastolic": 110}})",
         "vital_signs.diastolic invalid_field"},
        {"admission", "deposit", R"({"allergies": {"status": "none_known"}})",
         "allergies.items invalid_field"},
        {"admission", "deposit", R"({"treatments": {"status": "listed", "items": null}})",
         "treatments.items missing_field"},
        {"admission", "slip-outside", R"({"way": "posted"})", "fax invalid_field"},
    };
}

std::vector<Case> other_cases() {
    return {
        {"advice", "decline", R"({"text": null})", "text missing_field", "decline-reason", "OTHER"},
        {"advice", "close", R"({"text": null})", "text missing_field", "outcome", "OTHER"},
        {"advice", "close", R"({"text": null})", "", "outcome", "CONSULTATION"},
        {"coordination", "refuse", R"({"text": null})", "text missing_field", "refusal-reason",
         "OTHER"},
        {"liaison", "letter", R"({"letter": {"stay": {"left_at": "2026-11-01T11:00:00+01:00"}}})",
         "letter.stay.left_at invalid_field"},
        {"liaison", "letter", R"({"letter": {"synthesis": {"micro_organisms": "yes"}}})",
         "letter.synthesis.micro_organism_found missing_field"},
        {"liaison", "letter", R"({"letter": {"synthesis": {"transfusion_accident": "Frissons"}}})",
         "letter.synthesis.transfusion_accident invalid_field"},
        {"liaison", "ehpad-transfer", R"({"last_meal": {"certainty": "unknown"}})",
         "last_meal.at invalid_field"},
        {"liaison", "ehpad-transfer", R"({"last_meal": {"at": null}})",
         "last_meal.at missing_field"},
        {"liaison", "ehpad-transfer", R"({"belongings": {"nothing_taken": true, "other": null}})",
         "belongings.taken invalid_field"},
        {"liaison", "ehpad-transfer", R"({"contact": null})", "contact_informed invalid_field"},
        {"protocol", "draft", R"({"legal_basis": "ansm_recommendation", "reference": null})",
         "reference missing_field"},
        {"protocol", "draft", R"({"valid_to": "2026-11-30"})", "valid_to invalid_field"},
        {"protocol", "suspend", R"({"remark": null})", "remark missing_field", "class-reason",
         "OTHER"},
        {"substitution", "notice", R"({"basis": null})", "basis missing_field", "legal-basis",
         "PRIOR_AGREEMENT"},
        {"substitution", "notice", R"({"basis": {"agreed_by": "Dr Essai"}})",
         "basis.agreed_at missing_field", "legal-basis", "PRIOR_AGREEMENT"},
        {"substitution", "notice", R"({"basis": {"version": null}})", "basis.version missing_field",
         "legal-basis", "ANSM_RECOMMENDATION"},
        {"substitution", "notice", R"({"basis": {"version": null}})", "", "legal-basis", "URGENCY"},
        {"substitution", "notice", R"({"basis": null})", "", "legal-basis", "URGENCY"},
        {"substitution", "notice", R"({"mention_written": false})",
         "mention_written invalid_field"},
        {"substitution", "notice", R"({"patient_informed": false})",
         "patient_informed invalid_field"},
        {"substitution", "correct", R"({"patient_informed": false})",
         "patient_informed invalid_field"},
        {"substitution", "slip-outside", R"({"digest": "9f2c1d7e"})", "digest invalid_field"},
        {"substitution", "correct", R"({"basis": {"agreed_at": "2026-12-14T17:20:00+01:00"}})",
         "basis.agreed_by missing_field", "legal-basis", "PRIOR_AGREEMENT"},
        {"substitution", "correct", R"({"basis": {"agreed_by": null}})", "", "legal-basis",
         "BIOSIMILAR"},
    };
}

std::vector<Case> cases() {
    std::vector<Case> all = admission_cases();
    for (Case& other : other_cases()) all.push_back(std::move(other));
    return all;
}

void PrintTo(const Case& value, std::ostream* out) {
    *out << value.kind << " " << value.act << " " << value.patch << " " << value.answer;
}

class KindCondition : public testing::TestWithParam<Case> {};

TEST_P(KindCondition, IsKept) {
    const CompiledKind& of = CompiledKind::of(GetParam().kind);
    json values = of.example(GetParam().act);
    values.merge_patch(json::parse(GetParam().patch));
    forms::Publics publics;
    if (!GetParam().name.empty()) {
        const workflow::PublicDeclared* field = of.kind.public_field(GetParam().name);
        ASSERT_NE(field, nullptr);
        publics[GetParam().name] = {field->label, {}, GetParam().answer};
    }
    forms::Findings findings;
    const auto checked = forms::check(of.form_of(GetParam().act), values,
                                      forms::Context(InsEnvironment::test, publics), findings);
    std::string found;
    for (const forms::Finding& finding : findings) {
        found += (found.empty() ? "" : ", ") + finding.path + " " +
                 std::string(error_name(finding.code));
    }
    EXPECT_EQ(found, GetParam().found);
    EXPECT_EQ(checked.ok(), GetParam().found.empty());
}

INSTANTIATE_TEST_SUITE_P(Kinds, KindCondition, testing::ValuesIn(cases()));

// ---- what happened is not later than its telling: the delay of a letter begins with a discharge

struct Happened {
    std::string kind;
    std::string act;
    std::string path;
};

void PrintTo(const Happened& value, std::ostream* out) { *out << value.act << " " << value.path; }

class KindMoment : public testing::TestWithParam<Happened> {};

TEST_P(KindMoment, IsOverWhenItIsSent) {
    const CompiledKind& of = CompiledKind::of(GetParam().kind);
    forms::Context context(InsEnvironment::test);
    context.sent_at = std::int64_t{1'800'000'000} * 1'000'000'000;  // 2027-01-15T08:00:00Z
    for (const bool over : {true, false}) {
        json values = of.example(GetParam().act);
        values[json::json_pointer(GetParam().path)] =
            over ? "2027-01-15T08:00:00Z" : "2027-01-15T08:06:00Z";
        forms::Findings findings;
        EXPECT_EQ(forms::check(of.form_of(GetParam().act), values, context, findings).ok(), over);
    }
}

INSTANTIATE_TEST_SUITE_P(Kinds, KindMoment,
                         testing::Values(Happened{"admission", "admitted", "/admitted_at"},
                                         Happened{"admission", "discharged", "/discharged_at"},
                                         Happened{"substitution", "notice", "/basis/agreed_at"},
                                         Happened{"substitution", "correct", "/basis/agreed_at"}));

// ---- on what an act publishes, the compiler alone can tell

struct Mistaken {
    std::string rule;
    std::string condition;
    std::string said;
};

void PrintTo(const Mistaken& value, std::ostream* out) { *out << value.rule; }

class MistakenCondition : public testing::TestWithParam<Mistaken> {};

TEST_P(MistakenCondition, IsRefusedByTheCompiler) {
    const KindsFolder folder;
    folder.replace("remark.fbs", "public decline-reason is OTHER", GetParam().condition);
    const auto compiled = compile_kind(folder.kind());
    ASSERT_FALSE(compiled.ok());
    EXPECT_EQ(compiled.code(), ErrorCode::bad_configuration);
    EXPECT_NE(compiled.error().detail.find(GetParam().said), std::string::npos)
        << compiled.error().detail;
}

INSTANTIATE_TEST_SUITE_P(
    Rules, MistakenCondition,
    testing::Values(
        Mistaken{"unknown", "public decline-raison is OTHER",
                 "declaration.toml:1: form \"Remark\": field \"remark\": unknown public field "
                 "\"decline-raison\""},
        Mistaken{"unknown_value", "public decline-reason is AUTRE",
                 "field \"remark\": \"decline-reason\" has no value \"AUTRE\""},
        Mistaken{"of_no_act", "public bed is day",
                 "field \"remark\": no act with this form publishes \"bed\""},
        Mistaken{"of_the_form", "phone answered",
                 "remark.fbs: Remark.remark: attribute \"required_if\": \"phone\" does not stand "
                 "before it"}),
    [](const auto& param) { return param.param.rule; });

// What corrects a content is judged by what that content is judged by.
TEST(Corrections, PublishWhatTheirFormAsks) {
    const std::string own = "lanes = [\"routine\", \"urgent\"]\ncorrection = \"supersedes\"";
    const auto said_of = [&](const std::string& publics) {
        const KindsFolder other("substitution");
        other.replace("declaration.toml", "public = [\"legal-basis!\", \"supply\"]\n" + own,
                      publics + own);
        for (const char* basis : {"GENERIC_HYBRID", "ANSM_RECOMMENDATION", "URGENCY", "BIOSIMILAR",
                                  "PRIOR_AGREEMENT", "COMPARABLE_DEVICE"}) {
            const std::string guard = "\"legal-basis is " + std::string(basis) + "\"";
            other.replace("declaration.toml", "authorised\",\n    " + guard, "authorised\"");
            other.replace("declaration.toml", "told objected\", " + guard, "told objected\"");
        }
        return compile_kind(other.kind()).error().detail;
    };
    const std::string begun =
        "act \"correct\": supersedes form \"Notice\", which asks \"legal-basis\", and ";
    EXPECT_NE(said_of("").find(begun + "does not publish it"), std::string::npos) << said_of("");
    EXPECT_NE(said_of("public = [\"legal-basis\"]\n").find(begun + "may leave it out"),
              std::string::npos);
}

TEST(Corrections, AreGuardedAsWhatTheyCorrect) {
    const auto said_without = [](const std::string& guard) {
        const KindsFolder folder("substitution");
        folder.replace_last("declaration.toml", guard, "");
        const auto compiled = compile_kind(folder.kind());
        return compiled.ok() ? std::string("compiled") : compiled.error().detail;
    };
    const std::string refused =
        "act \"correct-protocol\": keeps the guards of no row whose content it supersedes";
    EXPECT_EQ(said_without("# no such text"), "compiled");
    for (const char* guard :
         {"    \"register protocol/class protocol version class is 1\",\n",
          "    \"register protocol/agreement protocol version class @attention is 1\",\n",
          "    \"legal-basis is LOCAL_PROTOCOL\",\n"}) {
        EXPECT_NE(said_without(guard).find(refused), std::string::npos)
            << guard << said_without(guard);
    }
}

TEST(Conditions, AreShownToWhoeverSigns) {
    const Bytes published = CompiledKind::of("admission").bytes;
    const KindsFolder folder;
    folder.replace("remark.fbs", "public decline-reason is OTHER",
                   "public decline-reason is OTHER or INCOMPLETE");
    folder.replace("offer.fbs", "not_before: \"arrival_from\"", "not_after: \"arrival_from\"");
    const std::string difference =
        describe_difference(published, compile_kind(folder.kind()).value()).value();
    EXPECT_NE(difference.find("required if public decline-reason is OTHER or INCOMPLETE"),
              std::string::npos)
        << difference;
    EXPECT_NE(difference.find("not after arrival_from"), std::string::npos) << difference;
}

}  // namespace
}  // namespace relais::compiler
