// How a unit is rung, as people type it and as it is shown.
#include "clients/cli/opening.h"

#include <gtest/gtest.h>

namespace relais::cli {
namespace {

using directory::RingHours;
using directory::RingStep;
using directory::RingWay;
using std::chrono::minutes;

TEST(RingLine, IsATargetADelayAndHours) {
    EXPECT_EQ(parse_ring("garde@ch.test").value(),
              (RingStep{RingWay::email, "garde@ch.test", {}, RingHours::always}));
    EXPECT_EQ(parse_ring("https://garde.ch.test:8443/r?x=1 10min fermé").value(),
              (RingStep{RingWay::webhook, "https://garde.ch.test:8443/r?x=1", minutes(10),
                        RingHours::while_closed}));
    EXPECT_EQ(parse_ring("garde@ch.test ouvert 2h").value(),
              (RingStep{RingWay::email, "garde@ch.test", minutes(120), RingHours::while_open}));
}

TEST(RingLine, AnotherTextIsRefused) {
    for (const char* text :
         {"", "garde", "http://garde.ch.test", "mailto:garde@ch.test", "garde@ch.test demain",
          "garde@ch.test 10min 10min", "garde@ch.test ouvert fermé", "garde@ch.test 49h"}) {
        EXPECT_EQ(parse_ring(text).code(), ErrorCode::usage) << text;
    }
}

TEST(RingLine, WhatIsWrongIsSaidWithWhatIsRight) {
    const auto said = [](const char* text) { return parse_ring(text).error().detail; };
    EXPECT_NE(said("http://garde.ch.test 10min").find("https seulement"), std::string::npos);
    EXPECT_NE(said("garde@ch.test 10mn").find("« 10mn » n'est ni un délai (30s, 10min ou 2h ; 48h"),
              std::string::npos)
        << said("garde@ch.test 10mn");
    EXPECT_NE(said("garde").find("comme « garde@ch-exemple.test 10min fermé »"), std::string::npos);
}

TEST(RingLine, IsShownInWords) {
    EXPECT_EQ(ring_text(parse_ring("garde@ch.test 10min fermé").value()),
              "e-mail à garde@ch.test, après 10 min, service fermé");
    EXPECT_EQ(ring_text(parse_ring("https://garde.ch.test/r ouvert").value()),
              "appel de https://garde.ch.test/r, service ouvert");
}

}  // namespace
}  // namespace relais::cli
