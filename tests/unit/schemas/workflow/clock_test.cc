// How long a clock runs and when it ends, for whoever reckons it.
#include "schemas/workflow/clock.h"

#include <map>

#include "tests/support/envelopes.h"
#include "tests/unit/schemas/workflow/fixture.h"

namespace relais::workflow {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::uint16_t kUrgency = 7;
// Monday 30 November 2026, 15:00 in Paris, as 14:00 UTC.
constexpr WallTime kMonday{1'796'047'200'000};

calendar::Hours from_to(int from_hour, int until_hour) {
    return {"",
            calendar::Holidays::none,
            {{0x7F, static_cast<std::uint16_t>(from_hour * 60),
              static_cast<std::uint16_t>(until_hour * 60)}}};
}

// The clock "life" of an hour, ten minutes where the urgency is 2.
class ClockTest : public testing::Test {
protected:
    ClockTest() {
        declared().by_public = kUrgency;
        declared().lengths = {{2, minutes(10)}};
    }
    Header from(const Address& mailbox) {
        Header made = test::full_header(one.random);
        made.from = mailbox;
        made.publics.clear();
        made.respond_within = {};
        return made;
    }
    Clock& declared() { return one.kind.clocks[0]; }
    std::chrono::seconds length(const StartClock& start, const Header* header) {
        return clock_length({one.kind, one.thread, header}, start,
                            [&](std::size_t party, std::uint16_t number) {
                                EXPECT_EQ(number, kUrgency);
                                const auto found = said.find(party);
                                return found == said.end() ? nullptr : &found->second;
                            });
    }
    HoursOf hours_of() {
        return [&](const Address& mailbox) -> std::optional<calendar::Hours> {
            const auto found = known.find(mailbox);
            if (found == known.end()) return std::nullopt;
            return found->second;
        };
    }
    std::optional<WallTime> end(const StartClock& start) {
        return clock_end({one.kind, one.thread, &asking}, start, kMonday, minutes(90), hours_of());
    }
    std::optional<WallTime> half(const StartClock& start) {
        return clock_half({one.kind, one.thread, &asking}, start, kMonday, minutes(90), hours_of());
    }
    // Whenever it starts in a year.
    void expect_reminded(std::chrono::seconds length) {
        for (WallTime from = kMonday; from < kMonday + hours(24 * 366);
             from = from + hours(149) + minutes(13)) {
            expect_reminded(from, length);
            const Milliseconds of_day((from.ms + 3'600'000) % 86'400'000);
            expect_reminded(from + -(of_day + minutes(2)), length);
        }
        // 28 March and 31 October 2027, midnight of UTC: the clocks change an hour later.
        for (const WallTime night :
             {kMonday + hours(24 * 118 - 14), kMonday + hours(24 * 335 - 14)}) {
            for (int halves = -50; halves < 50; ++halves) {
                expect_reminded(night + minutes(30 * halves), length);
            }
        }
    }
    void expect_reminded(WallTime from, std::chrono::seconds length) {
        for (const StartClock& start : {StartClock{0, {}}, StartClock{0, 1}}) {
            const ClockCause cause{one.kind, one.thread, &asking};
            const auto half = clock_half(cause, start, from, length, hours_of());
            const auto end = clock_end(cause, start, from, length, hours_of());
            ASSERT_TRUE(half && end);
            ASSERT_LT(from, *half) << from.ms << " " << length.count();
            ASSERT_LT(*half, *end) << from.ms << " " << length.count();
        }
    }

