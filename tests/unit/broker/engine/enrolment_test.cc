// The enrolment desk: an invitation is open for its time and serves once; a stranger learns nothing
// by guessing; whoever opened it decides, and nobody else.
#include "core/crypto/sha256.h"
#include "tests/unit/broker/engine/fixture.h"

namespace relais::broker {
namespace {

using wire::InvitationPurpose;

class Enrolment : public EngineTest {
protected:
    ErrorCode open_for(SessionId session, InvitationPurpose purpose,
                       std::chrono::seconds lifetime) {
        return code_of(bench.ask(session, wire::OpenInvitation{locator, purpose, lifetime}));
    }
    ErrorCode open_by_operator(std::chrono::seconds lifetime) {
        return code_of(bench.ask_as_operator(
            wire::OpenInvitation{locator, InvitationPurpose::organisation, lifetime}));
    }
    ErrorCode propose(const Bytes& claim) {
        return code_of(bench.ask_as_stranger(wire::Enrol{locator, claim, mac}));
    }
    ErrorCode decide(const Bytes& claim, bool approved) {
        return code_of(
            bench.ask_as_operator(wire::DecideProposal{locator, sha256(claim), approved, answer}));
    }
    wire::Body status(const Bytes& claim) {
        return bench.ask_as_stranger(wire::EnrolmentStatus{locator, sha256(claim)});
    }
    std::size_t waiting() {
        return std::get<wire::Proposals>(bench.ask_as_operator(wire::FetchProposals{}))
            .proposals.size();
    }
    const Locator locator = bench.random.make<Locator>();
    const Digest mac = bench.random.make<Digest>();
    const Digest answer = bench.random.make<Digest>();
    const Bytes payload = bench.random.bytes(200);
    const Bytes other = bench.random.bytes(200);
    const std::chrono::seconds hour{3600};
};

TEST_F(Enrolment, FromInvitationToAnswer) {
    ASSERT_EQ(open_by_operator(hour), ErrorCode::ok);
    EXPECT_EQ(bench.invitations_open(), true);
    EXPECT_EQ(propose(payload), ErrorCode::ok);
    EXPECT_EQ(code_of(status(payload)), ErrorCode::not_decided);
    const wire::Body body = bench.ask_as_operator(wire::FetchProposals{});
    const auto& proposals = std::get<wire::Proposals>(body).proposals;
    ASSERT_EQ(proposals.size(), 1u);
    EXPECT_EQ(proposals[0].payload, payload);
    EXPECT_EQ(proposals[0].mac, mac);
    EXPECT_EQ(decide(payload, true), ErrorCode::ok);
    const wire::Body decided = status(payload);
    ASSERT_EQ(code_of(decided), ErrorCode::ok);
    EXPECT_TRUE(std::get<wire::EnrolmentDecision>(decided).approved);
    EXPECT_EQ(std::get<wire::EnrolmentDecision>(decided).answer_mac, answer);
    for (const Event event :
         {Event::invitation_opened, Event::enrolment_proposed, Event::enrolment_decided}) {
        EXPECT_EQ(bench.count_leaves(event), 1u) << event_name(event);
    }
}

TEST_F(Enrolment, OneThatHasServedIsNotCountedAsOpenThoughItsAnswerIsStillThere) {
    const auto told = [&](const std::string& count) {
        const wire::Body body = bench.ask_as_operator(wire::AskStatus{});
        return std::get<wire::Status>(body).json.find("\"invitations_open\":" + count) !=
               std::string::npos;
    };
    ASSERT_EQ(open_by_operator(hour), ErrorCode::ok);
    EXPECT_TRUE(told("1"));
    EXPECT_EQ(propose(payload), ErrorCode::ok);
    EXPECT_EQ(decide(payload, true), ErrorCode::ok);
    EXPECT_TRUE(told("0"));
    EXPECT_EQ(code_of(status(payload)), ErrorCode::ok);
}

TEST_F(Enrolment, AnInvitationIsOpenForItsTimeAndNotAMomentLonger) {
    ASSERT_EQ(open_by_operator(hour), ErrorCode::ok);
    EXPECT_EQ(propose(payload), ErrorCode::ok);
    bench.pass(hour);  // the desk has had no occasion to forget it
    EXPECT_EQ(propose(other), ErrorCode::invitation_unknown);
    EXPECT_EQ(decide(payload, true), ErrorCode::invitation_unknown);
    EXPECT_EQ(code_of(status(payload)), ErrorCode::invitation_unknown);
    EXPECT_EQ(waiting(), 0u);
    EXPECT_EQ(bench.count_leaves(Event::invitation_closed), 1u);
}

TEST_F(Enrolment, TheDoorIsClosedWhenTheLastInvitationEndsThoughNothingElseHappens) {
    ASSERT_EQ(open_by_operator(hour), ErrorCode::ok);
    bench.idle(hour);
    EXPECT_EQ(bench.invitations_open(), false);
}

TEST_F(Enrolment, AnExpiredInvitationDoesNotHideInAStepOfItsOwnExpiry) {
    ASSERT_EQ(open_by_operator(hour), ErrorCode::ok);
    EXPECT_EQ(propose(payload), ErrorCode::ok);
    bench.pass(hour);
    EXPECT_EQ(decide(payload, true), ErrorCode::invitation_unknown);
}

TEST_F(Enrolment, TheSameProposalAgainIsKeptOnce) {
    ASSERT_EQ(open_by_operator(hour), ErrorCode::ok);
    EXPECT_EQ(propose(payload), ErrorCode::ok);
    EXPECT_EQ(propose(payload), ErrorCode::ok);
    EXPECT_EQ(waiting(), 1u);
    EXPECT_EQ(bench.count_leaves(Event::enrolment_proposed), 1u);
}

// A thief of the locator may be first: only the inviter can tell, so both wait.
TEST_F(Enrolment, OfTwoClaimsTheInviterChoosesAndTheInvitationServesOnce) {
    ASSERT_EQ(open_by_operator(hour), ErrorCode::ok);
    EXPECT_EQ(propose(other), ErrorCode::ok);
    EXPECT_EQ(propose(payload), ErrorCode::ok);
    EXPECT_EQ(decide(payload, true), ErrorCode::ok);
    EXPECT_EQ(decide(payload, true), ErrorCode::ok) << "the same again";
    EXPECT_EQ(bench.count_leaves(Event::enrolment_decided), 1u);
    EXPECT_EQ(decide(payload, false), ErrorCode::forbidden);
    EXPECT_EQ(decide(other, true), ErrorCode::invitation_unknown);
    EXPECT_EQ(propose(bench.random.bytes(10)), ErrorCode::invitation_unknown);
    EXPECT_TRUE(std::get<wire::EnrolmentDecision>(status(payload)).approved);
}

TEST_F(Enrolment, ARefusedClaimLeavesTheInvitationToTheRightOne) {
    ASSERT_EQ(open_by_operator(hour), ErrorCode::ok);
    EXPECT_EQ(propose(other), ErrorCode::ok);
    EXPECT_EQ(decide(other, false), ErrorCode::ok);
    EXPECT_FALSE(std::get<wire::EnrolmentDecision>(status(other)).approved);
    EXPECT_EQ(propose(payload), ErrorCode::ok);
    EXPECT_EQ(decide(payload, true), ErrorCode::ok);
}

TEST_F(Enrolment, AnAnswerWaitsAWhileAndIsThenForgotten) {
    ASSERT_EQ(open_by_operator(std::chrono::hours(48)), ErrorCode::ok);
    EXPECT_EQ(propose(payload), ErrorCode::ok);
    EXPECT_EQ(decide(payload, true), ErrorCode::ok);
    bench.idle(std::chrono::minutes(59));
    EXPECT_EQ(code_of(status(payload)), ErrorCode::ok);
    bench.idle(2 * kMinute);
    EXPECT_EQ(code_of(status(payload)), ErrorCode::invitation_unknown);
}

TEST_F(Enrolment, ClaimsForOneInvitationAreBounded) {
    ASSERT_EQ(open_by_operator(hour), ErrorCode::ok);
    for (std::size_t i = 0; i < limits::kProposalsPerInvitationMax; ++i) {
        EXPECT_EQ(propose(bench.random.bytes(20)), ErrorCode::ok);
    }
    EXPECT_EQ(propose(payload), ErrorCode::busy);
}

TEST_F(Enrolment, ClaimsForOneInvitationAreBoundedInBytes) {
    ASSERT_EQ(open_by_operator(hour), ErrorCode::ok);
    constexpr std::size_t kLarge = limits::kProposalBytesMax - 100;
    std::size_t taken = 0;
    while (propose(bench.random.bytes(kLarge)) == ErrorCode::ok) ++taken;
    EXPECT_EQ(taken, limits::kProposalBytesPerInvitationMax / kLarge);
}

// Whoever has the locator, but not the authenticator, fills the places; the inviter's station
// refuses what was not made with it, and the right claim finds room, round after round.
TEST_F(Enrolment, BogusClaimsThatWereRefusedTakeNoPlaceFromTheRightOne) {
    ASSERT_EQ(open_by_operator(hour), ErrorCode::ok);
    for (int round = 0; round < 5; ++round) {
        std::vector<Bytes> bogus;
        for (std::size_t i = 0; i < limits::kProposalsPerInvitationMax; ++i) {
            bogus.push_back(bench.random.bytes(500));
            ASSERT_EQ(propose(bogus.back()), ErrorCode::ok);
        }
        ASSERT_EQ(propose(payload), ErrorCode::busy);
        for (const Bytes& claim : bogus) ASSERT_EQ(decide(claim, false), ErrorCode::ok);
        EXPECT_FALSE(std::get<wire::EnrolmentDecision>(status(bogus.back())).approved)
            << "who was refused is told so";
        const auto kept = bench.sqlite().proposals(locator).value();
        EXPECT_LE(kept.size(), 2 * limits::kProposalsPerInvitationMax) << "round " << round;
        for (const StoredProposal& proposal : kept) EXPECT_EQ(proposal.payload.size(), 0u);
    }
    EXPECT_EQ(propose(payload), ErrorCode::ok);
    EXPECT_EQ(decide(payload, true), ErrorCode::ok);
}

TEST_F(Enrolment, GuessingTellsNothingAndDoesNotFillTheLog) {
    ASSERT_EQ(open_by_operator(hour), ErrorCode::ok);
    const std::size_t leaves = bench.raw_leaves().size();
    for (int i = 0; i < 500; ++i) {
        EXPECT_EQ(
            code_of(bench.ask_as_stranger(wire::Enrol{bench.random.make<Locator>(), payload, mac})),
            ErrorCode::invitation_unknown);
        EXPECT_EQ(code_of(bench.ask_as_stranger(
                      wire::EnrolmentStatus{locator, bench.random.make<Digest>()})),
                  ErrorCode::invitation_unknown)
            << "as for a locator that does not exist";
    }
    EXPECT_LE(bench.raw_leaves().size(), leaves + 20);
}

TEST_F(Enrolment, WhoOpenedItDecidesAndNobodyElse) {
    auto& territory = bench.territory;
    const auto registrar =
        territory.add_person(territory.hospital, {.profession = "secretary", .registrar = true});
    const auto desk = territory.add_station(territory.hospital, {registrar.id}, {"geriatrie"});
    bench.publish_directory();
    const SessionId hospital = bench.connect(desk);
    const SessionId cpts = bench.connect(territory.cpts_station);
    ASSERT_EQ(open_for(hospital, InvitationPurpose::station, hour), ErrorCode::ok);
    EXPECT_EQ(propose(payload), ErrorCode::ok);
    const wire::DecideProposal yes{locator, sha256(payload), true, answer};
    EXPECT_EQ(waiting(), 0u) << "nor is it shown to others";
    EXPECT_EQ(code_of(bench.ask(cpts, yes)), ErrorCode::forbidden);
    EXPECT_EQ(code_of(bench.ask_as_operator(yes)), ErrorCode::forbidden);
    EXPECT_EQ(code_of(bench.ask(ward(kGeri), yes)), ErrorCode::forbidden) << "no registrar there";
    EXPECT_EQ(code_of(bench.ask(hospital, yes)), ErrorCode::ok);
}

TEST_F(Enrolment, OrganisationsInviteStationsAndTheDomainInvitesOrganisations) {
    const SessionId cpts = bench.connect(bench.territory.cpts_station);
    EXPECT_EQ(open_for(ward(kGeri), InvitationPurpose::station, hour), ErrorCode::forbidden);
    EXPECT_EQ(open_for(cpts, InvitationPurpose::organisation, hour), ErrorCode::forbidden);
    EXPECT_EQ(code_of(bench.ask_as_operator(
                  wire::OpenInvitation{locator, InvitationPurpose::station, hour})),
              ErrorCode::forbidden);
    EXPECT_EQ(open_for(cpts, InvitationPurpose::station, hour), ErrorCode::ok);
    EXPECT_EQ(open_by_operator(hour), ErrorCode::invalid_field) << "its locator is taken";
}

TEST_F(Enrolment, OneOrganisationDoesNotTakeThePlacesOfTheOthers) {
    const SessionId cpts = bench.connect(bench.territory.cpts_station);
    const auto open_another = [&] {
        return code_of(bench.ask(cpts, wire::OpenInvitation{bench.random.make<Locator>(),
                                                            InvitationPurpose::station, hour}));
    };
    for (std::size_t i = 0; i < limits::kInvitationsOfOneMax; ++i) {
        ASSERT_EQ(open_another(), ErrorCode::ok);
    }
    EXPECT_EQ(open_another(), ErrorCode::busy);
    EXPECT_EQ(open_by_operator(hour), ErrorCode::ok);
    bench.idle(hour + kMinute);
    EXPECT_EQ(open_another(), ErrorCode::ok);
}

TEST_F(Enrolment, ALifetimeIsPositiveAndBounded) {
    EXPECT_NE(open_by_operator(limits::kInvitationLifetimeMax + std::chrono::seconds(1)),
              ErrorCode::ok);
    EXPECT_EQ(open_by_operator(limits::kInvitationLifetimeMax), ErrorCode::ok);
}

TEST_F(Enrolment, TheOperatorClosesAnInvitation) {
    ASSERT_EQ(open_by_operator(hour), ErrorCode::ok);
    EXPECT_EQ(propose(payload), ErrorCode::ok);
    EXPECT_EQ(
        code_of(bench.ask_as_operator(wire::Administer{wire::Command::close_invitation, locator})),
        ErrorCode::ok);
    EXPECT_EQ(bench.invitations_open(), false);
    EXPECT_EQ(propose(payload), ErrorCode::invitation_unknown);
    EXPECT_EQ(code_of(bench.ask_as_operator(
                  wire::Administer{wire::Command::close_invitation, std::nullopt})),
              ErrorCode::missing_field);
}

TEST_F(Enrolment, InvitationsAndClaimsSurviveARestart) {
    ASSERT_EQ(open_by_operator(hour), ErrorCode::ok);
    EXPECT_EQ(propose(payload), ErrorCode::ok);
    bench.restart();
    bench.step();
    EXPECT_EQ(bench.invitations_open(), true);
    EXPECT_EQ(waiting(), 1u);
    EXPECT_EQ(decide(payload, true), ErrorCode::ok);
    bench.restart();
    EXPECT_EQ(decide(payload, true), ErrorCode::ok);
    EXPECT_EQ(propose(other), ErrorCode::invitation_unknown) << "it has served";
}

}  // namespace
}  // namespace relais::broker
