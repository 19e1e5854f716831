// What kinds beyond a single request need of the table: fallbacks, turns, second signatures,
// registers, threads that follow others, exchanges that end as they begin.
#include <map>

#include "tests/unit/schemas/workflow/fixture.h"

namespace relais::workflow {
namespace {

using test::KindBuilder;
using test::states;

// Registers held in a map, by "<kind>/<name>/<key>".
class HeldRegisters final : public RegisterReader {
public:
    Result<std::optional<std::int64_t>> latest(const std::string& kind, const std::string& name,
                                               const std::string& key) const override {
        if (broken) return fail(ErrorCode::io_failed);
        const auto found = values.find(kind + "/" + name + "/" + key);
        return found == values.end() ? std::optional<std::int64_t>() : std::optional(found->second);
    }
    std::map<std::string, std::int64_t> values;
    bool broken = false;
};

fb::KeyPartT part(fb::KeySource source, std::uint16_t number = 0) {
    fb::KeyPartT made;
    made.source = source;
    made.number = number;
    return made;
}

template <typename Step>
Step with_key(Step step, const std::vector<fb::KeyPartT>& parts) {
    for (const fb::KeyPartT& each : parts) step.key.push_back(std::make_unique<fb::KeyPartT>(each));
    return step;
}

int add_register(KindBuilder& kind, const std::string& name, const std::string& of = {}) {
    auto declared = std::make_unique<fb::RegisterDeclaredT>();
    declared->kind = of;
    declared->name = name;
    declared->label = name;
    declared->readers = {1};
    kind.bundle.registers.push_back(std::move(declared));
    return static_cast<int>(kind.bundle.registers.size()) - 1;
}

// ---- fallbacks

// least_kind() with a fallback: `life` first calls it in, and ends at its second end.
class Fallback : public testing::Test {
protected:
    static KindBuilder builder() {
        KindBuilder kind = test::least_kind();
        kind.add_thread_state("late");
        const int reserve = kind.add_party_state("reserve");
        kind.bundle.has_fallback = true;
        kind.bundle.fallback_state = static_cast<std::uint8_t>(reserve);
        kind.bundle.acts[0]->fallback = true;
        const int answer = kind.add_clock("answer", 60);
        kind.bundle.rows[0]->effects.push_back(
            std::make_unique<fb::EffectDeclaredT>(test::start_clock(answer)));
        kind.on_clock(answer, states({0}), kAny, {},
                      {test::to_thread_state(3),
                       test::move_parties(states({reserve}), 0, fb::Release::overdue)});
        kind.on_act(1, states({3}), states({0}), {}, {test::to_thread_state(1)});
        kind.on_clock(0, states({3}), kAny, {}, {test::to_thread_state(2)});
        kind.bundle.rows[1]->parties = states({0});
        return kind;
    }
    Kind kind = builder().load().value();
    test::SeededRandom random{3};

