// indicators_test.cc: real admissions on real processes, and their figures as the operator reads
// them from the running broker.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/calendar/days.h"
#include "tests/process/support/admission.h"
#include "tools/indicators/months.h"

namespace relais::test {
namespace {

class IndicatorsOfADomain : public testing::Test {
protected:
    Said run(std::vector<std::string> options) {
        options.insert(options.begin(),
                       {"indicators", "--config", territory_.broker.config().string()});
        return run_program(program("relais-admin"), options);
    }
    // Of every month that the test has seen, one in most runs.
    std::uint64_t total(const nlohmann::json& report, const std::string& name) {
        std::uint64_t count = 0;
        for (const auto& each : report["indicators"]) {
            if (each["kind"] != "admission" || each["indicator"] != name) continue;
            for (const auto& month : each["months"]) count += month["count"].get<std::uint64_t>();
        }
        return count;
    }
    nlohmann::json report() {
        const std::string until = must(indicators::month_of(admin::wall_now())).text();
        const Said said = run({"--from", since_, "--to", until, "--json"});
        EXPECT_EQ(said.code, 0) << said.text;
        return nlohmann::json::parse(said.text);
    }

    RunningTerritory territory_;
    Admission admission_{territory_};
    std::string since_ = must(indicators::month_of(admin::wall_now())).text();
    CivilDay first_ = calendar::day_of(admin::wall_now());
    std::string today_ = format_day(first_);
};

TEST_F(IndicatorsOfADomain, AreCountedFromTheAdmissionsThatWereExchanged) {
    admission_.call();
    admission_.act(territory_.medecine, "medecine", "decline", {}, {{"decline-reason", "NO_BED"}});
    admission_.act(territory_.geriatrie, "geriatrie", "offer", {}, {{"bed", "full"}});
    admission_.act(territory_.practice, "", "choose", {"geriatrie"});
    admission_.act(territory_.geriatrie, "geriatrie", "admitted");
    Admission second(territory_);
    second.call();
    const nlohmann::json figures = report();
    EXPECT_EQ(total(figures, "called"), 2);
    EXPECT_EQ(total(figures, "offered"), 1);
    EXPECT_EQ(total(figures, "chosen"), 1);
    EXPECT_EQ(total(figures, "admitted"), 1);
    EXPECT_EQ(total(figures, "declines"), 1);
    EXPECT_EQ(total(figures, "first-answer"), 1);
    EXPECT_TRUE(figures["notes"].empty());
    for (const auto& each : figures["indicators"]) {
        EXPECT_TRUE(each["months"].back()["cells"].empty()) << each["indicator"];
    }
}

TEST_F(IndicatorsOfADomain, AreReadByPeopleAndSpreadsheetsAndHaveTheirDefinitions) {
    const Said text = run({"--month", "current"});
    EXPECT_EQ(text.code, 0) << text.text;
    EXPECT_TRUE(text.says("Demandes d'admission directe")) << text.text;
    EXPECT_TRUE(text.says("totaux seuls"));
    const Said csv = run({"--month", "current", "--csv"});
    EXPECT_TRUE(csv.says("mois;clos;type;indicateur")) << csv.text;
    const Said definitions = run({"--definitions"});
    EXPECT_TRUE(definitions.says("L'accusé de réception n'en est pas une.")) << definitions.text;
    EXPECT_TRUE(definitions.says("inférieure à 11 est masquée"));
    territory_.broker.stop();
    EXPECT_EQ(run({"--definitions"}).text, definitions.text) << "nobody is asked";
    EXPECT_NE(run({"--month", "current"}).code, 0);
}

// The day of the test, which may end while it runs: from its first day on.
TEST_F(IndicatorsOfADomain, OfTheDayAreTotalsAlone) {
    admission_.call();
    const std::string until = format_day(calendar::day_of(admin::wall_now()));
    const Said said = run({"--from", today_, "--until", until, "--json"});
    ASSERT_EQ(said.code, 0) << said.text;
    const nlohmann::json figures = nlohmann::json::parse(said.text);
    EXPECT_EQ(total(figures, "called"), 1);
    for (const auto& each : figures["indicators"]) {
        EXPECT_EQ(each["months"][0]["from"], today_);
        EXPECT_EQ(each["months"][0]["until"], until);
        EXPECT_TRUE(each["months"][0]["cells"].empty());
        EXPECT_NE(each["measure"], "share") << each["indicator"];
    }
    const std::string before = format_day(first_ + -1);
    const Said none = run({"--from", before, "--until", before, "--json"});
    EXPECT_EQ(total(nlohmann::json::parse(none.text), "called"), 0);
    const Said text = run({"--from", today_, "--until", until});
    EXPECT_TRUE(text.says("(totaux seuls, encore provisoires)")) << text.text;
    EXPECT_FALSE(text.says("médiane"));
}

TEST_F(IndicatorsOfADomain, AreOfWholeMonthsUnlessOfDays) {
    const Said said = run({"--from", "2026-09-02", "--to", "2026-09-30"});
    EXPECT_EQ(said.code, 2) << said.text;
    EXPECT_TRUE(said.says("whole months")) << said.text;
}

}  // namespace
}  // namespace relais::test
