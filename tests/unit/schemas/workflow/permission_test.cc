// Whether a header is one that its kind allows: its shape, and who signs.
#include "schemas/workflow/permission.h"

#include "tests/support/envelopes.h"
#include "tests/support/small_territory.h"
#include "tests/unit/schemas/workflow/fixture.h"

namespace relais::workflow {
namespace {

class Shape : public testing::Test {
protected:
    ErrorCode verdict(const char* act, const test::HeaderDraft& draft,
                      std::chrono::seconds respond_within = {}) {
        Header header = test::make_header(draft, random);
        header.respond_within = respond_within;
        return check_shape(kind, kind.acts[*kind.act(act)], header).code();
    }
    test::SeededRandom random{1};
    Kind kind = test::bed_request().load().value();
};

TEST_F(Shape, TheLaneIsOneOfTheActs) {
    const auto in = [&](Lane lane) { return verdict("call", {.lane = lane, .publics = {{1, 1}}}); };
    EXPECT_EQ(in(Lane::urgent), ErrorCode::ok);
    EXPECT_EQ(in(Lane::routine), ErrorCode::lane_refused);
    EXPECT_EQ(in(Lane::crisis), ErrorCode::lane_refused);
    for (const Lane lane : kLanesByUrgency) {
        EXPECT_EQ(verdict("decline", {.lane = lane}), ErrorCode::ok);
    }
}

TEST_F(Shape, PublicFieldsAreTheActsOwnWithAllowedValues) {
    const auto with = [&](std::vector<PublicField> publics) {
        return verdict("call", {.publics = std::move(publics)});
    };
    EXPECT_EQ(with({{1, 3}}), ErrorCode::ok);
    EXPECT_EQ(with({{1, 3}, {3, 1}}), ErrorCode::ok);
    EXPECT_EQ(with({{1, 4}}), ErrorCode::public_field_refused);
    EXPECT_EQ(with({{1, 3}, {3, 2}}), ErrorCode::public_field_refused);
    EXPECT_EQ(with({{1, 3}, {2, 5}}), ErrorCode::public_field_refused)
        << "declared, not of this act";
    EXPECT_EQ(with({{1, 3}, {9, 0}}), ErrorCode::public_field_refused) << "not declared";
    EXPECT_EQ(verdict("offer", {.publics = {{2, 10}}}), ErrorCode::ok);
    EXPECT_EQ(verdict("offer", {.publics = {{2, 11}}}), ErrorCode::public_field_refused);
    EXPECT_EQ(verdict("decline", {.publics = {{2, 5}}}), ErrorCode::public_field_refused);
}

TEST_F(Shape, MandatoryPublicFieldsAreThere) {
    EXPECT_EQ(verdict("call", {}), ErrorCode::public_field_refused);
    EXPECT_EQ(verdict("call", {.publics = {{3, 1}}}), ErrorCode::public_field_refused);
    EXPECT_EQ(verdict("offer", {}), ErrorCode::public_field_refused);
    EXPECT_EQ(verdict("decline", {}), ErrorCode::ok);
}

TEST_F(Shape, ADelayIsSetByAnActThatStartsItsClockWithinItsBounds) {
    const auto call = [&](std::chrono::seconds delay) {
        return verdict("call", {.publics = {{1, 1}}}, delay);
    };
    EXPECT_EQ(call(std::chrono::minutes(5)), ErrorCode::ok);
    EXPECT_EQ(call(std::chrono::hours(48)), ErrorCode::ok);
    EXPECT_EQ(call(std::chrono::minutes(5) - std::chrono::seconds(1)), ErrorCode::duration_refused);
    EXPECT_EQ(call(std::chrono::hours(48) + std::chrono::seconds(1)), ErrorCode::duration_refused);
    EXPECT_EQ(verdict("decline", {}, std::chrono::hours(1)), ErrorCode::duration_refused);
}

// A delay that nothing counts would be taken and ignored.
TEST_F(Shape, AnOpeningThatStartsNoSuchClockSetsNoDelay) {
    const auto opening = *kind.act("call");
    for (Row& row : kind.rows) {
        if (row.trigger != TriggerKind::act || row.index != opening) continue;
        std::erase_if(row.effects,
                      [](const Effect& effect) { return effect.op == EffectOp::start_clock; });
    }
    EXPECT_EQ(delay_clock(kind, kind.acts[opening]), nullptr);
    EXPECT_EQ(verdict("call", {.publics = {{1, 1}}}, std::chrono::hours(1)),
              ErrorCode::duration_refused);
}

TEST_F(Shape, WithoutAClockOfTheHeaderNoDelayIsSet) {
    kind.clocks[0].from_header = false;
    EXPECT_EQ(verdict("call", {.publics = {{1, 1}}}, std::chrono::hours(1)),
              ErrorCode::duration_refused);
    EXPECT_EQ(verdict("call", {.publics = {{1, 1}}}), ErrorCode::ok);
}

// ---- who signs
// -----------------------------------------------------------------------------------

class Signer : public testing::Test {
protected:
    // The header of an act of the practice, by its doctor unless the test says otherwise.
    test::HeaderDraft practice(const PersonId& by) {
        return {.from = "cabinet@indre", .by = by, .station = t.practice_station.id};
    }
    test::HeaderDraft ward(const PersonId& by) {
        return {.from = "geriatrie.ch-valmont@indre",
                .to = {"cabinet@indre"},
                .by = by,
                .station = t.geriatrics_station.id};
    }
    test::HeaderDraft by_mandate(const PersonId& by, const PersonId& principal) {
        test::HeaderDraft draft = practice(by);
        draft.on_behalf_of = principal;
        return draft;
    }

