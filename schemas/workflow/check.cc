// check.cc: the rules of a kind as a whole. A bundle that breaks one is refused by whoever loads
// it, so that neither broker nor station ever meets a thread that cannot end.
#include <algorithm>
#include <functional>
#include <set>

#include "core/base/limits.h"
#include "schemas/workflow/kind.h"

namespace relais::workflow {

namespace {

constexpr std::chrono::seconds kClockMax{90 * 24 * 3600};

Result<void> require(bool holds, const std::string& rule) {
    if (!holds) return fail(ErrorCode::invalid_field, rule);
    return {};
}

template <typename T, typename Name>
Result<void> check_list(const std::vector<T>& list, Name name, std::size_t count_max,
                        const std::string& what) {
    RELAIS_TRY(require(list.size() <= count_max, what + ": too many"));
    std::set<std::string> seen;
    for (const T& item : list) {
        RELAIS_TRY(require(seen.insert(std::invoke(name, item)).second,
                           what + " " + std::invoke(name, item) + ": named twice"));
    }
    return {};
}

Result<void> check_lists(const Kind& kind) {
    RELAIS_TRY(check_list(kind.roles, &Role::name, limits::kKindRolesMax, "role"));
    RELAIS_TRY(
        check_list(kind.thread_states, &State::name, limits::kKindStatesMax, "thread state"));
    RELAIS_TRY(check_list(kind.party_states, &State::name, limits::kKindStatesMax, "party state"));
    RELAIS_TRY(
        check_list(kind.publics, &PublicDeclared::name, limits::kPublicFieldsMax, "public field"));
    RELAIS_TRY(check_list(kind.acts, &Act::name, limits::kKindActsMax, "act"));
    RELAIS_TRY(check_list(kind.clocks, &Clock::name, limits::kKindClocksMax, "clock"));
    RELAIS_TRY(check_list(kind.forms, &Form::name, limits::kKindFormsMax, "form"));
    RELAIS_TRY(require(!kind.thread_states.empty() && !kind.party_states.empty(),
                       "a kind has thread states and party states"));
    RELAIS_TRY(require(!kind.thread_states[0].terminal, "the first thread state is terminal"));
    return require(std::ranges::count_if(kind.acts, &Act::opens) == 1,
                   "exactly one act opens a thread");
}

// Closed-coded by construction: nothing that a name or a number of a patient could be put into.
Result<void> check_public(const PublicDeclared& field) {
    const std::string what = "public field " + field.name;
    RELAIS_TRY(require(field.number > 0, what + ": numbers start at 1"));
    if (field.type == PublicType::code) {
        std::set<std::int64_t> values;
        std::set<std::string> codes;
        for (const PublicValue& value : field.values) {
            RELAIS_TRY(require(values.insert(value.value).second, what + ": value repeated"));
            RELAIS_TRY(require(codes.insert(value.code).second, what + ": code repeated"));
        }
        return require(!field.values.empty() && field.values.size() <= 64,
                       what + ": 1 to 64 codes");
    }
    RELAIS_TRY(require(field.values.empty(), what + ": codes belong to a code field"));
    if (field.type != PublicType::integer) return {};
    return require(field.min <= field.max && field.min >= -limits::kPublicValueMax &&
                       field.max <= limits::kPublicValueMax,
                   what + ": bounds within a thousand million");
}

Result<void> check_publics(const Kind& kind) {
    std::set<std::uint16_t> numbers;
    for (const PublicDeclared& field : kind.publics) {
        RELAIS_TRY(check_public(field));
        RELAIS_TRY(require(numbers.insert(field.number).second,
                           "public field " + field.name + ": number repeated"));
    }
    return {};
}

Result<void> check_act(const Kind& kind, const Act& act) {
    const std::string what = "act " + act.name;
    RELAIS_TRY(require(!act.roles.empty(), what + ": nobody may do it"));
    for (const std::uint16_t role : act.roles) {
        RELAIS_TRY(require(role < kind.roles.size(), what + ": unknown role"));
    }
    for (const PublicUse& use : act.publics) {
        RELAIS_TRY(require(kind.public_field(use.number) != nullptr, what + ": public field"));
    }
    RELAIS_TRY(require(act.lanes != 0 && act.lanes < (1 << kLanes), what + ": lanes"));
    RELAIS_TRY(require(act.form.empty() || kind.form(act.form) != nullptr, what + ": form"));
    RELAIS_TRY(
        require(!act.opens || (act.side == Side::opener && act.recipients == Recipients::parties),
                what + ": an opening act goes from the opener to the parties"));
    RELAIS_TRY(require(act.side == Side::opener || act.recipients == Recipients::opener,
                       what + ": a party's act goes to the opener"));
    RELAIS_TRY(require(act.side == Side::party || act.recipients != Recipients::opener,
                       what + ": the opener does not write to itself"));
    for (const std::string& other : act.together) {
        const auto found = kind.act(other);
        RELAIS_TRY(require(found && kind.acts[*found].side == act.side && other != act.name,
                           what + ": together with an act of the same side"));
    }
    return {};
}

Result<void> check_clock(const Clock& clock) {
    const std::string what = "clock " + clock.name;
    return require(clock.min > std::chrono::seconds(0) && clock.min <= clock.length &&
                       clock.length <= clock.max && clock.max <= kClockMax,
                   what + ": 0 < min <= default <= max <= 90 days");
}

Result<void> check_effect(const Kind& kind, const Effect& effect, const std::string& what) {
    const bool of_thread = effect.op == EffectOp::thread_state;
    const std::size_t states = of_thread ? kind.thread_states.size() : kind.party_states.size();
    const bool names_state = of_thread || effect.op == EffectOp::party_state ||
                             effect.op == EffectOp::withdraw || effect.op == EffectOp::promote;
    RELAIS_TRY(require(!names_state || effect.state < states, what + ": unknown state"));
    RELAIS_TRY(
        require(!effect.clock || *effect.clock < kind.clocks.size(), what + ": unknown clock"));
    const bool promotes_clock = effect.op == EffectOp::promote && effect.clock;
    RELAIS_TRY(require(!promotes_clock || kind.clocks[*effect.clock].per_party,
                       what + ": a promotion starts a clock of the party"));
    return require(effect.op != EffectOp::release || effect.release != Release::at_once,
                   what + ": releases a held box");
}

// Whether a row of this trigger has one party as its subject.
bool has_subject(const Kind& kind, const Row& row) {
    if (row.trigger == TriggerKind::clock_end) return kind.clocks[row.index].per_party;
    const Act& act = kind.acts[row.index];
    return act.side == Side::party || act.recipients == Recipients::one_party;
}

Result<void> check_row(const Kind& kind, const Row& row, std::size_t number) {
    const bool by_act = row.trigger == TriggerKind::act;
    RELAIS_TRY(require(row.index < (by_act ? kind.acts.size() : kind.clocks.size()),
                       "row " + std::to_string(number) + ": unknown trigger"));
    const std::string name = by_act ? kind.acts[row.index].name : kind.clocks[row.index].name;
    const std::string what = "row " + std::to_string(number) + " (" + name + ")";
    const bool opens = by_act && kind.acts[row.index].opens;
    RELAIS_TRY(require(opens == (row.threads == 0), what + ": thread states"));
    RELAIS_TRY(require(row.parties == kAnyState || has_subject(kind, row),
                       what + ": no party is its subject"));
    for (StateIndex state = 0; state < kind.thread_states.size(); ++state) {
        RELAIS_TRY(require(!kind.thread_states[state].terminal || !in_mask(row.threads, state),
                           what + ": applies in a terminal state"));
    }
    RELAIS_TRY(require(std::max(row.guards.size(), row.effects.size()) <= limits::kKindStepsMax,
                       what + ": too many steps"));
    RELAIS_TRY(require(std::ranges::count(row.effects, EffectOp::thread_state, &Effect::op) <= 1,
                       what + ": two thread states"));
    for (const Guard& guard : row.guards) {
        RELAIS_TRY(
            require(guard.op != GuardOp::public_is || kind.public_field(guard.number) != nullptr,
                    what + ": public field"));
        RELAIS_TRY(require(guard.op != GuardOp::quorum || guard.count > 1, what + ": quorum"));
    }
    for (const Effect& effect : row.effects) {
        RELAIS_TRY(check_effect(kind, effect, what));
        const bool on_subject =
            effect.op == EffectOp::party_state || effect.op == EffectOp::release ||
            (effect.op == EffectOp::start_clock && kind.clocks[*effect.clock].per_party);
        RELAIS_TRY(require(!on_subject || has_subject(kind, row),
                           what + ": its effect needs a party as subject"));
    }
    return {};
}

// The thread state that a row leads to, `from` where it stays; a row gives one at most.
StateIndex target(const Row& row, StateIndex from) {
    for (const Effect& effect : row.effects) {
        if (effect.op == EffectOp::thread_state) return effect.state;
    }
    return from;
}

bool starts(const Row& row, ClockIndex clock) {
    return std::ranges::any_of(row.effects, [&](const Effect& effect) {
        return effect.op == EffectOp::start_clock && effect.clock == clock;
    });
}

bool stops(const Kind& kind, ClockIndex clock) {
    return std::ranges::any_of(kind.rows, [&](const Row& row) {
        return std::ranges::any_of(row.effects, [&](const Effect& effect) {
            return effect.op == EffectOp::stop_clock && effect.clock == clock;
        });
    });
}

// Thread states reachable from an opening row.
StateMask reachable(const Kind& kind) {
    StateMask seen = 0;
    for (const Row& row : kind.rows) {
        if (row.threads == 0) seen = static_cast<StateMask>(seen | 1U << target(row, 0));
    }
    for (bool grew = true; grew;) {
        grew = false;
        for (StateIndex state = 0; state < kind.thread_states.size(); ++state) {
            if (!in_mask(seen, state) || kind.thread_states[state].terminal) continue;
            for (const Row& row : kind.rows) {
                const StateIndex next = target(row, state);
                if (!in_mask(row.threads, state) || in_mask(seen, next)) continue;
                seen = static_cast<StateMask>(seen | 1U << next);
                grew = true;
            }
        }
    }
    return seen;
}

// Whether the end of `clock` ends a thread in `state` whatever its guards say: the rows that may
// decide, up to the first without a guard, all lead to a terminal state.
bool ends(const Kind& kind, ClockIndex clock, StateIndex state) {
    for (const Row& row : kind.rows) {
        const bool decides = row.trigger == TriggerKind::clock_end && row.index == clock &&
                             in_mask(row.threads, state);
        if (!decides) continue;
        if (!kind.thread_states[target(row, state)].terminal) return false;
        if (row.guards.empty()) return true;
    }
    return false;
}

// Whether it does so from every state of `states`.
bool ends_everything(const Kind& kind, ClockIndex clock, StateMask states) {
    for (StateIndex state = 0; state < kind.thread_states.size(); ++state) {
        if (!in_mask(states, state) || kind.thread_states[state].terminal) continue;
        if (!ends(kind, clock, state)) return false;
    }
    return true;
}

// Nothing ends in silence: a thread-wide clock, started by every opening row and never stopped,
// ends the thread from wherever it stands.
Result<void> check_endings(const Kind& kind) {
    const StateMask states = reachable(kind);
    for (StateIndex state = 0; state < kind.thread_states.size(); ++state) {
        RELAIS_TRY(
            require(in_mask(states, state),
                    "thread state " + kind.thread_states[state].name + ": cannot be reached"));
    }
    for (ClockIndex clock = 0; clock < kind.clocks.size(); ++clock) {
        const bool always_started = std::ranges::all_of(
            kind.rows, [&](const Row& row) { return row.threads != 0 || starts(row, clock); });
        if (!kind.clocks[clock].per_party && always_started && !stops(kind, clock) &&
            ends_everything(kind, clock, states)) {
            return {};
        }
    }
    return fail(ErrorCode::invalid_field,
                "no clock ends the thread from every state: a thread could stay open for ever");
}

Result<void> check_triggers(const Kind& kind) {
    for (ActIndex act = 0; act < kind.acts.size(); ++act) {
        const bool used = std::ranges::any_of(kind.rows, [&](const Row& row) {
            return row.trigger == TriggerKind::act && row.index == act;
        });
        RELAIS_TRY(require(used, "act " + kind.acts[act].name + ": has no row"));
    }
    for (ClockIndex clock = 0; clock < kind.clocks.size(); ++clock) {
        const bool ends = std::ranges::any_of(kind.rows, [&](const Row& row) {
            return row.trigger == TriggerKind::clock_end && row.index == clock;
        });
        RELAIS_TRY(require(ends, "clock " + kind.clocks[clock].name + ": has no end"));
    }
    return {};
}

}  // namespace

Result<void> check_kind(const Kind& kind) {
    RELAIS_TRY(check_lists(kind));
    RELAIS_TRY(check_publics(kind));
    for (const Act& act : kind.acts) RELAIS_TRY(check_act(kind, act));
    for (const Clock& clock : kind.clocks) RELAIS_TRY(check_clock(clock));
    for (std::size_t i = 0; i < kind.rows.size(); ++i) {
        RELAIS_TRY(check_row(kind, kind.rows[i], i));
    }
    RELAIS_TRY(check_triggers(kind));
    return check_endings(kind);
}

}  // namespace relais::workflow
