// Rules of slugs, addresses, titles and UTF-8 (RFC 3629), exhaustively where that is cheap.
#include "core/base/names.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/base/limits.h"

namespace relais {
namespace {

std::string repeated(std::size_t count) { return std::string(count, 'a'); }

// Writes a code point with as many bytes as asked, shortest form or not.
std::string encoded(std::uint32_t point, int length) {
    if (length == 1) return {static_cast<char>(point)};
    std::string text;
    const std::uint32_t lead = length == 2 ? 0xC0 : length == 3 ? 0xE0 : 0xF0;
    text.push_back(static_cast<char>(lead | (point >> (6 * (length - 1)))));
    for (int i = length - 2; i >= 0; --i) {
        text.push_back(static_cast<char>(0x80 | ((point >> (6 * i)) & 0x3F)));
    }
    return text;
}

int shortest(std::uint32_t point) {
    return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}

TEST(Slug, IsOneToFortyLettersDigitsAndInnerHyphens) {
    for (const std::string& good : {std::string("a"), std::string("9"), std::string("ch-valmont"),
                                    std::string("a--b"), repeated(40)}) {
        EXPECT_TRUE(is_slug(good)) << good;
    }
    for (const std::string& bad :
         {std::string(), repeated(41), std::string("-a"), std::string("a-"), std::string("-"),
          std::string("A"), std::string("a_b"), std::string("a.b"), std::string("é"),
          std::string("a b"), std::string("a\0b", 3), std::string("a\n")}) {
        EXPECT_FALSE(is_slug(bad)) << bad;
        EXPECT_EQ(Name::parse(bad).code(), ErrorCode::invalid_field);
    }
    EXPECT_EQ(Name::parse("ch-valmont").value().text(), "ch-valmont");
}

TEST(Address, OfAUnitAndOfAnOrganisationComeApart) {
    const auto unit = Address::parse("geriatrie.ch-valmont@indre").value();
    EXPECT_EQ(unit.unit(), "geriatrie");
    EXPECT_EQ(unit.organisation(), "ch-valmont");
    EXPECT_EQ(unit.domain(), "indre");
    const auto whole = Address::parse("ch-valmont@indre").value();
    EXPECT_EQ(whole.unit(), "");
    EXPECT_EQ(whole.organisation(), "ch-valmont");
    EXPECT_EQ(whole.domain(), "indre");
}

TEST(Address, OtherFormsAreRefused) {
    for (const char* bad :
         {"", "@", "a", "a@", "@b", "a@b@c", "a.b.c@d", ".a@b", "a.@b", "a@b.c", "A@b", "a b@c",
          "a@b ", " a@b", "a..b@c", "-a@b", "a@-b", "a.b", "a,b@c"}) {
        EXPECT_EQ(Address::parse(bad).code(), ErrorCode::invalid_field) << bad;
    }
    const std::string longest = repeated(40) + "." + repeated(40) + "@" + repeated(40);
    EXPECT_EQ(longest.size(), limits::kAddressBytesMax);
    EXPECT_TRUE(Address::parse(longest).ok());
    EXPECT_FALSE(Address::parse(longest + "a").ok());
    EXPECT_FALSE(Address::parse(repeated(41) + "." + repeated(39) + "@" + repeated(40)).ok());
}

rc::Gen<std::string> slugs() {
    return rc::gen::suchThat(
        rc::gen::container<std::string>(rc::gen::elementOf(std::string("abz059-"))),
        [](const std::string& text) { return is_slug(text); });
}

RC_GTEST_PROP(Address, MadeFromPartsReadsBackIntoThem, ()) {
    const auto organisation = Name::parse(*slugs()).value();
    const auto domain = Name::parse(*slugs()).value();
    const std::string unit = *rc::gen::oneOf(slugs(), rc::gen::just(std::string()));
    const auto made = Address::of(unit, organisation, domain);
    const auto read = Address::parse(made.text()).value();
    RC_ASSERT(read == made);
    RC_ASSERT(read.unit() == unit);
    RC_ASSERT(read.organisation() == organisation.text());
    RC_ASSERT(read.domain() == domain.text());
}

TEST(Utf8, EveryCodePointIsValidInItsShortestFormAlone) {
    for (std::uint32_t point = 0; point <= 0x10FFFF; ++point) {
        const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
        const int length = shortest(point);
        ASSERT_EQ(is_utf8(encoded(point, length)), !surrogate) << point;
        ASSERT_FALSE(length < 4 && is_utf8(encoded(point, length + 1))) << point;
    }
    for (std::uint32_t point = 0x110000; point < 0x200000; point += 0x101) {
        ASSERT_FALSE(is_utf8(encoded(point, 4))) << point;
    }
}

TEST(Utf8, ACutOrStraySequenceIsInvalidWhereverItStands) {
    for (const std::uint32_t point : {0xE9U, 0x20ACU, 0x1F600U}) {
        const std::string whole = encoded(point, shortest(point));
        for (std::size_t cut = 1; cut < whole.size(); ++cut) {
            EXPECT_FALSE(is_utf8("a" + whole.substr(0, cut)));
            EXPECT_FALSE(is_utf8(whole.substr(0, cut) + "a"));
            EXPECT_FALSE(is_utf8(whole.substr(cut)));
        }
        EXPECT_TRUE(is_utf8("a" + whole + whole + "b"));
    }
    for (int byte = 0x80; byte <= 0xFF; ++byte) {
        EXPECT_FALSE(is_utf8(std::string(1, static_cast<char>(byte)))) << byte;
    }
    EXPECT_TRUE(is_utf8(""));
}

TEST(Title, IsShortPrintableUtf8) {
    EXPECT_TRUE(is_title("Équipe mobile de gériatrie", 40));
    EXPECT_TRUE(is_title(repeated(40), 40));
    EXPECT_FALSE(is_title(repeated(41), 40));
    EXPECT_FALSE(is_title("", 40));
    for (int byte = 0; byte < 0x20; ++byte) {
        EXPECT_FALSE(is_title(std::string("a") + static_cast<char>(byte), 40)) << byte;
    }
    EXPECT_FALSE(is_title("a\x7F", 40));
    EXPECT_FALSE(is_title("a\xC3", 40));
}

}  // namespace
}  // namespace relais
