#include "tests/unit/schemas/workflow/random_kind.h"

namespace relais::workflow {

namespace {

using test::KindBuilder;
using test::SeededRandom;

constexpr int kPersons = 3;  // few, so that quorums are met

class Drawing {
public:
    explicit Drawing(SeededRandom& random) : random_(random) {}

    KindBuilder draw() {
        draw_lists();
        const int open = kind_.add_act("open", fb::Side::opener, fb::Recipients::parties, true);
        kind_.on_act(open, 0, test::kAnyParty, {},
                     {test::to_thread_state(0), test::start_clock(0)});
        const int acts = 1 + below(6);
        for (int i = 0; i < acts; ++i) draw_act(i);
        draw_paths(acts);
        for (int clock = 1; clock < clocks(); ++clock) draw_clock_row(clock);
        const int more = below(8);
        for (int i = 0; i < more; ++i) draw_act_row(1 + below(acts));
        if (random_.one_in(4)) draw_clock_row(0);
        draw_endings();
        return std::move(kind_);
    }

private:
    int below(int count) {
        return static_cast<int>(random_.below(static_cast<std::uint64_t>(count)));
    }
    [[nodiscard]] int clocks() const { return static_cast<int>(kind_.bundle.clocks.size()); }
    std::uint16_t mask(int places) {
        return static_cast<std::uint16_t>(1 + random_.below((1U << places) - 1));
    }

    void draw_lists() {
        kind_.add_role("soignant", {});
        live_ = 1 + below(4);
        const int ends = 1 + below(2);
        for (int i = 0; i < live_; ++i) kind_.add_thread_state("live" + std::to_string(i));
        for (int i = 0; i < ends; ++i) kind_.add_thread_state("end" + std::to_string(i), true);
        states_ = live_ + ends;
        party_states_ = 1 + below(5);
        for (int i = 0; i < party_states_; ++i) kind_.add_party_state("p" + std::to_string(i));
        kind_.add_public(1, "flag", fb::PublicType::boolean);
        kind_.add_clock("life", 3600);
        const int more = below(3);
        for (int i = 0; i < more; ++i) kind_.add_clock("c" + std::to_string(i), 60, below(3) > 0);
    }

    void draw_act(int number) {
        const bool of_party = random_.one_in(2);
        const auto recipients = static_cast<fb::Recipients>(2 + below(3));
        kind_.add_act("act" + std::to_string(number), of_party ? fb::Side::party : fb::Side::opener,
                      of_party ? fb::Recipients::opener : recipients);
        draw_act_row(number + 1);
    }

    // Every state after the first has a row that leads to it from an earlier one.
    void draw_paths(int acts) {
        for (int state = 1; state < states_; ++state) {
            const int from = below(std::min(state, live_));
            kind_.on_act(1 + below(acts), test::states({from}), test::kAnyParty, {},
                         {test::to_thread_state(state)});
        }
    }

    void draw_act_row(int act) {
        const fb::ActDeclaredT& declared = *kind_.bundle.acts[static_cast<std::size_t>(act)];
        const bool subject =
            declared.side == fb::Side::party || declared.recipients == fb::Recipients::one_party;
        kind_.on_act(act, mask(live_), subject ? mask(party_states_) : test::kAnyParty,
                     draw_guards(), draw_effects(subject));
    }

    void draw_clock_row(int clock) {
        const bool subject = kind_.bundle.clocks[static_cast<std::size_t>(clock)]->per_party;
        kind_.on_clock(clock, mask(live_), subject ? mask(party_states_) : test::kAnyParty,
                       draw_guards(), draw_effects(subject));
    }

    std::vector<fb::GuardDeclaredT> draw_guards() {
        std::vector<fb::GuardDeclaredT> guards;
        for (int left = below(3); left > 0; --left) {
            switch (below(6)) {
                case 0: guards.push_back(test::no_party_in(mask(party_states_))); break;
                case 4: guards.push_back(test::no_other_party_in(mask(party_states_))); break;
                case 1: guards.push_back(test::some_party_in(mask(party_states_))); break;
                case 2: guards.push_back(test::all_parties_in(mask(party_states_))); break;
                case 3: guards.push_back(test::public_is(1, below(2))); break;
                default: guards.push_back(test::quorum(2)); break;
            }
        }
        return guards;
    }

