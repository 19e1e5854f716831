// Indicators of a bundle are read whole and within the kind, or refused by name.
#include <gtest/gtest.h>

#include <functional>

#include "schemas/indicators/indicator.h"
#include "tests/support/kinds.h"

namespace relais::indicators {
namespace {

using Declared = fb::IndicatorDeclaredT;

std::unique_ptr<fb::MomentT> moment(fb::MomentKind kind, std::uint8_t index) {
    auto made = std::make_unique<fb::MomentT>();
    made->kind = kind;
    made->index = index;
    return made;
}

// Of test::bed_request: from the call to an offer, by urgency.
std::unique_ptr<Declared> good() {
    auto made = std::make_unique<Declared>();
    made->name = "delay";
    made->label = "Délai";
    made->definition = "De l'appel à l'offre.";
    made->measure = fb::Measure::delay;
    made->since.push_back(moment(fb::MomentKind::act, 0));
    made->moments.push_back(moment(fb::MomentKind::act, 2));
    made->by_public = 1;
    return made;
}

const std::string kNoCall =
    "indicator delay: what calls is an act that opens, or a state that it or a release leads to";

// Of those who were called, the ones that offered in a minute.
void as_reach(Declared& declared) {
    declared.measure = fb::Measure::reach;
    declared.seconds = 60;
    declared.by_public = 0;
}

std::string said(const std::function<void(Declared&)>& change) {
    test::KindBuilder builder = test::bed_request();
    auto declared = good();
    change(*declared);
    builder.bundle.indicators.push_back(std::move(declared));
    const Bytes bundle = builder.bytes();
    const auto kind = workflow::Kind::load(bundle);
    EXPECT_TRUE(kind.ok());
    const auto indicators = load_indicators(bundle, *kind);
    return indicators.ok() ? "accepted" : indicators.error().detail;
}

TEST(Load, TakesAGoodOne) {
    test::KindBuilder builder = test::bed_request();
    builder.bundle.indicators.push_back(good());
    const Bytes bundle = builder.bytes();
    const auto indicators = load_indicators(bundle, workflow::Kind::load(bundle).value()).value();
    ASSERT_EQ(indicators.size(), 1);
    EXPECT_EQ(indicators[0].measure, Measure::delay);
    EXPECT_EQ(indicators[0].moments[0].index, 2);
    EXPECT_EQ(measure_name(indicators[0].measure), "delay");
}

// Bundles of before there were any are published, and exchanged.
TEST(Load, ABundleWithoutThemHasNone) {
    const Bytes bundle = test::bed_request().bytes();
    EXPECT_TRUE(load_indicators(bundle, workflow::Kind::load(bundle).value()).value().empty());
}

TEST(Load, RefusesWhatIsNotOfTheKindOrNotOfTheMeasure) {
    const std::vector<std::pair<std::string, std::function<void(Declared&)>>> rules = {
        {"indicator", [](Declared& d) { d.name = "Not a slug"; }},
        {"indicator delay: label", [](Declared& d) { d.label.clear(); }},
        {"indicator delay: definition", [](Declared& d) { d.definition = "a\nb"; }},
        {"indicator delay: measure", [](Declared& d) { d.measure = fb::Measure::unset; }},
        {"indicator delay: measure", [](Declared& d) { d.measure = static_cast<fb::Measure>(7); }},
        {"indicator delay: moments", [](Declared& d) { d.moments.clear(); }},
        {"indicator delay: since when", [](Declared& d) { d.since.clear(); }},
        {"indicator delay: missed",
         [](Declared& d) { d.missed.push_back(moment(fb::MomentKind::act, 3)); }},
        {"indicator delay: missed", [](Declared& d) { d.measure = fb::Measure::share; }},
        {"indicator delay: since is not looked at",
         [](Declared& d) { d.measure = fb::Measure::acts; }},
        {"indicator delay: within", [](Declared& d) { d.seconds = 60; }},
        {"indicator delay: within", [](Declared& d) { d.measure = fb::Measure::reach; }},
        {"indicator delay: moment",
         [](Declared& d) { d.moments[0]->kind = fb::MomentKind::unset; }},
        {"indicator delay: no such act, state, clock or row",
         [](Declared& d) { d.moments[0]->index = 200; }},
        {"indicator delay: no such act, state, clock or row",
         [](Declared& d) { d.moments[0] = moment(fb::MomentKind::clock_end, 9); }},
        {"indicator delay: not the first row for what follows",
         [](Declared& d) { d.moments[0] = moment(fb::MomentKind::followed, 0); }},
        {"indicator delay: field of another act",
         [](Declared& d) {
             d.moments[0]->number = 1;
             d.moments[0]->value = 1;
         }},
        {"indicator delay: value of a field",
         [](Declared& d) {
             d.since[0]->number = 1;
             d.since[0]->value = 99;
         }},
        {"indicator delay: a field of what is no act",
         [](Declared& d) {
             d.moments[0] = moment(fb::MomentKind::state, 1);
             d.moments[0]->number = 1;
         }},
        {"indicator delay: no such public field", [](Declared& d) { d.by_public = 77; }},
        {"indicator delay: a breakdown is by a code or a boolean",
         [](Declared& d) { d.by_public = 2; }},
        {"indicator delay: register", [](Declared& d) { d.key_parts = 2; }},
        {"indicator delay: no such register",
         [](Declared& d) {
             d.measure = fb::Measure::entries;
             d.moments.clear();
             d.since.clear();
             d.by_public = 0;
         }},
        {"indicator delay: too many moments",
         [](Declared& d) {
             for (int i = 0; i < 17; ++i) d.moments.push_back(moment(fb::MomentKind::act, 2));
         }},
    };
    for (const auto& [rule, change] : rules) EXPECT_EQ(said(change), rule);
}

TEST(Load, OfAReachBeginsWhereSomebodyIsToldForTheFirstTime) {
    const std::vector<std::pair<std::string, std::function<void(Declared&)>>> rules = {
        {"indicator delay: those called act",
         [](Declared& d) {
             as_reach(d);
             d.moments[0] = moment(fb::MomentKind::state, 1);
         }},
        {kNoCall,
         [](Declared& d) {
             as_reach(d);
             d.since[0] = moment(fb::MomentKind::act, 2);
         }},
        {kNoCall,
         [](Declared& d) {
             as_reach(d);
             d.since[0] = moment(fb::MomentKind::clock_end, 0);
         }},
        {kNoCall,
         [](Declared& d) {
             as_reach(d);
             d.since[0] = moment(fb::MomentKind::state, 3);
         }},
        {"accepted", as_reach},
        {"accepted",
         [](Declared& d) {
             as_reach(d);
             d.since[0] = moment(fb::MomentKind::state, 0);
         }},
    };
    for (const auto& [rule, change] : rules) EXPECT_EQ(said(change), rule);
}

TEST(Load, RefusesATotalThatIsACellOfAnother) {
    EXPECT_EQ(said([](Declared& d) {
                  d.since[0]->number = 1;
                  d.since[0]->value = 1;
              }),
              "indicator delay: its total is a cell of delay");
    EXPECT_EQ(said([](Declared& d) {
                  d.since[0]->number = 1;
                  d.since[0]->value = 1;
                  d.by_public = 3;
              }),
              "accepted");
}

TEST(Load, RefusesTheSameNameTwice) {
    test::KindBuilder builder = test::bed_request();
    builder.bundle.indicators.push_back(good());
    builder.bundle.indicators.push_back(good());
    const Bytes bundle = builder.bytes();
    EXPECT_EQ(load_indicators(bundle, workflow::Kind::load(bundle).value()).error().detail,
              "indicator delay: declared twice");
}

}  // namespace
}  // namespace relais::indicators
