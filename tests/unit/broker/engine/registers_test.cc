// What one person or organisation says of one thing at several stations: what was signed last
// stands, in whatever order it comes; and what rests on a register finds it after a restore. With
// the kinds `protocol` and `substitution` as they are published.
#include "core/base/limits.h"
#include "schemas/workflow/register_act.h"
#include "tests/support/engine/course_player.h"
#include "tests/support/folder.h"
#include "tests/support/publics.h"
#include "tests/unit/broker/engine/fixture.h"

namespace relais::broker {
namespace {

constexpr int kAgree = 1;
constexpr int kRefuse = 2;
constexpr int kRevoke = 3;

class Decisions : public testing::Test {
protected:
    Decisions() {
        auto lines = CoursePlayer::lines_of("protocol");
        const auto first = std::ranges::find(lines, "course Approved by three and published");
        lines.erase(std::find(first, lines.end(), ""), lines.end());
        CoursePlayer(bench, cast).play(protocol(), lines);
    }

    static BenchOptions on(const std::string& database) {
        BenchOptions options;
        options.database = database;
        return options;
    }
    static const workflow::Kind& protocol() { return kind_named("protocol"); }
    House& house(const std::string& name) {
        return cast.house_of(test::address("accueil." + name + "@indre"));
    }
    House& practice() { return house("maison-practice"); }
    // The one to whose attention notices are.
    const test::TestPerson& doctor() { return practice().persons.front(); }

    // Each goes to another unit: as several stations, they come in any order.
    Header decision(int decision, Milliseconds ago = Milliseconds(0)) {
        const auto receivers = cast.receivers(protocol());
        Header header =
            bench.header(practice().session, {.from = practice().units.back().mailbox.text(),
                                              .to = {receivers.at(next_receiver_++).text()},
                                              .act = "decide",
                                              .kind = protocol().digest,
                                              .by = doctor().id,
                                              .lane = Lane::routine,
                                              .publics = {{1, 1}, {2, 1}, {3, 1}, {4, decision}}});
        header.time = bench.now.wall + -ago;
        return header;
    }
    Bytes sealed(const Header& header) { return bench.envelope(header, doctor()); }
    wire::Body send(const Bytes& envelope) {
        return bench.ask(practice().session, wire::Submit{envelope});
    }
    // Signed that long ago, and sent now.
    ErrorCode says(int what, Milliseconds ago = Milliseconds(0)) {
        return code_of(send(sealed(decision(what, ago))));
    }
    std::vector<std::int64_t> said_in(EngineBench& broker) {
        std::vector<std::int64_t> values;
        const auto records = broker.sqlite().register_records(kAgreement, 0, 100).value();
        for (const RegisterRecord& each : records) {
            EXPECT_EQ(each.key, "1/1/1/" + doctor().person.rpps);
            values.push_back(each.value);
        }
        return values;
    }
    std::vector<std::int64_t> said() { return said_in(bench); }

