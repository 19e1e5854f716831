// Stations, epochs and grants: who holds which key.
#include <functional>

#include "core/base/limits.h"
#include "tests/unit/schemas/directory/fixture.h"

namespace relais::directory {
namespace {

class Stations : public DirectoryTest {
protected:
    Station fresh() { return t.station_body({t.geriatrician.id, t.nurse.id}, {"geriatrie", ""}); }
    static Station changed(const TestStation& station,
                           const std::function<void(Station&)>& change) {
        Station body = station.station;
        change(body);
        return body;
    }
};

TEST_F(Stations, AStationServesItsMailboxesWithItsPersons) {
    const Station body = fresh();
    hospital_accepts(body);
    const StationRecord* record = t.state().station(body.id);
    ASSERT_NE(record, nullptr);
    EXPECT_EQ(record->organisation, "ch-valmont");
    EXPECT_EQ(t.state().station_by_curve(body.curve), record);
    EXPECT_TRUE(t.state().serves(*record, t.geriatrics.mailbox));
    EXPECT_TRUE(t.state().serves(*record, t.mailbox("ch-valmont")));
    EXPECT_FALSE(t.state().serves(*record, t.cardiology.mailbox));
    EXPECT_FALSE(t.state().serves(*record, test::address("geriatrie.ch-valmont@cher")));
    EXPECT_FALSE(t.state().serves(*record, t.mailbox("cabinet")));
}

TEST_F(Stations, ItHasAPersonAndAMailboxAtLeast) {
    Station body = fresh();
    body.persons.clear();
    hospital_refuses(body, ErrorCode::bad_entry);
    body = fresh();
    body.units.clear();
    hospital_refuses(body, ErrorCode::bad_entry);
}

TEST_F(Stations, ItsPersonsAreOfItsOrganisation) {
    Station body = fresh();
    body.persons.push_back(t.doctor.id);
    hospital_refuses(body, ErrorCode::unknown_person);
    body.persons.back() = t.random().make<PersonId>();
    hospital_refuses(body, ErrorCode::unknown_person);
    t.revoke(t.nurse);
    hospital_refuses(fresh(), ErrorCode::unknown_person);
}

TEST_F(Stations, ItsMailboxesAreUnitsOfItsOrganisation) {
    Station body = fresh();
    body.units.push_back("urgences");
    hospital_refuses(body, ErrorCode::unknown_object);
    t.revoke(t.geriatrics);
    hospital_refuses(fresh(), ErrorCode::unknown_object);
}

TEST_F(Stations, ItsKeysAreNewDistinctAndOnTheCurve) {
    Station body = fresh();
    body.sealing = t.doctor.key->public_key();
    hospital_refuses(body, ErrorCode::key_taken);
    body = fresh();
    body.curve = t.practice_station.curve;
    hospital_refuses(body, ErrorCode::key_taken);
    body = fresh();
    body.signing = body.sealing;
    hospital_refuses(body, ErrorCode::key_taken);
    body = fresh();
    body.sealing.bytes[3] ^= 1;
    hospital_refuses(body, ErrorCode::malformed);
    body = fresh();
    body.signing.bytes[3] ^= 1;
    hospital_refuses(body, ErrorCode::malformed);
}

TEST_F(Stations, ARefusedStationTakesNoneOfItsKeys) {
    Station body = fresh();
    const P256Public signing = body.signing;
    body.signing = t.doctor.key->public_key();
    hospital_refuses(body, ErrorCode::key_taken);
    EXPECT_EQ(t.state().station_by_curve(body.curve), nullptr);
    body.signing = signing;
    hospital_accepts(body);
}

TEST_F(Stations, ItsPersonsAndMailboxesChangeAndItsKeysDoNot) {
    const TestStation& station = t.geriatrics_station;
    hospital_accepts(changed(station, [&](Station& s) { s.persons = {t.geriatrician.id}; }));
    hospital_accepts(changed(station, [](Station& s) { s.units.push_back("cardiologie"); }));
    EXPECT_TRUE(t.state().serves(*t.state().station(station.id), t.cardiology.mailbox));
    const auto key = [&] { return t.make_key()->public_key(); };
    hospital_refuses(changed(station, [&](Station& s) { s.sealing = key(); }),
                     ErrorCode::bad_entry);
    hospital_refuses(changed(station, [&](Station& s) { s.signing = key(); }),
                     ErrorCode::bad_entry);
    hospital_refuses(
        changed(station, [&](Station& s) { s.curve = t.random().make<CurvePublic>(); }),
        ErrorCode::bad_entry);
}

TEST_F(Stations, AnotherOrganisationDoesNotTakeItOver) {
    Station body = t.geriatrics_station.station;
    body.persons = {t.doctor.id};
    body.units = {""};
    refused("cabinet", t.practice.authority, body, ErrorCode::bad_entry);
}

TEST_F(Stations, ARevokedStationDoesNotComeBack) {
    t.revoke(t.geriatrics_station);
    hospital_refuses(t.geriatrics_station.station, ErrorCode::revoked);
    Station other = fresh();
    other.curve = t.geriatrics_station.curve;
    hospital_refuses(other, ErrorCode::key_taken);
}

// ---- epochs
// --------------------------------------------------------------------------------------

class Epochs : public DirectoryTest {
protected:
    Epoch second() { return t.epoch_body("geriatrie", 2, {t.geriatrics_station.id}); }
    [[nodiscard]] EpochNumber present() const {
        return t.state().epoch(t.geriatrics.mailbox)->epoch.number;
    }
};

TEST_F(Epochs, TheNextEpochBecomesTheOneToSealTo) {
    EXPECT_EQ(present().value, 1U);
    hospital_accepts(second());
    EXPECT_EQ(present().value, 2U);
    EXPECT_EQ(t.state().epoch(t.geriatrics.mailbox, {1})->epoch.number.value, 1U);
}

TEST_F(Epochs, TheyAreNumberedFrom1WithoutAGap) {
    for (const std::uint64_t number : {0U, 1U, 3U}) {
        Epoch body = second();
        body.number = {number};
        hospital_refuses(body, ErrorCode::bad_entry);
    }
    hospital_refuses(t.epoch_body("", 2), ErrorCode::bad_entry);
    hospital_accepts(t.epoch_body("", 1));
}

TEST_F(Epochs, OneIsOfAMailboxThatExists) {
    hospital_refuses(t.epoch_body("urgences", 1), ErrorCode::unknown_object);
    t.revoke(t.geriatrics);
    Epoch body = second();
    body.grants.pop_back();
    hospital_refuses(body, ErrorCode::unknown_object);
}

// Else the loss of every station would lose every message.
TEST_F(Epochs, TheRecoveryKeyIsAlwaysAGrantee) {
    Epoch body = second();
    body.grants.erase(body.grants.begin());
    hospital_refuses(body, ErrorCode::bad_entry);
}

TEST_F(Epochs, GranteesAreStationsOfTheMailbox) {
    hospital_refuses(t.epoch_body("geriatrie", 2, {t.cardiology_station.id}), ErrorCode::bad_entry);
    hospital_refuses(t.epoch_body("geriatrie", 2, {t.practice_station.id}), ErrorCode::bad_entry);
    hospital_refuses(t.epoch_body("geriatrie", 2, {t.random().make<StationId>()}),
                     ErrorCode::bad_entry);
    hospital_refuses(t.epoch_body("", 1, {t.geriatrics_station.id}), ErrorCode::bad_entry);
    t.revoke(t.geriatrics_station);
    hospital_refuses(second(), ErrorCode::bad_entry);
}

TEST_F(Epochs, NobodyIsGrantedTwice) {
    Epoch body = second();
    body.grants.push_back(t.grant(t.geriatrics_station.id));
    hospital_refuses(body, ErrorCode::bad_entry);
    body = second();
    body.grants.push_back(t.grant(std::nullopt));
    hospital_refuses(body, ErrorCode::bad_entry);
}

TEST_F(Epochs, TheKeyIsNewAndOnTheCurve) {
    Epoch body = second();
    body.key = t.state().epoch(t.geriatrics.mailbox)->epoch.key;
    hospital_refuses(body, ErrorCode::key_taken);
    body = second();
    body.key.bytes[9] ^= 1;
    hospital_refuses(body, ErrorCode::malformed);
}

TEST_F(Epochs, AnEpochIsOfItsOwnMailboxAndDomain) {
    EXPECT_EQ(t.state().epoch(test::address("geriatrie.ch-valmont@cher")), nullptr);
    EXPECT_EQ(t.state().epoch(test::address("geriatrie.ch-valmont@cher"), {1}), nullptr);
    EXPECT_EQ(t.state().epoch(t.mailbox("ch-valmont")), nullptr) << "it has no key yet";
    EXPECT_EQ(t.state().epoch(t.geriatrics.mailbox, {0}), nullptr);
    EXPECT_EQ(t.state().epoch(t.geriatrics.mailbox, {2}), nullptr);
    EXPECT_EQ(t.state().epoch(t.mailbox("nobody")), nullptr);
    EXPECT_EQ(t.state().epoch(t.mailbox("nobody"), {1}), nullptr);
}

TEST_F(Epochs, AnEpochKnowsWhenItWasCommitted) {
    const SignedEntry entry = t.draft("ch-valmont", *t.hospital.authority, second());
    ASSERT_TRUE(t.apply(entry, {123'456}).ok());
    EXPECT_EQ(t.state().epoch(t.geriatrics.mailbox)->since, EngineTime{123'456});
    EXPECT_EQ(t.state().epoch(t.geriatrics.mailbox)->from, t.state().size());
}

// ---- grants added later
// --------------------------------------------------------------------------

class Grants : public Epochs {
protected:
    Grants() : post(t.add_station(t.hospital, {t.nurse.id}, {"geriatrie"})) {}
    GrantsAdded added(std::uint64_t number = 1) {
        return {"geriatrie", {number}, {t.grant(post.id)}};
    }
    TestStation post;
};

TEST_F(Grants, ANewStationGetsTheEpoch) {
    hospital_accepts(added());
    EXPECT_EQ(t.state().epoch(t.geriatrics.mailbox)->epoch.grants.size(), 3U);
}

TEST_F(Grants, ToAnEarlierEpochToo) {
    t.add_epoch(t.hospital, "geriatrie");
    hospital_accepts(added(1));
    EXPECT_EQ(t.state().epoch(t.geriatrics.mailbox, {1})->epoch.grants.size(), 3U);
}

TEST_F(Grants, TheEpochExists) {
    hospital_refuses(added(0), ErrorCode::unknown_object);
    hospital_refuses(added(2), ErrorCode::unknown_object);
    hospital_refuses(GrantsAdded{"urgences", {1}, {t.grant(post.id)}}, ErrorCode::unknown_object);
}

TEST_F(Grants, NobodyIsGrantedASecondTime) {
    hospital_refuses(GrantsAdded{"geriatrie", {1}, {t.grant(t.geriatrics_station.id)}},
                     ErrorCode::bad_entry);
    hospital_refuses(GrantsAdded{"geriatrie", {1}, {t.grant(std::nullopt)}}, ErrorCode::bad_entry);
    hospital_refuses(GrantsAdded{"geriatrie", {1}, {t.grant(post.id), t.grant(post.id)}},
                     ErrorCode::bad_entry);
    hospital_accepts(added());
    hospital_refuses(added(), ErrorCode::bad_entry);
}

TEST_F(Grants, OneWrongGrantRefusesThemAll) {
    hospital_refuses(
        GrantsAdded{"geriatrie", {1}, {t.grant(post.id), t.grant(t.cardiology_station.id)}},
        ErrorCode::bad_entry);
    EXPECT_EQ(t.state().epoch(t.geriatrics.mailbox)->epoch.grants.size(), 2U);
}

TEST_F(Grants, AnEpochHas128GrantsAtMost) {
    std::vector<StationId> posts;
    for (std::size_t i = 0; i < limits::kGrantsMax; ++i) {
        posts.push_back(t.add_station(t.hospital, {t.nurse.id}, {"geriatrie"}).id);
    }
    const auto added = [&](std::size_t first, std::size_t count) {
        GrantsAdded body{"geriatrie", {1}, {}};
        for (std::size_t i = 0; i < count; ++i) body.grants.push_back(t.grant(posts[first + i]));
        return body;
    };
    const auto& chain = t.hospital.name.text();
    const auto verdict = [&](GrantsAdded body) {
        return t.apply(t.draft(chain, *t.hospital.authority, std::move(body))).code();
    };
    EXPECT_EQ(verdict(added(0, limits::kGrantsMax - 1)), ErrorCode::too_large) << "two are there";
    EXPECT_EQ(verdict(added(0, limits::kGrantsMax - 2)), ErrorCode::ok);
    EXPECT_EQ(verdict(added(limits::kGrantsMax - 2, 1)), ErrorCode::too_large);
}

}  // namespace
}  // namespace relais::directory
