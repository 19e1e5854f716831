// check.cc: the rules of a kind as a whole. A bundle that breaks one is refused by whoever loads
// it, so that neither broker nor station ever meets a thread that cannot end.
#include <algorithm>
#include <functional>
#include <set>

#include "core/base/limits.h"
#include "schemas/workflow/kind.h"
#include "schemas/workflow/permission.h"
#include "schemas/workflow/public_value.h"

namespace relais::workflow {

namespace {

constexpr std::chrono::seconds kClockMax{90 * 24 * 3600};
constexpr std::int64_t kBornFirst = 18900101;  // as the eight digits of a day
constexpr std::int64_t kBornLast = 20191231;

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
    const bool has_parties =
        std::ranges::find(kind.acts, Recipients::parties, &Act::recipients) != kind.acts.end();
    RELAIS_TRY(require(!kind.thread_states.empty() && (!kind.party_states.empty() || !has_parties),
                       "a kind has thread states and, where there are parties, party states"));
    RELAIS_TRY(require(kind.registers.size() <= limits::kKindRegistersMax &&
                           kind.information.size() <= limits::kKindInformationMax,
                       "too many registers or paragraphs of information"));
    return require(std::ranges::any_of(kind.acts, &Act::opens), "an act opens a thread");
}

// Closed-coded by construction: nothing that a name or a number of a patient could be put into, nor
// the eight digits of a day on which one was born.
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
    if (field.type == PublicType::boolean) return {};
    RELAIS_TRY(require(field.min <= field.max && field.min >= -limits::kPublicValueMax &&
                           field.max <= limits::kPublicValueMax,
                       what + ": bounds within a thousand million"));
    if (field.type == PublicType::day) {
        RELAIS_TRY(require(day_of_digits(field.min) && day_of_digits(field.max),
                           what + ": its bounds are days"));
    }
    return require(field.max < kBornFirst || field.min > kBornLast,
                   what + ": its bounds leave room for a date of birth");
}

Result<void> check_publics(const Kind& kind) {
    std::set<std::uint16_t> numbers;
    for (const PublicDeclared& field : kind.publics) {
        RELAIS_TRY(check_public(field));
        RELAIS_TRY(require(numbers.insert(field.number).second,
                           "public field " + field.name + ": number repeated"));
        RELAIS_TRY(require(!field.urgency || field.type == PublicType::code,
                           "public field " + field.name + ": an urgency is a code"));
    }
    return require(std::ranges::count(kind.publics, true, &PublicDeclared::urgency) <= 1,
                   "one public field is the urgency");
}

bool opens_to_groups(const Kind& kind) {
    return std::ranges::any_of(kind.acts, [](const Act& act) {
        return act.opens && act.recipients == Recipients::groups;
    });
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
    const bool may_open = act.recipients == Recipients::parties ||
                          act.recipients == Recipients::groups ||
                          act.recipients == Recipients::nobody;
    RELAIS_TRY(require(!act.opens || (act.side == Side::opener && may_open),
                       what + ": an opening act goes from the opener to the parties"));
    const bool to_parties = act.recipients == Recipients::parties;
    RELAIS_TRY(require(!act.fallback || (act.opens && to_parties && kind.fallback_state),
                       what + ": a fallback needs an opening act and a party state to wait in"));
    RELAIS_TRY(require(act.side == Side::opener || act.recipients == Recipients::opener,
                       what + ": a party's or a member's act goes to the opener"));
    const bool of_group = act.side == Side::member || act.recipients == Recipients::groups;
    RELAIS_TRY(require(!of_group || opens_to_groups(kind),
                       what + ": no thread of this kind is opened to groups"));
    RELAIS_TRY(require(act.side != Side::opener || act.recipients != Recipients::opener,
                       what + ": the opener does not write to itself"));
    // Whom, when and what was answered stand in its form, sealed: a header has no place for them.
    RELAIS_TRY(require(
        !act.off_network || (!act.opens && !act.form.empty() && act.release == Release::at_once),
        what + ": what was told off the network is said by a form of a later act"));
    for (const std::string& other : act.together) {
        const auto found = kind.act(other);
        RELAIS_TRY(require(found && kind.acts[*found].side == act.side && other != act.name,
                           what + ": together with an act of the same side"));
    }
    return {};
}

// Patient data that asks for an agreement opens with a public yes or no about it, always there.
Result<void> check_agreement(const Kind& kind) {
    const bool asks = kind.basis == Basis::agreement;
    RELAIS_TRY(require(asks == (kind.agreement != 0),
                       "basis agreement, and the public field that says it, go together"));
    if (!asks) return {};
    const PublicDeclared* field = kind.public_field(kind.agreement);
    RELAIS_TRY(require(field != nullptr && field->type == PublicType::boolean,
                       "the agreement is a public boolean"));
    for (const ActIndex opening : kind.opening_acts()) {
        const bool said = std::ranges::any_of(
            kind.acts[opening].publics,
            [&](const PublicUse& use) { return use.number == kind.agreement && use.mandatory; });
        RELAIS_TRY(
            require(said, "act " + kind.acts[opening].name + ": says whether the patient agrees"));
    }
    return {};
}

