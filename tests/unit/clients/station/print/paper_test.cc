// Paper as a stock reader sees it: every line on some page, in its order, under its header and over
// its number; letters that can be searched; a code that a telephone reads.
#include "clients/station/print/paper.h"

#include <gtest/gtest.h>

#include "clients/station/print/qr.h"
#include "tests/unit/clients/station/print/stock_tools.h"

namespace relais::print::test {
namespace {

Paper paper_of(std::vector<Paragraph> paragraphs) {
    return {.title = "Essai",
            .header = "En-tête répété",
            .mark = {},
            .footer = "Pied répété",
            .paragraphs = std::move(paragraphs),
            .code = {},
            .beside = {}};
}

std::vector<std::string> printed(const Paper& paper) {
    const auto pdf = pdf_of(paper);
    EXPECT_TRUE(pdf.ok());
    return pdf.ok() ? pages_of(*pdf) : std::vector<std::string>();
}

TEST(Paper, AccentsLigaturesAndSignsAreReadBackAsTheyWereWritten) {
    const std::string text =
        "Œdème, cœur, façon, où, être, naïf, Noël, ÉÈÊËÀÂÇÎÏÔÙÛÜŸ, efficace, afflux, fin, "
        "« guillemets », l’apostrophe, l'autre, 37,4 °C, 130 µmol/l, ≥ 2, €, n° 1";
    const auto pages = printed(paper_of({{Style::text, text}}));
    ASSERT_EQ(pages.size(), 1U);
    EXPECT_NE(packed(pages[0]).find(packed(text)), std::string::npos) << pages[0];
}

TEST(Paper, EveryLineOfALongTextIsOnSomePageInItsOrder) {
    std::vector<Paragraph> paragraphs;
    std::string expected;
    for (int i = 1; i <= 60; ++i) {
        std::string text = "Champ " + std::to_string(i) + " :";
        for (int word = 0; word < 90; ++word) {
            text += " mot" + std::to_string(i) + "-" + std::to_string(word);
        }
        expected += packed(text);
        paragraphs.push_back({Style::text, text, static_cast<unsigned>(i % 4)});
    }
    const auto pages = printed(paper_of(paragraphs));
    ASSERT_GT(pages.size(), 5U);
    std::string read;
    for (std::size_t page = 0; page < pages.size(); ++page) {
        const std::string text = packed(pages[page]);
        const std::string number =
            "page" + std::to_string(page + 1) + "/" + std::to_string(pages.size());
        ASSERT_TRUE(text.starts_with("En-têterépété")) << page;
        const std::size_t foot = text.find("Piedrépété" + number);
        ASSERT_NE(foot, std::string::npos) << page << text;
        const std::size_t head = std::string("En-têterépété").size();
        read += text.substr(head, foot - head);
    }
    EXPECT_EQ(read, expected);
}

TEST(Paper, AWordLongerThanALineIsBrokenAndNotCut) {
    const std::string word(700, 'x');
    const auto pages = printed(paper_of({{Style::text, word}}));
    EXPECT_NE(packed(pages[0]).find(word), std::string::npos);
}

TEST(Paper, TheMarkStandsOnEveryPage) {
    Paper paper = paper_of({});
    paper.mark = "Hors réseau";
    for (int i = 0; i < 200; ++i) paper.paragraphs.push_back({Style::text, "ligne"});
    const auto pages = printed(paper);
    ASSERT_GT(pages.size(), 2U);
    for (const std::string& page : pages) EXPECT_NE(page.find("Hors réseau"), std::string::npos);
}

TEST(Paper, AHeadingIsNeverTheLastOnItsPage) {
    for (int lines = 35; lines < 75; ++lines) {
        std::vector<Paragraph> paragraphs(static_cast<std::size_t>(lines), {Style::text, "ligne"});
        paragraphs.push_back({Style::heading, "Titre"});
        paragraphs.push_back({Style::text, "Ce qu'il annonce"});
        for (const std::string& page : printed(paper_of(paragraphs))) {
            EXPECT_EQ(page.find("Titre") == std::string::npos,
                      page.find("Ce qu'il annonce") == std::string::npos)
                << lines;
        }
    }
}

TEST(Paper, TheCodeAndWhatStandsBesideItAreOnOnePage) {
    for (int lines = 35; lines < 75; lines += 2) {
        Paper paper = paper_of(
            std::vector<Paragraph>(static_cast<std::size_t>(lines), {Style::text, "ligne"}));
        paper.code = "nih:sha-256;00";
        paper.beside = {{Style::heading, "Empreinte"}, {Style::small, "dernière"}};
        const auto pages = printed(paper);
        EXPECT_NE(pages.back().find("Empreinte"), std::string::npos) << lines;
        EXPECT_NE(pages.back().find("dernière"), std::string::npos) << lines;
    }
}

TEST(Paper, ATelephoneReadsTheCode) {
    Paper paper = paper_of({{Style::text, "ligne"}});
    paper.code = "nih:sha-256;9f2c1d7e4b8a60533c5e7f10a2b4c6d8e0f1a3b5c7d9e2f40618293a4b5c6d7e";
    const auto pdf = pdf_of(paper);
    ASSERT_TRUE(pdf.ok());
    EXPECT_EQ(codes_of(*pdf), paper.code + "\n");
}

TEST(Paper, WhatWouldTurnTheWritingOrIsNoTextIsShownAsSuch) {
    const auto pages = printed(paper_of({{Style::text, "avant\u202Eaprès \xFF fin\x1b[2J"}}));
    EXPECT_NE(pages[0].find("avant\uFFFDaprès \uFFFD fin\uFFFD[2J"), std::string::npos) << pages[0];
}

TEST(Paper, ThereIsABoundOnPagesAndOnCodes) {
    std::vector<Paragraph> paragraphs(20'000, {Style::text, "ligne"});
    EXPECT_EQ(pdf_of(paper_of(std::move(paragraphs))).code(), ErrorCode::too_large);
    EXPECT_EQ(qr_code(std::string(3000, 'x')).code(), ErrorCode::too_large);
    EXPECT_TRUE(qr_code(std::string(2331, 'x')).ok());
}

}  // namespace
}  // namespace relais::print::test
