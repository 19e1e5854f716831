// Every earlier position keeps its answers; the same log gives the same answers.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>

#include "tests/unit/schemas/directory/fixture.h"

namespace relais::directory {
namespace {

TEST(History, AVersionHoldsFromItsPositionUntilTheNext) {
    History<int> history;
    EXPECT_EQ(history.last(), nullptr);
    EXPECT_EQ(history.now(), nullptr);
    history.set({3}, 30);
    history.set({5}, 50);
    EXPECT_EQ(history.at({2}), nullptr);
    EXPECT_EQ(*history.at({3}), 30);
    EXPECT_EQ(*history.at({4}), 30);
    EXPECT_EQ(*history.at({5}), 50);
    EXPECT_EQ(*history.now(), 50);
    EXPECT_EQ(*history.last(), 50);
}

TEST(History, AnEndedVersionIsGoneFromItsEndOnAndAnotherMayFollow) {
    History<int> history;
    history.set({3}, 30);
    history.end({6});
    EXPECT_EQ(*history.at({5}), 30);
    EXPECT_EQ(history.at({6}), nullptr);
    EXPECT_EQ(history.now(), nullptr);
    EXPECT_EQ(*history.last(), 30) << "ended, and known still";
    history.end({8});
    EXPECT_EQ(history.at({7}), nullptr) << "an end does not bring back what had ended";
    history.set({9}, 90);
    EXPECT_EQ(history.at({8}), nullptr);
    EXPECT_EQ(*history.now(), 90);
}

RC_GTEST_PROP(HistoryProperty, AHistoryAnswersAsAListOfItsPositions, ()) {
    History<int> history;
    std::vector<std::optional<int>> naive(1);  // what held at each position
    const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 4));
    for (const int step : steps) {
        const DirectorySize at{naive.size()};
        naive.push_back(naive.back());
        if (step == 1) {
            history.end(at);
            naive.back().reset();
        } else if (step > 1) {
            history.set(at, step);
            naive.back() = step;
        }
    }
    for (std::size_t at = 0; at < naive.size(); ++at) {
        const int* value = history.at({at});
        const std::optional<int> found = value == nullptr ? std::nullopt : std::optional(*value);
        RC_ASSERT(found == naive[at]);
    }
}

class Positions : public DirectoryTest {};

// An envelope that was good when the broker accepted it stays good.
TEST_F(Positions, ARevokedPersonIsStillThereAtEarlierSizes) {
    const DirectorySize before = t.state().size();
    t.revoke(t.geriatrician);
    const DirectorySize after = t.state().size();
    EXPECT_NE(t.state().person(t.geriatrician.id, before), nullptr);
    EXPECT_TRUE(t.state().attested(t.geriatrician.id, before));
    EXPECT_EQ(t.state().person(t.geriatrician.id, after), nullptr);
    EXPECT_FALSE(t.state().attested(t.geriatrician.id, after));
    EXPECT_EQ(t.state().person(t.geriatrician.id), nullptr);
}

// What they signed before is judged with the key they had.
TEST_F(Positions, TheLastThatWasKnownOutlivesItsRevocation) {
    t.revoke(t.geriatrician);
    t.revoke(t.geriatrics_station);
    ASSERT_NE(t.state().person_ever(t.geriatrician.id), nullptr);
    EXPECT_EQ(t.state().person_ever(t.geriatrician.id)->person.key, t.geriatrician.person.key);
    ASSERT_NE(t.state().station_ever(t.geriatrics_station.id), nullptr);
    EXPECT_EQ(t.state().station_ever(t.geriatrics_station.id)->station.signing,
              t.geriatrics_station.station.signing);
    EXPECT_EQ(t.state().person_ever(t.random().make<PersonId>()), nullptr);
    EXPECT_EQ(t.state().station_ever(t.random().make<StationId>()), nullptr);
}

TEST_F(Positions, NothingIsThereBeforeItsOwnEntry) {
    const TestPerson person = t.add_person(t.hospital);
    const DirectorySize at = t.state().size();
    EXPECT_EQ(t.state().person(person.id, {at.value - 1}), nullptr);
    EXPECT_NE(t.state().person(person.id, at), nullptr);
    EXPECT_EQ(t.state().domain({0}), nullptr);
    EXPECT_NE(t.state().domain({1}), nullptr);
}

TEST_F(Positions, EachAnswerIsOfItsPosition) {
    const DirectorySize start = t.state().size();
    Person renamed = t.doctor.person;
    renamed.key = t.make_key()->public_key();
    t.append("cabinet", *t.practice.authority, renamed);
    t.suspend(t.practice);
    const DirectorySize suspended = t.state().size();
    t.suspend(t.practice, false);
    const DirectorySize back = t.state().size();
    t.attest(t.geriatrician, true);
    t.revoke(t.geriatrics);
    t.revoke(t.practice_station);
    const auto& state = t.state();
    EXPECT_EQ(state.person(t.doctor.id, start)->person.key, t.doctor.person.key);
    EXPECT_EQ(state.person(t.doctor.id, suspended)->person.key, renamed.key);
    EXPECT_FALSE(state.suspended("cabinet", start));
    EXPECT_TRUE(state.suspended("cabinet", suspended));
    EXPECT_FALSE(state.suspended("cabinet", back));
    EXPECT_TRUE(state.attested(t.geriatrician.id, back));
    EXPECT_FALSE(state.attested(t.geriatrician.id));
    EXPECT_TRUE(state.mailbox_exists(t.geriatrics.mailbox, back));
    EXPECT_FALSE(state.mailbox_exists(t.geriatrics.mailbox));
    EXPECT_NE(state.station(t.practice_station.id, back), nullptr);
    EXPECT_EQ(state.station(t.practice_station.id), nullptr);
}

