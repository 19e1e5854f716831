// How small things are read and written for people.
#include "clients/cli/text.h"

#include <gtest/gtest.h>

#include "core/codecs/codecs.h"

namespace relais::cli {
namespace {

Digest digest_of(const std::string& digits) { return hex_from<Digest>(digits).value(); }

const std::string kDigits = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

TEST(Text, AnIdIsMeantByItsBeginningOrItsEndOfSixCharacters) {
    const MessageId id = uuid_from<MessageId>("0190a1b2-c3d4-7ef0-8123-456789abcdef").value();
    EXPECT_TRUE(means_id("0190a1", id.view()));
    EXPECT_TRUE(means_id("ABCDEF", id.view()));
    EXPECT_TRUE(means_id("0190a1b2-c3d4-7ef0-8123-456789abcdef", id.view()));
    EXPECT_FALSE(means_id("bcdef", id.view()));   // five characters
    EXPECT_FALSE(means_id("a1b2c3", id.view()));  // in the middle
    EXPECT_EQ(short_id(id), "89abcdef");
}

TEST(Text, AFingerprintIsReadInGroupsOfFour) {
    EXPECT_EQ(fingerprint_groups(digest_of(kDigits)),
              "0011 2233 4455 6677 8899 aabb ccdd eeff 0011 2233");
}

TEST(Text, AFingerprintReadOutIsTheSameWhateverItsSpacesAndCase) {
    const Digest digest = digest_of(kDigits);
    EXPECT_TRUE(
        same_fingerprint("0011 2233 4455 6677 8899 AABB CCDD EEFF 0011 2233", digest).value());
    EXPECT_TRUE(same_fingerprint(kDigits, digest).value());
}

TEST(Text, OneWrongDigitIsAnotherFingerprint) {
    std::string digits = kDigits.substr(0, 40);
    digits[39] = digits[39] == '0' ? '1' : '0';
    EXPECT_FALSE(same_fingerprint(digits, digest_of(kDigits)).value());
}

TEST(Text, AShortFingerprintIsRefusedAndNotCompared) {
    EXPECT_EQ(same_fingerprint(kDigits.substr(0, 39), digest_of(kDigits)).code(),
              ErrorCode::invalid_field);
    EXPECT_EQ(
        same_fingerprint("pas une empreinte du tout, vraiment pas du tout", digest_of(kDigits))
            .code(),
        ErrorCode::invalid_field);
}

TEST(Text, DurationsAreWrittenInFrench) {
    using std::chrono::hours;
    EXPECT_EQ(french_duration(hours(4)), "4 h");
    EXPECT_EQ(french_duration(std::chrono::minutes(20)), "20 min");
    EXPECT_EQ(french_duration(hours(24 * 7)), "7 j");
}

TEST(Text, AWaitMayBeZeroButADurationMayNot) {
    EXPECT_EQ(parse_wait("0").value().count(), 0);
    EXPECT_EQ(parse_wait("15").value().count(), 15);
    EXPECT_EQ(parse_wait("2min").value().count(), 120);
    EXPECT_EQ(parse_duration("0").code(), ErrorCode::usage);
    EXPECT_EQ(parse_duration("bientôt").code(), ErrorCode::usage);
}

TEST(Text, AMomentIsOneHoweverItIsWritten) {
    const auto french = parse_local_time("31/12/2026", DayEnd::end);
    const auto iso = parse_local_time("2026-12-31", DayEnd::end);
    ASSERT_TRUE(french.ok() && iso.ok());
    EXPECT_EQ(french->ms, iso->ms);
    EXPECT_EQ(french->ms, parse_local_time("01/01/2027", DayEnd::begin).value().ms)
        << "the day is included";
    EXPECT_EQ(local_time(parse_local_time("31/12/2026 18:30", DayEnd::end).value()),
              "31/12/2026 18:30");
    EXPECT_EQ(local_time(parse_local_time("31/12/2026", DayEnd::begin).value()),
              "31/12/2026 00:00");
    for (const char* wrong : {"31-12", "31/12/2026 18", "31/12/2026 25:00", "demain", ""}) {
        EXPECT_EQ(parse_local_time(wrong, DayEnd::begin).code(), ErrorCode::usage) << wrong;
    }
}

TEST(Text, AnEndIsSaidAsItsLastDay) {
    EXPECT_EQ(local_end(parse_local_time("31/12/2026", DayEnd::end).value()), "31/12/2026 inclus");
    EXPECT_EQ(local_end(parse_local_time("31/12/2026 18:00", DayEnd::end).value()),
              "31/12/2026 18:00");
}

TEST(Text, AUnitsTimesAreThoseOfItsOwnClock) {
    const calendar::Hours reunion{"Indian/Reunion", calendar::Holidays::none, {}};
    const WallTime evening = parse_unit_time("24/12/2026 18:00", DayEnd::begin, reunion).value();
    EXPECT_EQ(format_utc(evening), "2026-12-24T14:00:00.000Z");
    EXPECT_TRUE(unit_time(evening, reunion).starts_with("24/12/2026 18:00"));
    const WallTime end = parse_unit_time("2026-12-31", DayEnd::end, reunion).value();
    EXPECT_EQ(format_utc(end), "2026-12-31T20:00:00.000Z");
    EXPECT_TRUE(unit_end(end, reunion).starts_with("31/12/2026 inclus"));
    const calendar::Hours nowhere{"Europe/Pari", calendar::Holidays::none, {}};
    EXPECT_EQ(unit_time(evening, nowhere), local_time(evening));
    EXPECT_EQ(parse_unit_time("31/02/2027", DayEnd::end, reunion).code(), ErrorCode::usage);
}

TEST(Text, ADayThatTheCalendarDoesNotHaveIsRefusedAndNotMoved) {
    EXPECT_EQ(parse_local_time("31/02/2027", DayEnd::end).code(), ErrorCode::usage);
    EXPECT_EQ(parse_local_time("2027-02-29", DayEnd::begin).code(), ErrorCode::usage);
    EXPECT_TRUE(parse_local_time("29/02/2028", DayEnd::end).ok());
}

TEST(Text, ASearchDisregardsAccentsAndCase) {
    EXPECT_EQ(fold("Gériatrie À l'Œuvre"), "geriatrie a l'oeuvre");
    EXPECT_TRUE(contains("Court séjour GÉRIATRIQUE", fold("geriatrique")));
    EXPECT_FALSE(contains("Cardiologie", fold("gériatrie")));
}

TEST(Text, WhatCouldMoveTheCursorOrTurnTheTextIsReplaced) {
    EXPECT_EQ(printable("a\x1b[2Jb"), "a?[2Jb");
    EXPECT_EQ(printable("a\xE2\x80\xAE"
                        "b"),
              "a?b");  // U+202E
    EXPECT_EQ(printable("a\xC2\x9B"
                        "b"),
              "a?b");  // C1 control
    EXPECT_EQ(printable("ligne\nsuite é"), "ligne\nsuite é");
    EXPECT_EQ(printable("\xFF"
                        "a"),
              "?a");
}

TEST(Text, EveryLineIsIndented) { EXPECT_EQ(indented("a\nb\n", "  "), "  a\n  b\n"); }

}  // namespace
}  // namespace relais::cli
