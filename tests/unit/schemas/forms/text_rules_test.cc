// What texts are admitted, and how they are tidied.
#include "schemas/forms/text_rules.h"

#include <gtest/gtest.h>

namespace relais::forms {
namespace {

TEST(TextRules, TidyingTakesAwaySpaceAtTheEndsAndNothingElse) {
    EXPECT_EQ(tidy("  a  b \n"), "a  b");
    EXPECT_EQ(tidy("\u00A0a\u202F"), "a");
    EXPECT_EQ(tidy("a\r\nb\tc"), "a\nb c");
    EXPECT_EQ(tidy(" \t\r\n\u00A0"), "");
    EXPECT_EQ(tidy(""), "");
    EXPECT_EQ(tidy("a\r"), "a");
    EXPECT_EQ(tidy("a\rb"), "a\rb");
}

TEST(TextRules, TidyingTwiceChangesNothing) {
    for (const std::string text : {" a\r\r\nb ", "\u00A0 x \t y \u202F\n", "\r\n\r\n"}) {
        EXPECT_EQ(tidy(tidy(text)), tidy(text));
    }
}

TEST(TextRules, HiddenControlsAreSeen) {
    EXPECT_FALSE(has_hidden_control("Élan, œuvre: 5 µmol/l\n漢字 🙂"));
    for (const char* text :
         {"a\x1B[2J", "a\x7F", "\u0085", "a\u202Eb", "\u2066", "\u2028", "a\u200F", "\r"}) {
        EXPECT_TRUE(has_hidden_control(text)) << testing::PrintToString(text);
    }
    EXPECT_TRUE(has_hidden_control(std::string_view("a\0b", 3)));
}

TEST(TextRules, DatesAreDaysOfTheCalendar) {
    for (const char* text : {"2026-11-22", "2024-02-29", "1850-01-01", "2150-12-31"}) {
        EXPECT_TRUE(is_date(text)) << text;
    }
    for (const char* text :
         {"2023-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "1849-12-31", "2151-01-01",
          "22/11/2026", "2026-1-2", "2026-11-22 ", "2026-11-2x", "+026-11-22", ""}) {
        EXPECT_FALSE(is_date(text)) << text;
    }
}

TEST(TextRules, MomentsHaveAnOffset) {
    for (const char* text :
         {"2026-11-22T14:30:00+01:00", "2026-11-22T14:30:00Z", "2026-11-22T00:00:59.123-11:30"}) {
        EXPECT_TRUE(is_date_time(text)) << text;
    }
    for (const char* text :
         {"2026-11-22T14:30:00", "2026-11-22 14:30:00Z", "2026-11-22T24:00:00Z",
          "2026-11-22T14:60:00Z", "2026-11-22T14:30:60Z", "2026-11-22T14:30Z",
          "2026-11-22T14:30:00+0100", "2026-11-22T14:30:00z", "2026-11-22T14:30:00.Z",
          "2026-11-22T14:30:00+25:00", "2026-02-30T14:30:00Z", "2026-11-22T14:30:00Zx",
          "2026-11-22T1-:30:00Z", "2026-11-22T14:30:00.1234567890Z", "2026-11-22TZ", ""}) {
        EXPECT_FALSE(is_date_time(text)) << text;
    }
}

TEST(TextRules, PhonesAreDigitsAndWhatPeoplePutBetween) {
    for (const char* text : {"0261910000", "02 61 91 00 00", "+33 (0)2.61-91 00 00", "3400"}) {
        EXPECT_TRUE(is_phone(text)) << text;
    }
    for (const char* text : {"911", "", "standard", "02 61 91 00 00 poste 12", "1234567890123456",
                             "0+261910000", "++33261910000", "٠٢٦١٩١٠٠"}) {
        EXPECT_FALSE(is_phone(text)) << text;
    }
}

TEST(TextRules, DecimalsHaveACommaAndNoUselessZero) {
    EXPECT_EQ(french_decimal(37.25), "37,25");
    EXPECT_EQ(french_decimal(38), "38");
    EXPECT_EQ(french_decimal(0.1), "0,1");
    EXPECT_EQ(french_decimal(-1.5), "-1,5");
}

}  // namespace
}  // namespace relais::forms
