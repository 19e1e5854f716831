// Codes of a reference pack at the terminal: words stand for the one code that they mean, several
// are shown, and what the list does not have is asked again.
#include "clients/cli/fill.h"
#include "clients/station/sync/kind_shelf.h"
#include "schemas/compiler/compiler.h"
#include "schemas/packs/code_table.h"
#include "tests/unit/clients/cli/fixture.h"

namespace relais::cli::test {
namespace {

class Lists final : public forms::CodeLists {
public:
    Lists()
        : table_(packs::CodeTable::make({"icd10", "", "Diagnostics", {}, 3, {}},
                                        {{"I50.0", "Cœur fatigué, gauche", {}},
                                         {"I50.9", "Cœur fatigué, sans précision", {}},
                                         {"R53", "Malaise de fiction", {}}})
                     .value()) {}

    [[nodiscard]] forms::CodeAnswer find(std::string_view list,
                                         std::string_view code) const override {
        if (list != "icd10") return {};
        const packs::Row* row = table_.find(code);
        if (row == nullptr) return {forms::CodeAnswer::Known::no, {}, "fiction, version 1"};
        return {forms::CodeAnswer::Known::yes, row->label, "fiction, version 1"};
    }
    [[nodiscard]] std::vector<CodeFound> search(const std::string& words) const {
        std::vector<CodeFound> found;
        for (const packs::Row* row : table_.search(words, 12)) {
            found.push_back({row->code, row->label});
        }
        return found;
    }

private:
    packs::CodeTable table_;
};

// What is said from the question for the code on, when these answers are given to it.
std::string answered(const std::vector<std::string>& answers) {
    static const station::LoadedKind kind =
        station::load_kind(
            compiler::compile_kind(std::string(RELAIS_SOURCE_DIR) + "/schemas/kinds/admission")
                .value())
            .value();
    const Lists lists;
    ScriptedDialogue dialogue{"75 à 84",   "féminin",           "domicile",
                              "gériatrie", "hospitalisation c", "Chutes"};
    for (const std::string& answer : answers) dialogue.answer(answer);
    const forms::Context context(InsEnvironment::test, {}, &lists, forms::Severity::error);
    (void)ask_form(
        dialogue, *kind.form_of(kind.kind.acts[*kind.kind.act("call")]), context,
        [&](const std::string&, const std::string& words) { return lists.search(words); });
    EXPECT_EQ(dialogue.left(), 0U);
    const std::size_t at = dialogue.said().find("Motif (CIM-10)");
    EXPECT_NE(at, std::string::npos) << dialogue.said();
    return dialogue.said().substr(at);
}

bool went_on(const std::string& said) { return said.find("État clinique") != std::string::npos; }

TEST(Codes, AKnownCodeIsShownWithItsLabel) {
    const std::string said = answered({"r53"});
    EXPECT_NE(said.find("code, ou mots de son libellé"), std::string::npos);
    EXPECT_NE(said.find("= Malaise de fiction"), std::string::npos) << said;
    EXPECT_TRUE(went_on(said));
}

TEST(Codes, WordsStandForTheOneCodeThatTheyMean) {
    const std::string said = answered({"malaise"});
    EXPECT_NE(said.find("= R53  Malaise de fiction"), std::string::npos) << said;
    EXPECT_TRUE(went_on(said));
}

TEST(Codes, OfSeveralThePersonChooses) {
    const std::string several = answered({"coeur"});
    EXPECT_NE(several.find("plusieurs codes"), std::string::npos) << several;
    EXPECT_NE(several.find("I50.0  Cœur fatigué, gauche"), std::string::npos);
    EXPECT_NE(several.find("I50.9  Cœur fatigué, sans précision"), std::string::npos);
    EXPECT_FALSE(went_on(several));
    EXPECT_TRUE(went_on(answered({"coeur", "I50.9"})));
}

TEST(Codes, WhatTheListDoesNotHaveIsAskedAgain) {
    const std::string said = answered({"R99"});
    EXPECT_NE(said.find("✗ Code inconnu de la liste « icd10 » (fiction, version 1)."),
              std::string::npos)
        << said;
    EXPECT_FALSE(went_on(said));
    EXPECT_TRUE(went_on(answered({"R99", ""}))) << "it may be left out";
}

}  // namespace
}  // namespace relais::cli::test
