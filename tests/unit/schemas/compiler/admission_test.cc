// The first kind: it compiles, always to the same bytes, and says what its declaration says. What
// holds of every kind is in kinds_test.cc.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/unit/schemas/compiler/compiled_kind.h"

namespace relais::compiler {
namespace {

using nlohmann::json;

const CompiledKind& admission() { return CompiledKind::of("admission"); }
const workflow::Kind& kind() { return admission().kind; }
forms::FormSchema form(const std::string& name) { return admission().form(name); }
json example(const std::string& act) { return admission().example(act); }

TEST(Admission, CompilesToTheSameBytesWhereverItStands) {
    const KindsFolder elsewhere;
    const Result<Bytes> again = compile_kind(elsewhere.kind());
    ASSERT_TRUE(again.ok()) << again.error().describe();
    EXPECT_EQ(*again, admission().bytes);
    EXPECT_EQ(compile_kind(admission().folder / "." / ".." / "admission").value(),
              admission().bytes);
}

TEST(Admission, IsAsDeclared) {
    EXPECT_EQ(kind().name, "admission");
    EXPECT_EQ(kind().acts.size(), 22u);
    EXPECT_EQ(kind().thread_states.size(), 16u);
    EXPECT_EQ(kind().party_states.size(), 14u);
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
        const bool first_hold = row.trigger == workflow::TriggerKind::clock_end && hold == nullptr;
        if (by_act && kind().acts[row.index].name == "choose") choose = &row;
        if (first_hold && kind().clocks[row.index].name == "hold") hold = &row;
    }
    ASSERT_NE(choose, nullptr);
    ASSERT_NE(hold, nullptr);
    ASSERT_EQ(choose->effects.size(), 8u);
    EXPECT_EQ(choose->parties,
              (1u << state("held")) | (1u << state("standby")) | (1u << state("countered")));
    const workflow::Effect& withdraw = choose->effects[3];
    EXPECT_EQ(withdraw.op, workflow::EffectOp::withdraw);
    EXPECT_EQ(withdraw.state, state("withdrawn"));
    EXPECT_EQ(withdraw.states, 0b1111000111111) << "all but the chosen, who declined, and ended";
    EXPECT_EQ(choose->effects[4].op, workflow::EffectOp::release);
    EXPECT_EQ(choose->effects[4].release, Release::chosen);
    const workflow::Effect& promote = hold->effects[1];
    EXPECT_EQ(promote.op, workflow::EffectOp::promote);
    EXPECT_EQ(promote.states, 1u << state("standby"));
    EXPECT_EQ(promote.state, state("held"));
    ASSERT_TRUE(promote.clock.has_value());
    EXPECT_EQ(kind().clocks[*promote.clock].name, "hold");
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

// Record and identity are handed over without another word: never for what was not asked.
TEST(Admission, OnlyAStayIsTakenAtOnce) {
    for (const char* mode : {"full", "day", "opinion_only"}) {
        json values = example("call-first");
        values["mode"] = mode;
        for (const char* act : {"call", "call-in-turn", "call-first"}) {
            forms::Findings findings;
            const auto bytes =
                forms::encode(admission().form_of(act), values, InsEnvironment::test, findings);
            const bool taken = mode == std::string("full") || act != std::string("call-first");
            EXPECT_EQ(bytes.ok(), taken) << act << " " << mode;
        }
    }
    EXPECT_EQ(kind().acts[*kind().act("call-first")].form, "FirstCall");
}

// Read by every ward, it says the same of the patient as the other call.
TEST(Admission, TheCallThatIsTakenAtOnceAsksWhatTheOtherAsks) {
    const forms::FormSchema all = form("Call");
    const forms::FormSchema first = form("FirstCall");
    const auto fields = all.describe();
    const auto of_first = first.describe();
    ASSERT_EQ(of_first.size(), fields.size());
    for (std::size_t i = 0; i < fields.size(); ++i) {
        EXPECT_EQ(of_first[i]->path, fields[i]->path);
        EXPECT_EQ(of_first[i]->label, fields[i]->label);
        EXPECT_EQ(of_first[i]->format, fields[i]->format) << fields[i]->path;
    }
    EXPECT_EQ(first.root().help, all.root().help);
}

// What is refused in the examples, one change each.
TEST(Admission, ItsMandatoryFieldsAreMandatory) {
    const std::map<std::string, std::vector<std::string>> mandatory = {
        {"call",
         {"/age_band", "/sex", "/residence", "/speciality", "/mode", "/reason", "/clinical_state",
          "/needs", "/needs/bmr_carrier", "/phone", "/valid_until"}},
        {"call-first", {"/age_band", "/mode", "/reason", "/clinical_state", "/valid_until"}},
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
    for (const auto& [act, paths] : mandatory) expect_mandatory(admission(), act, paths);
}

}  // namespace
}  // namespace relais::compiler
