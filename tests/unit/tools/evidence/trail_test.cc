// Leaves chosen and made readable: what the operator types is held to its form.
#include "tools/evidence/trail.h"

#include <gtest/gtest.h>

#include "core/codecs/codecs.h"
#include "tests/support/random.h"

namespace relais::evidence {
namespace {

TEST(ParseTime, TakesDaysMinutesAndSecondsInUtc) {
    EXPECT_EQ(parse_time("1970-01-02")->ms, 86'400'000);
    EXPECT_EQ(parse_time("1970-01-01T01:02")->ms, 3'720'000);
    EXPECT_EQ(parse_time("1970-01-01T01:02:03")->ms, 3'723'000);
    EXPECT_EQ(format_utc(*parse_time("2026-11-21T23:30")), "2026-11-21T23:30:00.000Z");
}

TEST(ParseTime, RefusesWhatIsNoTime) {
    for (const char* text :
         {"", "2026", "2026-11", "2026-11-31", "2026-13-01", "2026-11-21T", "2026-11-21T23",
          "2026-11-21T24:00", "2026-11-21T23:60", "2026-11-21T23:30:00Z", "26-11-21", "2026-1-1",
          "2026-11-21 23:30", "-026-11-21", "2026-11-21T23:30:61"}) {
        EXPECT_EQ(parse_time(text).code(), ErrorCode::invalid_field) << text;
    }
}

TEST(CheckEvent, KnowsTheNamesOfTheSchemaAlone) {
    EXPECT_TRUE(check_event("submitted").ok());
    EXPECT_TRUE(check_event("evidence_read").ok());
    EXPECT_FALSE(check_event("unset").ok());
    EXPECT_FALSE(check_event("unknown").ok());
    EXPECT_FALSE(check_event("").ok());
}

TEST(TrailFilter, TakesWhatMeetsEveryCondition) {
    test::SeededRandom random(1);
    Leaf leaf{.time = {1000}, .event = Event::submitted};
    leaf.thread = random.make<ThreadId>();
    leaf.person = random.make<PersonId>();
    leaf.mailbox = "cabinet@indre";
    TrailFilter filter;
    EXPECT_TRUE(filter.takes(leaf));
    filter.thread = leaf.thread;
    filter.event = "submitted";
    filter.actor = "cabinet@indre";
    filter.from = WallTime{1000};
    filter.to = WallTime{1001};
    EXPECT_TRUE(filter.takes(leaf));
    filter.actor = uuid(*leaf.person);
    EXPECT_TRUE(filter.takes(leaf));
    const TrailFilter good = filter;
    filter.actor = "autre@indre";
    EXPECT_FALSE(filter.takes(leaf));
    filter = good;
    filter.thread = random.make<ThreadId>();
    EXPECT_FALSE(filter.takes(leaf));
    filter = good;
    filter.event = "delivered";
    EXPECT_FALSE(filter.takes(leaf));
    filter = good;
    filter.from = WallTime{1001};
    EXPECT_FALSE(filter.takes(leaf));
    filter = good;
    filter.to = WallTime{1000};
    EXPECT_FALSE(filter.takes(leaf));
}

TEST(TrailLine, SaysWhoDidWhatWhen) {
    Leaf leaf{.time = {0}, .event = Event::submitted};
    leaf.subject = "call";
    leaf.mailbox = "cabinet@indre";
    leaf.lane = Lane::urgent;
    leaf.code = ErrorCode::conflict;
    EXPECT_EQ(trail_line({17, leaf}),
              "     17  1970-01-01T00:00:00.000Z  submitted refused:conflict  call  cabinet@indre  "
              "urgent");
    EXPECT_EQ(trail_json({17, leaf})["lane"], "urgent");
    EXPECT_EQ(trail_json({17, leaf})["code"], "conflict");
}

}  // namespace
}  // namespace relais::evidence
