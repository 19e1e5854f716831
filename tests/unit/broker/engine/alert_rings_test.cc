// Alerts and who is rung about them: each member's unit until it answers; nobody of those from whom
// one is held back, but the unit that sent it, which has to sign a second time. Who sent it is
// reminded, and so are members who have not answered.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/engine/course_player.h"
#include "tests/support/printers.h"

namespace relais::broker {
namespace {

using std::chrono::minutes;

class AlertRings : public testing::Test {
protected:
    AlertRings() {
        for (const Address& mailbox : bench.territory.state().members(cast.group())) {
            declare(mailbox, {mail(minutes(5)), mail(minutes(20))});
        }
        declare(opener, {mail(minutes(2))});
    }

    static directory::RingStep mail(std::chrono::seconds after) {
        return {directory::RingWay::email, "garde@maison.test", after,
                directory::RingHours::always};
    }
    void declare(const Address& mailbox, std::vector<directory::RingStep> steps) {
        const auto& units = cast.house_of(mailbox).units;
        bench.declare_rings(*std::ranges::find(units, mailbox, &test::TestUnit::mailbox),
                            std::move(steps));
    }
    static const workflow::Kind& alert() { return kind_named("alert"); }
    void play(const std::string& line) { player.play(alert(), {line}); }
    // Who was rung in that time, by text; each call is answered.
    std::multiset<std::string> rung_within(Milliseconds time) {
        bench.idle(time);
        std::multiset<std::string> units;
        for (const Ring& ring : bench.answer_rings()) {
            EXPECT_EQ(ring.thread, player.last->id);
            units.insert(ring.mailbox.text());
        }
        return units;
    }
    // The clocks that the sender was reminded of, in order; or whoever has that mailbox.
    [[nodiscard]] std::vector<std::string> reminded() { return reminded(opener.text()); }
    [[nodiscard]] std::vector<std::string> reminded(const std::string& mailbox) {
        std::vector<std::string> clocks;
        for (const Notice& notice : bench.notices_of(mailbox, NoticeKind::reminder)) {
            clocks.push_back(notice.clock);
        }
        return clocks;
    }
    [[nodiscard]] std::multiset<std::string> members() const {
        std::multiset<std::string> texts;
        for (const Address& mailbox : bench.territory.state().members(cast.group())) {
            texts.insert(mailbox.text());
        }
        return texts;
    }

