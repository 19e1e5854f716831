// The texts of a CAP message, each rule with what keeps and what breaks it.
#include "clients/cap/values.h"

#include <gtest/gtest.h>

namespace relais::cap {
namespace {

using Texts = std::vector<std::string>;

void expect(bool (*rule)(std::string_view), const Texts& kept, const Texts& refused) {
    for (const std::string& text : kept) EXPECT_TRUE(rule(text)) << text;
    for (const std::string& text : refused) EXPECT_FALSE(rule(text)) << text;
}

TEST(CapValues, ATimeHasItsOffsetAndNoLetter) {
    expect(is_time,
           {"2026-11-22T14:30:00+01:00", "2026-11-22T14:30:00-00:00", "2026-11-22T14:30:00+00:00",
            "2024-02-29T23:59:59-14:00", "0001-01-01T00:00:00+00:00"},
           {"2026-11-22T14:30:00Z", "2026-11-22T14:30:00", "2026-11-22T14:30:00,01:00",
            "2026-11-22T14:30:00.5+01:00", "2026-11-22T14:30+01:00", "2026-02-29T14:30:00+01:00",
            "2026-11-22T24:00:00+01:00", "2026-11-22T14:60:00+01:00", "2026-11-22T14:30:60+01:00",
            "2026-11-22T14:30:00+14:01", "2026-11-22T14:30:00+01:60", "2026-11-22 14:30:00+01:00",
            "0000-11-22T14:30:00+01:00", "2026-13-22T14:30:00+01:00", "", "2026-11-22"});
}

TEST(CapValues, ATimeOfAFormIsWrittenAsCapWantsIt) {
    EXPECT_EQ(cap_time("2026-11-22T14:30:00Z"), "2026-11-22T14:30:00-00:00");
    EXPECT_EQ(cap_time("2026-11-22T14:30:00.125+01:00"), "2026-11-22T14:30:00+01:00");
    EXPECT_EQ(cap_time("2026-11-22T14:30:00+01:00"), "2026-11-22T14:30:00+01:00");
    for (const char* text : {"2026-11-22T14:30:00.+01:00", "2026-11-22T14:30:00.5",
                             "2026-11-22T14:30:00+23:00", "2026-11-22", "", "z"}) {
        EXPECT_EQ(cap_time(text), std::nullopt) << text;
    }
}

TEST(CapValues, ANameHasNothingThatAReferenceCouldNotHold) {
    expect(is_name, {"a", "alertes.cpts-exemple@indre", "urn:oid:2.49.0.0.250", "é\"'>"},
           {"", "a b", "a,b", "a<b", "a&b", "a\tb", "a\nb", "\xFF"});
}

TEST(CapValues, AShapeIsMadeOfPointsOfTheGlobe) {
    expect(is_polygon,
           {"46.8,1.6 46.9,1.6 46.9,1.8 46.8,1.6", "-90,-180 90,-180 90,180 -90,-180",
            "46.8,1.6\n46.9,1.6\t46.9,1.8  46.8,1.6"},
           {"46.8,1.6 46.9,1.6 46.8,1.6", "46.8,1.6 46.9,1.6 46.9,1.8 46.8,1.7", "",
            "90.1,1.6 46.9,1.6 46.9,1.8 90.1,1.6", "46.8,181 46.9,1.6 46.9,1.8 46.8,181",
            "46.8 1.6 46.9 1.6", "46.8,a 46.9,1.6 46.9,1.8 46.8,a", "nan,1 2,2 3,3 nan,1"});
    expect(is_circle, {"46.81,1.69 12.5", "0,0 0", "+46.81,-1.69 .5"},
           {"46.81,1.69", "46.81,1.69 -1", "46.81,1.69 1 2", "46.81 1.69 12", "91,0 1", "",
            "46.81,1.69 inf"});
}

TEST(CapValues, NumbersLanguagesAndAddressesAreThoseOfTheirStandards) {
    expect(is_decimal, {"0", "-1.5", "+.5", "5.", "007"},
           {"", ".", "-", "1e3", "1,5", "0x1", "--1"});
    expect(is_integer, {"0", "-12", "+12"}, {"", "1.0", "1e3", "-", "a"});
    expect(is_language, {"fr", "fr-FR", "fr-FR-x12345"},
           {"", "-fr", "fr-", "fr_FR", "toolonglanguage", "1r", "fr--FR"});
    expect(is_uri, {"https://a.test/b?c=d#e", "mailto:a@b.test", "a", "/é", "a%20b"},
           {"", "a b", "a<b", "a%2", "a%zz", "a#b#c", "a\"b", "a\\b", "https://a@@b.test/",
            "https://a.test:1x/", "https://[::1/"});
}

TEST(CapValues, WordsAreSeparatedBySpacesAndQuotedWhereTheyHaveSome) {
    EXPECT_EQ(split_words("a  \"b c\"\nd"), (Texts{"a", "b c", "d"}));
    EXPECT_EQ(split_words(""), Texts{});
    EXPECT_EQ(split_words(" \n"), Texts{});
    for (const char* text : {"\"a", "a\"b\"", "\"a\"b", "\"\"", "a b\""}) {
        EXPECT_EQ(split_words(text), std::nullopt) << text;
    }
    EXPECT_EQ(join_words({"a", "b c"}), "a \"b c\"");
    EXPECT_EQ(join_words({}), "");
    EXPECT_EQ(join_words({"a\"b"}), std::nullopt);
    EXPECT_EQ(join_words({"a", ""}), std::nullopt);
}

TEST(CapValues, AReferenceNamesSenderIdentifierAndTime) {
    const MessageKey first{"a@b.test", "1", "2026-12-14T07:00:00-00:00"};
    const MessageKey second{"c", "2", "2026-12-14T07:10:00+01:00"};
    EXPECT_EQ(split_references(key_text(first) + " \n" + key_text(second)),
              (std::vector<MessageKey>{first, second}));
    for (const char* text :
         {"a,1", "a,1,2026-12-14T07:00:00Z", ",1,2026-12-14T07:00:00-00:00",
          "a,,2026-12-14T07:00:00-00:00", "a,1,2026-12-14T07:00:00-00:00,x", "a"}) {
        EXPECT_EQ(split_references(text), std::nullopt) << text;
    }
}

TEST(CapValues, XmlHoldsNoControlAndNoHalfOfACharacter) {
    expect(is_xml_text, {"", "été\n\t", "\xF0\x9F\x9A\xA8"},
           {std::string(1, '\0'), "\x01", "\r", "\xC3", "\xEF\xBF\xBE", "\xEF\xBF\xBF"});
}

}  // namespace
}  // namespace relais::cap