    Thread opened() {
        ActInput ask{0, kOpener, {{kWards[0]}, {kWards[1], Standing::fallback}}, {}, {}, {}};
        return open_thread(kind, random.make<ThreadId>(), ask, nullptr).value().thread;
    }
};

TEST_F(Fallback, ItWaitsInItsStateAndHearsNothing) {
    const Thread thread = opened();
    EXPECT_EQ(kind.party_states[thread.parties[1].state].name, "reserve");
    EXPECT_EQ(thread.parties[1].waits, Release::overdue);
    EXPECT_EQ(thread.parties[0].waits, Release::at_once);
}

TEST_F(Fallback, ItCannotActBeforeTheClockAndCanAfter) {
    Thread thread = opened();
    const ActInput answer{1, kWards[1], {{kOpener}}, {}, {}, {}};
    EXPECT_EQ(apply_act(kind, thread, answer, nullptr).code(), ErrorCode::act_refused);
    const auto late = apply_clock_end(kind, thread, 1, std::nullopt);
    ASSERT_TRUE(late.ok());
    EXPECT_EQ(shown(late->consequences), (std::vector<std::string>{"released 2 to 1"}));
    EXPECT_EQ(late->thread.parties[1].waits, Release::at_once);
    const auto answered = apply_act(kind, late->thread, answer, nullptr);
    ASSERT_TRUE(answered.ok());
    EXPECT_TRUE(kind.thread_states[answered->thread.state].terminal);
}

TEST_F(Fallback, AnActThatHasNoneTakesNone) {
    KindBuilder without = builder();
    without.bundle.acts[0]->fallback = false;
    const Kind other = without.load().value();
    const ActInput ask{0, kOpener, {{kWards[0], Standing::fallback}}, {}, {}, {}};
    EXPECT_EQ(open_thread(other, {}, ask, nullptr).code(), ErrorCode::recipient_refused);
}

// ---- all parties at once; in turn

TEST(Released, AReleaseWithoutASubjectIsEveryPartys) {
    KindBuilder kind = test::least_kind();
    kind.bundle.acts[0]->release = fb::Release::confirmed;
    kind.bundle.rows[0]->effects.push_back(
        std::make_unique<fb::EffectDeclaredT>(test::release_boxes(fb::Release::confirmed)));
    const Kind loaded = kind.load().value();
    const ActInput ask{0, kOpener, {{kWards[0]}, {kWards[1]}}, {}, {}, {}};
    const auto outcome = open_thread(loaded, {}, ask, nullptr);
    ASSERT_TRUE(outcome.ok());
    EXPECT_EQ(shown(outcome->consequences),
              (std::vector<std::string>{"start 0", "released 4 to 0", "released 4 to 1"}));
}

TEST(Released, InTurnTheFirstHasItAndTheOthersWait) {
    KindBuilder kind = test::least_kind();
    kind.bundle.acts[0]->release = fb::Release::turn;
    const int waiting = kind.add_party_state("waiting");
    auto first = test::promote(states({waiting}), 0);
    first.release = fb::Release::turn;
    auto& effects = kind.bundle.rows[0]->effects;
    effects.push_back(
        std::make_unique<fb::EffectDeclaredT>(test::move_parties(states({0}), waiting)));
    effects.push_back(std::make_unique<fb::EffectDeclaredT>(first));
    const Kind loaded = kind.load().value();
    const ActInput ask{0, kOpener, {{kWards[0]}, {kWards[1]}}, {}, {}, {}};
    const auto outcome = open_thread(loaded, {}, ask, nullptr);
    ASSERT_TRUE(outcome.ok());
    EXPECT_EQ(outcome->thread.parties[0].state, 0);
    EXPECT_EQ(outcome->thread.parties[0].waits, Release::at_once);
    EXPECT_EQ(outcome->thread.parties[1].state, waiting);
    EXPECT_EQ(outcome->thread.parties[1].waits, Release::turn);
}

// ---- registers

// `ask` is accepted where register other/agreement has 1 under (field 1, attention), and sets
// `own` to field 1 under the signer.
class Registers : public testing::Test {
protected:
    static KindBuilder builder() {
        KindBuilder kind = test::least_kind();
        kind.add_public(1, "class", fb::PublicType::boolean);
        const int asked = add_register(kind, "agreement", "other");
        const int own = add_register(kind, "own");
        fb::GuardDeclaredT guard;
        guard.op = fb::GuardOp::register_is;
        guard.reg = static_cast<std::uint8_t>(asked);
        guard.value = 1;
        guard = with_key(std::move(guard),
                         {part(fb::KeySource::public_, 1), part(fb::KeySource::attention)});
        kind.bundle.rows[0]->guards.push_back(
            std::make_unique<fb::GuardDeclaredT>(std::move(guard)));
        fb::EffectDeclaredT set;
        set.op = fb::EffectOp::set_register;
        set.reg = static_cast<std::uint8_t>(own);
        set.number = 1;
        set = with_key(std::move(set), {part(fb::KeySource::signer)});
        kind.bundle.rows[0]->effects.push_back(
            std::make_unique<fb::EffectDeclaredT>(std::move(set)));
        return kind;
    }
    [[nodiscard]] Result<Outcome> ask() const { return open_thread(kind, {}, input, &registers); }
    Kind kind = builder().load().value();
    HeldRegisters registers;
    ActInput input{.act = 0,
                   .from = kOpener,
                   .to = {{kWards[0]}},
                   .publics = {{1, 1}},
                   .by = {},
                   .header = {},
                   .signer = "899700218896",
                   .attention = "01234567897"};
};

TEST_F(Registers, AGuardAsksTheEntryUnderTheKeyOfTheAct) {
    EXPECT_EQ(ask().code(), ErrorCode::register_refused);
    registers.values["other/agreement/1/01234567897"] = 0;
    EXPECT_EQ(ask().code(), ErrorCode::register_refused);
    registers.values["other/agreement/1/01234567897"] = 1;
    EXPECT_TRUE(ask().ok());
    input.attention = "10000000009";
    EXPECT_EQ(ask().code(), ErrorCode::register_refused);
    input.attention.clear();
    EXPECT_EQ(ask().code(), ErrorCode::register_refused);
}

TEST_F(Registers, AnEffectSetsTheValueOfTheActUnderItsKey) {
    registers.values["other/agreement/1/01234567897"] = 1;
    const auto outcome = ask();
    ASSERT_TRUE(outcome.ok());
    EXPECT_EQ(shown(outcome->consequences).back(), "set 899700218896 to 1");
    input.signer.clear();
    EXPECT_EQ(ask().code(), ErrorCode::register_refused);
}

TEST_F(Registers, AFailureToReadIsNoAnswer) {
    registers.broken = true;
    EXPECT_EQ(ask().code(), ErrorCode::io_failed);
}

TEST_F(Registers, WhereTheyAreNotAtHandWhatWasAcceptedIsTaken) {
    EXPECT_TRUE(open_thread(kind, {}, input, nullptr).ok());
}

TEST_F(Registers, AnotherKindsIsNotSet) {
    const auto sets_anothers = [](KindBuilder& made) {
        made.bundle.rows[0]->effects.back()->reg = 0;
    };
    EXPECT_EQ(said(builder(), sets_anothers), "row 0 (ask): sets another kind's register");
}

// ---- what follows

TEST(Followed, AnotherThreadOpenedByAPartyMovesThisOne) {
    KindBuilder kind = test::least_kind();
    auto row = std::make_unique<fb::RowDeclaredT>();
    row->trigger = fb::TriggerKind::followed;
    row->threads = states({0});
    row->parties = kAny;
    row->kind = "liaison";
    row->act = "letter";
    row->effects.push_back(std::make_unique<fb::EffectDeclaredT>(test::to_thread_state(1)));
    kind.bundle.rows.push_back(std::move(row));
    Case c(kind, 1);
    ActInput letter{0, kWards[0], {}, {}, {}, c.random.make<Digest>()};
    EXPECT_EQ(apply_followed(c.kind, c.thread, {"liaison", "note"}, letter, nullptr).code(),
              ErrorCode::act_refused);
    const auto outcome = apply_followed(c.kind, c.thread, {"liaison", "letter"}, letter, nullptr);
    ASSERT_TRUE(outcome.ok());
    EXPECT_EQ(shown(outcome->consequences), (std::vector<std::string>{"ended"}));
    letter.from = kOpener;
    EXPECT_EQ(apply_followed(c.kind, c.thread, {"liaison", "letter"}, letter, nullptr).code(),
              ErrorCode::recipient_refused);
}

// ---- roles and times

TEST(Guards, ARoleIsThatOfWhoeverItIsSignedFor) {
    KindBuilder kind = test::least_kind();
    fb::GuardDeclaredT guard;
    guard.op = fb::GuardOp::role_is;
    guard.number = 0;
    kind.bundle.rows[1]->guards.push_back(std::make_unique<fb::GuardDeclaredT>(std::move(guard)));
    Case c(kind, 1);
    EXPECT_TRUE(c.kind.asks_roles());
    ActInput answer = c.from_party("answer", 0);
    EXPECT_EQ(c.apply(answer).code(), ErrorCode::act_refused);
    answer.roles = 2;
    EXPECT_EQ(c.apply(answer).code(), ErrorCode::act_refused);
    answer.roles = 1;
    EXPECT_TRUE(c.apply(answer).ok());
}

TEST(Guards, ATimeIsCountedFromTheOpening) {
    KindBuilder kind = test::least_kind();
    fb::GuardDeclaredT guard;
    guard.op = fb::GuardOp::within;
    guard.value = 60;
    kind.bundle.rows[1]->guards.push_back(std::make_unique<fb::GuardDeclaredT>(std::move(guard)));
    Case c(kind, 1);
    c.thread.opened = WallTime{1'000'000};
    ActInput answer = c.from_party("answer", 0);
    answer.time = WallTime{1'060'001};
    EXPECT_EQ(c.apply(answer).code(), ErrorCode::act_refused);
    answer.time = WallTime{1'060'000};
    EXPECT_TRUE(c.apply(answer).ok());
}

TEST(Guards, WhatFollowsMayHaveToBeSentToTheOpener) {
    fb::GuardDeclaredT guard;
    guard.op = fb::GuardOp::to_opener;
    KindBuilder of_an_act = test::least_kind();
    of_an_act.bundle.rows[1]->guards.push_back(std::make_unique<fb::GuardDeclaredT>(guard));
    EXPECT_EQ(of_an_act.load().error().detail,
              "row 1 (answer): only what follows is sent elsewhere");

    KindBuilder kind = test::least_kind();
    auto row = std::make_unique<fb::RowDeclaredT>(*kind.bundle.rows[1]);
    row->trigger = fb::TriggerKind::followed;
    row->index = 0;
    row->kind = "liaison";
    row->act = "letter";
    row->guards.push_back(std::make_unique<fb::GuardDeclaredT>(guard));
    kind.bundle.rows.push_back(std::move(row));
    Case c(kind, 2);
    ActInput letter = c.from_party("answer", 0);
    letter.to = {{kWards[1]}};
    EXPECT_EQ(apply_followed(c.kind, c.thread, {"liaison", "letter"}, letter, nullptr).code(),
              ErrorCode::act_refused);
    letter.to = {{kWards[1]}, {kOpener}};
    EXPECT_TRUE(apply_followed(c.kind, c.thread, {"liaison", "letter"}, letter, nullptr).ok());
}

// ---- an exchange that ends as it begins

KindBuilder saying() {
    KindBuilder kind;
    kind.add_role("soignant", {directory::OrganisationKind::hospital});
    kind.add_thread_state("said", true);
    kind.add_party_state("none");
    kind.add_act("say", fb::Side::opener, fb::Recipients::nobody, true);
    kind.on_act(0, 0, kAny, {}, {test::to_thread_state(0)});
    return kind;
}

TEST(Saying, AnActToNobodyMayEndItsThread) {
    const Kind kind = saying().load().value();
    const ActInput say{0, kOpener, {}, {}, {}, {}};
    const auto outcome = open_thread(kind, {}, say, nullptr);
    ASSERT_TRUE(outcome.ok());
    EXPECT_EQ(shown(outcome->consequences), (std::vector<std::string>{"ended"}));
}

TEST(Saying, AnActToNobodyHasNoRecipientAndAnotherActHasSome) {
    const Kind kind = saying().load().value();
    const ActInput say{0, kOpener, {{kWards[0]}}, {}, {}, {}};
    EXPECT_EQ(open_thread(kind, {}, say, nullptr).code(), ErrorCode::recipient_refused);
    const Kind least = test::least_kind().load().value();
    const ActInput ask{0, kOpener, {}, {}, {}, {}};
    EXPECT_EQ(open_thread(least, {}, ask, nullptr).code(), ErrorCode::recipient_refused);
}

TEST(Saying, AThreadThatBeginsWithoutAStateDoesNotBeginInAnEnd) {
    EXPECT_EQ(said(saying(), [](KindBuilder& kind) { kind.bundle.rows[0]->effects.clear(); }),
              "the first thread state is terminal");
}

// ---- the length of a clock

TEST(ClockLengths, ThePublicFieldChooses) {
    Clock clock{"answer", "Réponse", std::chrono::hours(4), {}, {}, false, false, false};
    clock.by_public = 7;
    clock.lengths = {{1, std::chrono::minutes(10)}};
    const std::vector<PublicField> waiting = {{7, 1}};
    const std::vector<PublicField> other = {{7, 2}};
    EXPECT_EQ(clock.length_for(&waiting), std::chrono::minutes(10));
    EXPECT_EQ(clock.length_for(&other), std::chrono::hours(4));
    EXPECT_EQ(clock.length_for(nullptr), std::chrono::hours(4));
}

}  // namespace
}  // namespace relais::workflow