TEST_F(Positions, AnOrganisationIsEstablishedFromItsConfirmationOn) {
    const TestOrganisation pharmacy = t.admit_organisation("pharmacie", OrganisationKind::pharmacy);
    const DirectorySize provisional = t.state().size();
    t.confirm(t.cpts, pharmacy);
    EXPECT_FALSE(t.state().established("pharmacie", provisional));
    EXPECT_TRUE(t.state().established("pharmacie", t.state().size()));
    EXPECT_TRUE(t.state().established("pharmacie"));
}

TEST_F(Positions, AMandateCoversFromItsEntryUntilItsRevocation) {
    const DirectorySize none = t.state().size();
    const SignedEntry entry = t.add_mandate(t.practice, t.secretary, t.doctor, {"liaison/*"});
    const DirectorySize given = t.state().size();
    t.revoke_mandate(t.practice, std::get<Mandate>(entry.entry.body).id);
    const auto at = [&](DirectorySize size) {
        return t.state().mandated(t.secretary.id, t.doctor.id, "liaison", "send", {}, size);
    };
    EXPECT_FALSE(at(none));
    EXPECT_TRUE(at(given));
    EXPECT_FALSE(at(t.state().size()));
}

// What later entries bring does not change what an earlier position answers.
TEST_F(Positions, EarlierAnswersAreThoseOfTheShorterLog) {
    t.revoke(t.nurse);
    t.suspend(t.hospital);
    t.suspend(t.hospital, false);
    t.revoke(t.cardiology_station);
    DirectoryState shorter(t.domain(), t.state().authority());
    for (const SignedEntry& entry : t.log()) {
        ASSERT_TRUE(shorter.apply(entry, t.verifier()).ok());
        const DirectorySize at = shorter.size();
        for (const auto* id : {&t.nurse.id, &t.doctor.id, &t.geriatrician.id}) {
            const auto* then = shorter.person(*id);
            const auto* later = t.state().person(*id, at);
            ASSERT_EQ(then == nullptr, later == nullptr) << at.value;
            ASSERT_TRUE(then == nullptr || test::same(then->person, later->person));
            ASSERT_EQ(shorter.attested(*id), t.state().attested(*id, at)) << at.value;
        }
        for (const auto* id : {&t.cardiology_station.id, &t.practice_station.id}) {
            ASSERT_EQ(shorter.station(*id) == nullptr, t.state().station(*id, at) == nullptr);
        }
        ASSERT_EQ(shorter.suspended("ch-valmont"), t.state().suspended("ch-valmont", at));
        ASSERT_EQ(shorter.established("ch-valmont"), t.state().established("ch-valmont", at));
        ASSERT_EQ(shorter.mailbox_exists(t.geriatrics.mailbox),
                  t.state().mailbox_exists(t.geriatrics.mailbox, at));
    }
}

class Replay : public DirectoryTest {
protected:
    // The log read again from its bytes, as a station does.
    DirectoryState replayed() const {
        DirectoryState state(t.domain(), t.state().authority());
        for (const SignedEntry& entry : t.log()) {
            EXPECT_TRUE(state.apply(parse_signed_entry(entry.bytes).value(), t.verifier()).ok());
        }
        return state;
    }
};

TEST_F(Replay, TheSameLogGivesTheSameAnswers) {
    t.revoke(t.nurse);
    t.attest_by(t.cpts, t.doctor);
    t.add_epoch(t.hospital, "geriatrie");
    t.publish_kind(t.cpts, "admission", 1, t.random().make<Digest>());
    EXPECT_EQ(first_change(t.picture(), t.picture(replayed())), "");
}

TEST_F(Replay, ACopyIsTheSameAndLivesItsOwnLife) {
    const DirectoryState copy = t.state();
    const std::string before = t.picture();
    EXPECT_EQ(first_change(before, t.picture(copy)), "");
    t.revoke(t.nurse);
    EXPECT_NE(first_change(before, t.picture()), "");
    EXPECT_NE(copy.person(t.nurse.id), nullptr);
}

TEST_F(Replay, ALogInAnotherOrderOrWithAHoleDoesNotApply) {
    for (const std::size_t left_out : {std::size_t{0}, std::size_t{1}, std::size_t{4}}) {
        DirectoryState state(t.domain(), t.state().authority());
        bool refused_one = false;
        for (std::size_t i = 0; i < t.log().size(); ++i) {
            if (i != left_out) refused_one |= !state.apply(t.log()[i], t.verifier()).ok();
        }
        EXPECT_TRUE(refused_one) << left_out;
    }
}

TEST_F(Replay, ALogOfAnotherAuthorityDoesNotApply) {
    DirectoryState state(t.domain(), t.random().make<Digest>());
    EXPECT_EQ(state.apply(t.log().front(), t.verifier()).code(), ErrorCode::not_a_signer);
}

}  // namespace
}  // namespace relais::directory
