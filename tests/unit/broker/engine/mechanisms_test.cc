// What the engine does for kinds beyond a single request: boxes held for a fallback until the clock
// fires, registers that acts set and guards ask, threads that move those that they follow, clocks
// on opening hours.
#include "tests/support/kinds.h"
#include "tests/unit/broker/engine/fixture.h"

namespace relais::broker {
namespace {

using test::KindBuilder;
using test::states;

template <typename Step>
std::unique_ptr<Step> with_key(Step step, fb::KeySource source) {
    auto part = std::make_unique<fb::KeyPartT>();
    part->source = source;
    step.key.push_back(std::move(part));
    return std::make_unique<Step>(std::move(step));
}

// Acts 0 `ask`, 1 `answer`, 2 `told` (to the opener, moves nothing). Register `seen`: 1 under the
// asking mailbox once it was answered there. `ask` of a mailbox that has it is refused.
KindBuilder essai() {
    KindBuilder kind = test::least_kind();
    kind.bundle.clocks[0]->seconds = kind.bundle.clocks[0]->max_s = 30 * 24 * 3600;
    kind.add_thread_state("late");
    const int reserve = kind.add_party_state("reserve");
    kind.bundle.has_fallback = true;
    kind.bundle.fallback_state = static_cast<std::uint8_t>(reserve);
    kind.bundle.acts[0]->fallback = true;
    const int delay = kind.add_clock("delay", 3600);
    kind.bundle.clocks[1]->hours = fb::ClockHours::opening;
    kind.bundle.rows[0]->effects.push_back(
        std::make_unique<fb::EffectDeclaredT>(test::start_clock(delay)));
    kind.bundle.rows[1]->parties = states({0});
    kind.on_clock(
        delay, states({0}), test::kAnyParty, {},
        {test::to_thread_state(3), test::move_parties(states({reserve}), 0, fb::Release::overdue)});
    kind.on_act(1, states({3}), states({0}), {}, {test::to_thread_state(1)});
    kind.on_clock(0, states({3}), test::kAnyParty, {}, {test::to_thread_state(2)});
    auto seen = std::make_unique<fb::RegisterDeclaredT>();
    seen->name = "seen";
    seen->label = "Vu";
    seen->readers = {static_cast<std::uint8_t>(directory::OrganisationKind::practice)};
    kind.bundle.registers.push_back(std::move(seen));
    fb::EffectDeclaredT set;
    set.op = fb::EffectOp::set_register;
    set.value = 1;
    kind.bundle.rows[1]->effects.push_back(with_key(std::move(set), fb::KeySource::signer));
    auto row = std::make_unique<fb::RowDeclaredT>();
    row->trigger = fb::TriggerKind::followed;
    row->threads = states({0, 3});
    row->parties = test::kAnyParty;
    row->kind = "suite";
    row->act = "ask";
    row->effects.push_back(std::make_unique<fb::EffectDeclaredT>(test::to_thread_state(1)));
    kind.bundle.rows.push_back(std::move(row));
    return kind;
}

// Opens only for whom register essai/seen names.
KindBuilder suite() {
    KindBuilder kind = test::least_kind();
    kind.bundle.name = "suite";
    auto seen = std::make_unique<fb::RegisterDeclaredT>();
    seen->kind = "essai";
    seen->name = "seen";
    seen->label = "Vu";
    kind.bundle.registers.push_back(std::move(seen));
    fb::GuardDeclaredT guard;
    guard.op = fb::GuardOp::register_is;
    guard.value = 1;
    kind.bundle.rows[0]->guards.push_back(with_key(std::move(guard), fb::KeySource::signer));
    return kind;
}

// What is asked is for the same day, and the reminder comes before its end.
KindBuilder daily() {
    KindBuilder kind = test::least_kind();
    kind.bundle.name = "daily";
    kind.bundle.clocks[0]->seconds = kind.bundle.clocks[0]->max_s = 30 * 24 * 3600;
    kind.add_thread_state("late");
    const int delay = kind.add_clock("delay", 3600);
    kind.bundle.clocks[1]->hours = fb::ClockHours::day;
    kind.bundle.clocks[1]->remind_half = true;
    kind.bundle.rows[0]->effects.push_back(
        std::make_unique<fb::EffectDeclaredT>(test::start_clock(delay)));
    kind.on_clock(delay, states({0}), test::kAnyParty, {}, {test::to_thread_state(3)});
    kind.on_clock(0, states({3}), test::kAnyParty, {}, {test::to_thread_state(2)});
    return kind;
}

std::shared_ptr<test::SmallTerritory> with_kinds() {
    auto made = std::make_shared<test::SmallTerritory>(
        std::vector<std::string>{"admission", "daily", "essai", "suite"});
    made->publish_kind(made->cpts, "admission", 1, admission_kind().digest);
    // Geriatrics hands over to cardiology, and works in the day.
    directory::Unit unit = made->geriatrics.unit;
    unit.fallback = made->cardiology.mailbox;
    unit.hours.opening = {{0x1F, 8 * 60, 18 * 60}};
    made->append("ch-valmont", *made->hospital.authority, unit);
    for (const KindBuilder& kind : {daily(), essai(), suite()}) {
        made->publish_kind(made->cpts, kind.bundle.name, 1, kind.load().value().digest);
    }
    return made;
}

class Mechanisms : public testing::Test {
protected:
    Mechanisms() {
        for (const Bytes& bundle :
             {admission_bundle(), daily().bytes(), essai().bytes(), suite().bytes()}) {
            bench.step(together(bench.operator_input(wire::PublishBundle{bundle})));
        }
        bench.publish_directory();
        practice = bench.connect(bench.territory.practice_station);
        geriatrics = bench.connect(bench.territory.geriatrics_station);
        cardiology = bench.connect(bench.territory.cardiology_station);
    }

