// A form filled at the terminal: what each answer becomes, and what is asked again.
#include "clients/cli/fill.h"

#include <cstdlib>
#include <ctime>

#include "clients/station/sync/form_context.h"
#include "clients/station/sync/kind_shelf.h"
#include "schemas/compiler/compiler.h"
#include "tests/unit/clients/cli/fixture.h"

namespace relais::cli::test {
namespace {

using nlohmann::json;

class Fill : public ::testing::Test {
protected:
    Fill() {
        ::setenv("TZ", "Europe/Paris", 1);
        ::tzset();
        const auto bundle =
            compiler::compile_kind(std::string(RELAIS_SOURCE_DIR) + "/schemas/kinds/admission");
        kind_.emplace(station::load_kind(*bundle).value());
    }
    [[nodiscard]] const workflow::Act& act(const std::string& name) const {
        return kind_->kind.acts[*kind_->kind.act(name)];
    }
    Result<json> fill(const std::string& name, Dialogue& dialogue) {
        return ask_form(dialogue, *kind_->form_of(act(name)), InsEnvironment::test);
    }

    std::optional<station::LoadedKind> kind_;
};

forms::Field field_of(forms::FieldType type, forms::TextFormat format = forms::TextFormat::line) {
    forms::Field field;
    field.type = type;
    field.format = format;
    return field;
}

TEST_F(Fill, AnswersBecomeTheFormByTheNamesOfItsFields) {
    ScriptedDialogue dialogue{"Depuis quand la confusion ?", "", "02 61 91 00 10"};
    const auto values = fill("ask", dialogue);
    ASSERT_TRUE(values.ok());
    EXPECT_EQ((*values)["question"], "Depuis quand la confusion ?");
    EXPECT_EQ((*values)["phone"], "02 61 91 00 10");
}

TEST_F(Fill, AMandatoryFieldLeftEmptyIsAskedAgain) {
    ScriptedDialogue dialogue{"", "Depuis quand ?", "", ""};
    const auto values = fill("ask", dialogue);
    ASSERT_TRUE(values.ok());
    EXPECT_NE(dialogue.said().find("obligatoire"), std::string::npos);
    EXPECT_EQ((*values)["question"], "Depuis quand ?");
    EXPECT_FALSE(values->contains("phone"));
}

TEST_F(Fill, AWrongValueIsRefusedAtItsField) {
    ScriptedDialogue dialogue{"Depuis quand ?", "", "pas un numéro", "02 61 91 00 10"};
    const auto values = fill("ask", dialogue);
    ASSERT_TRUE(values.ok());
    EXPECT_NE(dialogue.said().find("✗"), std::string::npos);
    EXPECT_EQ((*values)["phone"], "02 61 91 00 10");
}

TEST_F(Fill, EndingTheInputKeepsNothing) {
    ScriptedDialogue dialogue{"Depuis quand ?"};
    EXPECT_EQ(fill("ask", dialogue).code(), ErrorCode::usage);
}

TEST_F(Fill, LabelsAndHelpComeFromTheForm) {
    ScriptedDialogue dialogue;
    (void)fill("ask", dialogue);
    const forms::Field& first = kind_->form_of(act("ask"))->root().fields.front();
    EXPECT_NE(dialogue.said().find(first.label), std::string::npos);
}

// Entered once: what was carried over is shown, kept by an empty answer, and asked only if refused.
TEST_F(Fill, WhatWasBegunIsShownKeptOrAskedAnew) {
    const json begun = {{"question", "Depuis quand ?"}, {"phone", "02 61 91 00 10"}};
    const auto fill_begun = [&](ScriptedDialogue& dialogue) {
        return ask_form(dialogue, *kind_->form_of(act("ask")), InsEnvironment::test, {}, begun);
    };
    ScriptedDialogue kept{"", ""};
    const auto same = fill_begun(kept);
    ASSERT_TRUE(same.ok());
    EXPECT_EQ(*same, begun);
    EXPECT_NE(kept.said().find("Depuis quand ?"), std::string::npos);
    ScriptedDialogue changed{"n", "Et la créatinine ?", "", ""};
    const auto other = fill_begun(changed);
    ASSERT_TRUE(other.ok());
    EXPECT_EQ((*other)["question"], "Et la créatinine ?");
    EXPECT_EQ((*other)["phone"], "02 61 91 00 10");
}

// "autre" makes the remark mandatory; anything else leaves it to the person.
TEST_F(Fill, WhatAnAnswerMakesMandatoryIsAskedUntilItIsGiven) {
    ScriptedDialogue other{"22/11/2026 20:00", "autre", "", "Grève annoncée.", "", ""};
    const auto values = fill("defer", other);
    ASSERT_TRUE(values.ok());
    EXPECT_EQ((*values)["remark"], "Grève annoncée.");
    EXPECT_NE(other.said().find("Précision *"), std::string::npos);
    ScriptedDialogue bed{"22/11/2026 20:00", "place", "", ""};
    const auto free = fill("defer", bed);
    ASSERT_TRUE(free.ok());
    EXPECT_FALSE(free->contains("remark"));
}

TEST_F(Fill, WhatAnAnswerMakesPointlessIsNotAsked) {
    const auto fields = [&](const char* way) {
        ScriptedDialogue all{way, "22/11/2026 10:00", "Secrétariat", "Clinique",
                             "",  "02 61 91 00 41"};
        (void)fill("slip-outside", all);
        return all.said();
    };
    EXPECT_NE(fields("télécopie").find("Numéro de télécopie *"), std::string::npos);
    EXPECT_EQ(fields("courrier").find("Numéro de télécopie"), std::string::npos);
}

TEST_F(Fill, AnOrderBetweenTwoDatesIsKeptAtTheSecond) {
    ScriptedDialogue dialogue{"3e étage",
                              "",
                              "23/11/2026 14:00",
                              "23/11/2026 13:00",
                              "23/11/2026 18:00",
                              "",
                              "02 61 91 00 10",
                              "",
                              ""};
    const auto values = fill("offer", dialogue);
    ASSERT_TRUE(values.ok());
    EXPECT_NE(dialogue.said().find("au plus tôt : « Arrivée possible à partir de »"),
              std::string::npos);
    EXPECT_EQ((*values)["arrival_until"], "2026-11-23T18:00:00+01:00");
}

// The act's public answer is known before its form is asked.
TEST_F(Fill, WhatTheActPublishesDecidesToo) {
    const auto asked = [&](const std::string& reason) {
        ScriptedDialogue dialogue{"", "Fermé pour travaux.", "", ""};
        const forms::Context context(
            InsEnvironment::test,
            station::publics_of(kind_->kind, act("decline"),
                                std::map<std::string, std::string>{{"decline-reason", reason}}));
        const auto values = ask_form(dialogue, *kind_->form_of(act("decline")), context);
        return dialogue.said();
    };
    EXPECT_NE(asked("OTHER").find("Précision *"), std::string::npos);
    EXPECT_EQ(asked("NO_BED").find("Précision *"), std::string::npos);
}

TEST_F(Fill, ANumberMayBeTypedWithItsUnitAndWithNoOther) {
    forms::Field pressure = field_of(forms::FieldType::integer);
    pressure.unit = "mmHg";
    EXPECT_EQ(typed_value(pressure, "110").value(), 110);
    EXPECT_EQ(typed_value(pressure, "110 mmHg").value(), 110);
    EXPECT_EQ(typed_value(pressure, "110mmhg").value(), 110);
    EXPECT_EQ(typed_value(pressure, "110 millimètres de mercure").value(), 110);
    const auto centimetres = typed_value(pressure, "11 cmHg");
    EXPECT_EQ(centimetres.code(), ErrorCode::invalid_field);
    EXPECT_NE(centimetres.error().detail.find("en mmHg (millimètres de mercure)"),
              std::string::npos);
    EXPECT_EQ(typed_value(pressure, "110 80").code(), ErrorCode::invalid_field);
    forms::Field heat = field_of(forms::FieldType::decimal);
    heat.unit = "°C";
    EXPECT_EQ(typed_value(heat, "37,4 °C").value(), 37.4);
    EXPECT_EQ(typed_value(field_of(forms::FieldType::integer), "7 jours").code(),
              ErrorCode::invalid_field);
}

TEST_F(Fill, AnExampleIsShownOnlyWhereItCouldBeTyped) {
    ScriptedDialogue choice;
    (void)fill("call", choice);  // begins with an age band, held as a code, chosen by its label
    EXPECT_EQ(choice.said().find("exemple"), std::string::npos);
    ScriptedDialogue text;
    (void)fill("ask", text);
    EXPECT_NE(text.said().find("exemple"), std::string::npos);
}

TEST_F(Fill, APublicCodeIsChosenByItsLabel) {
    ScriptedDialogue dialogue{"dans les 12"};
    std::map<std::string, std::string> values;
    ASSERT_TRUE(ask_publics(dialogue, kind_->kind, act("call"), values).ok());
    EXPECT_EQ(values["urgency"], "asap");
}

TEST_F(Fill, APublicYesOrNoIsTrueOrFalse) {
    ScriptedDialogue dialogue{"oui"};
    std::map<std::string, std::string> values;
    ASSERT_TRUE(ask_publics(dialogue, kind_->kind, act("opinion"), values).ok());
    EXPECT_EQ(values["favourable"], "true");
}

TEST_F(Fill, APublicFieldThatWasGivenIsNotAskedFor) {
    ScriptedDialogue dialogue;
    std::map<std::string, std::string> values = {{"urgency", "stat"}};
    ASSERT_TRUE(ask_publics(dialogue, kind_->kind, act("call"), values).ok());
    EXPECT_EQ(values["urgency"], "stat");
}

TEST_F(Fill, NumbersAreReadAsTheyAreWrittenInFrance) {
    EXPECT_EQ(typed_value(field_of(forms::FieldType::decimal), "37,4").value(), 37.4);
    EXPECT_EQ(typed_value(field_of(forms::FieldType::integer), "88").value(), 88);
    EXPECT_EQ(typed_value(field_of(forms::FieldType::integer), "88,5").code(),
              ErrorCode::invalid_field);
    EXPECT_EQ(typed_value(field_of(forms::FieldType::boolean), "Oui").value(), true);
    EXPECT_EQ(typed_value(field_of(forms::FieldType::boolean), "1").code(),
              ErrorCode::invalid_field);
}

TEST_F(Fill, DatesAreReadAsTheyAreWrittenInFrance) {
    const auto date = field_of(forms::FieldType::text, forms::TextFormat::date);
    EXPECT_EQ(typed_value(date, "22/11/2026").value(), "2026-11-22");
    EXPECT_EQ(typed_value(date, "2026-11-22").value(), "2026-11-22");
    const auto time = field_of(forms::FieldType::text, forms::TextFormat::date_time);
    EXPECT_EQ(typed_value(time, "22/11/2026 14:30").value(), "2026-11-22T14:30:00+01:00");
    EXPECT_EQ(typed_value(time, "22/07/2026 14:30").value(), "2026-07-22T14:30:00+02:00");
}

TEST_F(Fill, AFindingsPathPointsIntoTheForm) {
    EXPECT_EQ(pointer_of("").to_string(), "");
    EXPECT_EQ(pointer_of("patient.birth_date").to_string(), "/patient/birth_date");
    EXPECT_EQ(pointer_of("allergies.items[2].substance").to_string(),
              "/allergies/items/2/substance");
}

TEST_F(Fill, ListsAndOptionalTablesAreOffered) {
    // The form of the dossier begins with the patient's identity, whose given names are a list.
    ScriptedDialogue dialogue;
    (void)fill("deposit", dialogue);
    EXPECT_NE(dialogue.said().find("— "), std::string::npos);
}

}  // namespace
}  // namespace relais::cli::test
