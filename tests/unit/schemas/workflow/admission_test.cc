// The small admission: first offer held, the others on standby, lapse and promotion, choice and
// withdrawal, and its end whatever happens.
#include "tests/unit/schemas/workflow/fixture.h"

namespace relais::workflow {
namespace {

using Lines = std::vector<std::string>;

class BedRequest : public testing::Test {
protected:
    Lines offer(std::size_t party) {
        const auto outcome = c.party_does(party, "offer");
        EXPECT_TRUE(outcome.ok());
        return outcome.ok() ? shown(outcome->consequences) : Lines{"refused"};
    }
    Case c{test::bed_request()};
};

TEST_F(BedRequest, TheFirstOfferIsHeldAndTheNextOnesStandBy) {
    EXPECT_EQ(offer(1), (Lines{"start 1 of 1"}));
    EXPECT_EQ(offer(0), Lines{});
    EXPECT_EQ(offer(2), Lines{});
    EXPECT_EQ(c.state(1), "held");
    EXPECT_EQ(c.state(0), "standby");
    EXPECT_EQ(c.state(2), "standby");
    EXPECT_EQ(c.state(), "called");
}

TEST_F(BedRequest, AnOfferIsMadeOnce) {
    offer(1);
    offer(0);
    EXPECT_EQ(c.party_does(1, "offer").code(), ErrorCode::act_refused);
    EXPECT_EQ(c.party_does(0, "offer").code(), ErrorCode::act_refused);
}

TEST_F(BedRequest, ALapsePromotesTheStandbyThatCameFirst) {
    offer(1);
    offer(2);
    offer(0);
    const auto lapse = c.clock_ends(1, 1);
    ASSERT_TRUE(lapse.ok());
    EXPECT_EQ(shown(lapse->consequences), (Lines{"promoted 2", "start 1 of 2"}));
    EXPECT_EQ(c.state(1), "lapsed");
    EXPECT_EQ(c.state(2), "held");
    EXPECT_EQ(c.state(0), "standby");
    ASSERT_TRUE(c.clock_ends(1, 2).ok());
    EXPECT_EQ(c.state(0), "held");
}

TEST_F(BedRequest, ALapseWithoutAStandbyPromotesNobody) {
    offer(1);
    const auto lapse = c.clock_ends(1, 1);
    ASSERT_TRUE(lapse.ok());
    EXPECT_EQ(shown(lapse->consequences), Lines{});
    EXPECT_EQ(c.state(1), "lapsed");
    EXPECT_EQ(offer(1), (Lines{"start 1 of 1"})) << "what lapsed may be offered again";
}

TEST_F(BedRequest, AClockThatWasOvertakenDoesNothing) {
    offer(1);
    ASSERT_TRUE(c.party_does(1, "decline").ok());
    EXPECT_EQ(c.clock_ends(1, 1).code(), ErrorCode::act_refused);
}

TEST_F(BedRequest, DecliningWhatIsHeldPromotesAndDecliningAStandbyDoesNot) {
    offer(1);
    offer(0);
    offer(2);
    const auto standby = c.party_does(0, "decline");
    ASSERT_TRUE(standby.ok());
    EXPECT_EQ(shown(standby->consequences), Lines{});
    EXPECT_EQ(c.state(1), "held");
    const auto held = c.party_does(1, "decline");
    ASSERT_TRUE(held.ok());
    EXPECT_EQ(shown(held->consequences), (Lines{"stop 1 of 1", "promoted 2", "start 1 of 2"}));
    EXPECT_EQ(c.state(2), "held");
}

TEST_F(BedRequest, ChoosingWithdrawsTheOthersAndReleasesToTheChosenAlone) {
    offer(1);
    offer(2);
    const auto chosen = c.opener_does("choose", {2});
    ASSERT_TRUE(chosen.ok());
    EXPECT_EQ(shown(chosen->consequences),
              (Lines{"stop 1 of 2", "stop 0", "withdrawn 0", "stop 1 of 0", "withdrawn 1",
                     "stop 1 of 1", "released 1 to 2"}));
    EXPECT_EQ(c.state(), "chosen");
    EXPECT_EQ(c.state(2), "chosen");
    EXPECT_EQ(c.state(0), "withdrawn");
    EXPECT_EQ(c.state(1), "withdrawn");
}

TEST_F(BedRequest, WhoDeclinedIsNotWithdrawn) {
    offer(1);
    ASSERT_TRUE(c.party_does(0, "decline").ok());
    const auto chosen = c.opener_does("choose", {1});
    ASSERT_TRUE(chosen.ok());
    EXPECT_EQ(shown(chosen->consequences),
              (Lines{"stop 1 of 1", "stop 0", "withdrawn 2", "stop 1 of 2", "released 1 to 1"}));
    EXPECT_EQ(c.state(0), "declined");
}

TEST_F(BedRequest, OnlyOneIsChosenAndItAloneIsClosedWith) {
    offer(1);
    offer(2);
    ASSERT_TRUE(c.opener_does("choose", {1}).ok());
    EXPECT_EQ(c.opener_does("choose", {2}).code(), ErrorCode::act_refused);
    EXPECT_EQ(c.opener_does("close", {2}).code(), ErrorCode::act_refused);
    const auto closed = c.opener_does("close", {1});
    ASSERT_TRUE(closed.ok());
    EXPECT_EQ(shown(closed->consequences), Lines{"ended"});
    EXPECT_EQ(c.state(), "closed");
}

TEST_F(BedRequest, NobodyAnsweringIsOverdueAndAnOfferInHandIsNot) {
    Case answered(test::bed_request());
    ASSERT_TRUE(answered.party_does(0, "offer").ok());
    ASSERT_TRUE(answered.clock_ends(0).ok());
    EXPECT_EQ(answered.state(), "called");
    ASSERT_TRUE(c.party_does(0, "decline").ok());
    ASSERT_TRUE(c.clock_ends(0).ok());
    EXPECT_EQ(c.state(), "overdue");
    EXPECT_EQ(offer(1), (Lines{"start 1 of 1"})) << "offers are still welcome";
}

TEST_F(BedRequest, ItsLifeEndsItFromWhereverItStands) {
    ASSERT_TRUE(c.clock_ends(2).ok());
    EXPECT_EQ(c.state(), "expired");
    Case chosen(test::bed_request());
    ASSERT_TRUE(chosen.party_does(0, "offer").ok());
    ASSERT_TRUE(chosen.opener_does("choose", {0}).ok());
    const auto end = chosen.clock_ends(2);
    ASSERT_TRUE(end.ok());
    EXPECT_EQ(chosen.state(), "closed");
    EXPECT_EQ(shown(end->consequences), Lines{"ended"});
}

TEST_F(BedRequest, NothingAppliesAfterTheEnd) {
    offer(1);
    ASSERT_TRUE(c.clock_ends(2).ok());
    EXPECT_EQ(c.party_does(0, "offer").code(), ErrorCode::act_refused);
    EXPECT_EQ(c.opener_does("choose", {1}).code(), ErrorCode::act_refused);
    EXPECT_EQ(c.opener_does("deposit", {0, 1, 2}).code(), ErrorCode::act_refused);
    for (const ClockIndex clock : {ClockIndex{0}, ClockIndex{2}}) {
        EXPECT_EQ(c.clock_ends(clock).code(), ErrorCode::act_refused);
    }
    EXPECT_EQ(c.clock_ends(1, 1).code(), ErrorCode::act_refused);
    EXPECT_TRUE(c.possible(kOpener).empty());
    EXPECT_TRUE(c.possible(kWards[0]).empty());
}

TEST_F(BedRequest, PossibleActsAreThoseOfTheMailboxesSideAndState) {
    EXPECT_EQ(c.possible(kOpener), (Lines{"deposit"}));
    EXPECT_EQ(c.possible(kWards[0]), (Lines{"offer", "decline"}));
    EXPECT_EQ(c.possible(test::address("nobody@indre")), Lines{});
    offer(0);
    EXPECT_EQ(c.possible(kWards[0]), (Lines{"decline"}));
    EXPECT_EQ(c.possible(kWards[1]), (Lines{"offer", "decline"}));
    EXPECT_EQ(c.possible(kOpener), (Lines{"deposit", "choose"})) << "one offer is enough";
    ASSERT_TRUE(c.opener_does("choose", {0}).ok());
    EXPECT_EQ(c.possible(kOpener), (Lines{"close"}));
    EXPECT_EQ(c.possible(kWards[0]), Lines{});
}

}  // namespace
}  // namespace relais::workflow
