// Confirmations, attestations, and the kinds that the anchor publishes.
#include "tests/unit/schemas/directory/fixture.h"

namespace relais::directory {
namespace {

class Confirmations : public DirectoryTest {
protected:
    Confirmations() : pharmacy(t.admit_organisation("pharmacie", OrganisationKind::pharmacy)) {}
    Confirmation body() { return {pharmacy.name, fingerprint(pharmacy.authority->public_key())}; }
    TestOrganisation pharmacy;
};

TEST_F(Confirmations, AnEstablishedOrganisationEstablishesAnother) {
    EXPECT_FALSE(t.state().established("pharmacie"));
    hospital_accepts(body());
    EXPECT_TRUE(t.state().established("pharmacie"));
    EXPECT_EQ(t.state().organisation("pharmacie")->confirmed_by, "ch-valmont");
}

TEST_F(Confirmations, AProvisionalOneConfirmsNobody) {
    const TestOrganisation other = t.admit_organisation("ehpad", OrganisationKind::ehpad);
    refused("ehpad", other.authority, body(), ErrorCode::provisional);
}

TEST_F(Confirmations, NobodyConfirmsItself) {
    refused("pharmacie", pharmacy.authority, body(), ErrorCode::bad_entry);
    hospital_refuses(Confirmation{t.hospital.name, fingerprint(t.hospital.authority->public_key())},
                     ErrorCode::bad_entry);
}

TEST_F(Confirmations, TheFingerprintIsTheOneThatWasAdmitted) {
    Confirmation other = body();
    other.authority.bytes[0] ^= 1;
    hospital_refuses(other, ErrorCode::bad_entry);
}

TEST_F(Confirmations, TheOrganisationHasEntered) {
    const P256Public key = t.make_key()->public_key();
    t.append("", *t.registrar(), t.admission_body("ehpad", OrganisationKind::ehpad, key));
    hospital_refuses(Confirmation{test::name("ehpad"), fingerprint(key)},
                     ErrorCode::unknown_object);
    hospital_refuses(Confirmation{test::name("nobody"), fingerprint(key)},
                     ErrorCode::unknown_object);
}

TEST_F(Confirmations, TheFirstOneStays) {
    hospital_accepts(body());
    const auto since = t.state().organisation("pharmacie")->established;
    accepted("cpts-indre", t.cpts.authority, body());
    EXPECT_EQ(t.state().organisation("pharmacie")->established, since);
    EXPECT_EQ(t.state().organisation("pharmacie")->confirmed_by, "ch-valmont");
}

class Attestations : public DirectoryTest {
protected:
    Attestation of(const TestPerson& person, bool withdrawn = false) {
        return {test::name(person.organisation), person.id,
                person.person.profession,        person.person.rpps,
                Evidence::national_directory,    withdrawn};
    }
    void cpts_accepts(EntryBody body) { accepted("cpts-indre", t.cpts.authority, std::move(body)); }
    void cpts_refuses(EntryBody body, ErrorCode code) {
        refused("cpts-indre", t.cpts.authority, std::move(body), code);
    }
};

TEST_F(Attestations, ARegistrarOrACptsAttests) {
    EXPECT_FALSE(t.state().attested(t.nurse.id));
    domain_accepts(of(t.nurse));
    EXPECT_TRUE(t.state().attested(t.nurse.id));
    const TestPerson other = t.add_person(t.hospital);
    cpts_accepts(of(other));
    EXPECT_TRUE(t.state().attested(other.id));
    EXPECT_EQ(t.state().attestations(other.id).front()->by, "cpts-indre");
}

TEST_F(Attestations, NobodyElseAttests) {
    refused("cabinet", t.practice.authority, of(t.nurse), ErrorCode::not_a_signer);
    hospital_refuses(of(t.nurse), ErrorCode::not_a_signer);
}

TEST_F(Attestations, ACptsAttestsNoneOfItsOwn) {
    const TestPerson own = t.add_person(t.cpts);
    cpts_refuses(of(own), ErrorCode::not_a_signer);
    domain_accepts(of(own));
}

TEST_F(Attestations, AProvisionalCptsAttestsNobody) {
    const TestOrganisation cpts = t.admit_organisation("cpts-cher", OrganisationKind::cpts);
    refused("cpts-cher", cpts.authority, of(t.nurse), ErrorCode::not_a_signer);
    t.confirm(t.cpts, cpts);
    accepted("cpts-cher", cpts.authority, of(t.nurse));
}

TEST_F(Attestations, ItSaysWhatThePersonDeclares) {
    Attestation other = of(t.nurse);
    other.profession = "10";
    domain_refuses(other, ErrorCode::bad_entry);
    other = of(t.nurse);
    other.rpps = "10199999999";
    domain_refuses(other, ErrorCode::bad_entry);
}

TEST_F(Attestations, ThePersonIsOfTheOrganisationNamed) {
    Attestation other = of(t.nurse);
    other.organisation = t.practice.name;
    domain_refuses(other, ErrorCode::unknown_person);
    other.organisation = test::name("nobody");
    domain_refuses(other, ErrorCode::unknown_object);
    other = of(t.nurse);
    other.person = t.random().make<PersonId>();
    domain_refuses(other, ErrorCode::unknown_person);
    t.revoke(t.nurse);
    domain_refuses(of(t.nurse), ErrorCode::unknown_person);
}

TEST_F(Attestations, AChangedProfessionOrRppsIsNoLongerAttested) {
    EXPECT_TRUE(t.state().attested(t.geriatrician.id));
    Person body = t.geriatrician.person;
    body.rpps = "10188888888";
    hospital_accepts(body);
    EXPECT_FALSE(t.state().attested(t.geriatrician.id));
    body = t.geriatrician.person;
    hospital_accepts(body);
    EXPECT_TRUE(t.state().attested(t.geriatrician.id)) << "as declared when it was attested";
    body.title = "Dr Martin";
    hospital_accepts(body);
    EXPECT_TRUE(t.state().attested(t.geriatrician.id)) << "the title is not attested";
}

TEST_F(Attestations, AWithdrawalEndsTheAttestationOfWhoeverGaveIt) {
    cpts_accepts(of(t.geriatrician));
    domain_accepts(of(t.geriatrician, true));
    EXPECT_TRUE(t.state().attested(t.geriatrician.id)) << "the CPTS still attests";
    cpts_accepts(of(t.geriatrician, true));
    EXPECT_FALSE(t.state().attested(t.geriatrician.id));
    EXPECT_TRUE(t.state().attestations(t.geriatrician.id).empty());
}

TEST_F(Attestations, OnlyWhatWasGivenIsWithdrawn) {
    cpts_refuses(of(t.geriatrician, true), ErrorCode::unknown_object);
    domain_refuses(of(t.nurse, true), ErrorCode::unknown_object);
    domain_accepts(of(t.geriatrician, true));
    domain_refuses(of(t.geriatrician, true), ErrorCode::unknown_object);
}

TEST_F(Attestations, AWithdrawalNeedNotSayWhatIsDeclaredToday) {
    Person body = t.geriatrician.person;
    body.rpps = "10188888888";
    hospital_accepts(body);
    domain_accepts(of(t.geriatrician, true));
}

// ---- kinds
// ---------------------------------------------------------------------------------------

class Kinds : public DirectoryTest {
protected:
    static KindPublished body(std::uint32_t version, const Digest& digest, bool withdrawn = false) {
        return {test::name("admission"), version, digest, 1000, withdrawn};
    }
    void anchor_accepts(EntryBody kind) { accepted("cpts-indre", t.cpts.authority, kind); }
    void anchor_refuses(EntryBody kind, ErrorCode code) {
        refused("cpts-indre", t.cpts.authority, std::move(kind), code);
    }
    Digest first = t.random().make<Digest>();
    Digest second = t.random().make<Digest>();
};

TEST_F(Kinds, TheAnchorPublishesVersionAfterVersion) {
    anchor_accepts(body(1, first));
    anchor_accepts(body(2, second));
    EXPECT_EQ(t.state().kind("admission")->kind.version, 2U);
    EXPECT_EQ(t.state().kind(first)->kind.version, 1U) << "threads live on under their version";
    EXPECT_EQ(t.state().kind(second)->kind.version, 2U);
    EXPECT_EQ(t.state().kinds().size(), 2U);
}

TEST_F(Kinds, NobodyElsePublishes) {
    hospital_refuses(body(1, first), ErrorCode::not_a_signer);
    refused("", t.authority(), body(1, first), ErrorCode::bad_entry);
}

TEST_F(Kinds, ARegistrarOfTheAnchorPublishes) {
    accepted("cpts-indre", t.coordinator.key, body(1, first));
}

TEST_F(Kinds, VersionsAreNumberedFrom1WithoutAGap) {
    anchor_refuses(body(0, first), ErrorCode::bad_entry);
    anchor_refuses(body(2, first), ErrorCode::bad_entry);
    anchor_accepts(body(1, first));
    anchor_refuses(body(1, second), ErrorCode::bad_entry);
    anchor_refuses(body(3, second), ErrorCode::bad_entry);
}

TEST_F(Kinds, ABundleIsPublishedOnce) {
    anchor_accepts(body(1, first));
    anchor_refuses(body(2, first), ErrorCode::bad_entry);
    KindPublished other = body(1, first);
    other.name = test::name("liaison");
    anchor_refuses(other, ErrorCode::bad_entry);
}

TEST_F(Kinds, TheLastVersionIsWithdrawnAndTheNextMayFollow) {
    anchor_accepts(body(1, first));
    anchor_accepts(body(1, first, true));
    EXPECT_TRUE(t.state().kind("admission")->kind.withdrawn);
    EXPECT_EQ(t.state().kind(first)->kind.version, 1U) << "threads under it go on";
    anchor_accepts(body(2, second));
    EXPECT_FALSE(t.state().kind("admission")->kind.withdrawn);
}

TEST_F(Kinds, OnlyWhatIsInForceIsWithdrawn) {
    anchor_refuses(body(0, first, true), ErrorCode::bad_entry);
    anchor_accepts(body(1, first));
    anchor_accepts(body(2, second));
    anchor_refuses(body(1, first, true), ErrorCode::bad_entry);
    anchor_refuses(body(2, first, true), ErrorCode::bad_entry);
    anchor_accepts(body(2, second, true));
    anchor_refuses(body(2, second, true), ErrorCode::bad_entry);
}

// A withdrawal names a bundle: it must not bring one in.
TEST_F(Kinds, AWithdrawalPublishesNothing) {
    anchor_accepts(body(1, first));
    anchor_refuses(body(1, second, true), ErrorCode::bad_entry);
    EXPECT_EQ(t.state().kind(second), nullptr);
}

TEST_F(Kinds, WhatIsUnknownIsNull) {
    EXPECT_EQ(t.state().kind("admission"), nullptr);
    EXPECT_EQ(t.state().kind(first), nullptr);
}

// ---- reference packs

class Packs : public Kinds {
protected:
    static PackPublished pack(std::uint32_t version, const Digest& digest, bool withdrawn = false) {
        return {test::name("medicaments"), version, digest, 1000, withdrawn};
    }
};

TEST_F(Packs, VersionsRiseAndMayLeap) {
    anchor_refuses(pack(0, first), ErrorCode::bad_entry);
    anchor_accepts(pack(20261101, first));
    EXPECT_EQ(t.state().pack("medicaments")->pack.version, 20261101U);
    anchor_refuses(pack(20261101, second), ErrorCode::bad_entry);
    anchor_refuses(pack(20261031, second), ErrorCode::bad_entry);
    anchor_accepts(pack(20261129, second));
    ASSERT_EQ(t.state().packs_in_force().size(), 1U);
    EXPECT_EQ(t.state().packs_in_force()[0]->pack.digest, second);
}

TEST_F(Packs, NobodyButTheAnchorPublishes) {
    hospital_refuses(pack(1, first), ErrorCode::not_a_signer);
    refused("", t.authority(), pack(1, first), ErrorCode::bad_entry);
    accepted("cpts-indre", t.coordinator.key, pack(1, first));
}

TEST_F(Packs, AManifestIsPublishedOnce) {
    anchor_accepts(pack(1, first));
    anchor_refuses(pack(2, first), ErrorCode::bad_entry);
    PackPublished other = pack(1, first);
    other.name = test::name("cim10");
    anchor_refuses(other, ErrorCode::bad_entry);
}

TEST_F(Packs, OneThatIsWithdrawnIsInForceNoMore) {
    anchor_refuses(pack(1, first, true), ErrorCode::bad_entry);
    anchor_accepts(pack(1, first));
    anchor_refuses(pack(1, second, true), ErrorCode::bad_entry);
    anchor_accepts(pack(1, first, true));
    EXPECT_TRUE(t.state().packs_in_force().empty());
    anchor_refuses(pack(1, first, true), ErrorCode::bad_entry);
    anchor_accepts(pack(2, second));
    EXPECT_EQ(t.state().packs_in_force().size(), 1U);
}

}  // namespace
}  // namespace relais::directory
