#include "schemas/workflow/decide.h"

#include <algorithm>
#include <set>

namespace relais::workflow {

namespace {

// One evaluation: the thread as it was, and who and what moves it.
struct Step {
    const Kind& kind;
    const Thread& thread;
    TriggerKind trigger;
    std::uint8_t index;
    std::optional<std::size_t> subject;
    const ActInput* input;  // null for a clock
};

bool any_party_in(const Thread& thread, StateMask states) {
    return std::ranges::any_of(thread.parties,
                               [&](const Party& party) { return in_mask(states, party.state); });
}

bool all_parties_in(const Thread& thread, StateMask states) {
    return std::ranges::all_of(thread.parties,
                               [&](const Party& party) { return in_mask(states, party.state); });
}

bool public_is(const ActInput* input, std::uint16_t number, std::int64_t value) {
    if (input == nullptr) return false;
    return std::ranges::any_of(input->publics, [&](const PublicField& field) {
        return field.number == number && field.value == value;
    });
}

bool quorum_reached(const Step& step, std::uint8_t count) {
    if (step.input == nullptr) return false;
    std::set<PersonId> persons = {step.input->by};
    for (const Done& done : step.thread.done) {
        if (done.act == step.index) persons.insert(done.by);
    }
    return persons.size() >= count;
}

bool holds(const Step& step, const Guard& guard) {
    switch (guard.op) {
        case GuardOp::no_party_in: return !any_party_in(step.thread, guard.states);
        case GuardOp::some_party_in: return any_party_in(step.thread, guard.states);
        case GuardOp::all_parties_in: return all_parties_in(step.thread, guard.states);
        case GuardOp::public_is: return public_is(step.input, guard.number, guard.value);
        case GuardOp::quorum: return quorum_reached(step, guard.count);
    }
    return false;
}

bool fits_states(const Row& row, const Thread& thread, std::optional<std::size_t> subject) {
    if (!in_mask(row.threads, thread.state)) return false;
    return !subject || in_mask(row.parties, thread.parties[*subject].state);
}

// The first row that fits; null for none.
const Row* find_row(const Step& step, bool opening) {
    for (const Row& row : step.kind.rows) {
        if (row.trigger != step.trigger || row.index != step.index) continue;
        const bool state_fits =
            opening ? row.threads == 0 : fits_states(row, step.thread, step.subject);
        const auto held = [&](const Guard& guard) { return holds(step, guard); };
        if (state_fits && std::ranges::all_of(row.guards, held)) return &row;
    }
    return nullptr;
}

// Applies one row's effects to a copy of the thread.
class Application {
public:
    Application(const Step& step) : step_(step), outcome_{step.thread, {}} {
        ++outcome_.thread.steps;
    }

    void run(const Effect& effect) {
        switch (effect.op) {
            case EffectOp::thread_state: return set_thread(effect.state);
            case EffectOp::party_state: return set_party(*step_.subject, effect.state);
            case EffectOp::withdraw: return withdraw(effect);
            case EffectOp::promote: return promote(effect);
            case EffectOp::start_clock: return add(StartClock{*effect.clock, clock_party(effect)});
            case EffectOp::stop_clock: return add(StopClock{*effect.clock, clock_party(effect)});
            case EffectOp::release: return add(Released{effect.release, *step_.subject});
        }
    }

    Outcome finish() && {
        if (step_.input != nullptr && counts_for_quorum()) remember_person();
        if (step_.input != nullptr && changed_) outcome_.thread.last_change = step_.input->header;
        return std::move(outcome_);
    }

private:
    void add(Consequence consequence) { outcome_.consequences.push_back(std::move(consequence)); }

    void set_thread(StateIndex state) {
        changed_ = true;
        outcome_.thread.state = state;
        if (step_.kind.thread_states[state].terminal) add(Ended{});
    }

    void set_party(std::size_t party, StateIndex state) {
        changed_ = true;
        outcome_.thread.parties[party].state = state;
        outcome_.thread.parties[party].since = outcome_.thread.steps;
    }

    void withdraw(const Effect& effect) {
        for (std::size_t party = 0; party < outcome_.thread.parties.size(); ++party) {
            if (party == step_.subject) continue;
            if (!in_mask(effect.states, outcome_.thread.parties[party].state)) continue;
            set_party(party, effect.state);
            add(Withdrawn{party});
        }
    }

    void promote(const Effect& effect) {
        std::optional<std::size_t> first;
        for (std::size_t party = 0; party < outcome_.thread.parties.size(); ++party) {
            const Party& candidate = outcome_.thread.parties[party];
            if (!in_mask(effect.states, candidate.state)) continue;
            if (!first || candidate.since < outcome_.thread.parties[*first].since) first = party;
        }
        if (!first) return;
        set_party(*first, effect.state);
        add(Promoted{*first});
        if (effect.clock) add(StartClock{*effect.clock, first});
    }

