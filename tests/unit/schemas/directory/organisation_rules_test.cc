// An organisation's own entry, the replacement of its authority, its units, mandates and
// revocations.
#include "tests/unit/schemas/directory/fixture.h"

namespace relais::directory {
namespace {

class FirstEntry : public DirectoryTest {
protected:
    FirstEntry() { t.append("", *t.registrar(), admission); }
    Organisation body() {
        return {"Pharmacie du Pont", OrganisationKind::pharmacy, admission.identifier,
                key->public_key(),   t.random().make<Digest>(),  sealing};
    }
    void verdict(const Organisation& organisation, ErrorCode code) {
        refused("pharmacie", key, organisation, code);
    }

    TestKey key = t.make_key();
    P256Public sealing = t.make_key()->public_key();
    Admission admission =
        t.admission_body("pharmacie", OrganisationKind::pharmacy, key->public_key());
};

TEST_F(FirstEntry, WhatWasAdmittedEnters) {
    accepted("pharmacie", key, body());
    ASSERT_NE(t.state().organisation("pharmacie")->entry.now(), nullptr);
    EXPECT_EQ(t.state().organisation("pharmacie")->entry.now()->title, "Pharmacie du Pont");
    EXPECT_TRUE(t.state().mailbox_exists(t.mailbox("pharmacie")));
}

TEST_F(FirstEntry, ItDiffersInNothingFromItsAdmission) {
    Organisation other = body();
    other.kind = OrganisationKind::hospital;
    verdict(other, ErrorCode::bad_entry);
    other = body();
    other.identifier = "360099999";
    verdict(other, ErrorCode::bad_entry);
    const TestKey impostor = t.make_key();
    other = body();
    other.authority = impostor->public_key();
    refused("pharmacie", impostor, other, ErrorCode::bad_entry);
    refused("pharmacie", impostor, body(), ErrorCode::not_a_signer);
}

TEST_F(FirstEntry, ItsKeysAreNewAndOnTheCurve) {
    Organisation other = body();
    other.recovery_sealing = t.geriatrician.key->public_key();
    verdict(other, ErrorCode::key_taken);
    other.recovery_sealing = key->public_key();
    verdict(other, ErrorCode::key_taken);
    other.recovery_sealing.bytes[1] ^= 1;
    verdict(other, ErrorCode::malformed);
}

TEST_F(FirstEntry, ItComesOnce) {
    accepted("pharmacie", key, body());
    verdict(body(), ErrorCode::bad_entry);
}

TEST_F(FirstEntry, NothingElseComesBeforeIt) {
    refused("pharmacie", key, Unit{test::name("comptoir"), "Comptoir", "", "", {}},
            ErrorCode::unknown_object);
}

// ---- recovery
// ------------------------------------------------------------------------------------

class Recovery : public DirectoryTest {
protected:
    AuthorityReplaced body(const TestKey& authority, const TestKey& recovery,
                           const TestKey& following) {
        return {authority->public_key(), recovery->public_key(),
                fingerprint(following->public_key()), t.make_key()->public_key()};
    }
    static Unit unit(const char* unit_name) { return {test::name(unit_name), "X", "", "", {}}; }

