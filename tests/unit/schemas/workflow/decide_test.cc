// Threads under small kinds: who may act towards whom, each guard, each effect.
#include "schemas/workflow/decide.h"

#include "tests/unit/schemas/workflow/fixture.h"

namespace relais::workflow {

std::vector<std::string> shown(const std::vector<Consequence>& consequences) {
    std::vector<std::string> lines;
    const auto of = [](const std::optional<std::size_t>& party) {
        return party ? " of " + std::to_string(*party) : std::string();
    };
    struct Show {
        decltype(of) suffix;
        std::string operator()(const StartClock& c) const {
            return "start " + std::to_string(c.clock) + suffix(c.party);
        }
        std::string operator()(const StopClock& c) const {
            return "stop " + std::to_string(c.clock) + suffix(c.party);
        }
        std::string operator()(const Withdrawn& c) const {
            return "withdrawn " + std::to_string(c.party);
        }
        std::string operator()(const Promoted& c) const {
            return "promoted " + std::to_string(c.party);
        }
        std::string operator()(const Told& c) const {
            return c.party ? "told " + std::to_string(*c.party) : "told";
        }
        std::string operator()(const Released& c) const {
            return "released " + std::to_string(static_cast<int>(c.condition)) + " to " +
                   std::to_string(c.party);
        }
        std::string operator()(const GroupsReleased& c) const {
            return "released " + std::to_string(static_cast<int>(c.condition)) + " to the groups";
        }
        std::string operator()(const Registered& c) const {
            return "set " + c.key + " to " + std::to_string(c.value);
        }
        std::string operator()(const Ended&) const { return "ended"; }
    };
    for (const Consequence& each : consequences) lines.push_back(std::visit(Show{of}, each));
    return lines;
}

namespace {

using Lines = std::vector<std::string>;
using test::bed_request;
using test::least_kind;
using test::states;

class OpenThread : public testing::Test {
protected:
    ActInput input(const std::vector<Address>& to) {
        ActInput made{0, kOpener, {}, {}, {}, random.make<Digest>()};
        for (const Address& mailbox : to) made.to.push_back({mailbox});
        return made;
    }
    test::SeededRandom random{1};
    Kind kind = bed_request().load().value();
};

TEST_F(OpenThread, EveryRecipientBecomesAPartyInTheFirstState) {
    const auto id = random.make<ThreadId>();
    const ActInput call = input(kWards);
    const auto outcome = open_thread(kind, id, call, nullptr);
    ASSERT_TRUE(outcome.ok()) << outcome.error().describe();
    const Thread& thread = outcome->thread;
    EXPECT_EQ(thread.id, id);
    EXPECT_EQ(thread.kind, kind.digest);
    EXPECT_EQ(thread.opener, kOpener);
    EXPECT_EQ(thread.state, 0);
    EXPECT_EQ(thread.steps, 1U);
    EXPECT_EQ(thread.last_change, call.header);
    ASSERT_EQ(thread.parties.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(thread.parties[i].mailbox, kWards[i]);
        EXPECT_EQ(thread.parties[i].state, 0);
        EXPECT_EQ(thread.party(kWards[i]), i);
        EXPECT_TRUE(thread.takes_part(kWards[i]));
    }
    EXPECT_TRUE(thread.takes_part(kOpener));
    EXPECT_FALSE(thread.takes_part(test::address("nobody@indre")));
    EXPECT_EQ(thread.party(kOpener), std::nullopt);
    EXPECT_EQ(shown(outcome->consequences), (Lines{"start 0", "start 2"}));
}

TEST_F(OpenThread, AnotherActDoesNotOpen) {
    ActInput offer = input(kWards);
    offer.act = 2;
    EXPECT_EQ(open_thread(kind, {}, offer, nullptr).code(), ErrorCode::act_refused);
}

TEST_F(OpenThread, TheOpenerIsNoParty) {
    EXPECT_EQ(open_thread(kind, {}, input({kWards[0], kOpener}), nullptr).code(),
              ErrorCode::recipient_refused);
}

TEST_F(OpenThread, OpeningRowsMayDependOnWhatIsPublished) {
    test::KindBuilder builder = least_kind();
    builder.add_public(1, "urgent", fb::PublicType::boolean);
    builder.add_thread_state("hurried");
    builder.bundle.rows[2]->threads = states({0, 3});
    builder.on_act(0, 0, kAny, {test::public_is(1, 1)},
                   {test::to_thread_state(3), test::start_clock(0)});
    std::swap(builder.bundle.rows[0], builder.bundle.rows[3]);
    const Kind hurried = builder.load().value();
    ActInput ask = input({kWards[0]});
    EXPECT_EQ(open_thread(hurried, {}, ask, nullptr).value().thread.state, 0);
    ask.publics = {{1, 1}};
    EXPECT_EQ(open_thread(hurried, {}, ask, nullptr).value().thread.state, 3);
    ask.publics = {{1, 0}};
    EXPECT_EQ(open_thread(hurried, {}, ask, nullptr).value().thread.state, 0);
}

// ---- who acts towards whom
// -----------------------------------------------------------------------

class Sides : public testing::Test {
protected:
    Case c{bed_request()};
};

TEST_F(Sides, AnOpenThreadIsNotOpenedAgain) {
    EXPECT_EQ(c.opener_does("call", {0}).code(), ErrorCode::act_refused);
}

TEST_F(Sides, APartysActComesFromAPartyAndGoesToTheOpenerAlone) {
    ActInput offer = c.from_party("offer", 0);
    offer.from = test::address("nobody@indre");
    EXPECT_EQ(c.apply(offer).code(), ErrorCode::recipient_refused);
    offer.from = kOpener;
    EXPECT_EQ(c.apply(offer).code(), ErrorCode::recipient_refused);
    offer = c.from_party("offer", 0);
    offer.to = {{kWards[1]}};
    EXPECT_EQ(c.apply(offer).code(), ErrorCode::recipient_refused);
    offer.to = {{kOpener}, {kWards[1]}};
    EXPECT_EQ(c.apply(offer).code(), ErrorCode::recipient_refused);
    offer.to = {{kOpener}};
    EXPECT_TRUE(c.apply(offer).ok());
}

TEST_F(Sides, TheOpenersActComesFromTheOpenerAndGoesToParties) {
    ActInput deposit = c.from_opener("deposit", {0, 1, 2});
    deposit.from = kWards[0];
    EXPECT_EQ(c.apply(deposit).code(), ErrorCode::recipient_refused);
    deposit = c.from_opener("deposit", {0, 1, 2});
    deposit.to[2] = {test::address("nobody@indre")};
    EXPECT_EQ(c.apply(deposit).code(), ErrorCode::recipient_refused);
    EXPECT_TRUE(c.opener_does("deposit", {2, 0, 1}).ok()) << "in any order";
}

TEST_F(Sides, AnActToAllPartiesGoesToAll) {
    EXPECT_EQ(c.opener_does("deposit", {0, 1}).code(), ErrorCode::recipient_refused);
    EXPECT_EQ(c.opener_does("deposit", {}).code(), ErrorCode::recipient_refused);
    EXPECT_TRUE(c.opener_does("deposit", {0, 1, 2}).ok());
}

// A case opened to nobody: there is nobody to write to, and it goes on all the same.
TEST_F(Sides, AnActToAllPartiesOfACaseWithoutAnyGoesToNobody) {
    c.thread.parties.clear();
    ActInput deposit = c.from_opener("deposit", {});
    EXPECT_TRUE(c.apply(deposit).ok());
    deposit.to = {{kWards[0]}};
    EXPECT_EQ(c.apply(deposit).code(), ErrorCode::recipient_refused);
    EXPECT_EQ(c.opener_does("choose", {}).code(), ErrorCode::recipient_refused)
        << "one that goes to one party needs one";
}

// One that is there no more does not keep the others from what is said to all.
TEST_F(Sides, AnActToAllPartiesMayLeaveOutThoseThatAreGoneAndNoOther) {
    ActInput deposit = c.from_opener("deposit", {0, 2});
    deposit.gone = {kWards[0]};
    EXPECT_EQ(c.apply(deposit).code(), ErrorCode::recipient_refused) << "the second is there";
    deposit = c.from_opener("deposit", {});
    deposit.gone = {kWards[0], kWards[1]};
    EXPECT_EQ(c.apply(deposit).code(), ErrorCode::recipient_refused) << "the third is there";
    deposit = c.from_opener("deposit", {2, 2});
    deposit.gone = {kWards[1]};
    EXPECT_EQ(c.apply(deposit).code(), ErrorCode::recipient_refused) << "one of them twice";
    deposit = c.from_opener("deposit", {0, 2});
    deposit.gone = {kWards[1]};
    EXPECT_TRUE(c.apply(deposit).ok());
    deposit = c.from_opener("deposit", {});
    deposit.gone = kWards;
    EXPECT_TRUE(c.apply(deposit).ok()) << "to nobody: nobody is left";
}

TEST_F(Sides, AnActToOnePartyGoesToOne) {
    ASSERT_TRUE(c.party_does(0, "offer").ok());
    EXPECT_EQ(c.opener_does("choose", {0, 1}).code(), ErrorCode::recipient_refused);
    EXPECT_EQ(c.opener_does("choose", {}).code(), ErrorCode::recipient_refused);
    EXPECT_TRUE(c.opener_does("choose", {0}).ok());
}

TEST(SidesOfParties, AnActToPartiesGoesToSomeOfThem) {
    Case c(test::double_approval());
    EXPECT_TRUE(c.opener_does("urge", {1}, {{1, 1}}).ok());
    Case other(test::double_approval());
    EXPECT_TRUE(other.opener_does("urge", {2, 0}, {{1, 1}}).ok());
}

// ---- the table
// -----------------------------------------------------------------------------------

TEST(Table, WhatHasNoRowIsRefused) {
    Case c(bed_request());
    EXPECT_EQ(c.opener_does("choose", {0}).code(), ErrorCode::act_refused) << "no offer yet";
    EXPECT_EQ(c.opener_does("close", {0}).code(), ErrorCode::act_refused);
    EXPECT_EQ(c.clock_ends(1, 0).code(), ErrorCode::act_refused) << "party 0 holds nothing";
    EXPECT_EQ(c.thread.steps, 1U);
}

TEST(Table, TheFirstRowThatFitsDecides) {
    test::KindBuilder builder = least_kind();
    builder.add_party_state("first");
    builder.add_party_state("second");
    builder.bundle.rows[1]->parties = states({0});
    builder.bundle.rows[1]->effects.clear();
    builder.bundle.rows[1]->effects.push_back(
        std::make_unique<fb::EffectDeclaredT>(test::to_party_state(1)));
    builder.on_act(1, states({0}), states({0, 1}), {}, {test::to_party_state(2)});
    builder.on_act(1, states({0}), states({2}), {}, {test::to_thread_state(1)});
    Case c(builder);
    ASSERT_TRUE(c.party_does(0, "answer").ok());
    EXPECT_EQ(c.state(0), "first");
    ASSERT_TRUE(c.party_does(0, "answer").ok());
    EXPECT_EQ(c.state(0), "second");
}

// A kind in which party 0 answers under one guard; the guard holds when it answers at all.
bool guard_holds(const fb::GuardDeclaredT& guard, const std::vector<StateIndex>& party_states,
                 std::vector<PublicField> publics = {}) {
    test::KindBuilder builder = least_kind();
    for (const char* state : {"b", "c"}) builder.add_party_state(state);
    builder.add_public(1, "urgent", fb::PublicType::boolean);
    builder.add_public(2, "other", fb::PublicType::boolean);
    builder.bundle.rows[1]->guards.push_back(std::make_unique<fb::GuardDeclaredT>(guard));
    Case c(builder, party_states.size());
    for (std::size_t i = 0; i < party_states.size(); ++i) {
        c.thread.parties[i].state = party_states[i];
    }
    ActInput input = c.from_party("answer", 0);
    input.publics = std::move(publics);
    return c.apply(input).ok();
}

TEST(Guards, NoPartyIn) {
    EXPECT_TRUE(guard_holds(test::no_party_in(states({1})), {0, 0, 2}));
    EXPECT_FALSE(guard_holds(test::no_party_in(states({1})), {0, 1, 2}));
    EXPECT_FALSE(guard_holds(test::no_party_in(states({0})), {0, 1, 2})) << "the subject counts";
    EXPECT_TRUE(guard_holds(test::no_party_in(0), {0, 1, 2}));
}

TEST(Guards, NoOtherPartyIn) {
    EXPECT_TRUE(guard_holds(test::no_other_party_in(states({0})), {0, 1, 2}))
        << "the subject does not count";
    EXPECT_FALSE(guard_holds(test::no_other_party_in(states({0})), {0, 1, 0}));
    EXPECT_TRUE(guard_holds(test::no_other_party_in(states({0})), {0}));
}

TEST(Guards, SomePartyIn) {
    EXPECT_TRUE(guard_holds(test::some_party_in(states({1})), {0, 1, 2}));
    EXPECT_FALSE(guard_holds(test::some_party_in(states({1})), {0, 0, 2}));
    EXPECT_TRUE(guard_holds(test::some_party_in(states({1, 2})), {0, 0, 2}));
    EXPECT_FALSE(guard_holds(test::some_party_in(0), {0, 1, 2}));
}

TEST(Guards, AllPartiesIn) {
    EXPECT_TRUE(guard_holds(test::all_parties_in(states({0, 2})), {0, 0, 2}));
    EXPECT_FALSE(guard_holds(test::all_parties_in(states({0, 2})), {0, 1, 2}));
    EXPECT_TRUE(guard_holds(test::all_parties_in(states({1})), {1}));
}

TEST(Guards, PublicIs) {
    const auto urgent = test::public_is(1, 1);
    EXPECT_TRUE(guard_holds(urgent, {0}, {{1, 1}}));
    EXPECT_FALSE(guard_holds(urgent, {0}, {{1, 0}}));
    EXPECT_FALSE(guard_holds(urgent, {0}, {{2, 1}}));
    EXPECT_FALSE(guard_holds(urgent, {0}));
    EXPECT_TRUE(guard_holds(test::public_is(2, 1), {0}, {{1, 0}, {2, 1}}));
}

// A row whose guards hold in part does not fit.
TEST(Guards, AllOfARowsGuardsHold) {
    test::KindBuilder builder = least_kind();
    builder.add_party_state("b");
    for (const auto& guard : {test::no_party_in(states({1})), test::all_parties_in(states({1}))}) {
        builder.bundle.rows[1]->guards.push_back(std::make_unique<fb::GuardDeclaredT>(guard));
    }
    Case c(builder, 1);
    EXPECT_FALSE(c.party_does(0, "answer").ok());
    c.thread.parties[0].state = 1;
    EXPECT_FALSE(c.party_does(0, "answer").ok());
}

TEST(Guards, AClockHasNoPublicFieldAndNoPerson) {
    test::KindBuilder builder = least_kind();
    builder.add_public(1, "urgent", fb::PublicType::boolean);
    builder.on_clock(0, states({0}), kAny, {test::public_is(1, 0)}, {test::to_thread_state(1)});
    builder.on_clock(0, states({0}), kAny, {test::quorum(2)}, {test::to_thread_state(1)});
    std::rotate(builder.bundle.rows.begin() + 2, builder.bundle.rows.begin() + 3,
                builder.bundle.rows.end());
    Case c(builder);
    ASSERT_TRUE(c.clock_ends(0).ok());
    EXPECT_EQ(c.state(), "expired");
}

TEST(Steps, EachActAndClockEndIsOneStepAndMarksWhoMoved) {
    Case c(bed_request());
    ASSERT_TRUE(c.opener_does("deposit", {0, 1, 2}).ok());
    EXPECT_EQ(c.thread.steps, 2U);
    ASSERT_TRUE(c.party_does(1, "offer").ok());
    EXPECT_EQ(c.thread.steps, 3U);
    EXPECT_EQ(c.thread.parties[1].since, 3U);
    EXPECT_EQ(c.thread.parties[0].since, 0U);
    ASSERT_TRUE(c.clock_ends(1, 1).ok());
    EXPECT_EQ(c.thread.steps, 4U);
    EXPECT_EQ(c.thread.parties[1].since, 4U);
}

TEST(Steps, TheLastChangeIsTheActThatLastChangedAState) {
    Case c(bed_request());
    const Digest call = c.thread.last_change;
    ASSERT_TRUE(c.opener_does("deposit", {0, 1, 2}).ok());
    EXPECT_EQ(c.thread.last_change, call) << "a deposit changes nothing";
    const ActInput offer = c.from_party("offer", 1);
    ASSERT_TRUE(c.apply(offer).ok());
    EXPECT_EQ(c.thread.last_change, offer.header);
    ASSERT_TRUE(c.clock_ends(1, 1).ok());
    EXPECT_EQ(c.thread.last_change, offer.header) << "a clock is no act";
}

TEST(Steps, AClockOfAPartyHasAPartyAndAnotherHasNone) {
    Case c(bed_request());
    ASSERT_TRUE(c.party_does(0, "offer").ok());
    EXPECT_DEATH((void)apply_clock_end(c.kind, c.thread, 1, std::nullopt), "per_party");
    EXPECT_DEATH((void)apply_clock_end(c.kind, c.thread, 2, 0), "per_party");
    EXPECT_DEATH((void)apply_clock_end(c.kind, c.thread, 1, 3), "parties");
    EXPECT_DEATH((void)apply_clock_end(c.kind, c.thread, 3, std::nullopt), "clocks");
}

}  // namespace
}  // namespace relais::workflow
