// figures_test.cc: what the table says of runs: medians, ratios, targets.
#include "tests/bench/figures.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace relais::bench {
namespace {

Figure figure_of(Target target, double bound, std::vector<Sample> samples) {
    return {"one", "what", "/s", "R", target, bound, std::move(samples), ""};
}

TEST(Figures, AMedianIsTheMiddleOneAndTheSpreadIsWhole) {
    const Spread spread = spread_of({5, 1, 9, 3, 4});
    EXPECT_EQ(spread.least, 1);
    EXPECT_EQ(spread.median, 4);
    EXPECT_EQ(spread.most, 9);
}

TEST(Figures, ARatioIsOfTheRunsOwnReference) {
    // A machine that slows down slows both: the ratio stays.
    const auto even = figure_of(Target::ratio_at_least, 0.5, {{50, 100}, {5, 10}, {500, 1000}});
    EXPECT_EQ(ratio_of(even).least, 0.5);
    EXPECT_EQ(ratio_of(even).most, 0.5);
    // The medians alone would say 6 of 11.
    const auto figure = figure_of(Target::ratio_at_least, 0.5, {{50, 100}, {6, 10}, {5, 11}});
    EXPECT_EQ(ratio_of(figure).median, 0.5);
    EXPECT_TRUE(reached(figure));
}

TEST(Figures, ATargetOfTheRatioIsJudgedByTheMedianRun) {
    const std::vector<Sample> samples = {{1, 10}, {6, 10}, {7, 10}};
    EXPECT_TRUE(reached(figure_of(Target::ratio_at_least, 0.6, samples)));
    EXPECT_FALSE(reached(figure_of(Target::ratio_at_least, 0.61, samples)));
    EXPECT_TRUE(reached(figure_of(Target::ratio_at_most, 0.6, samples)));
    EXPECT_FALSE(reached(figure_of(Target::ratio_at_most, 0.59, samples)));
}

TEST(Figures, ATargetOfTheValueHoldsInEveryRun) {
    EXPECT_TRUE(reached(figure_of(Target::value_at_most, 2, {{1, 0}, {2, 0}})));
    EXPECT_FALSE(reached(figure_of(Target::value_at_most, 2, {{1, 0}, {1, 0}, {3, 0}})));
}

TEST(Figures, WhatWasNotMeasuredIsNotReached) {
    const auto figure = figure_of(Target::ratio_at_most, 3, {});
    EXPECT_FALSE(reached(figure));
    EXPECT_NE(as_lines({figure}).find("reached: not measured"), std::string::npos);
}

TEST(Figures, APercentileIsAValueThatWasMeasured) {
    std::vector<double> values;
    for (int i = 100; i >= 0; --i) values.push_back(i);
    EXPECT_EQ(percentile(values, 0.5), 50);
    EXPECT_EQ(percentile(values, 0.99), 99);
}

TEST(Figures, EveryRunIsInTheFile) {
    const auto json = nlohmann::json::parse(
        as_json({figure_of(Target::ratio_at_least, 0.5, {{1, 4}, {2, 4}, {3, 4}})}));
    EXPECT_EQ(json[0]["runs"].size(), 3u);
    EXPECT_EQ(json[0]["value"], 2);
    EXPECT_EQ(json[0]["ratio"], 0.5);
    EXPECT_EQ(json[0]["reached"], "yes");
}

TEST(Figures, ARowOfTheTableHasItsSixCells) {
    const auto table = as_markdown({figure_of(Target::ratio_at_least, 0.5, {{1, 4}})});
    const auto row = table.substr(table.find("| **one**"));
    EXPECT_EQ(std::count(row.begin(), row.end(), '|'), 7);
    EXPECT_NE(row.find("| no |"), std::string::npos);
}

}  // namespace
}  // namespace relais::bench
