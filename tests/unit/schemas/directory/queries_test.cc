// What the directory answers today.
#include "tests/unit/schemas/directory/fixture.h"

namespace relais::directory {
namespace {

class Queries : public DirectoryTest {};

TEST_F(Queries, AMailboxIsAnOrganisationOrAUnitOfThisDomain) {
    const auto exists = [&](std::string_view mailbox) {
        return t.state().mailbox_exists(test::address(mailbox));
    };
    EXPECT_TRUE(exists("cabinet@indre"));
    EXPECT_TRUE(exists("geriatrie.ch-valmont@indre"));
    EXPECT_FALSE(exists("geriatrie.cabinet@indre"));
    EXPECT_FALSE(exists("urgences.ch-valmont@indre"));
    EXPECT_FALSE(exists("nobody@indre"));
    EXPECT_FALSE(exists("cabinet@cher"));
}

TEST_F(Queries, AnAdmittedOrganisationHasNoMailboxUntilItEnters) {
    t.append("", *t.registrar(),
             t.admission_body("pharmacie", OrganisationKind::pharmacy, t.make_key()->public_key()));
    EXPECT_FALSE(t.state().mailbox_exists(t.mailbox("pharmacie")));
}

TEST_F(Queries, PersonsAndStationsOfAnOrganisation) {
    EXPECT_EQ(t.state().persons_of("ch-valmont").size(), 3U);
    EXPECT_EQ(t.state().persons_of("cabinet").size(), 2U);
    EXPECT_TRUE(t.state().persons_of("nobody").empty());
    EXPECT_EQ(t.state().stations_of(std::string_view("ch-valmont")).size(), 2U);
    EXPECT_EQ(t.state().stations().size(), 4U);
    t.revoke(t.nurse);
    EXPECT_EQ(t.state().persons_of("ch-valmont").size(), 2U);
    t.revoke(t.cardiology_station);
    EXPECT_EQ(t.state().stations().size(), 3U);
}

TEST_F(Queries, StationsOfAMailbox) {
    const auto stations = t.state().stations_of(t.geriatrics.mailbox);
    ASSERT_EQ(stations.size(), 1U);
    EXPECT_EQ(stations[0]->station.id, t.geriatrics_station.id);
    EXPECT_TRUE(t.state().stations_of(t.mailbox("ch-valmont")).empty());
    EXPECT_TRUE(t.state().stations_of(test::address("geriatrie.ch-valmont@cher")).empty());
}

TEST_F(Queries, OthersWithTheSameRppsAreFound) {
    const TestPerson twin = t.add_person(t.cpts, {.rpps = t.doctor.person.rpps});
    EXPECT_EQ(t.state().same_rpps(t.doctor.id), std::vector{twin.id});
    EXPECT_EQ(t.state().same_rpps(twin.id), std::vector{t.doctor.id});
    EXPECT_TRUE(t.state().same_rpps(t.geriatrician.id).empty());
    EXPECT_TRUE(t.state().same_rpps(t.secretary.id).empty()) << "no RPPS, nothing shared";
    EXPECT_TRUE(t.state().same_rpps(t.random().make<PersonId>()).empty());
    t.revoke(twin);
    EXPECT_TRUE(t.state().same_rpps(t.doctor.id).empty());
}

class Mandated : public DirectoryTest {
protected:
    bool mandated(std::string_view kind, std::string_view act, WallTime when = {1000}) const {
        return t.state().mandated(t.secretary.id, t.doctor.id, kind, act, when);
    }
};

TEST_F(Mandated, AMandateCoversTheActsItNames) {
    EXPECT_TRUE(mandated("admission", "call")) << "admission/*";
    EXPECT_TRUE(mandated("admission", "close"));
    EXPECT_FALSE(mandated("liaison", "send"));
    t.add_mandate(t.practice, t.secretary, t.doctor, {"liaison/send", "ordonnance/prepare"});
    EXPECT_TRUE(mandated("liaison", "send"));
    EXPECT_TRUE(mandated("ordonnance", "prepare"));
    EXPECT_FALSE(mandated("liaison", "close"));
    EXPECT_FALSE(mandated("liaison", "sen"));
    EXPECT_FALSE(mandated("admissio", "call"));
}

TEST_F(Mandated, ItIsOfOnePersonForOneOther) {
    const auto& state = t.state();
    EXPECT_FALSE(state.mandated(t.doctor.id, t.secretary.id, "admission", "call", {}));
    EXPECT_FALSE(state.mandated(t.nurse.id, t.doctor.id, "admission", "call", {}));
    EXPECT_FALSE(state.mandated(t.secretary.id, t.nurse.id, "admission", "call", {}));
}

TEST_F(Mandated, ItEndsAtItsTimeOrWhenItIsRevoked) {
    const SignedEntry entry =
        t.add_mandate(t.practice, t.secretary, t.doctor, {"liaison/*"}, {5000});
    EXPECT_TRUE(mandated("liaison", "send", {4999}));
    EXPECT_TRUE(mandated("liaison", "send", {5000}));
    EXPECT_FALSE(mandated("liaison", "send", {5001}));
    EXPECT_TRUE(mandated("admission", "call", {INT64_MAX})) << "0: until revoked";
    t.revoke_mandate(t.practice, std::get<Mandate>(entry.entry.body).id);
    EXPECT_FALSE(mandated("liaison", "send", {4999}));
}

TEST_F(Queries, TheNextEntryOfAChainIsReadyToSign) {
    const Digest signer = fingerprint(t.hospital.authority->public_key());
    const Entry entry =
        t.state().next_entry("ch-valmont", signer, {77}, Suspension{t.hospital.name, true});
    EXPECT_EQ(entry.domain, t.domain());
    EXPECT_EQ(entry.chain, "ch-valmont");
    EXPECT_EQ(entry.number, t.state().chain_end("ch-valmont").number);
    EXPECT_EQ(entry.previous, t.state().chain_end("ch-valmont").previous);
    EXPECT_EQ(entry.signer, signer);
    EXPECT_EQ(entry.time, WallTime{77});
}

}  // namespace
}  // namespace relais::directory