    // A clock of a party is the subject's; stopping one without a subject stops every party's.
    std::optional<std::size_t> clock_party(const Effect& effect) const {
        return step_.kind.clocks[*effect.clock].per_party ? step_.subject : std::nullopt;
    }

    // Once: a thread must not grow with an act that is repeated.
    void remember_person() {
        const auto known = [&](const Done& done) {
            return done.act == step_.index && done.by == step_.input->by;
        };
        std::vector<Done>& done = outcome_.thread.done;
        if (std::ranges::none_of(done, known)) done.push_back({step_.index, step_.input->by});
    }

    bool counts_for_quorum() const {
        return std::ranges::any_of(step_.kind.rows, [&](const Row& row) {
            return row.trigger == TriggerKind::act && row.index == step_.index &&
                   std::ranges::any_of(
                       row.guards, [](const Guard& guard) { return guard.op == GuardOp::quorum; });
        });
    }

    const Step& step_;
    Outcome outcome_;
    bool changed_ = false;
};

Result<Outcome> evaluate(const Step& step, bool opening) {
    const Row* row = find_row(step, opening);
    if (row == nullptr) {
        return fail(ErrorCode::act_refused,
                    "state " + step.kind.thread_states[step.thread.state].name);
    }
    Application application(step);
    for (const Effect& effect : row->effects) application.run(effect);
    return std::move(application).finish();
}

// The party that an act is about, where it is about one.
Result<std::optional<std::size_t>> subject_of(const Act& act, const Thread& thread,
                                              const ActInput& input) {
    const auto refused = [](const char* why) { return fail(ErrorCode::recipient_refused, why); };
    if (act.side == Side::party) {
        const auto own = thread.party(input.from);
        if (!own) return refused("the sender is no party of this thread");
        if (input.to.size() != 1 || input.to[0] != thread.opener) {
            return refused("goes to the opener alone");
        }
        return own;
    }
    if (input.from != thread.opener) return refused("the sender did not open this thread");
    for (const Address& mailbox : input.to) {
        if (!thread.party(mailbox)) return refused("recipient is no party of this thread");
    }
    if (act.recipients == Recipients::one_party) {
        if (input.to.size() != 1) return refused("goes to one party");
        return thread.party(input.to[0]);
    }
    if (act.recipients == Recipients::all_parties && input.to.size() != thread.parties.size()) {
        return refused("goes to every party");
    }
    return std::optional<std::size_t>();
}

}  // namespace

Result<Outcome> open_thread(const Kind& kind, const ThreadId& id, const ActInput& input) {
    if (!kind.acts[input.act].opens) return fail(ErrorCode::act_refused, "does not open a thread");
    Thread thread{id, kind.digest, 0, input.from, {}, 0, {}, input.header};
    for (const Address& mailbox : input.to) {
        if (mailbox == input.from) {
            return fail(ErrorCode::recipient_refused, "the opener is no party");
        }
        thread.parties.push_back({mailbox, 0, 0});
    }
    return evaluate({kind, thread, TriggerKind::act, input.act, std::nullopt, &input}, true);
}

Result<Outcome> apply_act(const Kind& kind, const Thread& thread, const ActInput& input) {
    const Act& act = kind.acts[input.act];
    if (act.opens) return fail(ErrorCode::act_refused, "the thread is open already");
    RELAIS_ASSIGN(const auto subject, subject_of(act, thread, input));
    return evaluate({kind, thread, TriggerKind::act, input.act, subject, &input}, false);
}

Result<Outcome> apply_clock_end(const Kind& kind, const Thread& thread, ClockIndex clock,
                                std::optional<std::size_t> party) {
    RELAIS_CHECK(clock < kind.clocks.size());
    RELAIS_CHECK(kind.clocks[clock].per_party == party.has_value());
    RELAIS_CHECK(!party || *party < thread.parties.size());
    return evaluate({kind, thread, TriggerKind::clock_end, clock, party, nullptr}, false);
}

std::vector<ActIndex> possible_acts(const Kind& kind, const Thread& thread,
                                    const Address& mailbox) {
    const auto own = thread.party(mailbox);
    const bool opener = mailbox == thread.opener;
    std::vector<ActIndex> acts;
    for (ActIndex index = 0; index < kind.acts.size(); ++index) {
        const Act& act = kind.acts[index];
        if (act.opens || (act.side == Side::opener ? !opener : !own.has_value())) continue;
        const bool possible = std::ranges::any_of(kind.rows, [&](const Row& row) {
            if (row.trigger != TriggerKind::act || row.index != index) return false;
            if (act.side == Side::party) return fits_states(row, thread, own);
            if (act.recipients != Recipients::one_party) {
                return fits_states(row, thread, std::nullopt);
            }
            for (std::size_t party = 0; party < thread.parties.size(); ++party) {
                if (fits_states(row, thread, party)) return true;
            }
            return false;
        });
        if (possible) acts.push_back(index);
    }
    return acts;
}

}  // namespace relais::workflow