    Header asking(const KindBuilder& kind) {
        Header header = bench.header(practice, {.to = {kGeriatrics, kCardiology},
                                                .act = "ask",
                                                .kind = kind.load().value().digest,
                                                .by = bench.territory.doctor.id});
        header.to[1].standing = Standing::fallback;
        return header;
    }
    ErrorCode send(SessionId session, const Header& header, const test::TestPerson& person) {
        return code_of(bench.ask(session, wire::Submit{bench.envelope(header, person)}));
    }
    ErrorCode ask(const Header& header) { return send(practice, header, bench.territory.doctor); }
    ErrorCode answer(SessionId session, const char* from, const test::TestPerson& person,
                     const Header& asked) {
        return send(session,
                    bench.header(session, {.from = from,
                                           .to = {kPractice},
                                           .act = "answer",
                                           .kind = asked.kind,
                                           .by = person.id,
                                           .thread = asked.thread}),
                    person);
    }
    std::size_t envelopes_in(const char* mailbox) {
        const auto log = bench.log_of(mailbox);
        return static_cast<std::size_t>(std::ranges::count_if(log, [](const LogRecord& record) {
            return std::holds_alternative<EnvelopeRef>(record);
        }));
    }
    std::string state_of(const Header& asked) {
        const auto stored = bench.sqlite().thread(asked.thread).value();
        return essai().load().value().thread_states[stored->thread.state].name;
    }

