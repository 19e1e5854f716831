// A message on paper says all that its screen says: read back by stock tools.
#include "clients/station/print/slip.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "core/codecs/codecs.h"
#include "schemas/forms/forms.h"
#include "tests/unit/clients/station/print/fixture.h"
#include "tests/unit/clients/station/print/stock_tools.h"

namespace relais::print::test {
namespace {

class Slips : public testing::Test {
protected:
    std::string printed(const station::TimelineItem& item, const std::string& outside = {}) {
        const auto pdf = pdf_of(paper(item, outside));
        EXPECT_TRUE(pdf.ok());
        std::string text;
        for (const std::string& page : pages_of(*pdf)) text += page + "\n";
        return text;
    }
    Paper paper(const station::TimelineItem& item, const std::string& outside = {}) {
        return slip_of(territory_.state(), item,
                       {.time = relais::test::kTestTime,
                        .by = "Dr Camille Exemple",
                        .outside = outside,
                        .test = false});
    }
    // Each line of the screen, on paper; a mark "|" of several lines too.
    static void expect_lines(const std::string& paper, const std::string& screen) {
        const std::string read = packed(paper);
        std::size_t from = 0;
        std::istringstream lines(screen);
        for (std::string line; std::getline(lines, line);) {
            const std::size_t at = read.find(packed(line), from);
            EXPECT_NE(at, std::string::npos) << line;
            if (at != std::string::npos) from = at;
        }
    }