    Case one{test::least_kind(), 2};
    Header asking = from(kOpener);
    Header answering = from(kWards[1]);
    std::map<std::size_t, std::vector<PublicField>> said;
    std::map<Address, calendar::Hours> known;
};

TEST_F(ClockTest, RunsAsTheActThatStartsItSays) {
    EXPECT_EQ(length({0, {}}, &asking), hours(1));
    asking.publics = {{kUrgency, 2}};
    EXPECT_EQ(length({0, {}}, &asking), minutes(10));
    EXPECT_EQ(length({0, 1}, &asking), minutes(10)) << "of a party, by an act of the opener";
    asking.publics = {{kUrgency, 1}};
    EXPECT_EQ(length({0, {}}, &asking), hours(1)) << "a value without a length of its own";
}

TEST_F(ClockTest, WhatTheSenderAsksForCountsWhereTheClockLetsIt) {
    asking.respond_within = minutes(5);
    EXPECT_EQ(length({0, {}}, &asking), hours(1));
    declared().from_header = true;
    EXPECT_EQ(length({0, {}}, &asking), minutes(5));
    asking.respond_within = {};
    EXPECT_EQ(length({0, {}}, &asking), hours(1));
}

TEST_F(ClockTest, OfAPartyMovedUpByAnotherItsOwnLastWordCounts) {
    answering.publics = {{kUrgency, 2}};
    EXPECT_EQ(length({0, 1}, &answering), minutes(10)) << "its own act";
    EXPECT_EQ(length({0, 0}, &answering), hours(1)) << "moved up, and it never spoke";
    said[0] = {{kUrgency, 2}};
    answering.publics.clear();
    EXPECT_EQ(length({0, 0}, &answering), minutes(10));
    EXPECT_EQ(length({0, 0}, nullptr), minutes(10)) << "moved up by the end of a clock";
    EXPECT_EQ(length({0, 1}, nullptr), hours(1));
}

TEST_F(ClockTest, ThatRunsAlwaysAsksForNoHours) {
    declared().hours = ClockHours::all;
    EXPECT_EQ(end({0, {}}), kMonday + minutes(90));
}

TEST_F(ClockTest, OnOpeningHoursStopsWhereTheUnitIsClosed) {
    declared().hours = ClockHours::opening;
    known[kWards[0]] = from_to(8, 16);
    EXPECT_EQ(end({0, 0}), kMonday + hours(17) + minutes(30)) << "an hour today, half one tomorrow";
}

TEST_F(ClockTest, OfTheWholeThreadFollowsWhoeverOpensFirstOfThoseThatWereCalled) {
    declared().hours = ClockHours::opening;
    known[kWards[0]] = from_to(8, 16);
    known[kWards[1]] = from_to(0, 24);
    EXPECT_EQ(end({0, {}}), kMonday + minutes(90));
    one.thread.parties[1].waits = Release::overdue;
    EXPECT_EQ(end({0, {}}), kMonday + hours(17) + minutes(30)) << "the second knows of nothing yet";
    one.thread.parties[0].waits = Release::overdue;
    EXPECT_EQ(end({0, {}}), kMonday + minutes(90)) << "nobody was called";
}

TEST_F(ClockTest, OfADayEndsAtMidnightOfTheOwnerButNotBeforeItsLength) {
    declared().hours = ClockHours::day;
    known[kOpener] = {};
    known[kWards[0]] = {"America/Martinique", calendar::Holidays::none, {}};
    EXPECT_EQ(end({0, {}}), kMonday + hours(9)) << "of the opener, in Paris";
    EXPECT_EQ(end({0, 0}), kMonday + hours(14)) << "of the party, where it is 10 o'clock";
    known[kWards[0]].zone = "Asia/Tokyo";
    EXPECT_EQ(end({0, 0}), kMonday + minutes(90)) << "an hour before midnight";
}

TEST_F(ClockTest, OfADayRemindsInTheMiddleOfWhatIsLeftOfIt) {
    declared().hours = ClockHours::day;
    known[kOpener] = {};
    EXPECT_EQ(half({0, {}}), kMonday + hours(4) + minutes(30));
    known[kWards[0]] = {"Asia/Tokyo", calendar::Holidays::none, {}};
    EXPECT_EQ(half({0, 0}), kMonday + minutes(45)) << "of its length, which is longer";
}

TEST_F(ClockTest, RemindsAfterHalfOfWhatItCounts) {
    EXPECT_EQ(half({0, {}}), kMonday + minutes(45));
    declared().hours = ClockHours::opening;
    known[kWards[0]] = from_to(16, 17);
    EXPECT_EQ(half({0, 0}), kMonday + hours(1) + minutes(45));
}

// Friday 27 November 2026 at 16:00 in Paris, of a ward of weekdays from 9 to 17.
TEST_F(ClockTest, OnOpeningHoursEndsAtItsCeilingAtTheLatest) {
    const WallTime friday = kMonday + -hours(71);
    declared().hours = ClockHours::opening;
    known[kWards[0]] = {"", calendar::Holidays::none, {{0x1F, 9 * 60, 17 * 60}}};
    const auto at = [&](auto rule, std::chrono::seconds length) {
        return rule({one.kind, one.thread, &asking}, {0, 0}, friday, length, hours_of());
    };
    EXPECT_EQ(at(clock_end, hours(12)), friday + hours(92)) << "Tuesday at noon";
    EXPECT_EQ(at(clock_half, hours(12)), friday + hours(70)) << "Monday at 14:00";
    declared().at_most = hours(48);
    EXPECT_EQ(at(clock_end, hours(12)), friday + hours(48));
    EXPECT_EQ(at(clock_half, hours(12)), friday + hours(24));
    EXPECT_EQ(at(clock_end, minutes(30)), friday + minutes(30)) << "no ceiling below";
}

// A minute a week: 90 of them are 89 weeks away, and nobody walks there.
TEST_F(ClockTest, OnOpeningHoursEndsAfterAYearWhereItDeclaresNoCeiling) {
    declared().hours = ClockHours::opening;
    known[kWards[0]] = {"", calendar::Holidays::none, {{0x01, 600, 601}}};
    known[kWards[1]] = {"", calendar::Holidays::none, {{0x40, 600, 601}}};
    for (const StartClock& start : {StartClock{0, 0}, StartClock{0, {}}}) {
        EXPECT_EQ(end(start), kMonday + hours(366 * 24));
        EXPECT_EQ(half(start), kMonday + hours(183 * 24));
    }
    known[kWards[1]] = from_to(8, 16);
    EXPECT_EQ(end({0, {}}), kMonday + hours(17) + minutes(30)) << "of whoever opens first";
}

// Over a year, the nights on which the clocks change and late evenings included.
TEST_F(ClockTest, OfAnySortRemindsBeforeItsEndAndNotBeforeItsStart) {
    const std::vector<calendar::Hours> units = {
        {},
        from_to(8, 16),
        {"", calendar::Holidays::metropole, {{0x1F, 9 * 60, 17 * 60}}},
        {"", calendar::Holidays::none, {{0x02, 14 * 60, 18 * 60}}},
        {"America/Martinique", calendar::Holidays::martinique, {{0x7F, 0, 24 * 60}}},
        {"Asia/Tokyo", calendar::Holidays::none, {}},
        {"Europe/Valmont", calendar::Holidays::none, {}}};
    using Sort = std::pair<ClockHours, std::chrono::seconds>;
    for (const calendar::Hours& unit : units) {
        known[kOpener] = known[kWards[0]] = known[kWards[1]] = unit;
        for (const auto& [counted, ceiling] :
             {Sort(ClockHours::all, 0), Sort(ClockHours::opening, 0),
              Sort(ClockHours::opening, hours(48)), Sort(ClockHours::day, 0)}) {
            declared().hours = counted;
            declared().at_most = ceiling;
            for (const int seconds : {2, 60, 3 * 3600, 27 * 3600}) {
                expect_reminded(std::chrono::seconds(seconds));
            }
        }
    }
}

TEST_F(ClockTest, EndsNowhereWhereHoursThatMatterAreNotKnown) {
    declared().hours = ClockHours::opening;
    known[kWards[0]] = from_to(8, 16);
    EXPECT_TRUE(end({0, 0}));
    EXPECT_FALSE(end({0, 1}));
    EXPECT_FALSE(end({0, {}}));
    declared().hours = ClockHours::day;
    EXPECT_FALSE(end({0, {}}));
}

TEST_F(ClockTest, InAZoneThatThisMachineLacksItIsAlwaysOpen) {
    declared().hours = ClockHours::opening;
    known[kWards[0]] = from_to(8, 16);
    known[kWards[0]].zone = "Europe/Valmont";
    EXPECT_EQ(end({0, 0}), kMonday + minutes(90));
    declared().hours = ClockHours::day;
    EXPECT_EQ(end({0, 0}), kMonday + minutes(90));
}

}  // namespace
}  // namespace relais::workflow