    EngineBench bench{{.settled = false, .territory = with_kinds()}};
    SessionId practice = 0;
    SessionId geriatrics = 0;
    SessionId cardiology = 0;
};

TEST_F(Mechanisms, AFallbackHasNothingBeforeTheClockAndItsBoxAfter) {
    const Header asked = asking(essai());
    ASSERT_EQ(ask(asked), ErrorCode::ok);
    EXPECT_EQ(envelopes_in(kGeriatrics), 1u);
    EXPECT_TRUE(bench.log_of(kCardiology).empty());
    const auto& cardiologist = bench.territory.cardiologist;
    EXPECT_EQ(answer(cardiology, kCardiology, cardiologist, asked), ErrorCode::act_refused);
    bench.idle(100 * kHour);
    EXPECT_EQ(state_of(asked), "late");
    EXPECT_EQ(envelopes_in(kCardiology), 1u);
    EXPECT_EQ(bench.count_leaves(Event::released), 1u);
    EXPECT_EQ(answer(cardiology, kCardiology, cardiologist, asked), ErrorCode::ok);
    EXPECT_EQ(state_of(asked), "answered");
}

TEST_F(Mechanisms, AFallbackThatIsDeclaredIsAddressedAndNoOther) {
    Header without = asking(essai());
    without.to.pop_back();
    EXPECT_EQ(ask(without), ErrorCode::fallback_missing);
    Header as_party = asking(essai());
    as_party.to[1].standing = Standing::party;
    EXPECT_EQ(ask(as_party), ErrorCode::ok) << "asked at once, it needs not be called in";
    Header another = asking(essai());
    another.to[0].mailbox = test::address(kCardiology);
    another.to[1].mailbox = test::address(kGeriatrics);
    EXPECT_EQ(ask(another), ErrorCode::recipient_refused);
}

TEST_F(Mechanisms, AFallbackThatNoStationReadsYetLeavesItsWardReachable) {
    test::SmallTerritory& territory = bench.territory;
    const test::TestUnit guard = territory.add_unit(territory.hospital, "garde", {"essai"});
    directory::Unit ward = territory.geriatrics.unit;
    ward.fallback = guard.mailbox;
    territory.append("ch-valmont", *territory.hospital.authority, ward);
    bench.publish_directory();
    Header without = asking(essai());
    without.to.pop_back();
    EXPECT_EQ(ask(without), ErrorCode::ok);
    Header with = asking(essai());
    with.to[1].mailbox = guard.mailbox;
    EXPECT_NE(ask(with), ErrorCode::ok) << "nothing can be sealed to it";
    territory.add_epoch(territory.hospital, "garde");
    bench.publish_directory();
    Header later = asking(essai());
    later.to.pop_back();
    EXPECT_EQ(ask(later), ErrorCode::fallback_missing) << "from now on somebody is behind it";
}

// 2026-09-21 14:13 UTC is a Monday afternoon: 16:13 in Paris.
TEST_F(Mechanisms, AClockOnOpeningHoursWaitsForTheMorning) {
    ASSERT_EQ(bench.now.wall.ms, 1'790'000'000'000);
    const Header asked = asking(essai());
    ASSERT_EQ(ask(asked), ErrorCode::ok);
    bench.idle(kHour - Milliseconds(1));
    EXPECT_EQ(state_of(asked), "asked");
    bench.idle(Milliseconds(1));
    EXPECT_EQ(state_of(asked), "late") << "one hour, all of it before 18:00";
    bench.idle(kHour / 2);
    const Header evening = asking(essai());
    ASSERT_EQ(ask(evening), ErrorCode::ok);
    bench.idle(14 * kHour);
    EXPECT_EQ(state_of(evening), "asked") << "the ward is closed from 18:00 to 8:00";
    bench.idle(kHour);
    EXPECT_EQ(state_of(evening), "late");
}

TEST_F(Mechanisms, WhatIsForTheSameDayIsRemindedOfWhileTheDayLasts) {
    const auto reminders = [&] {
        return bench.notices_of(kGeriatrics, NoticeKind::reminder).size();
    };
    Header asked = asking(daily());
    asked.to.pop_back();
    ASSERT_EQ(ask(asked), ErrorCode::ok);
    // From 16:13:20 to midnight in Paris: seven hours, 46 minutes and 40 seconds.
    const Milliseconds day = 7 * kHour + 46 * kMinute + Milliseconds(40'000);
    bench.idle(day / 2 - Milliseconds(1));
    EXPECT_EQ(reminders(), 0u);
    bench.idle(Milliseconds(1));
    EXPECT_EQ(reminders(), 1u);
    EXPECT_EQ(bench.notices_of(kGeriatrics, NoticeKind::overdue).size(), 0u);
    bench.idle(day / 2 - Milliseconds(1));
    EXPECT_EQ(bench.notices_of(kGeriatrics, NoticeKind::overdue).size(), 0u);
    bench.idle(Milliseconds(1));
    EXPECT_EQ(bench.notices_of(kGeriatrics, NoticeKind::overdue).size(), 1u);
}

TEST_F(Mechanisms, ARegisterIsSetByAnActAskedByAGuardAndReadByThoseWhoMay) {
    const test::TestPerson& doctor = bench.territory.doctor;
    const test::TestPerson& geriatrician = bench.territory.geriatrician;
    const auto open_suite = [&](SessionId session, const char* from, const char* to,
                                const test::TestPerson& person) {
        return send(session,
                    bench.header(session, {.from = from,
                                           .to = {to},
                                           .act = "ask",
                                           .kind = suite().load().value().digest,
                                           .by = person.id}),
                    person);
    };
    EXPECT_EQ(open_suite(geriatrics, kGeriatrics, kCardiology, geriatrician),
              ErrorCode::register_refused);
    const Header asked = asking(essai());
    ASSERT_EQ(ask(asked), ErrorCode::ok);
    ASSERT_EQ(answer(geriatrics, kGeriatrics, geriatrician, asked), ErrorCode::ok);
    EXPECT_EQ(open_suite(geriatrics, kGeriatrics, kCardiology, geriatrician), ErrorCode::ok);
    EXPECT_EQ(open_suite(cardiology, kCardiology, kGeriatrics, bench.territory.cardiologist),
              ErrorCode::register_refused)
        << "kept by RPPS: a colleague is not covered";

    const wire::FetchRegister fetch{test::name("essai"), test::name("seen"), 0};
    const wire::Body body = bench.ask(practice, fetch);
    const auto* read = std::get_if<wire::RegisterEntries>(&body);
    ASSERT_NE(read, nullptr);
    ASSERT_EQ(read->size, 1u);
    EXPECT_EQ(read->entries[0].key, geriatrician.person.rpps);
    EXPECT_EQ(read->entries[0].value, 1);
    EXPECT_EQ(parse_header(read->entries[0].act.bytes)->thread, asked.thread);
    EXPECT_EQ(code_of(bench.ask(geriatrics, fetch)), ErrorCode::forbidden);
    EXPECT_EQ(code_of(bench.ask(practice,
                                wire::FetchRegister{test::name("essai"), test::name("none"), 0})),
              ErrorCode::unknown_object);
    EXPECT_EQ(doctor.organisation, "cabinet");
}

TEST_F(Mechanisms, RegistersAreThereAfterARestart) {
    const Header asked = asking(essai());
    ASSERT_EQ(ask(asked), ErrorCode::ok);
    ASSERT_EQ(answer(geriatrics, kGeriatrics, bench.territory.geriatrician, asked), ErrorCode::ok);
    bench.restart();
    const std::string& rpps = bench.territory.geriatrician.person.rpps;
    EXPECT_EQ(bench.sqlite().last_register_record("essai/seen", rpps).value()->value, 1);
}

TEST_F(Mechanisms, AThreadThatFollowsMovesTheOneThatItFollows) {
    const test::TestPerson& geriatrician = bench.territory.geriatrician;
    const Header first = asking(essai());
    ASSERT_EQ(ask(first), ErrorCode::ok);
    ASSERT_EQ(answer(geriatrics, kGeriatrics, geriatrician, first), ErrorCode::ok);
    const Header asked = asking(essai());
    ASSERT_EQ(ask(asked), ErrorCode::ok);
    Header next = bench.header(geriatrics, {.from = kGeriatrics,
                                            .to = {kCardiology},
                                            .act = "ask",
                                            .kind = suite().load().value().digest,
                                            .by = geriatrician.id});
    next.follows = asked.thread;
    ASSERT_EQ(send(geriatrics, next, geriatrician), ErrorCode::ok);
    EXPECT_EQ(state_of(asked), "answered");
    EXPECT_EQ(bench.notices_of(kPractice, NoticeKind::ended).size(), 1u)
        << "the opener, who does not see what follows, is told";
}

TEST_F(Mechanisms, WhoTakesNoPartInAThreadDoesNotFollowIt) {
    const Header asked = asking(essai());
    ASSERT_EQ(ask(asked), ErrorCode::ok);
    const test::TestPerson& coordinator = bench.territory.coordinator;
    const SessionId cpts = bench.connect(bench.territory.cpts_station);
    Header next = bench.header(cpts, {.from = "cpts-indre@indre",
                                      .to = {kCardiology},
                                      .act = "ask",
                                      .kind = suite().load().value().digest,
                                      .by = coordinator.id});
    next.follows = asked.thread;
    const ErrorCode code = send(cpts, next, coordinator);
    EXPECT_TRUE(code == ErrorCode::recipient_refused || code == ErrorCode::role_refused);
    EXPECT_EQ(state_of(asked), "asked");
}

}  // namespace
}  // namespace relais::broker
