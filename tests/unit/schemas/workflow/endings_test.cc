// Nothing ends in silence: every thread of a kind that loads can end, and does when its clock ends.
#include "tests/unit/schemas/workflow/fixture.h"

namespace relais::workflow {
namespace {

using test::KindBuilder;
using test::states;

const std::string kForEver =
    "no clock ends the thread from every state: a thread could stay open for ever";

TEST(Endings, EveryThreadStateCanBeReached) {
    EXPECT_EQ(least([](auto& k) { k.add_thread_state("island"); }),
              "thread state island: cannot be reached");
    EXPECT_EQ(least([](auto& k) { k.add_thread_state("island", true); }),
              "thread state island: cannot be reached");
    // Only from itself.
    EXPECT_EQ(least([](auto& k) {
                  const int island = k.add_thread_state("island");
                  k.on_act(1, states({island}), kAny, {}, {test::to_thread_state(island)});
              }),
              "thread state island: cannot be reached");
}

TEST(Endings, AClockOfTheThreadEndsIt) {
    EXPECT_EQ(least([](auto& k) { k.bundle.rows[2]->effects.clear(); }),
              "thread state expired: cannot be reached");
    EXPECT_EQ(least([](auto& k) {
                  k.bundle.rows[2]->effects.clear();
                  k.bundle.thread_states.pop_back();
              }),
              kForEver);
    EXPECT_EQ(least([](auto& k) { k.bundle.clocks[0]->per_party = true; }),
              "row 0 (ask): its effect needs a party as subject");
}

TEST(Endings, TheClockIsStartedWhenTheThreadOpensAndNeverStopped) {
    EXPECT_EQ(least([](auto& k) { k.bundle.rows[0]->effects.pop_back(); }), kForEver);
    EXPECT_EQ(least([](auto& k) {
                  const int stop = k.add_act("pause", fb::Side::party, fb::Recipients::opener);
                  k.on_act(stop, states({0}), kAny, {}, {test::stop_clock(0)});
              }),
              kForEver);
}

TEST(Endings, EveryOpeningRowStartsIt) {
    EXPECT_EQ(
        least([](auto& k) {
            k.add_public(1, "urgent", fb::PublicType::boolean);
            auto row = std::make_unique<fb::RowDeclaredT>(*k.bundle.rows[0]);
            row->effects.pop_back();
            row->guards.push_back(std::make_unique<fb::GuardDeclaredT>(test::public_is(1, 1)));
            k.bundle.rows.insert(k.bundle.rows.begin(), std::move(row));
        }),
        kForEver);
}

TEST(Endings, ItEndsTheThreadFromEveryStateThatIsReached) {
    const auto paused = [](std::uint16_t ended_from) {
        return [ended_from](KindBuilder& k) {
            const int state = k.add_thread_state("paused");
            const int pause = k.add_act("pause", fb::Side::party, fb::Recipients::opener);
            k.on_act(pause, states({0}), kAny, {}, {test::to_thread_state(state)});
            k.bundle.rows[2]->threads = ended_from;
        };
    };
    EXPECT_EQ(least(paused(states({0}))), kForEver);
    EXPECT_EQ(least(paused(states({3}))), kForEver);
    EXPECT_EQ(least(paused(states({0, 3}))), "accepted");
}

TEST(Endings, AnEndThatAConditionMayPreventIsNone) {
    EXPECT_EQ(least([](auto& k) {
                  k.bundle.rows[2]->guards.push_back(
                      std::make_unique<fb::GuardDeclaredT>(test::some_party_in(states({0}))));
              }),
              kForEver);
}

// The first row that fits decides: one that comes before must not let the clock end for nothing.
TEST(Endings, ARowBeforeTheEndMustEndTheThreadToo) {
    const auto before = [](std::vector<fb::GuardDeclaredT> guards,
                           std::vector<fb::EffectDeclaredT> effects) {
        return [=](KindBuilder& k) {
            k.on_clock(0, states({0}), kAny, guards, effects);
            std::swap(k.bundle.rows[2], k.bundle.rows[3]);
        };
    };
    EXPECT_EQ(least(before({}, {})), kForEver);
    EXPECT_EQ(least(before({test::some_party_in(states({0}))}, {})), kForEver);
    EXPECT_EQ(least(before({test::some_party_in(states({0}))}, {test::to_thread_state(0)})),
              kForEver);
    EXPECT_EQ(least(before({test::some_party_in(states({0}))}, {test::start_clock(0)})), kForEver)
        << "a clock that may start itself again may never end";
    EXPECT_EQ(least(before({test::some_party_in(states({0}))}, {test::to_thread_state(1)})),
              "accepted");
}

TEST(Endings, RowsAfterTheEndAreNeverAsked) {
    EXPECT_EQ(least([](auto& k) { k.on_clock(0, states({0}), kAny, {}, {}); }), "accepted");
}

// What has ended stays as it is: no row applies there.
TEST(Endings, NoRowAppliesInATerminalState) {
    EXPECT_EQ(least([](auto& k) {
                  k.bundle.rows[1]->threads = states({0, 1});
              }),
              "row 1 (answer): applies in a terminal state");
    EXPECT_EQ(least([](auto& k) {
                  k.bundle.rows[2]->threads = states({0, 2});
              }),
              "row 2 (life): applies in a terminal state");
    EXPECT_EQ(least([](auto& k) { k.bundle.rows[2]->threads = 0xFFFF; }),
              "row 2 (life): applies in a terminal state");
}

}  // namespace
}  // namespace relais::workflow
