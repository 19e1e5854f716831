// Persons: their professions, keys, and who makes them registrars.
#include <functional>

#include "tests/unit/schemas/directory/fixture.h"

namespace relais::directory {
namespace {

class Persons : public DirectoryTest {
protected:
    Person fresh(const test::PersonOptions& options = {}) {
        return t.person_body(options, *t.make_key());
    }
    static Person changed(const TestPerson& person, const std::function<void(Person&)>& change) {
        Person body = person.person;
        change(body);
        return body;
    }
    P256Public key() { return t.make_key()->public_key(); }
};

TEST_F(Persons, APersonIsDeclaredAndChangedUnderTheSameId) {
    const Person body = fresh();
    hospital_accepts(body);
    ASSERT_NE(t.state().person(body.id), nullptr);
    EXPECT_EQ(t.state().person(body.id)->organisation, "ch-valmont");
    hospital_accepts(changed(t.nurse, [](Person& p) { p.title = "Alix Petit-Roy"; }));
    EXPECT_EQ(t.state().person(t.nurse.id)->person.title, "Alix Petit-Roy");
}

TEST_F(Persons, TheProfessionIsOneOfTheOrganisationsKind) {
    refused("cabinet", t.practice.authority, fresh({.profession = "21"}), ErrorCode::bad_entry);
    accepted("cabinet", t.practice.authority, fresh({.profession = "60"}));
    hospital_accepts(fresh({.profession = "21"}));
    hospital_refuses(fresh({.profession = "wizard"}), ErrorCode::bad_entry);
}

TEST_F(Persons, TheRppsHasItsForm) {
    hospital_refuses(fresh({.rpps = "1010000001"}), ErrorCode::bad_identifier);
    hospital_refuses(fresh({.rpps = "1010000001A"}), ErrorCode::bad_identifier);
    hospital_refuses(fresh({.rpps = "00000000000"}), ErrorCode::bad_identifier);
    Person without = fresh();
    without.rpps.clear();
    hospital_accepts(without);
}

TEST_F(Persons, TheKeyIsNewAndOnTheCurve) {
    Person body = fresh();
    body.key = t.doctor.key->public_key();
    hospital_refuses(body, ErrorCode::key_taken);
    body.key = t.geriatrics_station.signing->public_key();
    hospital_refuses(body, ErrorCode::key_taken);
    body.key = key();
    body.key.bytes[20] ^= 1;
    hospital_refuses(body, ErrorCode::malformed);
}

TEST_F(Persons, ARefusedPersonTakesNoKey) {
    Person body = fresh({.profession = "wizard"});
    hospital_refuses(body, ErrorCode::bad_entry);
    body.profession = "10";
    hospital_accepts(body);
}

TEST_F(Persons, AKeyGivenUpIsNeverTakenAgain) {
    const P256Public first = t.nurse.person.key;
    hospital_accepts(changed(t.nurse, [&](Person& p) { p.key = key(); }));
    hospital_refuses(changed(t.nurse, [&](Person& p) { p.key = first; }), ErrorCode::key_taken);
    Person other = fresh();
    other.key = first;
    hospital_refuses(other, ErrorCode::key_taken);
}

TEST_F(Persons, ARevokedPersonDoesNotComeBackUnderTheSameId) {
    t.revoke(t.nurse);
    hospital_refuses(changed(t.nurse, [&](Person& p) { p.key = key(); }), ErrorCode::revoked);
    hospital_refuses(t.nurse.person, ErrorCode::revoked);
}

TEST_F(Persons, APersonStaysInItsOrganisation) {
    refused("cabinet", t.practice.authority, changed(t.nurse, [&](Person& p) { p.key = key(); }),
            ErrorCode::not_a_signer);
    EXPECT_EQ(t.state().person(t.nurse.id)->organisation, "ch-valmont");
    t.revoke(t.nurse);
    refused("cabinet", t.practice.authority, changed(t.nurse, [&](Person& p) { p.key = key(); }),
            ErrorCode::revoked);
}

class Registrars : public Persons {};

TEST_F(Registrars, OnlyTheAuthorityMakesAndUnmakesThem) {
    const TestPerson registrar = hospital_registrar();
    const auto by_registrar = [&](const Person& body, ErrorCode code) {
        refused("ch-valmont", registrar.key, body, code);
    };
    by_registrar(fresh({.profession = "director", .registrar = true}), ErrorCode::not_a_signer);
    by_registrar(changed(t.nurse, [](Person& p) { p.registrar = true; }), ErrorCode::not_a_signer);
    by_registrar(changed(registrar, [](Person& p) { p.registrar = false; }),
                 ErrorCode::not_a_signer);
    hospital_accepts(changed(t.nurse, [](Person& p) { p.registrar = true; }));
    hospital_accepts(changed(registrar, [](Person& p) { p.registrar = false; }));
    refused("ch-valmont", registrar.key, fresh(), ErrorCode::not_a_signer);
}

TEST_F(Registrars, ARegistrarDeclaresAndChangesOrdinaryPersons) {
    const TestPerson registrar = hospital_registrar();
    accepted("ch-valmont", registrar.key, fresh());
    accepted("ch-valmont", registrar.key, changed(t.nurse, [&](Person& p) { p.key = key(); }));
}

// Giving another registrar a key of one's own would make a registrar of whoever holds it.
TEST_F(Registrars, OnlyTheAuthorityChangesARegistrarsKey) {
    const TestPerson first = hospital_registrar();
    const TestPerson second = hospital_registrar();
    refused("ch-valmont", first.key, changed(second, [&](Person& p) { p.key = key(); }),
            ErrorCode::not_a_signer);
    refused("ch-valmont", first.key, changed(first, [&](Person& p) { p.key = key(); }),
            ErrorCode::not_a_signer);
    accepted("ch-valmont", first.key, changed(second, [](Person& p) { p.title = "Direction"; }));
    const TestKey next = t.make_key();
    hospital_accepts(changed(first, [&](Person& p) { p.key = next->public_key(); }));
    accepted("ch-valmont", next, fresh());
    refused("ch-valmont", first.key, fresh(), ErrorCode::not_a_signer);
}

}  // namespace
}  // namespace relais::directory
