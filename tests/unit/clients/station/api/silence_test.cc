// What a coordinator's station makes of the reckonings that it holds, and of those that it does
// not.
#include "clients/station/api/silence.h"

#include <gtest/gtest.h>

#include "core/calendar/days.h"
#include "tests/support/envelopes.h"
#include "tests/support/printers.h"

namespace relais::station {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr CivilDay kDay{20787};

HeldReckoning of(CivilDay first, CivilDay last, std::uint16_t revision = 0) {
    HeldReckoning held{{first, last, revision, 4, 0, {}}, calendar::time_of(last + 1, hours(6))};
    return held;
}

std::vector<ErrorCode> verdicts(const std::vector<HeldReckoning>& held) {
    std::vector<ErrorCode> codes;
    for (const HeldReckoning& each : held) codes.push_back(each.verdict);
    return codes;
}

using Codes = std::vector<ErrorCode>;

TEST(SilenceReports, ReckoningsOfDaysThatFollowEachOtherAreSound) {
    const auto held = judged({of(kDay + 2, kDay + 4), of(kDay, kDay), of(kDay + 1, kDay + 1)});
    EXPECT_EQ(verdicts(held), Codes(3, ErrorCode::ok));
    EXPECT_EQ(held.back().reckoning.last, kDay + 4);
}

TEST(SilenceReports, OfTheSameDaysTheLastRevisionCounts) {
    const auto held = judged({of(kDay, kDay, 1), of(kDay, kDay), of(kDay + 1, kDay + 1)});
    ASSERT_EQ(held.size(), 2U);
    EXPECT_EQ(held[0].reckoning.revision, 1);
    EXPECT_EQ(verdicts(held), Codes(2, ErrorCode::ok));
}

TEST(SilenceReports, ADayThatIsLeftOutOrToldTwiceIsSeen) {
    EXPECT_EQ(verdicts(judged({of(kDay, kDay), of(kDay + 2, kDay + 2)})),
              (Codes{ErrorCode::ok, ErrorCode::wrong_position}));
    EXPECT_EQ(verdicts(judged({of(kDay, kDay), of(kDay, kDay + 1)})),
              (Codes{ErrorCode::ok, ErrorCode::wrong_position}));
}

TEST(SilenceReports, ADayThatWasNotOverIsNoReckoning) {
    HeldReckoning early = of(kDay + 1, kDay + 1);
    early.posted = calendar::start_of(kDay + 1) + hours(23);
    const auto held = judged({of(kDay, kDay), early});
    EXPECT_EQ(verdicts(held), (Codes{ErrorCode::ok, ErrorCode::invalid_field}));
    EXPECT_EQ(first_missing(kDay, held, calendar::time_of(kDay + 2, hours(8))), kDay + 1);
}

TEST(SilenceReports, TheReckoningOfADayIsDueOnTheNextMorning) {
    const std::vector<HeldReckoning> none;
    EXPECT_EQ(first_missing(kDay, none, calendar::time_of(kDay + 1, minutes(419))), std::nullopt);
    EXPECT_EQ(first_missing(kDay, none, calendar::time_of(kDay + 1, hours(7))), kDay);
    const auto held = judged({of(kDay, kDay)});
    EXPECT_EQ(first_missing(kDay, held, calendar::time_of(kDay + 1, hours(23))), std::nullopt);
    EXPECT_EQ(first_missing(kDay, held, calendar::time_of(kDay + 2, hours(7))), kDay + 1);
    EXPECT_EQ(first_missing(kDay + 9, held, calendar::time_of(kDay + 2, hours(7))), std::nullopt);
}

TEST(SilenceReports, ADayDiffersWhereTheBrokerCountsOtherThanWasStated) {
    MailboxDay day{test::address("cabinet@indre"), {.day = kDay, .sent = 42, .held = 3}};
    EXPECT_FALSE(day.differs());  // not stated
    day.day.state = DayState::answered;
    day.day.stated_sent = day.day.counted_sent = 42;
    day.day.stated_held = day.day.counted_held = 3;
    EXPECT_FALSE(day.differs());
    day.day.counted_sent = 41;
    EXPECT_TRUE(day.differs());
    day.day.counted_sent = 42;
    day.day.counted_held = 4;
    EXPECT_TRUE(day.differs());
    day.day.counted_held = 2;  // one that was erased after it came here
    EXPECT_FALSE(day.differs());
    day.day.state = DayState::not_compared;
    EXPECT_FALSE(day.differs());
}

TEST(SilenceReports, WhateverIsAmissMakesAReportWrong) {
    EXPECT_FALSE(SilenceReport{}.wrong());
    SilenceReport sound;
    sound.reckonings = judged({of(kDay, kDay), of(kDay + 1, kDay + 1)});
    EXPECT_FALSE(sound.wrong());
    const Finding finding{FindingCode::not_polling, test::address("cabinet@indre"), kDay, 0, 0};
    SilenceReport past = sound;
    past.reckonings.front().reckoning.findings = {finding};
    EXPECT_FALSE(past.wrong());  // it was so, and is over
    SilenceReport present = sound;
    present.reckonings.back().reckoning.findings = {finding};
    EXPECT_TRUE(present.wrong());
    SilenceReport missing = sound;
    missing.missing_since = kDay;
    EXPECT_TRUE(missing.wrong());
    SilenceReport forged = sound;
    forged.invalid_notices = 1;
    EXPECT_TRUE(forged.wrong());
    SilenceReport gap = sound;
    gap.reckonings.back().verdict = ErrorCode::wrong_position;
    EXPECT_TRUE(gap.wrong());
}

}  // namespace
}  // namespace relais::station