Result<void> check_clock(const Kind& kind, const Clock& clock) {
    const std::string what = "clock " + clock.name;
    RELAIS_TRY(require(clock.min > std::chrono::seconds(0) && clock.min <= clock.length &&
                           clock.length <= clock.max && clock.max <= kClockMax,
                       what + ": 0 < min <= default <= max <= 90 days"));
    RELAIS_TRY(require(clock.lengths.empty() == (clock.by_public == 0) &&
                           clock.lengths.size() <= limits::kClockLengthsMax,
                       what + ": lengths"));
    RELAIS_TRY(require(!clock.remind_half || clock.min >= std::chrono::seconds(2),
                       what + ": half of it is no second"));
    const bool capped = clock.at_most.count() != 0;
    RELAIS_TRY(require(!capped || clock.hours == ClockHours::opening,
                       what + ": at_most is of one that counts opening hours"));
    RELAIS_TRY(require(!capped || (clock.at_most >= clock.max && clock.at_most <= kClockMax),
                       what + ": max <= at_most <= 90 days"));
    if (clock.by_public == 0) return {};
    const PublicDeclared* field = kind.public_field(clock.by_public);
    RELAIS_TRY(require(field != nullptr, what + ": public field"));
    for (const ClockLength& each : clock.lengths) {
        RELAIS_TRY(require(
            field->allows(each.value) && each.length >= clock.min && each.length <= clock.max,
            what + ": a length out of its bounds"));
    }
    return {};
}

Result<void> check_key(const Kind& kind, RegisterIndex reg, const std::vector<KeyPart>& key,
                       const std::string& what) {
    RELAIS_TRY(require(reg < kind.registers.size(), what + ": unknown register"));
    RELAIS_TRY(require(!key.empty(), what + ": a register without a key"));
    for (const KeyPart& part : key) {
        RELAIS_TRY(
            require(part.source != KeySource::publics || kind.public_field(part.number) != nullptr,
                    what + ": public field"));
    }
    return {};
}

Result<void> check_effect(const Kind& kind, const Effect& effect, const std::string& what) {
    const bool of_thread = effect.op == EffectOp::thread_state;
    const std::size_t states = of_thread ? kind.thread_states.size() : kind.party_states.size();
    const bool names_state = of_thread || effect.op == EffectOp::party_state ||
                             effect.op == EffectOp::withdraw || effect.op == EffectOp::promote ||
                             effect.op == EffectOp::parties;
    RELAIS_TRY(require(!names_state || effect.state < states, what + ": unknown state"));
    RELAIS_TRY(
        require(!effect.clock || *effect.clock < kind.clocks.size(), what + ": unknown clock"));
    const bool promotes_clock = effect.op == EffectOp::promote && effect.clock;
    RELAIS_TRY(require(!promotes_clock || kind.clocks[*effect.clock].per_party,
                       what + ": a promotion starts a clock of the party"));
    return require(effect.op != EffectOp::release || effect.release != Release::at_once,
                   what + ": releases a held box");
}

Result<void> check_guard(const Kind& kind, const Guard& guard, const std::string& what) {
    switch (guard.op) {
        case GuardOp::public_is:
            return require(kind.public_field(guard.number) != nullptr, what + ": public field");
        case GuardOp::quorum:
            return require(guard.count > 1 && std::ranges::all_of(guard.acts,
                                                                  [&](ActIndex act) {
                                                                      return act < kind.acts.size();
                                                                  }),
                           what + ": quorum");
        case GuardOp::register_is:
        case GuardOp::register_is_not: return check_key(kind, guard.reg, guard.key, what);
        case GuardOp::role_is:
            return require(guard.number < kind.roles.size(), what + ": unknown role");
        case GuardOp::within: return require(guard.value > 0, what + ": a time within nothing");
        default: return {};
    }
}

Result<void> check_register_effect(const Kind& kind, const Row& row, const Effect& effect,
                                   const std::string& what) {
    if (effect.op != EffectOp::set_register) return {};
    RELAIS_TRY(check_key(kind, effect.reg, effect.key, what));
    RELAIS_TRY(
        require(kind.registers[effect.reg].kind.empty(), what + ": sets another kind's register"));
    RELAIS_TRY(require(row.trigger == TriggerKind::act, what + ": an act sets a register"));
    return require(effect.number == 0 || kind.public_field(effect.number) != nullptr,
                   what + ": public field");
}

