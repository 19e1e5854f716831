// Conditions between fields, order of dates and numbers, units: what a form may declare, what
// breaks it, what is said of it.
#include <gtest/gtest.h>

#include "schemas/forms/units.h"
#include "schemas/forms/writer.h"
#include "tests/unit/schemas/forms/fixture.h"

namespace relais::forms {
namespace {

using nlohmann::json;

const char* const kSource = R"(
enum Status : ubyte {
  /// Aucune
  none = 1,
  /// Ci-dessous
  listed = 2,
  /// Jointes
  attached = 3
}
table Stay {
  from:string (label: "Entrée", datetime);
  to:string (label: "Sortie", datetime, not_before: "from");
}
table Item {
  known:bool = null (label: "Connu");
  name:string (label: "Nom", required_if: "known is true", only_if: "known is true");
}
table Form (label: "F") {
  status:Status = null (label: "Allergies", mandatory);
  items:[Item] (label: "Allergie", items_max: 3, required_if: "status is listed",
      only_if: "status is listed or attached");
  doctor:string (label: "Médecin");
  rpps:string (label: "RPPS", ident: "rpps", only_if: "doctor answered");
  nobody:string (label: "Pourquoi aucun", required_if: "doctor not answered and status is none");
  high:ubyte = null (label: "Haute", min: 1, max: 200, unit: "mmHg");
  low:ubyte = null (label: "Basse", min: 1, max: 200, unit: "mmHg", at_most: "high");
  stay:Stay (label: "Séjour");
  after:string (label: "Suite", datetime, not_before: "stay.to");
  day:string (label: "Jour", date);
  eve:string (label: "Veille", date, not_after: "day");
  dose:double = null (label: "Dose", min: "0.5", max: 9, unit: "mg");
  most:double = null (label: "Dose maximale", min: "0.5", max: 9, unit: "mg", at_least: "dose");
  why:string (label: "Précision",
      required_if: "public decline-reason is OTHER or public outcome is OTHER or NONE");
  stayed:bool = null (label: "Séjour connu", only_if: "stay answered");
}
)";

const FormSchema& form() {
    static const FormSchema schema = FormSchema::load(schema_of(kSource)).value();
    return schema;
}

Publics declined(const std::string& reason) {
    return {{"decline-reason",
             {"Motif du refus", {{"OTHER", "Autre"}, {"NO_BED", "Pas de lit"}}, reason}}};
}

struct ConditionCase {
    std::string rule;
    std::string values;
    std::string found;
    std::string reason{};  // of a refusal, public
};

std::vector<ConditionCase> cases() {
    const std::string none = R"("status":"none","doctor":"Dr Essai")";
    const auto with = [&](const std::string& more) { return "{" + none + "," + more + "}"; };
    return {
        {"nothing_asked", "{" + none + "}", ""},
        {"required_list", R"({"status":"listed","doctor":"D"})", "items missing_field error\n"},
        {"required_list_blank", R"({"status":"listed","doctor":"D","items":[]})",
         "items missing_field error\n"},
        {"list_out_of_place", with(R"("items":[{"known":false}])"), "items invalid_field error\n"},
        {"empty_out_of_place", with(R"("items":[],"rpps":" ")"), ""},
        {"second_value", R"({"status":"attached","doctor":"D","items":[{"known":false}]})", ""},
        {"second_value_asks_nothing", R"({"status":"attached","doctor":"D"})", ""},
        {"in_a_list",
         R"({"status":"listed","doctor":"D","items":[{"known":false},{"known":true}]})",
         "items[1].name missing_field error\n"},
        {"in_a_list_out_of_place",
         R"({"status":"listed","doctor":"D","items":[{"known":false,"name":"x"}]})",
         "items[0].name invalid_field error\n"},
        {"presence", R"({"status":"attached","rpps":"01234567897"})", "rpps invalid_field error\n"},
        {"absence_and_value", R"({"status":"none"})", "nobody missing_field error\n"},
        {"presence_of_a_blank_table", R"({"status":"attached","stay":{"from":""},"stayed":true})",
         "stayed invalid_field error\n"},
        {"absence_of_a_blank_table", R"({"status":"attached","stay":{"from":" "}})", ""},
        {"absence_alone", R"({"status":"attached"})", ""},
        // An answer that is wrong decides nothing, either way: it is told of once.
        {"wrong_operand", R"({"status":"nonsense","doctor":"D","items":[{"known":false}]})",
         "status invalid_field error\n"},
        {"wrong_operand_of_two", R"({"status":"nonsense"})", "status invalid_field error\n"},
        {"numbers", with(R"("high":120,"low":120)"), ""},
        {"numbers_swapped", with(R"("high":70,"low":120)"), "low invalid_field error\n"},
        {"number_alone", with(R"("low":120)"), ""},
        {"number_and_a_wrong_one", with(R"("high":250,"low":201)"),
         "high invalid_field error\nlow invalid_field error\n"},
        {"decimals", with(R"("dose":2,"most":2.5)"), ""},
        {"decimals_swapped", with(R"("dose":2.5,"most":2)"), "most invalid_field error\n"},
        {"dates", with(R"("day":"2026-12-01","eve":"2026-11-30")"), ""},
        {"dates_swapped", with(R"("day":"2026-11-30","eve":"2026-12-01")"),
         "eve invalid_field error\n"},
        {"moments_in_two_zones",
         with(R"("stay":{"from":"2026-11-22T12:00:00+01:00","to":"2026-11-22T11:30:00Z"})"), ""},
        {"moments_swapped",
         with(R"("stay":{"from":"2026-11-22T12:00:00Z","to":"2026-11-22T12:30:00+01:00"})"),
         "stay.to invalid_field error\n"},
        {"moments_by_a_fraction",
         with(R"("stay":{"from":"2026-11-22T12:00:00.5Z","to":"2026-11-22T12:00:00.25Z"})"),
         "stay.to invalid_field error\n"},
        {"moment_of_a_table_before",
         with(R"("stay":{"to":"2026-11-22T12:00:00Z"},"after":"2026-11-22T11:00:00Z")"),
         "after invalid_field error\n"},
        {"public_other", "{" + none + "}", "why missing_field error\n", "OTHER"},
        {"public_other_said", with(R"("why":"fermé")"), "", "OTHER"},
        {"public_another", "{" + none + "}", "", "NO_BED"},
    };
}

void PrintTo(const ConditionCase& value, std::ostream* out) { *out << value.rule; }

class FormCondition : public testing::TestWithParam<ConditionCase> {};

// Whoever sends and whoever reads find the same: the bytes are written unchecked, as a station that
// does not keep the rules would.
TEST_P(FormCondition, IsKeptOnBothSides) {
    const json values = json::parse(GetParam().values);
    const Context context(kTest, declined(GetParam().reason));
    Findings findings;
    const auto checked = check(form(), values, context, findings);
    EXPECT_EQ(shown(findings), GetParam().found);
    EXPECT_EQ(checked.ok(), GetParam().found.empty());
    if (GetParam().rule.starts_with("wrong") || GetParam().rule == "number_and_a_wrong_one") return;

    json written = values;  // an empty list or text has no bytes of its own
    if (GetParam().rule.find("empty") != std::string::npos) written = *checked;
    Findings read;
    const auto decoded = decode(form(), write_values(form().root(), written), context, read);
    EXPECT_EQ(shown(read), GetParam().found);
    EXPECT_EQ(decoded.code(), GetParam().found.empty() ? ErrorCode::ok : ErrorCode::form_invalid);
}

INSTANTIATE_TEST_SUITE_P(Rules, FormCondition, testing::ValuesIn(cases()),
                         [](const auto& param) { return param.param.rule; });

std::string message(const std::string& values, const std::string& reason = {}) {
    Findings findings;
    const Context context(kTest, declined(reason));
    (void)check(form(), json::parse(values), context, findings);
    return findings.empty() ? "" : findings.front().message;
}

TEST(FormConditions, SayWhyInTheWordsOfTheForm) {
    EXPECT_EQ(message(R"({"status":"listed","doctor":"D"})"),
              "Champ obligatoire quand « Allergies » est « Ci-dessous ».");
    EXPECT_EQ(message(R"({"status":"none","doctor":"D","items":[{"known":true}]})"),
              "Champ à laisser vide, sauf quand « Allergies » est « Ci-dessous » ou « Jointes ».");
    EXPECT_EQ(message(R"({"status":"none"})"),
              "Champ obligatoire quand « Médecin » n'est pas renseigné et « Allergies » est "
              "« Aucune ».");
    EXPECT_EQ(message(R"({"status":"attached"})", "OTHER"),
              "Champ obligatoire quand « Motif du refus » est « Autre ».");
    EXPECT_EQ(message(R"({"status":"attached","high":70,"low":120})"),
              "Valeur attendue au plus : « Haute ».");
    EXPECT_EQ(message(R"({"status":"attached","stay":{"from":"2026-11-22T12:00:00Z",)"
                      R"("to":"2026-11-22T11:00:00Z"}})"),
              "Valeur attendue au plus tôt : « Entrée ».");
}

TEST(FormConditions, AreDescribedAsDeclaredAndInFrench) {
    const json alone = describe_json(form())["fields"];
    EXPECT_EQ(alone[1]["required_if"], "status is listed");
    EXPECT_EQ(alone[1]["required_if_label"], "« Allergies » est « Ci-dessous »");
    EXPECT_EQ(alone[1]["only_if"], "status is listed or attached");
    EXPECT_EQ(alone[6]["order"].dump(), "[\"au plus : « Haute »\"]");
    EXPECT_EQ(alone[6]["unit"], "mmHg");
    EXPECT_EQ(alone[6]["unit_label"], "millimètres de mercure");
    EXPECT_EQ(alone[6]["unit_ucum"], "mm[Hg]");
    EXPECT_EQ(alone[13]["required_if_label"],
              "« decline-reason » est « OTHER » ou « outcome » est « OTHER » ou « NONE »");
    // For an act, only what that act publishes is spoken of.
    EXPECT_EQ(describe_json(form(), declined(""))["fields"][13]["required_if_label"],
              "« Motif du refus » est « Autre »");
    const Publics other = {{"bed", {"Place", {}, ""}}};
    EXPECT_FALSE(describe_json(form(), other)["fields"][13].contains("required_if"));
}

// ---- what may not be declared

struct Broken {
    std::string rule;
    std::string fields;
    std::string said;
};

std::vector<Broken> broken_conditions() {
    const auto of = [](const std::string& condition) {
        return "a:bool = null (label: \"A\"); t:string (label: \"T\"); l:[bool] (label: \"L\"); "
               "c:C = null (label: \"C\"); b:string (label: \"B\", required_if: \"" +
               condition + "\"); z:bool = null (label: \"Z\");";
    };
    return {
        {"empty", of(""), "Form.b: attribute \"required_if\""},
        {"unknown_field", of("x is true"),
         "Form.b: attribute \"required_if\": unknown field \"x\""},
        {"unknown_nested", of("a.x is true"), "unknown field \"a.x\""},
        {"of_itself", of("b answered"), "conditions look back"},
        {"of_a_later_field", of("z is true"), "so that none is cyclic"},
        {"unknown_value", of("c is blue"), "\"c\" has no value \"blue\""},
        {"unknown_second_value", of("c is red or blue"), "\"c\" has no value \"blue\""},
        {"boolean_value", of("a is yes"), "\"a\" has no value \"yes\""},
        {"text_compared", of("t is x"), "neither a choice nor a boolean"},
        {"list_compared", of("l is true"), "neither a choice nor a boolean"},
        {"no_test", of("a"), "\"is\", \"answered\""},
        {"no_value", of("a is"), "a value is missing"},
        {"not_what", of("a not true"), "needs"},
        {"bad_joint", of("a is true xor t answered"), "\"and\" or \"or\" expected"},
        {"ends_in_and", of("a is true and"), "a name is missing"},
        {"bad_name", of("A is true"), "not the name of a field"},
        {"bad_public", of("public Legal is x"), "not the name of a public field"},
        {"too_many",
         of("a is true and a is true and a is true and a is true and a is true and a is true and "
            "a is true and a is true and a is true"),
         "more than 8"},
        {"only_if_of_public", "b:string (label: \"B\", only_if: \"public reason is OTHER\");",
         "required only"},
        {"mandatory_too",
         "a:bool = null (label: \"A\"); b:string (label: \"B\", mandatory, only_if: \"a is "
         "true\");",
         "a mandatory field has no condition"},
        {"order_unknown", "b:string (label: \"B\", date, not_before: \"x\");", "unknown field"},
        {"order_later",
         "b:string (label: \"B\", date, not_before: \"c\"); c:string (label: \"C\", date);",
         "look back"},
        {"order_of_another_type",
         "a:string (label: \"A\", datetime); b:string (label: \"B\", date, not_before: \"a\");",
         "is of another type"},
        {"order_of_texts", "a:string (label: \"A\"); b:string (label: \"B\", not_before: \"a\");",
         "no order"},
        {"order_of_a_list",
         "a:[int] (label: \"A\", min: 0, max: 9); "
         "b:int = null (label: \"B\", min: 0, max: 9, at_least: \"a\");",
         "is of another type"},
        {"order_of_text_as_number", "b:string (label: \"B\", at_least: \"a\");",
         "not for this type"},
        {"unit_unknown", "b:int = null (label: \"B\", min: 0, max: 9, unit: \"mm de Hg\");",
         "not a unit"},
    };
}

void PrintTo(const Broken& broken, std::ostream* out) { *out << broken.rule; }

class BrokenCondition : public testing::TestWithParam<Broken> {};

TEST_P(BrokenCondition, IsRefusedWhenTheFormLoadsAndSaysWhere) {
    const std::string source =
        "enum C : ubyte {\n/// Rouge\nred = 1 }\ntable Form (label: \"F\") { " + GetParam().fields +
        " }";
    const auto schema = FormSchema::load(schema_of(source));
    ASSERT_FALSE(schema.ok());
    EXPECT_EQ(schema.code(), ErrorCode::bad_configuration);
    EXPECT_NE(schema.error().detail.find(GetParam().said), std::string::npos)
        << schema.error().detail;
}

INSTANTIATE_TEST_SUITE_P(Rules, BrokenCondition, testing::ValuesIn(broken_conditions()),
                         [](const auto& param) { return param.param.rule; });

TEST(FormUnits, AreKnownBySymbolAndByName) {
    ASSERT_NE(find_unit("mmHg"), nullptr);
    EXPECT_EQ(find_unit("mmhg"), nullptr) << "a form declares it one way";
    EXPECT_EQ(unit_typed("MMHG"), find_unit("mmHg"));
    EXPECT_EQ(unit_typed("millimètres de mercure"), find_unit("mmHg"));
    EXPECT_NE(unit_typed("cmHg"), find_unit("mmHg"));
    EXPECT_EQ(unit_typed("pouces"), nullptr);
}

}  // namespace
}  // namespace relais::forms