    TestKey next = t.make_key();
    TestKey next_recovery = t.make_key();
};

TEST_F(Recovery, TheRecoveryKeyReplacesTheAuthority) {
    accepted("ch-valmont", t.hospital.recovery, body(next, t.hospital.recovery, next_recovery));
    EXPECT_EQ(t.state().organisation("ch-valmont")->entry.now()->authority, next->public_key());
    EXPECT_EQ(t.state().organisation("ch-valmont")->entry.now()->title, "Organisation ch-valmont");
    accepted("ch-valmont", next, unit("accueil"));
    hospital_refuses(unit("urgences"), ErrorCode::not_a_signer);
}

TEST_F(Recovery, NobodyElseReplacesIt) {
    const auto replaced = body(next, t.hospital.recovery, next_recovery);
    refused("ch-valmont", t.hospital.authority, replaced, ErrorCode::not_a_signer);
    refused("ch-valmont", t.authority(), replaced, ErrorCode::not_a_signer);
    refused("ch-valmont", hospital_registrar().key, replaced, ErrorCode::not_a_signer);
    const TestKey impostor = t.make_key();
    refused("ch-valmont", impostor, body(next, impostor, next_recovery), ErrorCode::not_a_signer);
    refused("ch-valmont", t.practice.recovery, body(next, t.practice.recovery, next_recovery),
            ErrorCode::not_a_signer);
}

TEST_F(Recovery, ARecoveryKeyServesOnce) {
    refused("ch-valmont", t.hospital.recovery, body(next, t.hospital.recovery, t.hospital.recovery),
            ErrorCode::bad_entry);
    accepted("ch-valmont", t.hospital.recovery, body(next, t.hospital.recovery, next_recovery));
    refused("ch-valmont", t.hospital.recovery, body(t.make_key(), t.hospital.recovery, next),
            ErrorCode::not_a_signer);
    accepted("ch-valmont", next_recovery, body(t.make_key(), next_recovery, t.make_key()));
}

// A sheet that was used, and may have been seen, does not come back by being named again.
TEST_F(Recovery, AUsedRecoveryKeyDoesNotComeBack) {
    accepted("ch-valmont", t.hospital.recovery, body(next, t.hospital.recovery, next_recovery));
    accepted("ch-valmont", next_recovery, body(t.make_key(), next_recovery, t.hospital.recovery));
    refused("ch-valmont", t.hospital.recovery,
            body(t.make_key(), t.hospital.recovery, t.make_key()), ErrorCode::key_taken);
}

TEST_F(Recovery, TheNewKeysAreNewAndOnTheCurve) {
    const auto verdict = [&](const AuthorityReplaced& replaced, ErrorCode code) {
        refused("ch-valmont", t.hospital.recovery, replaced, code);
    };
    auto replaced = body(t.hospital.authority, t.hospital.recovery, next_recovery);
    verdict(replaced, ErrorCode::key_taken);
    replaced = body(next, t.hospital.recovery, next_recovery);
    replaced.recovery_sealing = t.hospital.recovery_sealing;
    verdict(replaced, ErrorCode::key_taken);
    replaced.recovery_sealing = next->public_key();
    verdict(replaced, ErrorCode::key_taken);
    verdict(body(t.hospital.recovery, t.hospital.recovery, next_recovery), ErrorCode::key_taken);
    replaced = body(next, t.hospital.recovery, next_recovery);
    replaced.authority.bytes[40] ^= 1;
    verdict(replaced, ErrorCode::malformed);
}

// ---- units, mandates, revocations
// ----------------------------------------------------------------

class Units : public DirectoryTest {};

TEST_F(Units, AUnitIsAMailboxUntilItIsRevoked) {
    const Address mailbox = t.geriatrics.mailbox;
    EXPECT_TRUE(t.state().mailbox_exists(mailbox));
    hospital_accepts(Revocation{RevokedObject::unit, {}, "geriatrie", RevocationReason::other});
    EXPECT_FALSE(t.state().mailbox_exists(mailbox));
    EXPECT_EQ(t.state().unit("ch-valmont", "geriatrie"), nullptr);
    EXPECT_TRUE(t.state().stations_of(mailbox).empty());
    EXPECT_TRUE(t.state().mailbox_exists(t.cardiology.mailbox));
}

TEST_F(Units, AUnitIsChangedByDeclaringItAgain) {
    Unit body = t.geriatrics.unit;
    body.title = "Gériatrie aiguë";
    hospital_accepts(body);
    EXPECT_EQ(t.state().unit("ch-valmont", "geriatrie")->title, "Gériatrie aiguë");
}

TEST_F(Units, UnitsOfTwoOrganisationsMayShareAName) {
    accepted("cabinet", t.practice.authority, Unit{test::name("geriatrie"), "G", "", "", {}});
    EXPECT_NE(t.state().unit("cabinet", "geriatrie"), nullptr);
}

class Mandates : public DirectoryTest {
protected:
    Mandate body(const TestPerson& by, const TestPerson& on_behalf_of) {
        return {t.random().make<MandateId>(), by.id, on_behalf_of.id, {"admission/call"}, {}};
    }
    void practice_refuses(EntryBody mandate, ErrorCode code) {
        refused("cabinet", t.practice.authority, std::move(mandate), code);
    }
};

TEST_F(Mandates, OnePersonOfTheOrganisationActsForAnother) {
    const Mandate mandate = body(t.secretary, t.doctor);
    accepted("cabinet", t.practice.authority, mandate);
    ASSERT_NE(t.state().mandate(mandate.id), nullptr);
    EXPECT_EQ(t.state().mandate(mandate.id)->organisation, "cabinet");
}

TEST_F(Mandates, BothAreOfTheOrganisation) {
    practice_refuses(body(t.nurse, t.doctor), ErrorCode::not_a_signer);
    practice_refuses(body(t.secretary, t.geriatrician), ErrorCode::not_a_signer);
    Mandate unknown = body(t.secretary, t.doctor);
    unknown.by = t.random().make<PersonId>();
    practice_refuses(unknown, ErrorCode::unknown_person);
}

TEST_F(Mandates, NobodyGivesOneToOneself) {
    practice_refuses(body(t.doctor, t.doctor), ErrorCode::bad_entry);
}

TEST_F(Mandates, ARevokedPersonGetsNone) {
    t.revoke(t.secretary);
    practice_refuses(body(t.secretary, t.doctor), ErrorCode::unknown_person);
}

TEST_F(Mandates, AnIdServesOnceEvenAfterARevocation) {
    const Mandate mandate = body(t.secretary, t.doctor);
    accepted("cabinet", t.practice.authority, mandate);
    practice_refuses(mandate, ErrorCode::bad_entry);
    t.revoke_mandate(t.practice, mandate.id);
    practice_refuses(mandate, ErrorCode::bad_entry);
}

class Revocations : public DirectoryTest {
protected:
    template <typename Id>
    static Revocation of(RevokedObject object, const Id& id) {
        return {object, decltype(Revocation::id)::from(id.view()), "", RevocationReason::lost};
    }
};

TEST_F(Revocations, AnOrganisationRevokesItsOwn) {
    hospital_accepts(of(RevokedObject::person, t.nurse.id));
    EXPECT_EQ(t.state().person(t.nurse.id), nullptr);
    hospital_accepts(of(RevokedObject::station, t.geriatrics_station.id));
    EXPECT_EQ(t.state().station(t.geriatrics_station.id), nullptr);
    EXPECT_EQ(t.state().station_by_curve(t.geriatrics_station.curve), nullptr);
}

TEST_F(Revocations, WhatBelongsToAnotherIsUnknownToIt) {
    hospital_refuses(of(RevokedObject::person, t.doctor.id), ErrorCode::unknown_object);
    hospital_refuses(of(RevokedObject::station, t.practice_station.id), ErrorCode::unknown_object);
    const auto mandates = t.state().mandates();
    ASSERT_FALSE(mandates.empty());
    hospital_refuses(of(RevokedObject::mandate, mandates[0]->mandate.id),
                     ErrorCode::unknown_object);
    refused("cabinet", t.practice.authority,
            Revocation{RevokedObject::unit, {}, "geriatrie", RevocationReason::left},
            ErrorCode::unknown_object);
}

TEST_F(Revocations, WhatIsUnknownOrEndedIsNotRevoked) {
    hospital_refuses(of(RevokedObject::person, t.random().make<PersonId>()),
                     ErrorCode::unknown_object);
    hospital_refuses(Revocation{RevokedObject::unit, {}, "nothing", RevocationReason::left},
                     ErrorCode::unknown_object);
    t.revoke(t.nurse);
    hospital_refuses(of(RevokedObject::person, t.nurse.id), ErrorCode::unknown_object);
    t.revoke(t.geriatrics);
    hospital_refuses(Revocation{RevokedObject::unit, {}, "geriatrie", RevocationReason::left},
                     ErrorCode::unknown_object);
}

TEST_F(Revocations, OnlyTheAuthorityRevokesARegistrar) {
    const TestPerson first = hospital_registrar();
    const TestPerson second = hospital_registrar();
    refused("ch-valmont", first.key, of(RevokedObject::person, second.id), ErrorCode::not_a_signer);
    refused("ch-valmont", first.key, of(RevokedObject::person, first.id), ErrorCode::not_a_signer);
    accepted("ch-valmont", first.key, of(RevokedObject::person, t.nurse.id));
    hospital_accepts(of(RevokedObject::person, second.id));
}

}  // namespace
}  // namespace relais::directory
