// The same figures for people, for spreadsheets and for programs; what is hidden is in none.
#include "tools/indicators/present.h"

#include <gtest/gtest.h>

namespace relais::indicators {
namespace {

Report example() {
    Report report;
    Figure delay{"admission",   "Demande d'admission", "answer",        "Délai de réponse",
                 "Définition.", Measure::delay,        "Délai souhaité"};
    delay.months = {{Month{2026, 9},
                     true,
                     45,
                     0,
                     Quantiles{42, 3070},
                     {{"stat", "Dans les 4 heures", 34, Quantiles{31, 250}},
                      {"asap", "Bientôt ; ou pas", std::nullopt, std::nullopt}}}};
    Figure share{"liaison",      "Lettre", "on-the-day", "=Lettres \"du jour\"", "Autre.",
                 Measure::share, ""};
    share.months = {{Month{2026, 9}, true, 83, 96, std::nullopt, {}}};
    report.figures = {delay, share};
    report.notes = {"quelque chose manque"};
    return report;
}

TEST(Present, PeopleReadThemInFrench) {
    const std::string text = text_of(example(), "indre");
    for (const char* part :
         {"Indicateurs du domaine indre, septembre 2026\n", "Demande d'admission (admission)\n",
          "médiane 42 min, 9 sur 10 en 2 j 3 h", "médiane 31 min, 9 sur 10 en 4 h 10", "masqué\n",
          "83 sur 96 (86 %)", "Attention : quelque chose manque\n"}) {
        EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
    }
}

TEST(Present, AMonthThatGoesOnIsSaidToBeProvisional) {
    Report report = example();
    for (Figure& figure : report.figures) figure.months[0].over = false;
    EXPECT_NE(text_of(report, "indre").find("mois en cours : totaux seuls"), std::string::npos);
}

TEST(Present, DaysAreSaidByTheirDatesAndHaveTotalsAlone) {
    Report report = example();
    const CivilDay second{20'698};  // 2 September 2026
    report.figures.resize(1);
    report.figures[0].months = {{Period(second, second + 3), true, 45, 0, std::nullopt, {}}};
    EXPECT_NE(text_of(report, "indre")
                  .find("Indicateurs du domaine indre, du 02/09/2026 au 05/09/2026 (totaux seuls)"),
              std::string::npos);
    EXPECT_NE(csv_of(report).find("2026-09-02/2026-09-05;oui;admission"), std::string::npos);
    const nlohmann::json document = json_of(report, "indre");
    const auto& days = document["indicators"][0]["months"][0];
    EXPECT_EQ(days["from"], "2026-09-02");
    EXPECT_EQ(days["until"], "2026-09-05");
    EXPECT_FALSE(days.contains("month"));
    report.figures[0].months = {{Period(second, second), false, 45, 0, std::nullopt, {}}};
    EXPECT_NE(text_of(report, "indre").find("le 02/09/2026 (totaux seuls, encore provisoires)"),
              std::string::npos);
}

TEST(Present, SpreadsheetsReadOneLineForEachTotalAndValue) {
    EXPECT_EQ(csv_of(example()),
              "mois;clos;type;indicateur;libelle;detail_par;code;valeur;nombre;sur;mediane_minutes;"
              "p90_minutes;masque\r\n"
              "2026-09;oui;admission;answer;Délai de réponse;;;;45;;42;3070;non\r\n"
              "2026-09;oui;admission;answer;Délai de réponse;Délai souhaité;stat;Dans les 4 heures;"
              "34;;31;250;non\r\n"
              "2026-09;oui;admission;answer;Délai de réponse;Délai souhaité;asap;"
              "\"Bientôt ; ou pas\";;;;;oui\r\n"
              "2026-09;oui;liaison;on-the-day;\"'=Lettres \"\"du jour\"\"\";;;;83;96;;;non\r\n");
}

TEST(Present, AReachHasTheTimeOfHalfAndOfNineTenthsWhereThereIsOne) {
    Report report = example();
    report.figures.resize(1);
    report.figures[0].measure = Measure::reach;
    MonthFigure& month = report.figures[0].months[0];
    month = {Month{2026, 9}, true, 45, 60, Quantiles{12, std::nullopt}, {}};
    EXPECT_NE(text_of(report, "indre").find("45 sur 60 (75 %)   la moitié en 12 min\n"),
              std::string::npos)
        << text_of(report, "indre");
    EXPECT_NE(csv_of(report).find(";45;60;12;;non"), std::string::npos) << csv_of(report);
    EXPECT_TRUE(
        json_of(report, "x")["indicators"][0]["months"][0]["delay"]["p90_minutes"].is_null());
    month.delay->p90 = 95;
    EXPECT_NE(text_of(report, "indre").find("la moitié en 12 min, 9 sur 10 en 1 h 35"),
              std::string::npos);
    EXPECT_EQ(json_of(report, "x")["indicators"][0]["months"][0]["delay"]["p90_minutes"], 95);
}

TEST(Present, ProgramsReadNullWhereItIsHidden) {
    const nlohmann::json json = json_of(example(), "indre");
    EXPECT_EQ(json["domain"], "indre");
    const auto& month = json["indicators"][0]["months"][0];
    EXPECT_EQ(month["month"], "2026-09");
    EXPECT_EQ(month["count"], 45);
    EXPECT_EQ(month["delay"]["median_minutes"], 42);
    EXPECT_EQ(month["cells"][0]["count"], 34);
    EXPECT_TRUE(month["cells"][1]["count"].is_null());
    EXPECT_TRUE(month["cells"][1]["hidden"]);
    EXPECT_EQ(json["indicators"][1]["months"][0]["of"], 96);
    EXPECT_EQ(json["notes"][0], "quelque chose manque");
}

TEST(Present, EachFigureHasItsDefinition) {
    const std::string text = definitions_of(example());
    for (const char* part : {"Définition.", "Autre.", "(admission/answer)", "détail par : Délai",
                             "inférieure à 11 est masquée"}) {
        EXPECT_NE(text.find(part), std::string::npos) << part;
    }
}

}  // namespace
}  // namespace relais::indicators
