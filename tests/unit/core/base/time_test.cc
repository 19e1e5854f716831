// Rules of instants and of their text, for any time a stranger may claim.
#include "core/base/time.h"

#include <gtest/gtest.h>

#include <limits>
#include <type_traits>

namespace relais {
namespace {

TEST(Time, WallEngineAndBootTimesDoNotMix) {
    static_assert(!std::is_convertible_v<WallTime, EngineTime>);
    static_assert(!std::is_convertible_v<EngineTime, BootTime>);
}

TEST(Time, InstantsAddAndSubtractDurations) {
    const EngineTime start{1000};
    EXPECT_EQ((start + Milliseconds(500)).ms, 1500);
    EXPECT_EQ(start + Milliseconds(500) - start, Milliseconds(500));
    EXPECT_LT(start, start + Milliseconds(1));
}

TEST(FormatUtc, WritesIsoTimesWithMilliseconds) {
    EXPECT_EQ(format_utc({0}), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(format_utc({951782399999}), "2000-02-28T23:59:59.999Z");
    EXPECT_EQ(format_utc({951782400001}), "2000-02-29T00:00:00.001Z");
    EXPECT_EQ(format_utc({4102444800000}), "2100-01-01T00:00:00.000Z");
}

TEST(FormatUtc, TimesBefore1970CountTheirMillisecondsForward) {
    EXPECT_EQ(format_utc({-1}), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(format_utc({-1000}), "1969-12-31T23:59:59.000Z");
    EXPECT_EQ(format_utc({-1001}), "1969-12-31T23:59:58.999Z");
}

// A sender's time is a claim: the worst one must still print.
TEST(FormatUtc, TheFirstAndLastInstantsPrint) {
    EXPECT_EQ(format_utc({std::numeric_limits<std::int64_t>::max()}),
              "292278994-08-17T07:12:55.807Z");
    EXPECT_EQ(format_utc({std::numeric_limits<std::int64_t>::min()}),
              "-292275055-05-16T16:47:04.192Z");
}

TEST(Days, ADayIsReadAsItIsWritten) {
    const auto day = civil_day(2026, 12, 14);
    ASSERT_TRUE(day);
    EXPECT_EQ(format_day(*day), "2026-12-14");
    EXPECT_EQ(french_day(*day), "14/12/2026");
    EXPECT_EQ(parse_civil_day("2026-12-14"), day);
    EXPECT_EQ(parse_civil_day("2024-02-29"), civil_day(2024, 2, 29));
}

TEST(Days, WhatTheCalendarDoesNotHaveIsNoDay) {
    EXPECT_FALSE(civil_day(2026, 2, 29));
    EXPECT_FALSE(civil_day(2026, 13, 1));
    for (const char* text : {"2026-02-29", "2026-13-01", "2026-00-10", "2026-12-00", "2026-12-32",
                             "20261214", "2026-12-1", "2026-12-014", "2026/12/14", "+026-12-14",
                             "2026-1 -14", " 2026-12-14", "2026-12-14 ", ""}) {
        EXPECT_FALSE(parse_civil_day(text)) << text;
    }
}

}  // namespace
}  // namespace relais