    ErrorCode verdict(const char* act, const test::HeaderDraft& draft, WallTime when = {1000}) {
        return verdict_at(t.state().size(), act, draft, when);
    }
    ErrorCode verdict_at(DirectorySize at, const char* act, const test::HeaderDraft& draft,
                         WallTime when = {1000}) {
        const Header header = test::make_header(draft, t.random());
        return check_signer(t.state(), kind, kind.acts[*kind.act(act)], header, at, when).code();
    }

    test::SmallTerritory t;
    Kind kind = test::bed_request().load().value();
};

TEST_F(Signer, APersonWithTheRoleSignsFromItsStation) {
    EXPECT_EQ(verdict("call", practice(t.doctor.id)), ErrorCode::ok);
    EXPECT_EQ(verdict("offer", ward(t.geriatrician.id)), ErrorCode::ok);
    EXPECT_EQ(verdict("offer", ward(t.nurse.id)), ErrorCode::ok);
}

TEST_F(Signer, TheStationIsKnownAndNotRevoked) {
    test::HeaderDraft draft = practice(t.doctor.id);
    draft.station = t.random().make<StationId>();
    EXPECT_EQ(verdict("call", draft), ErrorCode::unknown_key);
    const DirectorySize before = t.state().size();
    t.revoke(t.practice_station);
    EXPECT_EQ(verdict("call", practice(t.doctor.id)), ErrorCode::unknown_key);
    EXPECT_EQ(verdict_at(before, "call", practice(t.doctor.id)), ErrorCode::ok);
}

TEST_F(Signer, TheMailboxIsOneThatTheStationServes) {
    test::HeaderDraft draft = ward(t.geriatrician.id);
    for (const char* other : {"cardiologie.ch-valmont@indre", "ch-valmont@indre", "cabinet@indre",
                              "geriatrie.cabinet@indre"}) {
        draft.from = other;
        EXPECT_EQ(verdict("offer", draft), ErrorCode::not_your_mailbox) << other;
    }
}

TEST_F(Signer, AMailboxOfAnotherDomainIsNotItsOwn) {
    test::HeaderDraft draft = ward(t.geriatrician.id);
    draft.from = "geriatrie.ch-valmont@cher";
    EXPECT_EQ(verdict("offer", draft), ErrorCode::not_your_mailbox);
}

TEST_F(Signer, ARevokedUnitSendsNothingThoughStationsStillListIt) {
    const DirectorySize before = t.state().size();
    t.revoke(t.geriatrics);
    EXPECT_EQ(verdict("offer", ward(t.nurse.id)), ErrorCode::not_your_mailbox);
    EXPECT_EQ(verdict_at(before, "offer", ward(t.nurse.id)), ErrorCode::ok);
}

TEST_F(Signer, ThePersonIsOfTheOrganisationAndKnown) {
    EXPECT_EQ(verdict("call", practice(t.random().make<PersonId>())), ErrorCode::unknown_person);
    EXPECT_EQ(verdict("call", practice(t.geriatrician.id)), ErrorCode::unknown_person);
}

TEST_F(Signer, ThePersonIsOnTheStation) {
    EXPECT_EQ(verdict("offer", ward(t.cardiologist.id)), ErrorCode::not_on_station);
    const test::TestPerson other = t.add_person(t.practice);
    t.attest(other);
    EXPECT_EQ(verdict("call", practice(other.id)), ErrorCode::not_on_station);
}

TEST_F(Signer, ARevokedPersonSignsNoMoreAndSignedBefore) {
    const DirectorySize before = t.state().size();
    t.revoke(t.doctor);
    EXPECT_EQ(verdict("call", practice(t.doctor.id)), ErrorCode::unknown_person);
    EXPECT_EQ(verdict_at(before, "call", practice(t.doctor.id)), ErrorCode::ok);
}

TEST_F(Signer, NobodySignsForASuspendedOrganisation) {
    const DirectorySize before = t.state().size();
    t.suspend(t.practice);
    EXPECT_EQ(verdict("call", practice(t.doctor.id)), ErrorCode::suspended);
    EXPECT_EQ(verdict_at(before, "call", practice(t.doctor.id)), ErrorCode::ok);
    t.suspend(t.practice, false);
    EXPECT_EQ(verdict("call", practice(t.doctor.id)), ErrorCode::ok);
}

TEST_F(Signer, ARoleIsOfAnOrganisationKindAndAProfession) {
    EXPECT_EQ(verdict("call", practice(t.secretary.id)), ErrorCode::role_refused);
    EXPECT_EQ(verdict("call", ward(t.geriatrician.id)), ErrorCode::role_refused)
        << "a doctor, of a hospital";
    EXPECT_EQ(verdict("offer", practice(t.doctor.id)), ErrorCode::role_refused);
}

TEST_F(Signer, ARoleThatAsksForItNeedsAnAttestedProfession) {
    t.attest(t.doctor, true);
    EXPECT_EQ(verdict("call", practice(t.doctor.id)), ErrorCode::not_attested);
    t.attest(t.doctor);
    EXPECT_EQ(verdict("call", practice(t.doctor.id)), ErrorCode::ok);
}

TEST_F(Signer, TheAttestationIsTheOneOfThatPosition) {
    const DirectorySize attested = t.state().size();
    t.attest(t.doctor, true);
    EXPECT_EQ(verdict_at(attested, "call", practice(t.doctor.id)), ErrorCode::ok);
    EXPECT_EQ(verdict("call", practice(t.doctor.id)), ErrorCode::not_attested);
}

TEST_F(Signer, AProfessionWithoutANationalTableNeedsNoAttestation) {
    kind.roles[0].professions = {};
    EXPECT_EQ(verdict("call", practice(t.secretary.id)), ErrorCode::ok);
    t.attest(t.doctor, true);
    EXPECT_EQ(verdict("call", practice(t.doctor.id)), ErrorCode::not_attested);
}

TEST_F(Signer, OneOfSeveralRolesIsEnough) {
    kind.acts[0].roles = {1, 0};
    EXPECT_EQ(verdict("call", practice(t.doctor.id)), ErrorCode::ok);
    EXPECT_EQ(verdict("call", ward(t.nurse.id)), ErrorCode::ok);
    t.attest(t.doctor, true);
    EXPECT_EQ(verdict("call", practice(t.doctor.id)), ErrorCode::not_attested);
    EXPECT_EQ(verdict("call", practice(t.secretary.id)), ErrorCode::role_refused);
}

// ---- affiliations

TEST_F(Signer, OutsideOfTheDatesOfTheirAffiliationNobodySigns) {
    directory::Person locum = t.doctor.person;
    locum.from = {2000};
    locum.until = {5000};
    const DirectorySize before = t.state().size();
    t.append("cabinet", *t.practice.authority, locum);
    const auto draft = practice(t.doctor.id);
    EXPECT_EQ(verdict("call", draft, {1999}), ErrorCode::not_affiliated);
    EXPECT_EQ(verdict("call", draft, {2000}), ErrorCode::ok);
    EXPECT_EQ(verdict("call", draft, {4999}), ErrorCode::ok);
    EXPECT_EQ(verdict("call", draft, {5000}), ErrorCode::not_affiliated);
    EXPECT_EQ(verdict_at(before, "call", draft, {5000}), ErrorCode::ok) << "as it stood then";
    locum.until = {};
    t.append("cabinet", *t.practice.authority, locum);
    EXPECT_EQ(verdict("call", draft, {1'000'000}), ErrorCode::ok);
    EXPECT_EQ(verdict("call", draft, {1999}), ErrorCode::not_affiliated);
}

// ---- mandates
// ------------------------------------------------------------------------------------

class Mandated : public Signer {};

TEST_F(Mandated, AMandatedPersonSignsForOneWhoMay) {
    EXPECT_EQ(verdict("close", by_mandate(t.secretary.id, t.doctor.id)), ErrorCode::ok);
}

TEST_F(Mandated, TheActAdmitsMandates) {
    EXPECT_EQ(verdict("call", by_mandate(t.secretary.id, t.doctor.id)), ErrorCode::no_mandate);
}

TEST_F(Mandated, ThereIsAMandateOfThatPersonForThatOther) {
    const test::TestPerson other = t.add_person(t.practice);
    t.attest(other);
    EXPECT_EQ(verdict("close", by_mandate(t.secretary.id, other.id)), ErrorCode::no_mandate);
    EXPECT_EQ(verdict("close", by_mandate(t.doctor.id, t.secretary.id)), ErrorCode::no_mandate);
    EXPECT_EQ(verdict("close", by_mandate(t.doctor.id, t.doctor.id)), ErrorCode::no_mandate);
}

TEST_F(Mandated, ItCoversTheKindAndTheAct) {
    kind.name = "liaison";
    EXPECT_EQ(verdict("close", by_mandate(t.secretary.id, t.doctor.id)), ErrorCode::no_mandate);
    t.add_mandate(t.practice, t.secretary, t.doctor, {"liaison/close"});
    EXPECT_EQ(verdict("close", by_mandate(t.secretary.id, t.doctor.id)), ErrorCode::ok);
    kind.acts[1].mandate = true;
    EXPECT_EQ(verdict("deposit", by_mandate(t.secretary.id, t.doctor.id)), ErrorCode::no_mandate);
}

TEST_F(Mandated, NeitherOfThemIsOutsideOfTheirAffiliation) {
    kind.name = "liaison";
    t.add_mandate(t.practice, t.secretary, t.doctor, {"liaison/*"});
    const auto draft = by_mandate(t.secretary.id, t.doctor.id);
    for (const test::TestPerson* each : {&t.secretary, &t.doctor}) {
        directory::Person dated = each->person;
        dated.until = {5000};
        t.append("cabinet", *t.practice.authority, dated);
        EXPECT_EQ(verdict("close", draft, {4999}), ErrorCode::ok);
        EXPECT_EQ(verdict("close", draft, {5000}), ErrorCode::not_affiliated);
        t.append("cabinet", *t.practice.authority, each->person);
    }
}

TEST_F(Mandated, ItHasNotEnded) {
    kind.name = "liaison";
    const test::SignedEntry entry =
        t.add_mandate(t.practice, t.secretary, t.doctor, {"liaison/*"}, {5000});
    const DirectorySize given = t.state().size();
    const auto draft = by_mandate(t.secretary.id, t.doctor.id);
    EXPECT_EQ(verdict("close", draft, {5000}), ErrorCode::ok);
    EXPECT_EQ(verdict("close", draft, {5001}), ErrorCode::no_mandate);
    t.revoke_mandate(t.practice, std::get<directory::Mandate>(entry.entry.body).id);
    EXPECT_EQ(verdict("close", draft, {4000}), ErrorCode::no_mandate);
    EXPECT_EQ(verdict_at(given, "close", draft, {4000}), ErrorCode::ok);
}

TEST_F(Mandated, ThePrincipalIsThereAndOfTheSameOrganisation) {
    EXPECT_EQ(verdict("close", by_mandate(t.secretary.id, t.geriatrician.id)),
              ErrorCode::unknown_person);
    EXPECT_EQ(verdict("close", by_mandate(t.secretary.id, t.random().make<PersonId>())),
              ErrorCode::unknown_person);
    t.revoke(t.doctor);
    EXPECT_EQ(verdict("close", by_mandate(t.secretary.id, t.doctor.id)), ErrorCode::unknown_person);
}

TEST_F(Mandated, ThePrincipalHoldsTheRole) {
    t.attest(t.doctor, true);
    EXPECT_EQ(verdict("close", by_mandate(t.secretary.id, t.doctor.id)), ErrorCode::not_attested);
    const test::TestPerson assistant =
        t.add_person(t.practice, {.profession = "secretary", .title = "Sacha Blanc"});
    t.add_mandate(t.practice, t.secretary, assistant, {"admission/*"});
    EXPECT_EQ(verdict("close", by_mandate(t.secretary.id, assistant.id)), ErrorCode::role_refused);
}

TEST_F(Mandated, WhoSignsIsOnTheStationAllTheSame) {
    const test::TestPerson assistant =
        t.add_person(t.practice, {.profession = "secretary", .title = "Sacha Blanc"});
    t.add_mandate(t.practice, assistant, t.doctor, {"admission/*"});
    EXPECT_EQ(verdict("close", by_mandate(assistant.id, t.doctor.id)), ErrorCode::not_on_station);
}

// ---- whom an act reaches besides

class Behind : public Signer {
protected:
    Behind() {
        kind = test::bed_request("admission").load().value();
        kind.acts[0].fallback = true;
        directory::Unit ward = t.geriatrics.unit;
        ward.fallback = guard.mailbox;
        t.append("ch-valmont", *t.hospital.authority, ward);
    }
    std::set<Address> required(DirectorySize at) const {
        return required_fallbacks(t.state(), kind, kind.acts[0], test::address("cabinet@indre"),
                                  {t.geriatrics.mailbox}, at);
    }
    std::set<Address> required() const { return required(t.state().size()); }

