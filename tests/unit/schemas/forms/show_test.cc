// What people and programs read of a form: lines of text, help in JSON; and the JSON they write.
#include <gtest/gtest.h>

#include "core/base/limits.h"
#include "tests/unit/schemas/forms/fixture.h"

namespace relais::forms {
namespace {

using nlohmann::json;

TEST(FormText, ShowsEveryAnswerByItsLabel) {
    EXPECT_EQ(render_text(everything(), everything_values()),
              R"(Tout
  Oui ou non : oui
  Octet signé : -100
  Octet : 200
  Court : -30000
  Court sans signe : 65535
  Entier : -2000000000
  Entier sans signe : 4000000000
  Long : -9007199254740991
  Long sans signe : 9007199254740991 ms
  Décimal : 37,25 °C
  Ligne : Été à Nîmes
  Lignes :
    | une
    | deux
  Jour : 29/02/2024
  Moment : 22/11/2026 à 14:30 (+01:00)
  Téléphone : +33 2 61 91 00 00
  RPPS : 01234567897
  CIP13 : 3400935955838
  Couleur : Rouge
  Large : Grand
  Couleurs (1) : Vert
  Couleurs (2) : Rouge
  Drapeaux (1) : oui
  Drapeaux (2) : non
  Décimaux (1) : 0
  Décimaux (2) : 0,1
  Décimaux (3) : 1
  Textes (1) : a
  Textes (2) : b
  Dehors
    Dedans
      Texte : x
      Nombre (1) : -300
      Nombre (2) : 0
      Nombre (3) : 300
      Drapeau : non
    Élément (1)
      Texte : y
    Élément (2)
      Texte : z
      Drapeau : oui
)");
}

TEST(FormText, ATextCannotPassForAField) {
    const json values = {{"yes", false}, {"lines", "a\n  Oui ou non : oui"}};
    EXPECT_EQ(render_text(everything(), values),
              "Tout\n  Oui ou non : non\n  Lignes :\n    | a\n    |   Oui ou non : oui\n");
}

TEST(FormText, TheOffsetOfAMomentIsShown) {
    EXPECT_EQ(render_text(everything(), {{"moment", "2026-11-22T23:30:00Z"}}),
              "Tout\n  Moment : 22/11/2026 à 23:30 (UTC)\n");
}

TEST(FormText, WhatIsNotOfItsTypeIsLeftOut) {
    const json values = {{"yes", 3},      {"tiny", "a"}, {"line", true},    {"colour", "blue"},
                         {"flags", true}, {"outer", 7},  {"day", "demain"}, {"colours", {1, 2}}};
    EXPECT_EQ(render_text(everything(), values), "Tout\n  Jour : demain\n");
    EXPECT_EQ(render_text(everything(), json::array()), "Tout\n");
}

TEST(FormHelp, SaysWhatAProgramNeedsToFillTheForm) {
    const json help = describe_json(everything());
    EXPECT_EQ(help["form"], "Form");
    EXPECT_EQ(help["title"], "Tout");
    EXPECT_EQ(help["help"], "Une aide sur deux lignes.");
    ASSERT_EQ(help["fields"].size(), 24u);
    EXPECT_EQ(help["fields"][0].dump(),
              R"({"example":"true","help":"Répondez.","label":"Oui ou non","mandatory":true,)"
              R"("name":"yes","path":"yes","repeated":false,"type":"boolean"})");
    EXPECT_EQ(help["fields"][9]["max"], 45.25);
    EXPECT_EQ(help["fields"][10]["bytes_max"], 20);
    EXPECT_EQ(help["fields"][15]["identifier"], "rpps");
    EXPECT_EQ(help["fields"][17]["values"].dump(),
              R"([{"label":"Rouge","name":"red"},{"label":"Vert","name":"green"}])");
    EXPECT_EQ(help["fields"][23]["fields"][1]["fields"][0]["path"], "outer.list[].text");
    EXPECT_TRUE(describe_json(with_identity())["fields"][0]["identity"]);
}

TEST(FormJson, IsReadStrictly) {
    const Result<json> values = parse_json(R"({"a": {"b": [1, 2.5, "é"]}, "c": null})");
    ASSERT_TRUE(values.ok());
    EXPECT_EQ((*values)["a"]["b"][2], "é");
    for (const char* text : {"", "{", "{\"a\":1,}", "{a:1}", "{\"a\":1} x", "// c\n{}",
                             "{\"a\":01}", "{\"a\":\"\xC3(\"}", "{\"a\":1e999}", "{'a':1}"}) {
        EXPECT_EQ(parse_json(text).code(), ErrorCode::malformed) << text;
    }
}

TEST(FormJson, AMemberThatStandsTwiceIsRefused) {
    EXPECT_EQ(parse_json(R"({"a": 1, "a": 2})").code(), ErrorCode::malformed);
    EXPECT_EQ(parse_json(R"({"x": [{"a": 1, "b": 1, "a": 2}]})").code(), ErrorCode::malformed);
    EXPECT_TRUE(parse_json(R"({"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]})").ok());
}

TEST(FormJson, TheErrorSaysWhereAndNotWhat) {
    const Result<json> values = parse_json("{\n  \"nom\": DUPONT\n}");
    ASSERT_FALSE(values.ok());
    EXPECT_NE(values.error().detail.find("line 2"), std::string::npos) << values.error().detail;
    EXPECT_EQ(values.error().detail.find("DUPONT"), std::string::npos);
}

TEST(FormJson, IsBounded) {
    EXPECT_EQ(parse_json(std::string(limits::kFormBytesMax + 1, ' ')).code(), ErrorCode::too_large);
    // Deep, and small enough: neither reading nor judging it may exhaust the stack.
    const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
    const Result<json> values = parse_json(deep);
    ASSERT_TRUE(values.ok());
    Findings findings;
    EXPECT_FALSE(check(everything(), *values, InsEnvironment::test, findings).ok());
    const Result<json> within = parse_json("{\"yes\":true,\"texts\":" + deep + "}");
    ASSERT_TRUE(within.ok());
    EXPECT_FALSE(check(everything(), *within, InsEnvironment::test, findings).ok());
}

}  // namespace
}  // namespace relais::forms
