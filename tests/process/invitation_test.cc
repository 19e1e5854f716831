// invitation_test.cc: what an invitee believes and what an inviter can be shown, with a broker
// between them that both distrust.
#include <gtest/gtest.h>

#include "tests/process/support/running_territory.h"
#include "tests/process/support/speaker.h"

namespace relais::test {
namespace {

class Invited : public testing::Test {
protected:
    Secret invite(station::Registrar& registrar) {
        return must(
            station::invite_station(territory_.hospital.station(), registrar, {{""}, {}, true}));
    }
    static void begin(Post& post, const Secret& token) {
        station::EnrolmentRequest request;
        request.station_title = "Poste d'essai";
        request.person = station::NewPerson{"Dr Odile Oudin", "10", "10100000041"};
        must(post.begin(token, std::move(request)));
        must(post.go_on());
    }

    static wire::Body must_have(std::optional<wire::Body> said) {
        if (!said) fail_test("the connection broke");
        return *std::move(said);
    }
    static bool busy(const wire::Body& said) {
        const auto* refusal = std::get_if<wire::Refusal>(&said);
        return refusal != nullptr && refusal->code == ErrorCode::busy;
    }

    RunningTerritory territory_;
};

TEST_F(Invited, AStationLetInByAnotherKeyThanItsInvitersStops) {
    auto registrar = territory_.hospital.registrar();
    auto altered = must(parse_invitation(as_text(invite(registrar).expose())));
    altered.inviter.bytes[0] ^= 1;
    Post post(territory_.folder("poste"));
    begin(post, encode_invitation(altered));
    const auto outcomes = must(station::approve_waiting(territory_.hospital.station(), registrar));
    ASSERT_EQ(outcomes.size(), 1U);
    ASSERT_TRUE(outcomes.front().verdict.ok());
    EXPECT_EQ(post.go_on().code(), ErrorCode::authenticator_wrong);
}

// Whoever copied the token is as right as the one who was invited: neither gets in, both are told,
// and so is the inviter; who is invited anew does.
TEST_F(Invited, OfTwoStationsThatClaimOneInvitationNeitherIsLetIn) {
    auto registrar = territory_.hospital.registrar();
    const std::size_t before = territory_.hospital.station().directory().size().value;
    const Secret token = invite(registrar);
    Post invited(territory_.folder("poste-1"));
    Post thief(territory_.folder("poste-2"));
    begin(invited, token);
    begin(thief, token);
    const auto outcomes = must(station::approve_waiting(territory_.hospital.station(), registrar));
    ASSERT_EQ(outcomes.size(), 2U);
    for (const auto& outcome : outcomes) {
        EXPECT_EQ(outcome.verdict.code(), ErrorCode::invitation_unknown);
        EXPECT_TRUE(outcome.decided);
    }
    EXPECT_EQ(invited.go_on().code(), ErrorCode::enrolment_refused);
    EXPECT_EQ(thief.go_on().code(), ErrorCode::enrolment_refused);
    territory_.hospital.synchronise();
    EXPECT_EQ(territory_.hospital.station().directory().size().value, before);
    begin(invited, invite(registrar));  // in the same folder: what was refused has left it
    const auto then = must(station::approve_waiting(territory_.hospital.station(), registrar));
    ASSERT_EQ(then.size(), 1U);
    EXPECT_TRUE(then.front().verdict.ok());
    must(invited.go_on());
}

TEST_F(Invited, AnOrganisationAdmittedByAnotherKeyThanItsInvitersStops) {
    auto altered = must(parse_invitation(as_text(territory_.invite().expose())));
    altered.inviter.bytes[0] ^= 1;
    Post post(territory_.folder("cabinet-oudin"));
    station::EnrolmentRequest request;
    request.station_title = "Poste d'essai";
    request.person = station::NewPerson{"Dr Odile Oudin", "10", "10100000041"};
    request.organisation =
        station::NewOrganisation{must(Name::parse("cabinet-oudin")), "Cabinet Oudin",
                                 directory::OrganisationKind::practice, "360000049"};
    must(post.begin(encode_invitation(altered), std::move(request)));
    must(post.go_on());
    must(territory_.approve());
    EXPECT_EQ(post.go_on().code(), ErrorCode::authenticator_wrong);
}

// Whoever holds tokens can propose as much as the broker keeps; the inviter still sees all of it,
// in portions that fit into frames.
TEST_F(Invited, ProposalsThatDoNotFitIntoAFrameComeOneAfterTheOther) {
    constexpr std::size_t kInvitations = 6;
    constexpr std::size_t kEach = 4;  // as many of this size as an invitation keeps
    auto registrar = territory_.hospital.registrar();
    std::vector<Invitation> open;
    for (std::size_t i = 0; i < kInvitations; ++i) {
        open.push_back(must(parse_invitation(as_text(invite(registrar).expose()))));
    }
    Speaker stranger(open.front().enrolment_endpoint, open.front().enrolment_curve,
                     generate_curve_keys());
    ASSERT_TRUE(stranger.connected());
    for (const Invitation& invitation : open) {
        for (std::size_t i = 0; i < kEach; ++i) {
            const Bytes payload(60'000, static_cast<std::uint8_t>(i));
            const auto propose = [&] {
                return must_have(stranger.ask(wire::Enrol{invitation.locator, payload, {}}));
            };
            wire::Body said = propose();
            while (busy(said)) said = propose();  // so many a second, of one address
            ASSERT_TRUE(std::holds_alternative<wire::Done>(said));
        }
    }
    std::size_t refused = 0;
    for (std::size_t more = 1; more > 0; refused += more) {
        const auto outcomes =
            must(station::approve_waiting(territory_.hospital.station(), registrar));
        for (const auto& outcome : outcomes) {
            EXPECT_EQ(outcome.verdict.code(), ErrorCode::authenticator_wrong);
        }
        more = outcomes.size();
    }
    EXPECT_EQ(refused, kInvitations * kEach);
}

}  // namespace
}  // namespace relais::test
