#include "schemas/workflow/kind.h"

#include <algorithm>

#include "schemas/workflow/public_value.h"

namespace relais::workflow {

bool PublicDeclared::allows(std::int64_t value) const {
    switch (type) {
        case PublicType::boolean: return value == 0 || value == 1;
        case PublicType::integer: return value >= min && value <= max;
        case PublicType::day: return value >= min && value <= max && day_of_digits(value);
        case PublicType::code: return named(value) != nullptr;
    }
    return false;
}

const PublicValue* PublicDeclared::named(std::int64_t value) const {
    const auto found = std::ranges::find(values, value, &PublicValue::value);
    return found == values.end() ? nullptr : &*found;
}

std::optional<ActIndex> Kind::act(std::string_view act_name) const {
    const auto found = std::ranges::find(acts, act_name, &Act::name);
    if (found == acts.end()) return std::nullopt;
    return static_cast<ActIndex>(found - acts.begin());
}

const PublicDeclared* Kind::public_field(std::uint16_t number) const {
    const auto found = std::ranges::find(publics, number, &PublicDeclared::number);
    return found == publics.end() ? nullptr : &*found;
}

const PublicDeclared* Kind::public_field(std::string_view field_name) const {
    const auto found = std::ranges::find(publics, field_name, &PublicDeclared::name);
    return found == publics.end() ? nullptr : &*found;
}

const Form* Kind::form(std::string_view form_name) const {
    const auto found = std::ranges::find(forms, form_name, &Form::name);
    return found == forms.end() ? nullptr : &*found;
}

std::vector<ActIndex> Kind::opening_acts() const {
    std::vector<ActIndex> opening;
    for (ActIndex index = 0; index < acts.size(); ++index) {
        if (acts[index].opens) opening.push_back(index);
    }
    return opening;
}

StateIndex Row::target(StateIndex from) const {
    for (const Effect& effect : effects) {
        if (effect.op == EffectOp::thread_state) return effect.state;
    }
    return from;
}

StateMask Kind::reachable_from(ActIndex opening) const {
    StateMask seen = 0;
    const auto reach = [&](StateIndex state) {
        const bool is_new = !in_mask(seen, state);
        seen = static_cast<StateMask>(seen | 1U << state);
        return is_new;
    };
    for (const Row& row : rows) {
        const bool opens = row.trigger == TriggerKind::act && row.index == opening;
        if (opens && row.threads == 0) reach(row.target(0));
    }
    for (bool grew = true; grew;) {
        grew = false;
        for (StateIndex state = 0; state < thread_states.size(); ++state) {
            if (!in_mask(seen, state) || thread_states[state].terminal) continue;
            for (const Row& row : rows) {
                if (in_mask(row.threads, state) && reach(row.target(state))) grew = true;
            }
        }
    }
    return seen;
}

bool Kind::has_subject(const Row& row) const {
    switch (row.trigger) {
        case TriggerKind::clock_end: return clocks[row.index].per_party;
        case TriggerKind::followed: return true;
        case TriggerKind::act: break;
    }
    const Act& act = acts[row.index];
    return act.side == Side::party || act.recipients == Recipients::one_party;
}

bool Row::releases(Release condition) const {
    return std::ranges::any_of(effects, [&](const Effect& effect) {
        const bool hands_over = effect.op == EffectOp::release || effect.op == EffectOp::parties ||
                                effect.op == EffectOp::promote;
        return hands_over && effect.release == condition;
    });
}

std::chrono::seconds Clock::length_for(const std::vector<PublicField>* publics) const {
    if (publics == nullptr || by_public == 0) return length;
    const auto field = std::ranges::find(*publics, by_public, &PublicField::number);
    if (field == publics->end()) return length;
    const auto found = std::ranges::find(lengths, field->value, &ClockLength::value);
    return found == lengths.end() ? length : found->length;
}

}  // namespace relais::workflow
