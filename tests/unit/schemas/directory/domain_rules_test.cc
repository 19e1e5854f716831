// Admissions and suspensions.
#include "tests/unit/schemas/directory/fixture.h"

namespace relais::directory {
namespace {

class Admissions : public DirectoryTest {
protected:
    Admission admission(const std::string& organisation = "pharmacie") {
        return t.admission_body(organisation, OrganisationKind::pharmacy,
                                t.make_key()->public_key());
    }
};

TEST_F(Admissions, ARegistrarAdmits) {
    domain_accepts(admission());
    const OrganisationRecord* record = t.state().organisation("pharmacie");
    ASSERT_NE(record, nullptr);
    EXPECT_EQ(record->admission.kind, OrganisationKind::pharmacy);
    EXPECT_EQ(record->entry.now(), nullptr) << "admitted, not yet entered";
}

TEST_F(Admissions, TheAuthorityAdmitsToo) { accepted("", t.authority(), admission()); }

TEST_F(Admissions, ANameIsGivenOnce) {
    domain_refuses(admission("cabinet"), ErrorCode::name_taken);
    domain_accepts(admission());
    domain_refuses(admission(), ErrorCode::name_taken);
}

TEST_F(Admissions, AnIdentifierIsGivenOnce) {
    Admission again = admission();
    again.identifier = t.state().organisation("cabinet")->admission.identifier;
    domain_refuses(again, ErrorCode::identifier_taken);
}

TEST_F(Admissions, ARefusedAdmissionTakesNeitherNameNorIdentifier) {
    Admission taken = admission("cabinet");
    domain_refuses(taken, ErrorCode::name_taken);
    taken.organisation = test::name("pharmacie");
    domain_accepts(taken);
}

TEST_F(Admissions, TheIdentifierIsAFinessOrASiretAsItIsWritten) {
    const auto with = [&](const std::string& identifier) {
        Admission body = admission();
        body.identifier = identifier;
        return body;
    };
    domain_accepts(with("73282932000074"));  // the SIRET that INSEE gives as an example
    for (const char* wrong : {"73282932000075", "7328293200007", "732 829 320 00074", "36000001",
                              "3600000171", "abcdefghi", "99000001a"}) {
        Admission body = admission("autre");
        body.identifier = wrong;
        domain_refuses(body, ErrorCode::bad_identifier);
    }
}

TEST_F(Admissions, OnlyTheAuthorityNamesTheAnchorAndOnlyOnce) {
    test::TestTerritory fresh;
    const Admission anchor = fresh.admission_body("cpts", OrganisationKind::cpts,
                                                  fresh.make_key()->public_key(), {.anchor = true});
    EXPECT_EQ(fresh.apply(fresh.draft("", *fresh.registrar(), anchor)).code(),
              ErrorCode::not_a_signer);
    EXPECT_EQ(fresh.state().anchor(), nullptr);
    ASSERT_TRUE(fresh.apply(fresh.draft("", *fresh.authority(), anchor)).ok());
    EXPECT_EQ(fresh.state().anchor()->name.text(), "cpts");

    Admission second = admission("cpts-2");
    second.anchor = true;
    refused("", t.authority(), second, ErrorCode::bad_entry);
}

TEST_F(Admissions, TheAnchorIsEstablishedAndTheOthersAreProvisional) {
    EXPECT_TRUE(t.state().established("cpts-indre"));
    t.admit_organisation("pharmacie", OrganisationKind::pharmacy);
    EXPECT_FALSE(t.state().established("pharmacie"));
}

class Suspensions : public DirectoryTest {};

TEST_F(Suspensions, ASuspendedOrganisationSignsNothingUntilItIsTakenBack) {
    const Unit unit{test::name("accueil"), "Accueil", "", "", {}};
    domain_accepts(Suspension{t.hospital.name, true});
    EXPECT_TRUE(t.state().suspended("ch-valmont"));
    hospital_refuses(unit, ErrorCode::suspended);
    domain_accepts(Suspension{t.hospital.name, false});
    EXPECT_FALSE(t.state().suspended("ch-valmont"));
    hospital_accepts(unit);
}

// The operator can suspend an organisation; its recovery sheet does not get round that.
TEST_F(Suspensions, ASuspendedOrganisationReplacesNoAuthority) {
    domain_accepts(Suspension{t.hospital.name, true});
    refused("ch-valmont", t.hospital.recovery,
            AuthorityReplaced{t.make_key()->public_key(), t.hospital.recovery->public_key(),
                              t.random().make<Digest>(), t.make_key()->public_key()},
            ErrorCode::suspended);
}

TEST_F(Suspensions, OneThatChangesNothingIsRefused) {
    domain_refuses(Suspension{t.hospital.name, false}, ErrorCode::bad_entry);
    domain_accepts(Suspension{t.hospital.name, true});
    domain_refuses(Suspension{t.hospital.name, true}, ErrorCode::bad_entry);
}

TEST_F(Suspensions, AnUnknownOrganisationIsNotSuspended) {
    domain_refuses(Suspension{test::name("nobody"), true}, ErrorCode::unknown_object);
}

TEST_F(Suspensions, TheOthersGoOn) {
    domain_accepts(Suspension{t.hospital.name, true});
    EXPECT_FALSE(t.state().suspended("cabinet"));
    accepted("cabinet", t.practice.authority, Unit{test::name("accueil"), "Accueil", "", "", {}});
}

}  // namespace
}  // namespace relais::directory
