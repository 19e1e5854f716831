// Of every kind that loads, and every sequence of acts and clock ends: a thread is always in a
// declared state, what is refused changes nothing, and what has not ended can end.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "tests/support/members.h"
#include "tests/support/printers.h"
#include "tests/unit/schemas/workflow/random_kind.h"

namespace relais::workflow {
namespace {

constexpr int kSteps = 40;

bool terminal(const Kind& kind, const Thread& thread) {
    return kind.thread_states[thread.state].terminal;
}

bool is_sound(const Kind& kind, const Thread& thread) {
    if (thread.state >= kind.thread_states.size()) return false;
    return std::ranges::all_of(thread.parties, [&](const Party& party) {
        return party.state < kind.party_states.size() && party.since <= thread.steps;
    });
}

bool names_what_exists(const Kind& kind, const Thread& thread, const Consequence& consequence) {
    struct Check {
        const Kind& kind;
        const Thread& thread;
        bool party(std::size_t place) const { return place < thread.parties.size(); }
        bool clock(ClockIndex clock, const std::optional<std::size_t>& of) const {
            if (clock >= kind.clocks.size() || (of && !party(*of))) return false;
            return kind.clocks[clock].per_party || !of;
        }
        bool operator()(const StartClock& c) const {
            return clock(c.clock, c.party) && kind.clocks[c.clock].per_party == c.party.has_value();
        }
        bool operator()(const StopClock& c) const { return clock(c.clock, c.party); }
        bool operator()(const Withdrawn& c) const { return party(c.party); }
        bool operator()(const Promoted& c) const { return party(c.party); }
        bool operator()(const Released& c) const { return party(c.party); }
        bool operator()(const Told& c) const { return !c.party || party(*c.party); }
        bool operator()(const GroupsReleased&) const { return !thread.groups.empty(); }
        bool operator()(const Registered& c) const { return c.reg < kind.registers.size(); }
        bool operator()(const Ended&) const { return terminal(kind, thread); }
    };
    return std::visit(Check{kind, thread}, consequence);
}

std::ptrdiff_t endings(const Outcome& outcome) {
    return std::ranges::count_if(outcome.consequences, [](const Consequence& each) {
        return std::holds_alternative<Ended>(each);
    });
}

// What every accepted step keeps.
void check_step(const Kind& kind, const Thread& before, const Outcome& outcome) {
    const Thread& after = outcome.thread;
    RC_ASSERT(!terminal(kind, before));
    RC_ASSERT(is_sound(kind, after));
    RC_ASSERT(after.steps == before.steps + 1);
    RC_ASSERT(after.id == before.id);
    RC_ASSERT(after.opener == before.opener);
    RC_ASSERT(after.parties.size() == before.parties.size());
    for (std::size_t i = 0; i < after.parties.size(); ++i) {
        const Party& party = after.parties[i];
        RC_ASSERT(party.mailbox == before.parties[i].mailbox);
        const bool moved = party.state != before.parties[i].state;
        const bool dated = party.since == after.steps;
        RC_ASSERT((!moved || dated));
    }
    RC_ASSERT((endings(outcome) == 1) == terminal(kind, after));
    for (const Consequence& each : outcome.consequences) {
        RC_ASSERT(names_what_exists(kind, after, each));
    }
    std::set<std::pair<ActIndex, PersonId>> counted;
    for (const Done& done : after.done) {
        RC_ASSERT(counted.insert(std::pair(done.act, done.by)).second);
    }
}

void do_act(const Kind& kind, Thread& thread, test::SeededRandom& random) {
    const ActInput input = random_act(kind, thread, random);
    const Thread before = thread;
    const auto outcome = apply_act(kind, thread, input, nullptr);
    RC_ASSERT(test::same(thread, before));
    if (!outcome.ok()) {
        const bool named = outcome.code() == ErrorCode::act_refused ||
                           outcome.code() == ErrorCode::recipient_refused;
        RC_ASSERT(named);
        return;
    }
    check_step(kind, before, *outcome);
    const auto possible = possible_acts(kind, before, input.from);
    RC_ASSERT(std::ranges::find(possible, input.act) != possible.end());
    const bool changed = outcome->thread.state != before.state;
    const bool marked = outcome->thread.last_change == input.header;
    RC_ASSERT((!changed || marked));
    thread = outcome->thread;
}

void end_clock(const Kind& kind, Thread& thread, test::SeededRandom& random) {
    const auto clock = static_cast<ClockIndex>(random.below(kind.clocks.size()));
    std::optional<std::size_t> party;
    if (kind.clocks[clock].per_party) party = random.below(thread.parties.size());
    const auto outcome = apply_clock_end(kind, thread, clock, party);
    if (!outcome.ok()) {
        RC_ASSERT(outcome.code() == ErrorCode::act_refused);
        return;
    }
    check_step(kind, thread, *outcome);
    RC_ASSERT(outcome->thread.last_change == thread.last_change);
    thread = outcome->thread;
}

// The clock that the rules of endings ask for: some clock of the thread ends it wherever it stands.
bool some_clock_ends(const Kind& kind, const Thread& thread) {
    for (ClockIndex clock = 0; clock < kind.clocks.size(); ++clock) {
        if (kind.clocks[clock].per_party) continue;
        const auto outcome = apply_clock_end(kind, thread, clock, std::nullopt);
        if (outcome.ok() && terminal(kind, outcome->thread)) return true;
    }
    return false;
}

RC_GTEST_PROP(EveryKind, AThreadStaysSoundAndCanAlwaysEnd, ()) {
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    test::SeededRandom random(seed);
    const Kind kind = random_kind(random);
    const auto opened =
        open_thread(kind, random.make<ThreadId>(), random_opening(kind, random), nullptr);
    RC_ASSERT(opened.ok());
    Thread thread = opened->thread;
    RC_ASSERT(is_sound(kind, thread));
    for (int step = 0; step < kSteps; ++step) {
        if (!terminal(kind, thread)) RC_ASSERT(some_clock_ends(kind, thread));
        if (random.one_in(6)) {
            end_clock(kind, thread, random);
        } else {
            do_act(kind, thread, random);
        }
    }
    RC_CLASSIFY(terminal(kind, thread), "ended");
}

RC_GTEST_PROP(EveryKind, TheSameActsGiveTheSameThread, ()) {
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const auto run = [seed] {
        test::SeededRandom random(seed);
        const Kind kind = random_kind(random);
        Thread thread =
            open_thread(kind, random.make<ThreadId>(), random_opening(kind, random), nullptr)
                ->thread;
        for (int step = 0; step < kSteps; ++step) do_act(kind, thread, random);
        return thread;
    };
    RC_ASSERT(test::same(run(), run()));
}

// Else the property above would say something of very few kinds.
TEST(EveryKindDrawn, ManyLoadManyAreRefusedAndManyThreadsMove) {
    test::SeededRandom random(1);
    int loaded = 0;
    int moved = 0;
    constexpr int kDrawn = 300;
    for (int i = 0; i < kDrawn; ++i) {
        const auto kind = random_bundle(random).load();
        if (!kind.ok()) continue;
        ++loaded;
        Thread thread = open_thread(*kind, {}, random_opening(*kind, random), nullptr)->thread;
        for (int step = 0; step < kSteps; ++step) {
            const auto outcome =
                apply_act(*kind, thread, random_act(*kind, thread, random), nullptr);
            if (outcome.ok()) thread = outcome->thread;
        }
        if (thread.steps > 3) ++moved;
    }
    EXPECT_GT(loaded, kDrawn / 5);
    EXPECT_LT(loaded, kDrawn);
    EXPECT_GT(moved, loaded / 4);
}

}  // namespace
}  // namespace relais::workflow