    test::TestUnit guard = t.add_unit(t.hospital, "garde", {"admission"});
};

TEST_F(Behind, AFallbackThatNoStationReadsYetIsNotAskedFor) {
    EXPECT_TRUE(required().empty()) << "nothing can be sealed to it";
    const auto missed =
        nobody_behind(t.state(), kind, kind.acts[0], test::address("cabinet@indre"),
                      {t.geriatrics.mailbox, t.cardiology.mailbox}, t.state().size());
    ASSERT_EQ(missed.size(), 1u);
    EXPECT_EQ(missed[0].party, t.geriatrics.mailbox);
    EXPECT_EQ(missed[0].fallback, guard.mailbox);
    const DirectorySize before = t.state().size();
    t.add_epoch(t.hospital, "garde");
    EXPECT_EQ(required(), std::set{guard.mailbox});
    EXPECT_TRUE(required(before).empty()) << "as it stood then";
}

TEST_F(Behind, AFallbackOfASuspendedOrganisationIsNotAskedFor) {
    t.add_epoch(t.hospital, "garde");
    const DirectorySize before = t.state().size();
    t.suspend(t.hospital);
    EXPECT_TRUE(required().empty());
    EXPECT_EQ(required(before), std::set{guard.mailbox});
    t.suspend(t.hospital, false);
    EXPECT_EQ(required(), std::set{guard.mailbox});
}

TEST_F(Behind, AFallbackOfAProvisionalOrganisationIsNotAskedForWherePatientsAreConcerned) {
    test::TestOrganisation other =
        t.admit_organisation("clinique", test::OrganisationKind::hospital);
    test::TestUnit night = t.add_unit(other, "nuit", {"admission"});
    t.add_epoch(other, "nuit");
    directory::Unit ward = t.geriatrics.unit;
    ward.fallback = night.mailbox;
    t.append("ch-valmont", *t.hospital.authority, ward);
    EXPECT_TRUE(required().empty());
    kind.patient = PatientData::never;
    EXPECT_EQ(required(), std::set{night.mailbox});
}

// ---- parties that are there no more

class Gone : public Signer {
protected:
    Gone() { thread.parties = {{t.geriatrics.mailbox, 0, 0}, {t.cardiology.mailbox, 0, 0}}; }
    std::vector<Address> gone(const char* act, DirectorySize head, DirectorySize at) {
        Header header = test::make_header(practice(t.doctor.id), t.random());
        header.head.size = head;
        return act_input(t.state(), kind, *kind.act(act), header, {}, at, {1000}, &thread).gone;
    }

