// What a patient is told of each kind, on paper.
#include "clients/station/print/information.h"

#include <gtest/gtest.h>

#include "tests/unit/clients/station/print/fixture.h"
#include "tests/unit/clients/station/print/stock_tools.h"

namespace relais::print::test {
namespace {

std::string printed(const SharedKind& kind, const Responsible& responsible = {}) {
    const auto paper = information_of(*kind, responsible);
    EXPECT_TRUE(paper.ok());
    std::string text;
    for (const std::string& page : pages_of(pdf_of(*paper).value())) text += page + "\n";
    return text;
}

void expect_said(const std::string& text, const std::string& said) {
    EXPECT_NE(packed(text).find(packed(said)), std::string::npos) << said;
}

TEST(Information, ItSaysWhatIsSharedWithWhomOnWhatBasisAndForHowLong) {
    const std::string text = printed(kind_of("admission"));
    expect_said(text, "Votre médecin demande pour vous une place dans un service hospitalier");
    expect_said(text, "Équipe du service ou bureau des lits");
    expect_said(text, "Équipe de soins");
    expect_said(text, "au bout de 30 jours");
    expect_said(text, "Délai souhaité");
    expect_said(text, "Délégué à la protection des données : ……");
}

TEST(Information, EveryFieldThatMayBeSharedIsNamed) {
    const SharedKind kind = kind_of("advice");
    const std::string text = packed(printed(kind));
    for (const auto& [name, form] : kind->forms) {
        EXPECT_NE(text.find(packed(form.title())), std::string::npos) << name;
        for (const forms::Field& field : form.root().fields) {
            EXPECT_NE(text.find(packed(field.label)), std::string::npos) << field.path;
        }
    }
    expect_said(text, "Votre accord : sans lui, rien n'est transmis");
}

TEST(Information, WhoAnswersForItIsPrintedAsGiven) {
    const std::string text =
        printed(kind_of("liaison"), {"CH de Valmont", "02 61 91 00 00", "dpo@ch-valmont.example"});
    expect_said(text, "Responsable : CH de Valmont");
    expect_said(text, "Pour exercer vos droits : 02 61 91 00 00");
    expect_said(text, "Délégué à la protection des données : dpo@ch-valmont.example");
}

TEST(Information, AKindThatMayBeToldOffTheNetworkSaysSo) {
    expect_said(printed(kind_of("substitution")), "n'est alors pas chiffré de bout en bout");
    EXPECT_EQ(packed(printed(kind_of("note"))).find(packed("n'est alors pas chiffré")),
              std::string::npos);
}

TEST(Information, WhatHoldsNothingOfAPatientHasNone) {
    EXPECT_EQ(information_of(*kind_of("protocol"), {}).code(), ErrorCode::not_found);
}

}  // namespace
}  // namespace relais::print::test
