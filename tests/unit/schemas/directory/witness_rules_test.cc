// Witnesses and what the domain asks of them: whose word each is, and what ends it.
#include "core/base/limits.h"
#include "tests/unit/schemas/directory/fixture.h"

namespace relais::directory {
namespace {

class WitnessRules : public DirectoryTest {
protected:
    Witness witness(const TestStation& station, bool withdrawn = false) {
        return {station.id, key, withdrawn};
    }
    WitnessPolicy policy(unsigned organisations,
                         std::chrono::seconds late = std::chrono::hours(24)) {
        return {static_cast<std::uint8_t>(organisations), late};
    }
    Ed25519Public key = t.random().make<Ed25519Public>();
};

TEST_F(WitnessRules, AnOrganisationDeclaresAStationOfItsOwn) {
    hospital_refuses(witness(t.practice_station), ErrorCode::unknown_object);
    ASSERT_TRUE(
        t.apply(t.draft("ch-valmont", *t.hospital.authority, witness(t.geriatrics_station))).ok());
    ASSERT_NE(t.state().witness(t.geriatrics_station.id), nullptr);
    EXPECT_EQ(t.state().witnesses().size(), 1u);
    EXPECT_EQ(t.state().witness(t.geriatrics_station.id)->organisation, "ch-valmont");
}

TEST_F(WitnessRules, AKeyServesOnceAndOneAtATime) {
    ASSERT_TRUE(
        t.apply(t.draft("ch-valmont", *t.hospital.authority, witness(t.geriatrics_station))).ok());
    hospital_refuses(witness(t.cardiology_station), ErrorCode::key_taken);
    Witness second = witness(t.geriatrics_station);
    second.key = t.random().make<Ed25519Public>();
    hospital_refuses(second, ErrorCode::bad_entry);
    second.withdrawn = true;
    hospital_refuses(second, ErrorCode::unknown_object);
    ASSERT_TRUE(
        t.apply(t.draft("ch-valmont", *t.hospital.authority, witness(t.geriatrics_station, true)))
            .ok());
    EXPECT_EQ(t.state().witness(t.geriatrics_station.id), nullptr);
    EXPECT_EQ(t.state().witnesses_ever().size(), 1u) << "for heads of before";
    hospital_refuses(witness(t.geriatrics_station), ErrorCode::key_taken);
}

// Whoever declared it would stand under each head as the log and as a witness, which no reader
// takes.
TEST_F(WitnessRules, AKeyOfALogIsNoWitness) {
    const Domain first = t.domain_body();
    Domain next = first;
    next.audit_log = t.random().make<Ed25519Public>();
    next.directory_log = t.random().make<Ed25519Public>();
    const auto refused_keys = [&](const Domain& domain) {
        for (const Ed25519Public& of_log : {domain.audit_log, domain.directory_log}) {
            Witness sham = witness(t.geriatrics_station);
            sham.key = of_log;
            hospital_refuses(sham, ErrorCode::key_taken);
        }
    };
    refused_keys(first);
    accepted("", t.authority(), next);
    refused_keys(first);
    refused_keys(next);
}

TEST_F(WitnessRules, AKeyOfAWitnessIsNoLogs) {
    hospital_accepts(witness(t.geriatrics_station));
    Domain audit = t.domain_body();
    audit.audit_log = key;
    Domain directory = t.domain_body();
    directory.directory_log = key;
    const auto refused_both = [&] {
        refused("", t.authority(), audit, ErrorCode::key_taken);
        refused("", t.authority(), directory, ErrorCode::key_taken);
    };
    refused_both();
    hospital_accepts(witness(t.geriatrics_station, true));
    refused_both();
}

TEST_F(WitnessRules, ALogKeepsItsKeysAndMayTakeAFormerOneAgain) {
    const Domain first = t.domain_body();
    Domain next = first;
    next.test = !first.test;
    accepted("", t.authority(), next);
    next.audit_log = t.random().make<Ed25519Public>();
    accepted("", t.authority(), next);
    accepted("", t.authority(), first);
}

TEST_F(WitnessRules, AnOrganisationThatNobodyConfirmedHasNone) {
    const TestOrganisation invented = t.admit_organisation("invente", OrganisationKind::practice);
    const TestPerson person = t.add_person(invented);
    const TestStation station = t.add_station(invented, {person.id}, {""});
    refused("invente", invented.authority, witness(station), ErrorCode::provisional);
    t.confirm(t.cpts, invented);
    accepted("invente", invented.authority, witness(station));
}

// So that none takes all the places of a domain; one that is withdrawn is free again.
TEST_F(WitnessRules, AnOrganisationHasAFewPlaces) {
    std::vector<Witness> declared;
    for (std::size_t i = 0; i <= limits::kWitnessesOfOrganisationMax; ++i) {
        const TestStation station = t.add_station(t.hospital, {t.nurse.id}, {"geriatrie"});
        declared.push_back({station.id, t.random().make<Ed25519Public>(), false});
    }
    const Witness last = declared.back();
    declared.pop_back();
    for (const Witness& each : declared) hospital_accepts(each);
    hospital_refuses(last, ErrorCode::quota_reached);
    accepted("cabinet", t.practice.authority, witness(t.practice_station));
    Witness ended = declared.front();
    ended.withdrawn = true;
    hospital_accepts(ended);
    hospital_accepts(last);
}

TEST_F(WitnessRules, RevokingTheStationEndsIt) {
    ASSERT_TRUE(
        t.apply(t.draft("ch-valmont", *t.hospital.authority, witness(t.geriatrics_station))).ok());
    const DirectorySize before = t.state().size();
    t.revoke(t.geriatrics_station);
    EXPECT_EQ(t.state().witness(t.geriatrics_station.id), nullptr);
    EXPECT_NE(t.state().witness(t.geriatrics_station.id, before), nullptr);
}

TEST_F(WitnessRules, TheAuthorityAloneSaysHowManyAreAskedFor) {
    domain_refuses(policy(2), ErrorCode::not_a_signer);
    hospital_refuses(policy(2), ErrorCode::bad_entry);
    EXPECT_EQ(t.state().witness_policy(), nullptr);
    ASSERT_TRUE(t.apply(t.draft("", *t.authority(), policy(2))).ok());
    EXPECT_EQ(t.state().witness_policy()->organisations, 2);
    ASSERT_TRUE(t.apply(t.draft("", *t.authority(), policy(0))).ok());
    EXPECT_EQ(t.state().witness_policy()->organisations, 0);
}

TEST_F(WitnessRules, NumberAndDelayHaveBounds) {
    const auto refused_policy = [&](const WitnessPolicy& body) {
        refused("", t.authority(), body, ErrorCode::bad_entry);
    };
    refused_policy(policy(limits::kWitnessOrganisationsMax + 1));
    refused_policy(policy(2, limits::kWitnessLateMin - std::chrono::seconds(1)));
    refused_policy(policy(2, limits::kWitnessLateMax + std::chrono::seconds(1)));
}

}  // namespace
}  // namespace relais::directory
