// The kind `admission` from its three ways of calling to each of its ends, by its table alone.
#include "tests/unit/schemas/compiler/kind_case.h"

namespace relais::compiler {
namespace {

constexpr auto kOk = ErrorCode::ok;
constexpr auto kRefused = ErrorCode::act_refused;

class AdmissionThread : public testing::Test {
protected:
    void call(const std::string& act, const std::string& urgency = "stat") {
        ASSERT_EQ(c.open(act,
                         {"geriatrie.ch-valmont@indre", "cardiologie.ch-valmont@indre",
                          "medecine.ch-valmont@indre"},
                         {{"urgency", urgency}}, {"astreinte.ch-valmont@indre"}),
                  kOk);
    }
    ErrorCode offer(std::size_t party) { return c.party_does(party, "offer", {{"bed", "full"}}); }
    ErrorCode decline(std::size_t party) {
        return c.party_does(party, "decline", {{"decline-reason", "NO_BED"}});
    }
    ErrorCode counter(std::size_t party) {
        return c.party_does(party, "counter", {{"counter", "HAD"}});
    }
    ErrorCode outside(const std::string& act, const std::string& answer) {
        return c.opener_does(act, {{"outside-answer", answer}});
    }
    ErrorCode discharge() { return c.party_does(0, "discharged", {{"destination", "HOME"}}); }
    void admit() {
        call("call");
        ASSERT_EQ(offer(0), kOk);
        ASSERT_EQ(c.opener_does("choose", {}, 0), kOk);
        ASSERT_EQ(c.party_does(0, "admitted"), kOk);
    }
    KindCase c{"admission", "cabinet@indre"};
};

// ---- I choose

TEST_F(AdmissionThread, TheChosenAloneIsGivenTheRecordAndTheOthersAreWithdrawn) {
    call("call");
    EXPECT_EQ(c.parties(), "called called called reserve");
    EXPECT_FALSE(c.reached(3));
    ASSERT_EQ(offer(1), kOk);
    ASSERT_EQ(offer(0), kOk);
    EXPECT_EQ(c.parties(), "standby held called reserve");
    ASSERT_EQ(c.opener_does("choose", {}, 0), kOk);
    EXPECT_EQ(c.parties(), "chosen withdrawn withdrawn withdrawn");
    EXPECT_EQ(c.released(Release::chosen), "0");
    EXPECT_FALSE(c.reached(3)) << "the fallback never hears of it";
    EXPECT_EQ(c.opener_does("choose", {}, 1), kRefused);
}

TEST_F(AdmissionThread, NobodyIsWithdrawnBeforeTheChoice) {
    call("call");
    for (const std::size_t party : {0U, 1U}) ASSERT_EQ(offer(party), kOk);
    ASSERT_EQ(decline(2), kOk);
    EXPECT_EQ(c.parties().find("withdrawn"), std::string::npos);
}

TEST_F(AdmissionThread, UrgencyChoosesTheClockAndItsLength) {
    const auto length = [](const KindCase& of, const char* urgency) {
        const auto field = *of.kind.public_field("urgency");
        const auto code = std::ranges::find(field.values, urgency, &workflow::PublicValue::code);
        const std::vector<PublicField> publics = {{field.number, code->value}};
        return of.kind.clocks[0].length_for(&publics);
    };
    EXPECT_EQ(length(c, "waiting"), std::chrono::minutes(10));
    EXPECT_EQ(length(c, "stat"), std::chrono::hours(4));
    EXPECT_EQ(length(c, "asap"), std::chrono::hours(8));
    for (const char* act : {"call", "call-first", "call-in-turn"}) {
        call(act, "waiting");
        EXPECT_NE(c.started().find("answer life limit"), std::string::npos) << c.started();
        call(act, "urgent");
        EXPECT_NE(c.started().find("answer-open life limit"), std::string::npos) << c.started();
    }
}

TEST_F(AdmissionThread, WithoutAnAnswerTheOnCallTeamIsCalledInAndCanOffer) {
    for (const char* clock : {"answer", "answer-open"}) {
        call("call");
        EXPECT_EQ(offer(3), kRefused) << "not before the end of the delay";
        ASSERT_EQ(c.clock_ends(clock), kOk);
        EXPECT_EQ(c.state(), "overdue");
        EXPECT_EQ(c.parties(), "called called called called");
        EXPECT_EQ(c.released(Release::overdue), "3");
        EXPECT_TRUE(c.reached(3));
        ASSERT_EQ(offer(3), kOk);
        ASSERT_EQ(c.opener_does("choose", {}, 3), kOk);
    }
}

TEST_F(AdmissionThread, APlaceInHandKeepsTheOnCallTeamOutUntilItIsLost) {
    call("call");
    ASSERT_EQ(offer(0), kOk);
    ASSERT_EQ(c.clock_ends("answer"), kOk);
    EXPECT_EQ(c.state(), "called");
    EXPECT_FALSE(c.reached(3));
    ASSERT_EQ(c.clock_ends("hold", 0), kOk);
    EXPECT_EQ(c.started(), "after-lapse");
    ASSERT_EQ(c.clock_ends("after-lapse"), kOk);
    EXPECT_EQ(c.state(), "overdue");
    EXPECT_TRUE(c.reached(3));
}

TEST_F(AdmissionThread, ACounterProposalIsAnAnswerAndMayBeChosen) {
    call("call");
    ASSERT_EQ(counter(2), kOk);
    ASSERT_EQ(c.clock_ends("answer"), kOk);
    EXPECT_EQ(c.state(), "called");
    EXPECT_EQ(c.started(), "after-lapse") << "the caller has that long to choose it";
    ASSERT_EQ(offer(2), kOk) << "a bed after all";
    ASSERT_EQ(counter(1), kOk);
    ASSERT_EQ(c.opener_does("choose", {}, 1), kOk);
    EXPECT_EQ(c.parties(), "withdrawn chosen withdrawn withdrawn");
    EXPECT_EQ(c.released(Release::chosen), "1");
}

// Whether all are asked together or the first offer is taken: once nobody is left who could give a
// place, nothing is waited for.
TEST_F(AdmissionThread, OnceAllHaveDeclinedTheOnCallTeamIsCalledInAtOnce) {
    for (const auto& [act, state] :
         {std::pair{"call", "overdue"}, std::pair{"call-first", "first-overdue"}}) {
        call(act, "urgent");
        const std::string before = c.state();
        ASSERT_EQ(decline(0), kOk);
        ASSERT_EQ(decline(1), kOk);
        EXPECT_EQ(c.state(), before) << "one may still answer";
        EXPECT_FALSE(c.reached(3));
        ASSERT_EQ(decline(2), kOk);
        EXPECT_EQ(c.state(), state);
        EXPECT_EQ(c.parties(), "declined declined declined called");
        EXPECT_EQ(c.released(Release::overdue), "3");
        EXPECT_EQ(c.clock_ends("answer-open"), kRefused) << "nothing is left for it to do";
        ASSERT_EQ(offer(3), kOk);
    }
}

TEST_F(AdmissionThread, APlaceOrAnotherWayIsNoDeclineUntilItIsTakenBack) {
    for (const char* act : {"call", "call-first"}) {
        call(act);
        ASSERT_EQ(counter(0), kOk);
        ASSERT_EQ(decline(1), kOk);
        ASSERT_EQ(decline(2), kOk);
        EXPECT_FALSE(c.reached(3)) << "another way is proposed";
        ASSERT_EQ(decline(0), kOk);
        EXPECT_TRUE(c.reached(3)) << "and taken back";
    }
    call("call");
    ASSERT_EQ(offer(0), kOk);
    ASSERT_EQ(offer(1), kOk);
    ASSERT_EQ(decline(2), kOk);
    ASSERT_EQ(decline(0), kOk);
    EXPECT_EQ(c.parties(), "declined held declined reserve") << "who stood by takes over";
    EXPECT_EQ(c.state(), "called");
    ASSERT_EQ(decline(1), kOk);
    EXPECT_EQ(c.state(), "overdue");
    EXPECT_TRUE(c.reached(3)) << "the last place is taken back";
}

// Its place was not chosen in time: it may offer again, and ten minutes run.
TEST_F(AdmissionThread, APlaceThatLapsedIsNoDecline) {
    call("call");
    ASSERT_EQ(offer(0), kOk);
    ASSERT_EQ(c.clock_ends("hold", 0), kOk);
    EXPECT_EQ(c.started(), "after-lapse");
    ASSERT_EQ(decline(1), kOk);
    ASSERT_EQ(decline(2), kOk);
    EXPECT_EQ(c.state(), "called");
    ASSERT_EQ(c.clock_ends("after-lapse"), kOk);
    EXPECT_TRUE(c.reached(3));
}

TEST_F(AdmissionThread, ACounterProposalThatNobodyChoosesKeepsTheOnCallTeamOutOnceOnly) {
    for (const bool taken_back : {false, true}) {
        call("call");
        ASSERT_EQ(counter(2), kOk);
        ASSERT_EQ(c.clock_ends("answer"), kOk);
        if (taken_back) {
            ASSERT_EQ(decline(2), kOk) << "two others may still answer";
        }
        ASSERT_EQ(c.clock_ends("after-lapse"), kOk);
        EXPECT_EQ(c.state(), "overdue");
        EXPECT_TRUE(c.reached(3));
        if (!taken_back) {
            ASSERT_EQ(c.opener_does("choose", {}, 2), kOk) << "it still stands";
        }
    }
}

TEST_F(AdmissionThread, AChoiceEndsTheWaitForTheOnCallTeam) {
    call("call");
    ASSERT_EQ(offer(0), kOk);
    ASSERT_EQ(counter(1), kOk);
    ASSERT_EQ(c.clock_ends("hold", 0), kOk);
    EXPECT_EQ(c.started(), "after-lapse");
    ASSERT_EQ(c.opener_does("choose", {}, 1), kOk);
    EXPECT_EQ(c.stopped(),
              "hold 1 hold 0 turn 0 letter 0 hold 2 turn 2 letter 2 hold 3 turn 3 letter 3 "
              "answer answer-open after-lapse")
        << "and whatever a ward that is withdrawn was waited for";
}

// ---- at once, the first offer is chosen

TEST_F(AdmissionThread, TheFirstOfferIsChosenAtOnce) {
    call("call-first");
    ASSERT_EQ(c.party_does(2, "receive"), kOk);
    ASSERT_EQ(offer(1), kOk);
    EXPECT_EQ(c.state(), "chosen");
    EXPECT_EQ(c.parties(), "withdrawn chosen withdrawn withdrawn");
    EXPECT_EQ(c.released(Release::chosen), "1");
    EXPECT_EQ(offer(0), kRefused);
    ASSERT_EQ(c.opener_does("transmit", {}, 1), kOk);
    EXPECT_EQ(c.opener_does("transmit", {}, 0), kRefused) << "to the chosen alone";
}

TEST_F(AdmissionThread, OfTheFirstTheOnCallTeamTooMayBe) {
    call("call-first", "waiting");
    EXPECT_EQ(offer(3), kRefused);
    ASSERT_EQ(decline(0), kOk);
    ASSERT_EQ(c.clock_ends("answer"), kOk);
    EXPECT_EQ(c.state(), "first-overdue");
    ASSERT_EQ(offer(3), kOk);
    EXPECT_EQ(c.state(), "chosen");
    EXPECT_EQ(c.parties(), "declined withdrawn withdrawn chosen");
}

TEST_F(AdmissionThread, WhatIsNoFullBedIsNotChosenByItself) {
    call("call-first");
    ASSERT_EQ(c.party_does(0, "offer", {{"bed", "day"}}), kOk);
    EXPECT_EQ(c.state(), "called-first");
    EXPECT_EQ(c.parties(), "countered called called reserve");
    ASSERT_EQ(c.opener_does("choose", {}, 0), kOk);
    EXPECT_EQ(c.parties(), "chosen withdrawn withdrawn withdrawn");
}

TEST_F(AdmissionThread, AtOnceTooAnotherWayGivesTheCallerTimeToChooseIt) {
    for (const char* clock : {"answer", "answer-open"}) {
        call("call-first");
        ASSERT_EQ(counter(1), kOk);
        ASSERT_EQ(c.clock_ends(clock), kOk);
        EXPECT_EQ(c.state(), "called-first");
        EXPECT_EQ(c.started(), "after-lapse");
        EXPECT_FALSE(c.reached(3));
        ASSERT_EQ(c.clock_ends("after-lapse"), kOk);
        EXPECT_EQ(c.state(), "first-overdue");
        EXPECT_TRUE(c.reached(3));
    }
    call("call-first");
    ASSERT_EQ(counter(1), kOk);
    ASSERT_EQ(c.clock_ends("answer"), kOk);
    ASSERT_EQ(offer(0), kOk);
    EXPECT_EQ(c.state(), "chosen");
    EXPECT_TRUE(c.stopped().ends_with("answer answer-open after-lapse"));
}

// ---- one after the other

TEST_F(AdmissionThread, InTurnOnlyTheFirstIsCalled) {
    call("call-in-turn");
    EXPECT_EQ(c.parties(), "called waiting waiting reserve");
    EXPECT_TRUE(c.reached(0));
    for (const std::size_t party : {1U, 2U, 3U}) {
        EXPECT_FALSE(c.reached(party)) << party;
        EXPECT_EQ(offer(party), kRefused) << party;
    }
    EXPECT_EQ(c.released(Release::turn), "0");
    EXPECT_EQ(c.started(), "turn 0 answer life limit");
}

TEST_F(AdmissionThread, ADeclineASilenceAndALapseCallTheNext) {
    call("call-in-turn");
    ASSERT_EQ(decline(0), kOk);
    EXPECT_EQ(c.parties(), "declined called waiting reserve");
    EXPECT_EQ(c.started(), "turn 1");
    ASSERT_EQ(c.party_does(1, "receive"), kOk);
    ASSERT_EQ(c.clock_ends("turn", 1), kOk);
    EXPECT_EQ(c.parties(), "declined passed called reserve");
    EXPECT_EQ(c.released(Release::turn), "2");
    ASSERT_EQ(offer(2), kOk);
    EXPECT_EQ(c.clock_ends("turn", 2), kRefused) << "its turn stopped with its offer";
    ASSERT_EQ(c.clock_ends("hold", 2), kOk);
    EXPECT_EQ(c.state(), "overdue") << "nobody is left";
    EXPECT_EQ(c.parties(), "declined called lapsed called");
    EXPECT_TRUE(c.reached(3));
}

// Had it been for nobody, a ward that is closed until Monday would have had its turn first.
TEST_F(AdmissionThread, TheEndOfTheDelayWhileAPlaceIsHeldEndsTheTurns) {
    for (const char* clock : {"answer", "answer-open"}) {
        call("call-in-turn");
        ASSERT_EQ(offer(0), kOk);
        ASSERT_EQ(c.clock_ends(clock), kOk);
        EXPECT_EQ(c.state(), "called");
        EXPECT_EQ(c.parties(), "held called called reserve");
        EXPECT_FALSE(c.reached(3)) << "a place is held";
        ASSERT_EQ(c.clock_ends("hold", 0), kOk);
        EXPECT_EQ(c.started(), "after-lapse");
        ASSERT_EQ(c.clock_ends("after-lapse"), kOk);
        EXPECT_EQ(c.state(), "overdue");
        EXPECT_TRUE(c.reached(3));
    }
}

TEST_F(AdmissionThread, InTurnWhoeverWasPassedOverMayStillBeChosen) {
    call("call-in-turn");
    ASSERT_EQ(c.clock_ends("turn", 0), kOk);
    ASSERT_EQ(offer(0), kOk);
    EXPECT_EQ(c.parties(), "countered called waiting reserve") << "the next one's turn goes on";
    ASSERT_EQ(c.opener_does("choose", {}, 0), kOk);
    EXPECT_EQ(c.parties(), "chosen withdrawn withdrawn withdrawn");
}

TEST_F(AdmissionThread, OnceTheOnCallTeamIsCalledNothingSaysThatItWillBe) {
    for (const bool declines : {false, true}) {
        call("call");
        ASSERT_EQ(c.clock_ends("answer"), kOk);
        EXPECT_EQ(c.state(), "overdue");
        ASSERT_EQ(offer(0), kOk);
        ASSERT_EQ(offer(1), kOk);
        ASSERT_EQ(declines ? decline(0) : c.clock_ends("hold", 0), kOk);
        EXPECT_EQ(c.started(), "hold 1");
    }
}

TEST_F(AdmissionThread, ALapseInTurnCallsTheNextWhereOneWaits) {
    call("call-in-turn");
    ASSERT_EQ(offer(0), kOk);
    ASSERT_EQ(c.clock_ends("hold", 0), kOk);
    EXPECT_EQ(c.parties(), "lapsed called waiting reserve");
    ASSERT_EQ(counter(1), kOk);
    EXPECT_EQ(c.parties(), "lapsed countered called reserve");
    ASSERT_EQ(offer(2), kOk);
    ASSERT_EQ(c.opener_does("choose", {}, 2), kOk);
    EXPECT_EQ(c.parties(), "withdrawn withdrawn chosen withdrawn");
}

TEST_F(AdmissionThread, TheEndOfTheDelayCallsAllWhoWaited) {
    call("call-in-turn", "waiting");
    ASSERT_EQ(c.clock_ends("answer"), kOk);
    EXPECT_EQ(c.state(), "overdue");
    EXPECT_EQ(c.parties(), "called called called called");
    for (std::size_t party = 0; party < 4; ++party) EXPECT_TRUE(c.reached(party)) << party;
}

// ---- the ends

TEST_F(AdmissionThread, ADischargeStartsTheLettersClockAndTheLetterClosesIt) {
    admit();
    ASSERT_EQ(discharge(), kOk);
    EXPECT_EQ(c.state(), "discharged");
    EXPECT_EQ(c.started(), "letter 0");
    const auto& clocks = c.kind.clocks;
    const auto letter = std::ranges::find(clocks, "letter", &workflow::Clock::name);
    EXPECT_EQ(letter->hours, workflow::ClockHours::day);
    EXPECT_EQ(c.party_follows(0, "liaison", "note"), kRefused);
    EXPECT_EQ(c.party_follows(1, "liaison", "discharge-letter"), kRefused) << "of another ward";
    EXPECT_EQ(c.party_follows(0, "liaison", "discharge-letter", c.thread.parties[1].mailbox),
              kRefused)
        << "to somebody else";
    ASSERT_EQ(c.party_follows(0, "liaison", "discharge-letter"), kOk);
    EXPECT_EQ(c.state(), "closed");
}

TEST_F(AdmissionThread, AnOverdueLetterIsVisibleAndStillCloses) {
    admit();
    ASSERT_EQ(discharge(), kOk);
    ASSERT_EQ(c.clock_ends("letter", 0), kOk);
    EXPECT_EQ(c.state(), "letter-overdue");
    EXPECT_FALSE(c.over());
    ASSERT_EQ(c.party_follows(0, "liaison", "discharge-letter"), kOk);
    EXPECT_EQ(c.state(), "closed");
}

TEST_F(AdmissionThread, ALetterThatComesFirstLeavesNothingDue) {
    admit();
    ASSERT_EQ(c.party_follows(0, "liaison", "discharge-letter"), kOk);
    EXPECT_EQ(c.state(), "admitted");
    ASSERT_EQ(discharge(), kOk);
    EXPECT_EQ(c.state(), "closed");
}

TEST_F(AdmissionThread, TheLetterMayBeTheSecondStepOfItsThreadAndOneThatIsWithdrawnIsNone) {
    admit();
    ASSERT_EQ(c.party_follows(0, "liaison", "letter"), kOk);
    ASSERT_EQ(c.party_follows(0, "liaison", "withdraw"), kOk);
    ASSERT_EQ(discharge(), kOk);
    EXPECT_EQ(c.state(), "discharged");
    ASSERT_EQ(c.party_follows(0, "liaison", "letter"), kOk);
    EXPECT_EQ(c.state(), "closed");
}

// ---- off the network

TEST_F(AdmissionThread, APlaceFoundOffTheNetworkEndsTheRequestAndWithdrawsEveryWard) {
    for (const char* way : {"call", "call-first", "call-in-turn"}) {
        for (const char* act : {"phone-outside", "slip-outside"}) {
            call(way);
            ASSERT_EQ(outside(act, "ACCEPTED"), kOk) << way;
            EXPECT_EQ(c.state(), "placed-outside");
            EXPECT_EQ(c.parties(), "withdrawn withdrawn withdrawn withdrawn");
            EXPECT_EQ(c.released(Release::chosen), "") << "nobody gets the record";
            EXPECT_EQ(offer(0), kRefused);
        }
    }
}

TEST_F(AdmissionThread, WhateverElseIsAnsweredOffTheNetworkTheRequestGoesOn) {
    for (const char* answer : {"TOLD", "DECLINED", "NOT_REACHED"}) {
        call("call");
        ASSERT_EQ(outside("phone-outside", answer), kOk);
        EXPECT_EQ(c.state(), "called");
        EXPECT_EQ(c.parties(), "called called called reserve");
        ASSERT_EQ(offer(1), kOk);
        ASSERT_EQ(outside("slip-outside", answer), kOk);
        EXPECT_EQ(c.parties(), "called held called reserve") << "a place in hand stays";
        ASSERT_EQ(c.opener_does("choose", {}, 1), kOk);
    }
}

TEST_F(AdmissionThread, OnceAWardIsChosenNoPlaceIsFoundElsewhere) {
    admit();
    EXPECT_EQ(outside("phone-outside", "TOLD"), kOk);
    EXPECT_EQ(outside("phone-outside", "ACCEPTED"), kRefused);
    EXPECT_EQ(c.state(), "admitted");
}

TEST_F(AdmissionThread, EachEndIsReached) {
    const auto after = [&](const std::string& path) {
        if (path == "cancelled") {
            call("call-in-turn");
            return c.opener_does("cancel", {{"cancel-reason", "ADVICE"}});
        }
        if (path == "without-offer") {
            call("call-first");
            return c.clock_ends("life");
        }
        call("call");
        if (path == "placed-outside") return outside("phone-outside", "ACCEPTED");
        EXPECT_EQ(offer(0), kOk);
        EXPECT_EQ(c.opener_does("choose", {}, 0), kOk);
        if (path == "not-admitted") return c.party_does(0, "no-show");
        if (path == "outcome-unknown") return c.clock_ends("life");
        if (path == "diverted") return c.party_does(0, "diverted");
        EXPECT_EQ(c.party_does(0, "admitted"), kOk);
        return path == "closed" ? c.opener_does("close", {}, 0) : kRefused;
    };
    for (const workflow::State& state : c.kind.thread_states) {
        if (!state.terminal) continue;
        EXPECT_EQ(after(state.name), kOk) << state.name;
        EXPECT_EQ(c.state(), state.name);
        EXPECT_EQ(c.opener_does("cancel", {{"cancel-reason", "ERROR"}}), kRefused) << state.name;
        EXPECT_EQ(c.clock_ends("limit"), kRefused) << state.name;
    }
}

TEST_F(AdmissionThread, WhateverNobodySaysTheLimitEndsIt) {
    for (const char* act : {"call", "call-first", "call-in-turn"}) {
        call(act);
        ASSERT_EQ(c.clock_ends("limit"), kOk);
        EXPECT_EQ(c.state(), "without-offer");
    }
    admit();
    EXPECT_EQ(c.clock_ends("life"), kRefused) << "a stay outlasts the request";
    ASSERT_EQ(c.clock_ends("limit"), kOk);
    EXPECT_EQ(c.state(), "closed");
}

}  // namespace
}  // namespace relais::compiler