    EngineBench bench;
    EveryKind cast{bench, {}, 1};
    CoursePlayer player{bench, cast};
    Address opener = cast.openers(alert(), alert().acts[*alert().act("alert")]).front();
};

TEST_F(AlertRings, EachMembersUnitIsRungStepByStepUntilItAnswers) {
    ASSERT_EQ(members().size(), 6u);
    play("open alert status=Actual severity=Severe => alert");
    EXPECT_TRUE(rung_within(minutes(5) - Milliseconds(1)).empty());
    EXPECT_EQ(rung_within(Milliseconds(1)), members()) << "each once, and not who sent it";
    play("member acknowledge response=MOBILISED => alert");
    auto silent = members();
    silent.erase(silent.begin());
    EXPECT_EQ(rung_within(minutes(20)), silent) << "the first has answered";
    EXPECT_TRUE(rung_within(std::chrono::hours(24)).empty());
}

TEST_F(AlertRings, NobodyIsRungOnceTheTimeToAnswerIsOver) {
    for (const Address& mailbox : bench.territory.state().members(cast.group())) {
        declare(mailbox, {mail(minutes(59)), mail(minutes(2))});
    }
    play("open alert status=Actual severity=Severe => alert");
    EXPECT_EQ(rung_within(minutes(59)), members());
    EXPECT_TRUE(rung_within(std::chrono::hours(24)).empty()) << "an hour, if none is asked for";
}

TEST_F(AlertRings, WhoSentAHeldAlertIsRungForTheSecondSignatureAndMembersOnceItIsThere) {
    play("open alert-extreme status=Actual severity=Extreme => alert-held");
    EXPECT_EQ(rung_within(minutes(2)), (std::multiset<std::string>{opener.text()}));
    EXPECT_TRUE(rung_within(minutes(5)).empty()) << "it is held back from its members";
    play("opener confirm by 1 => alert-confirmed");
    EXPECT_TRUE(rung_within(minutes(4)).empty());
    EXPECT_EQ(rung_within(minutes(1)), members());
}

TEST_F(AlertRings, WhoSignsBeforeIsNotRung) {
    play("open alert-extreme status=Actual severity=Extreme => alert-held");
    bench.idle(minutes(1));
    play("opener confirm by 1 => alert-confirmed");
    EXPECT_EQ(rung_within(minutes(10)), members());
}

TEST_F(AlertRings, WithoutASecondSignatureMembersAreRungFromTheMomentItGoesOut) {
    play("open alert-extreme status=Actual severity=Extreme => alert-held");
    EXPECT_EQ(rung_within(minutes(3)).size(), 1u);
    EXPECT_TRUE(rung_within(minutes(11)).empty());
    EXPECT_EQ(rung_within(minutes(1)), members()) << "ten minutes, then five";
}

TEST_F(AlertRings, WhoSentItIsRemindedAtHalfOfTheTimeToAnswer) {
    play("open alert status=Actual severity=Severe => alert");
    bench.idle(minutes(30) - Milliseconds(1));
    EXPECT_EQ(reminded(), std::vector<std::string>{});
    bench.idle(Milliseconds(1));
    EXPECT_EQ(reminded(), (std::vector<std::string>{"answers"}));
    bench.idle(std::chrono::hours(24));
    EXPECT_EQ(reminded().size(), 1u) << "once";
}

TEST_F(AlertRings, MembersWhoHaveNotAnsweredAreRemindedAtHalfAndOnlyThey) {
    const auto all = members();
    play("open alert status=Actual severity=Severe => alert");
    play("member acknowledge response=MOBILISED => alert");
    bench.idle(minutes(30) - Milliseconds(1));
    for (const std::string& member : all) EXPECT_TRUE(reminded(member).empty()) << member;
    bench.idle(Milliseconds(1));
    const std::vector<std::string> once = {"answers"};
    EXPECT_TRUE(reminded(*all.begin()).empty()) << "the first has answered";
    for (auto member = std::next(all.begin()); member != all.end(); ++member) {
        EXPECT_EQ(reminded(*member), once) << *member;
    }
    play("opener update status=Actual severity=Severe => alert");
    bench.idle(minutes(30));
    EXPECT_EQ(reminded(*all.begin()), once) << "it has not answered the update";
}

TEST_F(AlertRings, MembersAreNotRemindedOfWhatIsHeldBackFromThem) {
    play("open alert-extreme status=Actual severity=Extreme => alert-held");
    bench.idle(minutes(5));
    ASSERT_EQ(reminded().size(), 1u);
    for (const std::string& member : members()) EXPECT_TRUE(reminded(member).empty()) << member;
    bench.idle(minutes(35));
    for (const std::string& member : members()) {
        EXPECT_EQ(reminded(member), std::vector<std::string>{"answers"}) << member;
    }
}

// Who has not answered by then is known, and is telephoned by whoever gave the alert.
TEST_F(AlertRings, WhoSentItIsToldOnceThatTheTimeToAnswerIsOver) {
    const auto told = [&] { return bench.notices_of(opener.text(), NoticeKind::overdue); };
    play("open alert status=Actual severity=Severe => alert");
    bench.idle(std::chrono::hours(1) - Milliseconds(1));
    EXPECT_TRUE(told().empty());
    bench.idle(Milliseconds(1));
    ASSERT_EQ(told().size(), 1u);
    EXPECT_EQ(told()[0].clock, "answers");
    EXPECT_EQ(told()[0].state, "alert") << "late answers are still taken";
    play("member acknowledge response=MOBILISED => alert");
    bench.idle(std::chrono::hours(24));
    EXPECT_EQ(told().size(), 1u);
    for (const std::string& member : members()) {
        EXPECT_TRUE(bench.notices_of(member, NoticeKind::overdue).empty()) << member;
    }
}

TEST_F(AlertRings, WhoSentAHeldAlertIsRemindedOfTheSecondSignatureThenOfAnswers) {
    play("open alert-extreme status=Actual severity=Extreme => alert-held");
    bench.idle(minutes(5));
    EXPECT_EQ(reminded(), (std::vector<std::string>{"second-signature"}));
    bench.idle(minutes(35) - Milliseconds(1));
    EXPECT_EQ(reminded().size(), 1u) << "it went out after ten minutes: half of the hour since";
    bench.idle(Milliseconds(1));
    EXPECT_EQ(reminded(), (std::vector<std::string>{"second-signature", "answers"}));
}

TEST_F(AlertRings, WhoGetsTheSecondSignatureInTimeIsNotRemindedOfIt) {
    play("open alert-extreme status=Actual severity=Extreme => alert-held");
    bench.idle(minutes(4));
    play("opener confirm by 1 => alert-confirmed");
    bench.idle(minutes(20));
    EXPECT_EQ(reminded(), std::vector<std::string>{});
}

}  // namespace
}  // namespace relais::broker
