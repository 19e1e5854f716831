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