// "call", "answer", "liaison/letter".
Result<std::string> trigger_name(const Kind& kind, const Row& row, std::size_t number) {
    if (row.trigger == TriggerKind::followed) return row.opening.kind + "/" + row.opening.act;
    const bool by_act = row.trigger == TriggerKind::act;
    RELAIS_TRY(require(row.index < (by_act ? kind.acts.size() : kind.clocks.size()),
                       "row " + std::to_string(number) + ": unknown trigger"));
    return by_act ? kind.acts[row.index].name : kind.clocks[row.index].name;
}

Result<void> check_row(const Kind& kind, const Row& row, std::size_t number) {
    RELAIS_ASSIGN(const std::string name, trigger_name(kind, row, number));
    const std::string what = "row " + std::to_string(number) + " (" + name + ")";
    const bool opens = row.trigger == TriggerKind::act && kind.acts[row.index].opens;
    RELAIS_TRY(require(opens == (row.threads == 0), what + ": thread states"));
    RELAIS_TRY(require(row.parties == kAnyState || kind.has_subject(row),
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
        RELAIS_TRY(check_guard(kind, guard, what));
        RELAIS_TRY(require(guard.op != GuardOp::to_opener || row.trigger == TriggerKind::followed,
                           what + ": only what follows is sent elsewhere"));
    }
    for (const Effect& effect : row.effects) {
        RELAIS_TRY(check_effect(kind, effect, what));
        RELAIS_TRY(check_register_effect(kind, row, effect, what));
        const bool told_of_end = row.trigger == TriggerKind::clock_end;
        const bool on_subject =
            effect.op == EffectOp::party_state || (effect.op == EffectOp::tell && !told_of_end) ||
            (effect.op == EffectOp::start_clock && kind.clocks[*effect.clock].per_party);
        RELAIS_TRY(require(!on_subject || kind.has_subject(row),
                           what + ": its effect needs a party as subject"));
    }
    return {};
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
    for (const ActIndex opening : kind.opening_acts()) {
        seen = static_cast<StateMask>(seen | kind.reachable_from(opening));
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
        if (!kind.thread_states[row.target(state)].terminal) return false;
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
    const bool begins_in_the_first = std::ranges::any_of(kind.rows, [](const Row& row) {
        return row.threads == 0 && std::ranges::find(row.effects, EffectOp::thread_state,
                                                     &Effect::op) == row.effects.end();
    });
    RELAIS_TRY(require(!begins_in_the_first || !kind.thread_states[0].terminal,
                       "the first thread state is terminal"));
    const StateMask states = reachable(kind);
    for (StateIndex state = 0; state < kind.thread_states.size(); ++state) {
        RELAIS_TRY(
            require(in_mask(states, state),
                    "thread state " + kind.thread_states[state].name + ": cannot be reached"));
    }
    for (ClockIndex clock = 0; clock < kind.clocks.size(); ++clock) {
        const bool always_started = std::ranges::all_of(kind.rows, [&](const Row& row) {
            const bool goes_on = row.threads == 0 && !kind.thread_states[row.target(0)].terminal;
            return !goes_on || starts(row, clock);
        });
        if (!kind.clocks[clock].per_party && always_started && !stops(kind, clock) &&
            ends_everything(kind, clock, states)) {
            return {};
        }
    }
    const bool nothing_lasts = std::ranges::all_of(kind.rows, [&](const Row& row) {
        return row.threads == 0 && kind.thread_states[row.target(0)].terminal;
    });
    if (nothing_lasts) return {};
    return fail(ErrorCode::invalid_field,
                "no clock ends the thread from every state: a thread could stay open for ever");
}

// Whoever asks for a delay does not know which of the rows will start which clock.
Result<void> check_delays(const Kind& kind) {
    for (const Act& act : kind.acts) {
        const auto clocks = delay_clocks(kind, act);
        const bool same = std::ranges::all_of(clocks, [&](const Clock* clock) {
            return clock->min == clocks.front()->min && clock->max == clocks.front()->max;
        });
        RELAIS_TRY(require(same, "act " + act.name + ": clocks of its delay differ in bounds"));
    }
    return {};
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
    RELAIS_TRY(check_agreement(kind));
    RELAIS_TRY(require(!kind.fallback_state || *kind.fallback_state < kind.party_states.size(),
                       "the state in which fallbacks wait is unknown"));
    for (const Act& act : kind.acts) RELAIS_TRY(check_act(kind, act));
    for (const Clock& clock : kind.clocks) RELAIS_TRY(check_clock(kind, clock));
    for (std::size_t i = 0; i < kind.rows.size(); ++i) {
        RELAIS_TRY(check_row(kind, kind.rows[i], i));
    }
    RELAIS_TRY(check_triggers(kind));
    RELAIS_TRY(check_delays(kind));
    return check_endings(kind);
}

}  // namespace relais::workflow
