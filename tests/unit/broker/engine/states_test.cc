// Every state of every kind of schemas/kinds is come to, of the case and of its parties, in the
// engine, by courses that are text: tests/unit/broker/engine/courses. A kind, or a state, that is
// added without a course fails here.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/engine/course_player.h"
#include "tests/support/printers.h"

namespace relais::broker {
namespace {

class States : public testing::TestWithParam<std::string> {
protected:
    [[nodiscard]] static const workflow::Kind& kind() {
        for (const CompiledKind& each : every_kind()) {
            if (each.kind.name == GetParam()) return each.kind;
        }
        throw std::invalid_argument(GetParam());
    }
    [[nodiscard]] static std::set<std::string> names(const std::vector<workflow::State>& states) {
        std::set<std::string> names;
        for (const workflow::State& state : states) names.insert(state.name);
        return names;
    }

    EngineBench bench;
    EveryKind cast{bench, {}, 1};
    CoursePlayer player{bench, cast};
};

TEST_P(States, AreEachComeToByACourse) {
    ASSERT_NO_THROW(player.play(kind(), CoursePlayer::lines_of(GetParam())));
    EXPECT_EQ(player.thread_states, names(kind().thread_states));
    EXPECT_EQ(player.party_states, names(kind().party_states));
}

// A delay that leaves a case in its state is said to be over to whoever opened it.
TEST(TheEndOfADelay, IsToldToWhoOpenedTheCaseThoughItsStateStays) {
    EngineBench bench;
    EveryKind cast{bench, {}, 1};
    CoursePlayer player{bench, cast};
    const auto expect_told = [&](const std::string& kind, const std::vector<std::string>& lines,
                                 const std::string& clock) {
        ASSERT_NO_THROW(player.play(kind_named(kind), lines));
        std::vector<std::string> told;
        for (const Notice& notice :
             bench.notices_of(player.last->opener.text(), NoticeKind::overdue)) {
            if (notice.thread == player.last->id) told.push_back(notice.clock);
        }
        EXPECT_EQ(told, std::vector<std::string>{clock}) << kind;
    };
    expect_told("liaison",
                {"open discharge-letter-outside timing=same_day => outside", "wait 2d => outside"},
                "due");
    ASSERT_NO_THROW(player.play(
        kind_named("liaison"),
        {"opener slip-outside outside-answer=TOLD => handed", "opener close => closed"}));
    expect_told("substitution",
                {"open notice legal-basis=URGENCY to 0 1 => notified",
                 "0 object objection=DOSE => objected 1=asked", "wait 5d => objected 1=asked"},
                "reading");
}

// It sees none of the acts that called it in: it hears that it is called, and may answer.
TEST(AFallback, ThatTheLastDeclineCallsInHearsWhereItStands) {
    EngineBench bench;
    EveryKind cast{bench, {}, 1};
    CoursePlayer player{bench, cast};
    for (const std::string act : {"call", "call-first", "call-in-turn"}) {
        ASSERT_NO_THROW(player.play(
            kind_named("admission"),
            {"open " + act + " urgency=stat to 0 1", "0 decline decline-reason=NO_BED",
             "1 decline decline-reason=NO_BED => " +
                 std::string(act == "call-first" ? "first-" : "") + "overdue 2=called"}));
        const std::string fallback = cast.thread(*player.last).parties.at(2).mailbox.text();
        std::vector<std::string> heard;
        for (const Notice& notice : bench.notices_of(fallback, NoticeKind::placed)) {
            if (notice.thread == player.last->id && notice.mailbox == fallback) {
                heard.push_back(notice.state);
            }
        }
        EXPECT_EQ(heard, std::vector<std::string>{"called"}) << act;
    }
}

// Hours that are few do not make of two days a month, nor of three days a season: whoever stands in
// is called in time, and before the case is over.
TEST(FewHours, LeaveADelayThatCountsEveryHour) {
    const calendar::Hours tuesdays{.opening = {{0x02, 14 * 60, 17 * 60}}};
    EngineBench bench;
    EveryKind cast{bench, tuesdays, 1};
    CoursePlayer player{bench, cast};
    const auto play = [&](const std::string& name, const std::vector<std::string>& lines) {
        const auto kind = std::ranges::find(
            every_kind(), name, [](const CompiledKind& each) { return each.kind.name; });
        ASSERT_NO_THROW(player.play(kind->kind, lines));
    };
    play("admission", {"open call urgency=urgent to 0 1 => called 2=reserve",
                       "wait 47h => called 2=reserve", "wait 2h => overdue 2=called"});
    play("admission", {"open call-first urgency=urgent to 0 1 => called-first",
                       "wait 47h => called-first 2=reserve", "wait 2h => first-overdue 2=called"});
    play("admission",
         {"open call-in-turn urgency=urgent to 0 1 => in-turn", "wait 49h => overdue 2=called"});
    play("advice",
         {"open question urgency=today to 0 => asked 1=reserve", "wait 25h => overdue 1=called"});
    play("advice", {"open question urgency=days to 0 => asked", "wait 7d => overdue 1=called"});
    play("advice", {"open question urgency=weeks to 0 => asked", "wait 20d => asked 1=reserve",
                    "wait 1d => overdue 1=called"});
}

std::vector<std::string> kind_names() {
    std::vector<std::string> names;
    for (const CompiledKind& each : every_kind()) names.push_back(each.kind.name);
    return names;
}

INSTANTIATE_TEST_SUITE_P(Kinds, States, testing::ValuesIn(kind_names()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace relais::broker
