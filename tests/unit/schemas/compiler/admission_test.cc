// The first kind: it compiles, always to the same bytes, and its examples pass through its forms.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base/limits.h"
#include "schemas/compiler/compiler.h"
#include "schemas/forms/forms.h"
#include "schemas/workflow/kind.h"
#include "tests/unit/schemas/compiler/folder.h"

namespace relais::compiler {
namespace {

using nlohmann::json;

const std::filesystem::path kFolder = RELAIS_SOURCE_DIR "/schemas/kinds/admission";

const Bytes& bundle() {
    static const Bytes bytes = [] {
        Result<Bytes> compiled = compile_kind(kFolder);
        if (!compiled.ok()) throw std::runtime_error(compiled.error().describe());
        return std::move(compiled).value();
    }();
    return bytes;
}

const workflow::Kind& kind() {
    static const workflow::Kind loaded = workflow::Kind::load(bundle()).value();
    return loaded;
}

forms::FormSchema form(const std::string& name) {
    return forms::FormSchema::load(kind().form(name)->schema).value();
}

json example(const std::string& act) {
    const std::string text = read_file(kFolder / "examples" / (act + ".json"));
    return forms::parse_json(text).value();
}

TEST(Admission, CompilesToTheSameBytesWhereverItStands) {
    const KindsFolder elsewhere;
    const Result<Bytes> again = compile_kind(elsewhere.kind());
    ASSERT_TRUE(again.ok()) << again.error().describe();
    EXPECT_EQ(*again, bundle());
    EXPECT_EQ(compile_kind(kFolder / "." / ".." / "admission").value(), bundle());
}

TEST(Admission, IsAsDeclared) {
    EXPECT_EQ(kind().name, "admission");
    EXPECT_EQ(kind().acts.size(), 15u);
    EXPECT_EQ(kind().thread_states.size(), 9u);
    EXPECT_EQ(kind().party_states.size(), 9u);
    EXPECT_EQ(kind().retention, std::chrono::hours(30 * 24));
    const workflow::Clock& answer = kind().clocks[0];
    EXPECT_EQ(answer.length, std::chrono::hours(4));
    EXPECT_EQ(answer.min, std::chrono::minutes(5));
    EXPECT_EQ(answer.max, std::chrono::hours(48));
    const workflow::Act& call = kind().acts[*kind().act("call")];
    ASSERT_EQ(call.publics.size(), 1u);
    EXPECT_TRUE(call.publics[0].mandatory);
    EXPECT_EQ(kind().public_field(call.publics[0].number)->name, "urgency");
    EXPECT_EQ(call.together, std::vector<std::string>{"deposit"});
    EXPECT_EQ(kind().acts[*kind().act("deposit")].release, Release::chosen);
}

// "promote standby to held, start hold" and "withdraw ... to withdrawn", as the table has them.
TEST(Admission, EffectsAreReadAsDeclared) {
    const auto state = [](std::string_view name) {
        const auto& states = kind().party_states;
        const auto at = std::ranges::find(states, name, &workflow::State::name);
        return static_cast<workflow::StateIndex>(at - states.begin());
    };
    const workflow::Row* choose = nullptr;
    const workflow::Row* hold = nullptr;
    for (const workflow::Row& row : kind().rows) {
        const bool by_act = row.trigger == workflow::TriggerKind::act;
        if (by_act && kind().acts[row.index].name == "choose") choose = &row;
        if (!by_act && kind().clocks[row.index].name == "hold") hold = &row;
    }
    ASSERT_NE(choose, nullptr);
    ASSERT_NE(hold, nullptr);
    ASSERT_EQ(choose->effects.size(), 6u);
    EXPECT_EQ(choose->parties, (1u << state("held")) | (1u << state("standby")));
    const workflow::Effect& withdraw = choose->effects[3];
    EXPECT_EQ(withdraw.op, workflow::EffectOp::withdraw);
    EXPECT_EQ(withdraw.state, state("withdrawn"));
    EXPECT_EQ(withdraw.states, 0b111111);
    EXPECT_EQ(choose->effects[4].op, workflow::EffectOp::release);
    EXPECT_EQ(choose->effects[4].release, Release::chosen);
    const workflow::Effect& promote = hold->effects[1];
    EXPECT_EQ(promote.op, workflow::EffectOp::promote);
    EXPECT_EQ(promote.states, 1u << state("standby"));
    EXPECT_EQ(promote.state, state("held"));
    ASSERT_TRUE(promote.clock.has_value());
    EXPECT_EQ(kind().clocks[*promote.clock].name, "hold");
}

TEST(Admission, EveryActWithAFormHasAnExampleAndNoExampleIsWithoutAct) {
    std::set<std::string> expected;
    for (const workflow::Act& act : kind().acts) {
        if (!act.form.empty()) expected.insert(act.name + ".json");
    }
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(kFolder / "examples")) {
        found.insert(entry.path().filename());
    }
    EXPECT_EQ(found, expected);
}

TEST(Admission, EveryExampleIsEncodedDecodedAndShown) {
    for (const workflow::Act& act : kind().acts) {
        if (act.form.empty()) continue;
        const forms::FormSchema schema = form(act.form);
        const json values = example(act.name);
        forms::Findings findings;
        const auto bytes = forms::encode(schema, values, InsEnvironment::test, findings);
        ASSERT_TRUE(bytes.ok()) << act.name << ": " << bytes.error().describe();
        const auto decoded = forms::decode(schema, *bytes, InsEnvironment::test, findings);
        ASSERT_TRUE(decoded.ok()) << act.name;
        EXPECT_EQ(*decoded, values) << act.name;
        EXPECT_TRUE(findings.empty()) << act.name << ": " << findings[0].path;
        const std::string text = forms::render_text(schema, *decoded);
        for (const auto& [name, value] : values.items()) {
            const auto& fields = schema.root().fields;
            const auto field = std::ranges::find(fields, name, &forms::Field::name);
            EXPECT_NE(text.find("  " + field->label), std::string::npos) << act.name << " " << name;
        }
    }
}

TEST(Admission, TheRecordReadsWell) {
    const std::string text = forms::render_text(form("Dossier"), example("deposit"));
    for (const char* line :
         {"Dossier du patient\n  Identité\n    Statut de l'identité : Qualifiée\n",
          "    Date de naissance : 21/06/1936\n", "    Matricule INS : 236066322083656\n",
          "    Température : 37,4 °C\n",
          "    Adresse :\n      | 1 rue de l'Exemple\n      | 2e étage\n",
          "  Dernier repas : 22/11/2026 à 12:30 (+01:00)\n",
          "    Information et accord du patient : Informé et d'accord\n"}) {
        EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
    }
}

TEST(Admission, TheTestPatientIsRefusedInProduction) {
    forms::Findings findings;
    const auto bytes =
        forms::encode(form("Dossier"), example("deposit"), InsEnvironment::production, findings);
    EXPECT_EQ(bytes.code(), ErrorCode::identity_refused);
    ASSERT_EQ(findings.size(), 1u);
    EXPECT_EQ(findings[0].path, "patient.matricule");
}

// What the wards read before the choice cannot say who the patient is, nor when he was born.
TEST(Admission, OnlyTheRecordHoldsAnIdentity) {
    for (const workflow::Form& declared : kind().forms) {
        EXPECT_EQ(form(declared.name).holds_identity(), declared.name == "Dossier")
            << declared.name;
    }
    const forms::FormSchema call = form("Call");
    for (const forms::Field* field : call.describe()) {
        EXPECT_NE(field->format, forms::TextFormat::date) << field->path;
        EXPECT_EQ(field->path.find("name"), std::string::npos) << field->path;
    }
    EXPECT_NE(call.root().help.find("n'écrivez nulle part le nom"), std::string::npos);
}

TEST(Admission, EveryFieldSaysHowToAnswerAndEveryExampleIsAnAnswer) {
    for (const workflow::Form& declared : kind().forms) {
        const forms::FormSchema schema = form(declared.name);
        EXPECT_FALSE(schema.root().help.empty()) << declared.name;
        for (const forms::Field* field : schema.describe()) {
            EXPECT_FALSE(field->help.empty()) << declared.name << " " << field->path;
        }
    }
}

// An example shown as help must be admitted by its own field.
TEST(Admission, TheExamplesOfFieldsAreAdmitted) {
    for (const workflow::Form& declared : kind().forms) {
        const forms::FormSchema schema = form(declared.name);
        for (const forms::Field* field : schema.describe()) {
            if (field->example.empty() || field->trait == forms::Trait::oid) continue;
            const bool text =
                field->type == forms::FieldType::text || field->type == forms::FieldType::choice;
            json value = text ? json(field->example) : json::parse(field->example);
            // The path, as the values must nest: lists hold one item.
            std::string path = field->path;
            json values = value;
            while (!path.empty()) {
                const std::size_t dot = path.rfind('.');
                std::string name = dot == std::string::npos ? path : path.substr(dot + 1);
                const bool list = name.ends_with("[]");
                if (list) name.resize(name.size() - 2);
                json table = json::object();
                table[name] = list ? json::array({values}) : values;
                values = table;
                path = dot == std::string::npos ? "" : path.substr(0, dot);
            }
            forms::Findings findings;
            const auto checked = forms::check(schema, values, InsEnvironment::test, findings);
            std::string where = field->path;
            for (std::size_t at; (at = where.find("[]")) != std::string::npos;) {
                where.replace(at, 2, "[0]");
            }
            for (const forms::Finding& finding : findings) {
                const bool of_field =
                    finding.path == where && finding.code != ErrorCode::identity_refused;
                EXPECT_FALSE(of_field) << declared.name << " " << where << ": " << finding.message;
            }
        }
    }
}

// What is refused in the examples, one change each.
TEST(Admission, ItsMandatoryFieldsAreMandatory) {
    const std::map<std::string, std::vector<std::string>> mandatory = {
        {"call",
         {"/age_band", "/sex", "/residence", "/speciality", "/mode", "/reason", "/clinical_state",
          "/needs", "/needs/bmr_carrier", "/phone", "/valid_until"}},
        {"deposit",
         {"/patient", "/patient/status", "/patient/birth_name", "/allergies", "/allergies/status",
          "/treatments", "/treatments/status", "/isolation", "/rights", "/rights/agreement",
          "/transport", "/transport/mode", "/episode/expected_benefit"}},
        {"offer", {"/unit", "/arrival_from", "/phone"}},
        {"defer", {"/next_answer_by"}},
        {"ask", {"/question"}},
        {"answer", {"/answer"}},
        {"opinion", {"/opinion"}},
        {"admitted", {"/admitted_at"}},
    };
    for (const auto& [act, paths] : mandatory) {
        const forms::FormSchema schema = form(kind().acts[*kind().act(act)].form);
        for (const std::string& path : paths) {
            json values = example(act);
            values[json::json_pointer(path)] = nullptr;
            forms::Findings findings;
            EXPECT_FALSE(forms::check(schema, values, InsEnvironment::test, findings).ok())
                << act << path;
            std::string dotted = path.substr(1);
            std::ranges::replace(dotted, '/', '.');
            const bool said = std::ranges::any_of(findings, [&](const forms::Finding& finding) {
                return finding.path == dotted && finding.code == ErrorCode::missing_field;
            });
            EXPECT_TRUE(said) << act << path;
        }
    }
}

TEST(Admission, FitsWellInItsLimits) {
    EXPECT_LT(bundle().size(), limits::kKindBundleBytesMax / 4) << bundle().size();
}

}  // namespace
}  // namespace relais::compiler
