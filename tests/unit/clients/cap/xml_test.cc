// A document that was made to harm its reader: nothing of it is expanded, fetched or kept.
#include "clients/cap/xml.h"

#include <gtest/gtest.h>

#include "tests/unit/clients/cap/fixture.h"

namespace relais::cap {
namespace {

Result<XmlNode> parse(const std::string& document) { return parse_xml(as_bytes(document)); }

std::string doctype(const std::string& subset, const std::string& text) {
    return with(with(small_document(), "<alert", "<!DOCTYPE alert " + subset + ">\n<alert"),
                "Event", text);
}

TEST(Xml, ADocumentTypeIsRefusedBeforeAnythingOfIt) {
    const std::string laughs =
        "[<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">"
        "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;\">]";
    for (const auto& [subset, text] : std::vector<std::pair<std::string, std::string>>{
             {"[<!ENTITY a SYSTEM \"file:///etc/passwd\">]", "&a;"},
             {"[<!ENTITY a SYSTEM \"http://127.0.0.1:9/a\">]", "&a;"},
             {"[<!ENTITY % a SYSTEM \"http://127.0.0.1:9/a\"> %a;]", "Event"},
             {"SYSTEM \"http://127.0.0.1:9/a.dtd\"", "Event"},
             {"PUBLIC \"a\" \"http://127.0.0.1:9/a.dtd\"", "Event"},
             {"[<!ATTLIST alert a CDATA \"b\">]", "Event"},
             {laughs, "&d;"},
             {"", "Event"}}) {
        const auto parsed = parse(doctype(subset, text));
        EXPECT_EQ(parsed.code(), ErrorCode::malformed) << subset;
        EXPECT_EQ(parsed.error().detail, "ligne 1, une déclaration DOCTYPE n'est pas admise")
            << subset;
    }
}

TEST(Xml, AnEntityThatNobodyDeclaredIsAnError) {
    const auto parsed = parse(with(small_document(), "Event", "&a;"));
    EXPECT_EQ(parsed.code(), ErrorCode::malformed);
    EXPECT_TRUE(parsed.error().detail.starts_with("ligne 10, XML mal formé"))
        << parsed.error().detail;
}

TEST(Xml, TheFiveEntitiesOfXmlAndCharacterReferencesAreText) {
    const auto parsed = parse("<a>&lt;&gt;&amp;&quot;&apos;&#233;<![CDATA[<b>]]></a>");
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed->text, "<>&\"'é<b>");
    EXPECT_TRUE(parsed->children.empty());
}

TEST(Xml, DepthElementsAttributesAndSizeAreBounded) {
    const auto nested = [](std::size_t depth) {
        std::string open;
        std::string close;
        for (std::size_t i = 0; i < depth; ++i) {
            open += "<a>";
            close += "</a>";
        }
        return open + close;
    };
    EXPECT_TRUE(parse(nested(kXmlDepthMax)).ok());
    EXPECT_EQ(parse(nested(kXmlDepthMax + 1)).code(), ErrorCode::over_budget);
    EXPECT_EQ(parse(nested(50'000)).code(), ErrorCode::over_budget);

    const auto wide = [](std::size_t count) {
        std::string inside;
        for (std::size_t i = 0; i < count; ++i) inside += "<b/>";
        return "<a>" + inside + "</a>";
    };
    EXPECT_TRUE(parse(wide(kXmlElementsMax - 1)).ok());
    EXPECT_EQ(parse(wide(kXmlElementsMax)).code(), ErrorCode::over_budget);

    const auto dressed = [](std::size_t count) {
        std::string attributes;
        for (std::size_t i = 0; i < count; ++i) attributes += " a" + std::to_string(i) + "=\"\"";
        return "<a" + attributes + "/>";
    };
    EXPECT_EQ(parse(dressed(kXmlAttributesMax)).value().attributes.size(), kXmlAttributesMax);
    EXPECT_EQ(parse(dressed(kXmlAttributesMax + 1)).code(), ErrorCode::over_budget);

    const auto long_text = [](std::size_t bytes) {
        return "<a>" + std::string(bytes - 7, 'x') + "</a>";
    };
    EXPECT_TRUE(parse(long_text(kXmlBytesMax)).ok());
    EXPECT_EQ(parse(long_text(kXmlBytesMax + 1)).code(), ErrorCode::too_large);
    EXPECT_EQ(parse("<a b=\"" + std::string(kXmlBytesMax - 9, 'x') + "\"/>").value().attributes,
              std::vector<std::string>{"b"})
        << "an attribute's value is not kept";
}

TEST(Xml, WhatIsNotWellFormedIsToldWithItsLineAndInOneLine) {
    for (const std::string& document :
         {std::string(), std::string("<"), std::string("text"), std::string("<a>\n<b></a>"),
          std::string("<a/><b/>"), std::string("<a>\x01</a>"), std::string("<a>\xFF</a>"),
          std::string("<a b='1' b='2'/>"), std::string("<x:a/>"),
          std::string("<?xml version=\"1.0\" encoding=\"no-such\"?><a/>")}) {
        const auto parsed = parse(document);
        EXPECT_EQ(parsed.code(), ErrorCode::malformed) << document;
        EXPECT_EQ(parsed.error().detail.find('\n'), std::string::npos);
    }
    EXPECT_TRUE(parse("<a>\n<b></a>").error().detail.starts_with("ligne 2, XML mal formé"));
}

TEST(Xml, NothingIsWrittenToTheConsole) {
    std::string wide = "\xFF\xFE";
    for (const char c : std::string("<a>bcd</a>")) wide += {c, '\0'};
    testing::internal::CaptureStderr();
    testing::internal::CaptureStdout();
    for (std::size_t at = 2; at < wide.size(); ++at) {
        std::string bad = wide;
        bad.erase(at, 1);
        static_cast<void>(parse(bad).ok());
        bad.insert(at, "\xD8");
        static_cast<void>(parse(bad).ok());
    }
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
}

TEST(Xml, OtherEncodingsAreRead) {
    const auto latin = parse("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xE9t\xE9</a>");
    ASSERT_TRUE(latin.ok());
    EXPECT_EQ(latin->text, "été");
    std::string wide = "\xFF\xFE";
    for (const char c : std::string("<a>b</a>")) wide += {c, '\0'};
    ASSERT_TRUE(parse(wide).ok());
    EXPECT_EQ(parse(wide)->text, "b");
}

}  // namespace
}  // namespace relais::cap