    std::vector<fb::EffectDeclaredT> draw_effects(bool subject) {
        std::vector<fb::EffectDeclaredT> effects;
        if (random_.one_in(4)) effects.push_back(test::to_thread_state(below(states_)));
        for (int left = below(4); left > 0; --left) {
            const int state = below(party_states_);
            const int clock = below(clocks());
            const bool per_party = kind_.bundle.clocks[static_cast<std::size_t>(clock)]->per_party;
            switch (below(7)) {
                case 5: effects.push_back(test::move_parties(mask(party_states_), state)); break;
                case 0:
                    if (subject) effects.push_back(test::to_party_state(state));
                    break;
                case 1: effects.push_back(test::withdraw(mask(party_states_), state)); break;
                case 2: effects.push_back(test::promote(mask(party_states_), state)); break;
                case 3:
                    if (subject || !per_party) effects.push_back(test::start_clock(clock));
                    break;
                case 4:
                    if (clock != 0) effects.push_back(test::stop_clock(clock));
                    break;
                default: effects.push_back(test::release_boxes(fb::Release::chosen)); break;
            }
        }
        return effects;
    }

    // The end of clock 0 ends every state; sometimes one is forgotten.
    void draw_endings() {
        for (int state = 0; state < live_; ++state) {
            if (random_.one_in(10)) continue;
            kind_.on_clock(0, test::states({state}), test::kAnyParty, {},
                           {test::to_thread_state(live_ + below(states_ - live_))});
        }
    }

    SeededRandom& random_;
    KindBuilder kind_;
    int live_ = 0;  // thread states that are no end; they come first
    int states_ = 0;
    int party_states_ = 0;
};

Address mailbox_at(std::uint64_t place) {
    return test::address("u" + std::to_string(place) + ".ch@indre");
}

const Address kOpenerOfAll = test::address("cabinet@indre");

}  // namespace

KindBuilder random_bundle(SeededRandom& random) { return Drawing(random).draw(); }

Kind random_kind(SeededRandom& random) {
    while (true) {
        auto kind = random_bundle(random).load();
        if (kind.ok()) return std::move(kind).value();
    }
}

namespace {

PersonId some_person(SeededRandom& random) {
    PersonId id;
    id.bytes[0] = static_cast<std::uint8_t>(random.below(kPersons));
    return id;
}

std::vector<PublicField> some_publics(SeededRandom& random) {
    if (random.one_in(3)) return {};
    return {{1, static_cast<std::int64_t>(random.below(2))}};
}

}  // namespace

ActInput random_opening(const Kind& kind, SeededRandom& random) {
    const ActIndex act = kind.opening_acts().front();
    ActInput input{
        act, kOpenerOfAll, {}, some_publics(random), some_person(random), random.make<Digest>()};
    const std::uint64_t parties = 1 + random.below(4);
    for (std::uint64_t i = 0; i < parties; ++i) input.to.push_back({mailbox_at(i)});
    return input;
}

ActInput random_act(const Kind& kind, const Thread& thread, SeededRandom& random) {
    const auto index = static_cast<ActIndex>(random.below(kind.acts.size()));
    const Act& act = kind.acts[index];
    const Address& party = thread.parties[random.below(thread.parties.size())].mailbox;
    ActInput input{
        index, thread.opener, {}, some_publics(random), some_person(random), random.make<Digest>()};
    if (act.side == Side::party) {
        input.from = party;
        input.to = {{thread.opener}};
    } else if (act.recipients == Recipients::one_party || random.one_in(4)) {
        input.to = {{party}};
    } else {
        for (const Party& each : thread.parties) input.to.push_back({each.mailbox});
    }
    if (random.one_in(15)) input.from = mailbox_at(random.below(6));
    if (random.one_in(15)) input.to.push_back({mailbox_at(random.below(6))});
    return input;
}

}  // namespace relais::workflow