    static constexpr const char* kAgreement = "protocol/agreement";
    test::TestFolder folder_;
    EngineBench bench{on(folder_.file("before.db"))};
    EveryKind cast{bench, {}, 1};
    std::size_t next_receiver_ = 0;
};

using Values = std::vector<std::int64_t>;

TEST_F(Decisions, AnAgreementThatWasOnItsWayDoesNotUndoWhatItsDoctorRevokedSince) {
    const Bytes agreement = sealed(decision(kAgree, kHour));
    const Header revocation = decision(kRevoke);
    ASSERT_EQ(code_of(send(sealed(revocation))), ErrorCode::ok);
    bench.idle(kDay);
    for (const bool again : {false, true}) {
        const wire::Body body = send(agreement);
        const auto* refusal = std::get_if<wire::Refusal>(&body);
        ASSERT_NE(refusal, nullptr) << again;
        EXPECT_EQ(refusal->code, ErrorCode::conflict);
        EXPECT_EQ(refusal->detail, "agreement");
        EXPECT_EQ(refusal->retry, Retry::never);
        ASSERT_TRUE(refusal->winning) << again;
        EXPECT_EQ(parse_header(refusal->winning->bytes)->id, revocation.id);
    }
    EXPECT_EQ(said(), (Values{kRevoke}));
    EXPECT_EQ(says(kAgree), ErrorCode::ok) << "signed anew it holds";
    EXPECT_EQ(said(), (Values{kRevoke, kAgree}));
}

TEST_F(Decisions, WhatWasOnItsWayStandsWhereNothingWasSaidSince) {
    ASSERT_EQ(says(kRevoke, 3 * kHour), ErrorCode::ok);
    EXPECT_EQ(says(kAgree, 2 * kHour), ErrorCode::ok);
    EXPECT_EQ(says(kRefuse, 2 * kHour), ErrorCode::ok) << "of the same moment: in their order";
    EXPECT_EQ(said(), (Values{kRevoke, kAgree, kRefuse}));
}

TEST_F(Decisions, AClockThatIsALittleSlowRefusesNobody) {
    ASSERT_EQ(says(kAgree), ErrorCode::ok);
    EXPECT_EQ(says(kRevoke, limits::kClockStepTolerated), ErrorCode::ok);
    EXPECT_EQ(says(kAgree, limits::kClockStepTolerated + Milliseconds(1)), ErrorCode::conflict);
}

TEST_F(Decisions, AClockThatIsFastShutsNothing) {
    ASSERT_EQ(says(kAgree, -365 * kDay), ErrorCode::ok);
    const Bytes revocation = sealed(decision(kRevoke));
    bench.idle(kHour);
    EXPECT_EQ(code_of(send(revocation)), ErrorCode::ok) << "signed after that was accepted";
    EXPECT_EQ(said(), (Values{kAgree, kRevoke}));
}

TEST_F(Decisions, WhatStandsAlreadyIsNotSetAnewByWhatWasSaidBefore) {
    ASSERT_EQ(says(kAgree), ErrorCode::ok);
    EXPECT_EQ(says(kAgree, 3 * kHour), ErrorCode::ok);
    EXPECT_EQ(said(), (Values{kAgree}));
    EXPECT_EQ(says(kRevoke, 2 * kHour), ErrorCode::conflict) << "it was said before the first";
}

TEST_F(Decisions, WhileTheClockIsSuspectNobodyIsRefusedForGood) {
    ASSERT_EQ(says(kRevoke), ErrorCode::ok);
    const Bytes agreement = sealed(decision(kAgree, 2 * kHour));
    bench.step_wall_clock(-6 * kHour);
    bench.step();
    EXPECT_EQ(code_of(send(agreement)), ErrorCode::busy) << "it seems to come from the future";
    EXPECT_EQ(said(), (Values{kRevoke}));
}

TEST_F(Decisions, OnlyTheSamePersonOrOrganisationIsHeard) {
    const auto& state = bench.territory.state();
    const DirectorySize at = state.size();
    const auto act_of = [&](House& house, WallTime time) {
        Header header = decision(kAgree);
        header.from = house.units.front().mailbox;
        header.by = house.persons.front().id;
        header.time = time;
        return header;
    };
    const WallTime early{1'000'000'000};
    const WallTime late = early + kDay;
    House& other = house("maison-hospital");
    const auto before = [&](const Header& act, const Header& standing) {
        return workflow::was_said_before(state, {act, at, late}, {standing, at, late});
    };
    const Header mine = act_of(practice(), early);
    EXPECT_TRUE(before(mine, act_of(practice(), early + kHour)));
    EXPECT_FALSE(before(mine, act_of(other, early + kHour))) << "what another claims binds nobody";
    Header colleague = act_of(practice(), early + kHour);
    colleague.by = practice().persons.back().id;
    EXPECT_TRUE(before(mine, colleague)) << "what a house says, whoever signs there";
    Header elsewhere = act_of(other, early + kHour);
    elsewhere.by = mine.by;
    EXPECT_TRUE(before(mine, elsewhere)) << "one person, wherever they sign";
    EXPECT_FALSE(before(act_of(practice(), early + kHour), mine));
}

// The same, put back on a backup that was made before anybody decided.
class DecisionsRestored : public Decisions {
protected:
    DecisionsRestored() {
        EXPECT_TRUE(bench.sqlite().database().copy_to(folder_.file("backup.db")).ok());
    }
    // As relais-admin does, and starts.
    void restore() {
        {
            auto store =
                SqliteStore::open(folder_.file("backup.db"), {Database::Mode::existing, "", ""});
            ASSERT_TRUE(store.ok() && (*store)->set_value(kRestoringValue, Bytes{1}).ok());
        }
        BenchOptions options = on(folder_.file("backup.db"));
        options.settled = false;
        options.territory = bench.shared_territory;
        after_ = std::make_unique<EngineBench>(options);
        after_->idle(bench.now.wall - after_->now.wall);
    }
    ErrorCode offered_again(House& house, const Bytes& envelope) {
        return code_of(after_->ask(after_->connect(*house.station), wire::Submit{envelope, true}));
    }
    // A notice of the pharmacy under that protocol, to the doctor's attention.
    Bytes protocol_notice() {
        House& pharmacy = house("maison-pharmacy");
        const workflow::Kind& kind = kind_named("substitution");
        const workflow::Act& act = kind.acts[*kind.act("protocol-notice")];
        const std::map<std::string, std::string> said = {{"legal-basis", "LOCAL_PROTOCOL"},
                                                         {"protocol", "1"},
                                                         {"version", "1"},
                                                         {"class", "1"},
                                                         {"supply", "OUT_OF_STOCK"}};
        test::HeaderDraft draft{.from = pharmacy.units.back().mailbox.text(),
                                .to = {practice().units.back().mailbox.text()},
                                .act = act.name,
                                .kind = kind.digest,
                                .by = pharmacist().id,
                                .lane = Lane::routine};
        for (const workflow::PublicUse& use : act.publics) {
            const auto& field = *kind.public_field(use.number);
            if (const auto value = said.find(field.name); value != said.end()) {
                draft.publics.push_back({use.number, test::public_value(field, value->second)});
            }
        }
        std::ranges::sort(draft.publics, {}, &PublicField::number);
        Header header = bench.header(pharmacy.session, std::move(draft));
        header.to.front().attention = doctor().id;
        return bench.envelope(header, pharmacist());
    }
    const test::TestPerson& pharmacist() {
        const auto& persons = house("maison-pharmacy").persons;
        return *std::ranges::find_if(
            persons, [](const test::TestPerson& each) { return each.person.profession == "21"; });
    }

    std::unique_ptr<EngineBench> after_;
};

TEST_F(DecisionsRestored, ANoticeWaitsForTheAgreementOnWhichItRests) {
    const Bytes agreement = sealed(decision(kAgree));
    const Bytes notice = protocol_notice();
    House& pharmacy = house("maison-pharmacy");
    ASSERT_EQ(code_of(send(agreement)), ErrorCode::ok);
    ASSERT_EQ(code_of(bench.ask(pharmacy.session, wire::Submit{notice})), ErrorCode::ok);
    restore();
    EXPECT_EQ(offered_again(pharmacy, notice), ErrorCode::not_restored_yet);
    EXPECT_EQ(offered_again(practice(), agreement), ErrorCode::ok);
    EXPECT_EQ(offered_again(pharmacy, notice), ErrorCode::ok) << "no answer was kept";
    EXPECT_EQ(said_in(*after_), (Values{kAgree}));
}

TEST_F(DecisionsRestored, OnceItIsSettledANoticeWhoseAgreementNeverCameIsRefused) {
    ASSERT_EQ(says(kAgree), ErrorCode::ok);
    const Bytes notice = protocol_notice();
    restore();
    after_->idle(limits::kOfferedAgainWaits + std::chrono::seconds(1));
    ASSERT_EQ(code_of(after_->ask_as_operator(wire::Administer{wire::Command::settle})),
              ErrorCode::ok);
    EXPECT_EQ(offered_again(house("maison-pharmacy"), notice), ErrorCode::register_refused);
}

TEST_F(DecisionsRestored, WhatWasSaidLastStandsInWhateverOrderItIsOffered) {
    std::vector<Bytes> decisions;
    for (const int each : {kAgree, kRefuse, kAgree, kRevoke}) {
        decisions.push_back(sealed(decision(each)));
        ASSERT_EQ(code_of(send(decisions.back())), ErrorCode::ok);
        bench.idle(kHour);
    }
    ASSERT_EQ(said(), (Values{kAgree, kRefuse, kAgree, kRevoke}));
    restore();
    for (const std::size_t i : {2u, 0u, 1u, 3u, 1u}) {
        EXPECT_EQ(offered_again(practice(), decisions[i]), ErrorCode::ok) << i;
    }
    EXPECT_EQ(said_in(*after_), (Values{kAgree, kRevoke}))
        << "those said before are taken, and set nothing";
}

TEST_F(DecisionsRestored, AnotherThatWasNeverAcceptedIsRefusedAsEver) {
    const Bytes agreement = sealed(decision(kAgree, kHour));
    const Bytes revocation = sealed(decision(kRevoke));
    ASSERT_EQ(code_of(send(revocation)), ErrorCode::ok);
    restore();
    ASSERT_EQ(offered_again(practice(), revocation), ErrorCode::ok);
    const SessionId session = after_->connect(*practice().station);
    EXPECT_EQ(code_of(after_->ask(session, wire::Submit{agreement})), ErrorCode::conflict);
}

}  // namespace
}  // namespace relais::broker