    Thread thread{
        .id = t.random().make<ThreadId>(), .kind = {}, .opener = test::address("cabinet@indre")};
};

TEST_F(Gone, AreThoseThatCouldReadNeitherWhenItWasSignedNorWhenItWasAccepted) {
    const DirectorySize before = t.state().size();
    EXPECT_TRUE(gone("deposit", before, before).empty());
    t.revoke(t.cardiology);
    const DirectorySize after = t.state().size();
    EXPECT_EQ(gone("deposit", after, after), std::vector{t.cardiology.mailbox});
    EXPECT_TRUE(gone("deposit", before, after).empty()) << "its sender knew of it";
    EXPECT_TRUE(gone("choose", after, after).empty()) << "does not go to every party";
    t.suspend(t.hospital);
    const DirectorySize suspended = t.state().size();
    EXPECT_EQ(gone("deposit", suspended, suspended).size(), 2u);
    t.suspend(t.hospital, false);
    EXPECT_EQ(gone("deposit", suspended, t.state().size()), std::vector{t.cardiology.mailbox})
        << "back before it was accepted";
}

// ---- the RPPS that registers are asked by

class Attention : public Signer {
protected:
    std::string asked_by(const test::TestPerson& person, const char* mailbox, DirectorySize at,
                         WallTime when = {1000}) {
        Header header = test::make_header(practice(t.doctor.id), t.random());
        header.to = {{test::address(mailbox), 1, Standing::party, person.id}};
        return act_input(t.state(), kind, 0, header, {}, at, when, nullptr).attention;
    }
    std::string asked_by(const test::TestPerson& person, WallTime when = {1000}) {
        return asked_by(person, kWard, t.state().size(), when);
    }
    static constexpr const char* kWard = "geriatrie.ch-valmont@indre";
};

TEST_F(Attention, IsOfWhomTheirRppsIsAttestedAtThatPosition) {
    const std::string& rpps = t.geriatrician.person.rpps;
    ASSERT_FALSE(rpps.empty());
    EXPECT_EQ(asked_by(t.geriatrician), rpps);
    const DirectorySize before = t.state().size();
    t.attest(t.geriatrician, true);
    EXPECT_EQ(asked_by(t.geriatrician), "") << "declared alone, it gives no right";
    EXPECT_EQ(asked_by(t.geriatrician, kWard, before), rpps);
}

TEST_F(Attention, IsOfNobodyOutsideOfTheDatesOfTheirAffiliation) {
    directory::Person locum = t.geriatrician.person;
    locum.from = {2000};
    locum.until = {5000};
    t.append("ch-valmont", *t.hospital.authority, locum);
    EXPECT_EQ(asked_by(t.geriatrician, {1999}), "");
    EXPECT_EQ(asked_by(t.geriatrician, {2000}), locum.rpps);
    EXPECT_EQ(asked_by(t.geriatrician, {5000}), "");
}

}  // namespace
}  // namespace relais::workflow
