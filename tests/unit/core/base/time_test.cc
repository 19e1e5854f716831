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

}  // namespace
}  // namespace relais