    relais::test::SmallTerritory territory_;
};

TEST_F(Slips, EveryFieldOfACallIsPrintedWithItsLabel) {
    const SharedKind kind = kind_of("admission");
    const auto item = item_of(territory_, kind, "call", example_of("admission", "call"), {{1, 2}});
    const std::string text = printed(item);
    expect_lines(text, station::act_text(*item.opened));
    EXPECT_NE(text.find("Délai souhaité : Dans les 12 heures"), std::string::npos) << text;
}

TEST_F(Slips, ItSaysWhoForWhomWhenAndInWhichCase) {
    const SharedKind kind = kind_of("admission");
    auto item = item_of(territory_, kind, "call", example_of("admission", "call"), {{1, 2}});
    item.opened->header.on_behalf_of = territory_.secretary.id;
    item.opened->header.follows = item.opened->header.thread;
    const Header& header = item.opened->header;
    const std::string text = packed(printed(item));
    const auto* doctor = territory_.state().person_ever(territory_.doctor.id);
    for (const std::string& said :
         {std::string("Demande envoyée"), kind->kind.title, uuid(header.thread), uuid(header.id),
          "Fait suite au dossier : " + uuid(*header.follows), doctor->person.title,
          "RPPS " + doctor->person.rpps, header.from.text(), header.to[0].mailbox.text(),
          std::string("Au nom de : "), std::string("Accepté par le service le : "),
          std::string("par Dr Camille Exemple")}) {
        EXPECT_NE(text.find(packed(said)), std::string::npos) << said;
    }
}

TEST_F(Slips, TheDigestIsPrintedAndCoded) {
    const auto item = item_of(territory_, kind_of("admission"), "call",
                              example_of("admission", "call"), {{1, 2}});
    const auto pdf = pdf_of(paper(item));
    ASSERT_TRUE(pdf.ok());
    const std::string digits = hex(item.opened->header.content_digest.view());
    EXPECT_NE(packed(pages_of(*pdf).back()).find(digits), std::string::npos);
    EXPECT_EQ(codes_of(*pdf), "nih:sha-256;" + digits + "\n");
}

TEST_F(Slips, ForSomebodyOffTheNetworkEveryPageSaysThatItIsNotEndToEnd) {
    const auto item = item_of(territory_, kind_of("liaison"), "discharge-letter",
                              example_of("liaison", "discharge-letter"), {{1, 1}});
    const auto pages = pages_of(pdf_of(paper(item, "Dr Essai, clinique de l'Exemple")).value());
    EXPECT_GT(pages.size(), 1U);
    for (const std::string& page : pages) {
        EXPECT_NE(page.find("Hors réseau : non chiffré de bout en bout"), std::string::npos);
    }
    EXPECT_NE(pages[0].find("Destinataire hors réseau : Dr Essai, clinique de l'Exemple"),
              std::string::npos);
    EXPECT_EQ(printed(item).find("Hors réseau"), std::string::npos) << "a copy of one's own";
}

TEST_F(Slips, WhatWasRetractedReplacedOrToldOffTheNetworkSaysSo) {
    auto item = item_of(territory_, kind_of("admission"), "phone-outside",
                        example_of("admission", "phone-outside"), {{8, 2}});
    EXPECT_NE(printed(item).find("hors réseau, non chiffré de bout en bout"), std::string::npos);
    item.corrected = workflow::Correction::retracts;
    EXPECT_NE(printed(item).find("RETIRÉ"), std::string::npos);
    item.corrected = workflow::Correction::supersedes;
    EXPECT_NE(printed(item).find("REMPLACÉ"), std::string::npos);
}

TEST_F(Slips, FilesAreListedWithTheirDigests) {
    auto item = item_of(territory_, kind_of("liaison"), "simple", example_of("liaison", "simple"));
    auto files = std::make_shared<station::Attachments>();
    relais::test::SeededRandom random{9};
    for (const char* name : {"échographie.pdf", "talon.jpg"}) {
        files->list.files.push_back({name, "application/pdf", 1'234'567, random.make<Digest>()});
    }
    item.opened->attachments = files;
    const std::string text = printed(item);
    for (const AttachedFile& file : files->list.files) {
        EXPECT_NE(text.find(file.name + " (PDF, 1,2 Mo)"), std::string::npos) << text;
        EXPECT_NE(packed(text).find("SHA-256:" + hex(file.digest.view())), std::string::npos);
    }
}

TEST_F(Slips, AFormOfSixtyFieldsOfLongTextLosesNoLine) {
    std::string fields;
    nlohmann::json values = nlohmann::json::object();
    for (int i = 1; i <= 60; ++i) {
        const std::string number = std::to_string(i);
        fields += "  /// Aide.\n  f" + number + ":string (label: \"Éléments n° " + number +
                  "\", multiline, bytes_max: 4000);\n";
        std::string text;
        for (int line = 1; line <= 12; ++line) {
            text += (line == 1 ? "" : "\n") + ("Ligne " + std::to_string(line)) + " du champ " +
                    number + " : œdème, fièvre à 38,5 °C depuis hier soir, n'a pas dîné, " +
                    "surveillance rapprochée demandée jusqu'à demain matin.";
        }
        values["f" + number] = text;
    }
    const auto item = item_of(territory_, note_with(fields), "message", values);
    const std::string screen = station::act_text(*item.opened);
    ASSERT_EQ(std::ranges::count(screen, '\n'), 60 * 13 + 1);
    const auto pages = pages_of(pdf_of(paper(item)).value());
    ASSERT_GT(pages.size(), 10U);
    std::string all;
    for (const std::string& page : pages) {
        // What stands between header and footer.
        const std::string text = packed(page);
        const std::size_t foot = text.rfind("Secretprofessionnel");
        ASSERT_NE(foot, std::string::npos);
        all += text.substr(0, foot);
    }
    const std::string header =
        packed("Message sécurisé — dossier n° " + uuid(item.opened->header.thread));
    for (std::size_t at; (at = all.find(header)) != std::string::npos;)
        all.erase(at, header.size());
    EXPECT_NE(all.find(packed(screen)), std::string::npos);
}

TEST_F(Slips, AnActWithoutAFormIsPrintedToo) {
    const auto item = item_of(territory_, kind_of("admission"), "receive", nullptr);
    EXPECT_NE(printed(item).find("Réception accusée"), std::string::npos);
}

}  // namespace
}  // namespace relais::print::test
