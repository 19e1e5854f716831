// cross_checks.cc: what a declaration as a whole must keep, so that nothing it allows ends in
// silence: every act and state can happen, every thread can end, every clock runs and decides
// something.
#include <algorithm>
#include <set>

#include "schemas/compiler/declaration.h"

namespace relais::compiler {

namespace {

using fb::EffectOp;
using Row = fb::RowDeclaredT;

bool is_of(const Row& row, fb::TriggerKind trigger, std::size_t index) {
    return row.trigger == trigger && row.index == index;
}

bool same_trigger(const Row& a, const Row& b) {
    return is_of(a, b.trigger, b.index) && a.kind == b.kind && a.act == b.act;
}

// "act "call"", for mistakes.
std::string trigger_text(const fb::KindBundleT& bundle, const Row& row) {
    switch (row.trigger) {
        case fb::TriggerKind::act: return "act \"" + bundle.acts[row.index]->name + "\"";
        case fb::TriggerKind::clock_end: return "clock \"" + bundle.clocks[row.index]->name + "\"";
        default: return "followed \"" + row.kind + "/" + row.act + "\"";
    }
}

bool has_bit(std::uint16_t mask, std::size_t place) { return (mask >> place & 1u) != 0; }

class Whole {
public:
    Whole(const Draft& draft, Mistakes& mistakes)
        : draft_(draft), bundle_(draft.bundle), mistakes_(mistakes) {}

    void check() {
        check_acts();
        check_clocks();
        check_states();
        check_ends();
        for (std::size_t i = 0; i < bundle_.rows.size(); ++i) check_row(i);
        check_uses();
        check_asked();
        if (bundle_.patient == fb::PatientData::never && draft_.holds_identity) {
            mistakes_.add(1, "kind", "patient is \"never\", but a form holds an identity block");
        }
    }

private:
    template <typename Predicate>
    [[nodiscard]] bool some_effect(Predicate predicate) const {
        return std::ranges::any_of(bundle_.rows, [&](const auto& row) {
            return std::ranges::any_of(row->effects,
                                       [&](const auto& effect) { return predicate(*effect); });
        });
    }

    [[nodiscard]] bool has_row(fb::TriggerKind trigger, std::size_t index) const {
        return std::ranges::any_of(bundle_.rows,
                                   [&](const auto& row) { return is_of(*row, trigger, index); });
    }

    void check_acts() {
        for (std::size_t i = 0; i < bundle_.acts.size(); ++i) {
            const fb::ActDeclaredT& act = *bundle_.acts[i];
            const std::string what = "act \"" + act.name + "\"";
            if (!has_row(fb::TriggerKind::act, i)) {
                mistakes_.add(draft_.acts.line(i), what, "no row admits it");
            }
            const bool held =
                act.release != fb::Release::at_once && act.release != fb::Release::absence;
            if (held && !releases(act.release)) {
                mistakes_.add(draft_.acts.line(i), what, "no effect releases what it holds back");
            }
            if (!act.fallback) continue;
            if (!act.opens || !bundle_.has_fallback) {
                mistakes_.add(draft_.acts.line(i), what,
                              "a fallback needs an opening act and a fallback_state");
            }
            if (!releases(fb::Release::overdue)) {
                mistakes_.add(draft_.acts.line(i), what, "no effect calls its fallback in");
            }
        }
    }

    [[nodiscard]] bool releases(fb::Release condition) const {
        return some_effect([&](const fb::EffectDeclaredT& effect) {
            const bool hands_over = effect.op == EffectOp::release ||
                                    effect.op == EffectOp::parties ||
                                    effect.op == EffectOp::promote;
            return hands_over && effect.release == condition;
        });
    }

    void check_clocks() {
        for (std::size_t i = 0; i < bundle_.clocks.size(); ++i) {
            const std::string what = "clock \"" + bundle_.clocks[i]->name + "\"";
            const bool started = some_effect([&](const fb::EffectDeclaredT& effect) {
                const bool starts =
                    effect.op == EffectOp::start_clock || effect.op == EffectOp::promote;
                return starts && effect.has_clock && effect.clock == i;
            });
            if (!started) mistakes_.add(draft_.clocks.line(i), what, "nothing starts it");
            if (!has_row(fb::TriggerKind::clock_end, i)) {
                mistakes_.add(draft_.clocks.line(i), what, "no row says what its end does");
            }
        }
    }

    void check_states() {
        for (std::size_t i = 0; i < bundle_.thread_states.size(); ++i) {
            const bool reached = some_effect([&](const fb::EffectDeclaredT& effect) {
                return effect.op == EffectOp::thread_state && effect.state == i;
            });
            if (!reached) thread_mistake(i, "no row leads to it");
        }
        // Parties begin in the first of their states.
        for (std::size_t i = 1; i < bundle_.party_states.size(); ++i) {
            if (bundle_.has_fallback && bundle_.fallback_state == i) continue;
            const bool reached = some_effect([&](const fb::EffectDeclaredT& effect) {
                const bool moves = effect.op == EffectOp::party_state ||
                                   effect.op == EffectOp::withdraw ||
                                   effect.op == EffectOp::promote || effect.op == EffectOp::parties;
                return moves && effect.state == i;
            });
            if (!reached) {
                mistakes_.add(draft_.party_states.line(i),
                              "party_state \"" + bundle_.party_states[i]->name + "\"",
                              "no row leads to it");
            }
        }
    }

    void thread_mistake(std::size_t place, const std::string& why) {
        mistakes_.add(draft_.thread_states.line(place),
                      "thread_state \"" + bundle_.thread_states[place]->name + "\"", why);
    }

    // Walks the table backwards from the terminal states: what is not met can last for ever.
    void check_ends() {
        std::uint16_t ending = 0;
        for (std::size_t i = 0; i < bundle_.thread_states.size(); ++i) {
            if (bundle_.thread_states[i]->terminal) {
                ending = static_cast<std::uint16_t>(ending | 1u << i);
            }
        }
        for (std::uint16_t before = 0; before != ending;) {
            before = ending;
            for (const auto& row : bundle_.rows) {
                if (leads_into(*row, ending)) {
                    ending = static_cast<std::uint16_t>(ending | row->threads);
                }
            }
        }
        for (std::size_t i = 0; i < bundle_.thread_states.size(); ++i) {
            if (!has_bit(ending, i)) thread_mistake(i, "no rows lead from it to a terminal state");
        }
    }

    static bool leads_into(const Row& row, std::uint16_t states) {
        return std::ranges::any_of(row.effects, [&](const auto& effect) {
            return effect->op == EffectOp::thread_state && has_bit(states, effect->state);
        });
    }

    void check_row(std::size_t place) {
        const Row& row = *bundle_.rows[place];
        check_repeats(place, row);
        for (std::size_t i = 0; i < bundle_.thread_states.size(); ++i) {
            if (bundle_.thread_states[i]->terminal && has_bit(row.threads, i)) {
                row_mistake(place, "\"" + bundle_.thread_states[i]->name + "\" is terminal");
            }
        }
        if (row.trigger == fb::TriggerKind::act && bundle_.acts[row.index]->opens) {
            check_opening(place, row);
        }
        for (std::size_t earlier = 0; earlier < place; ++earlier) {
            if (hides(*bundle_.rows[earlier], row)) {
                row_mistake(place, "never reached: the row of line " +
                                       std::to_string(draft_.row_lines[earlier]) +
                                       " decides before");
                return;
            }
        }
    }

    // A request without a clock could wait for ever.
    void check_opening(std::size_t place, const Row& row) {
        const auto has = [&](EffectOp op) {
            return std::ranges::any_of(row.effects,
                                       [op](const auto& effect) { return effect->op == op; });
        };
        if (!has(EffectOp::thread_state)) row_mistake(place, "opening gives the thread no state");
        if (!ends_at_once(row) && !has(EffectOp::start_clock)) {
            row_mistake(place, "opening starts no clock");
        }
    }

    [[nodiscard]] bool ends_at_once(const Row& row) const {
        return std::ranges::any_of(row.effects, [&](const auto& effect) {
            return effect->op == EffectOp::thread_state &&
                   bundle_.thread_states[effect->state]->terminal;
        });
    }

    void check_repeats(std::size_t place, const Row& row) {
        for (const EffectOp op : {EffectOp::thread_state, EffectOp::party_state}) {
            const auto count = std::ranges::count_if(
                row.effects, [op](const auto& effect) { return effect->op == op; });
            if (count > 1) row_mistake(place, "two effects give two states to one thing");
        }
    }

    // Guards apart: a later row may still be met where an earlier one has some.
    static bool hides(const Row& earlier, const Row& row) {
        return same_trigger(earlier, row) && earlier.guards.empty() &&
               (row.threads & ~earlier.threads) == 0 && (row.parties & ~earlier.parties) == 0;
    }

    void row_mistake(std::size_t place, const std::string& why) {
        mistakes_.add(draft_.row_lines[place], trigger_text(bundle_, *bundle_.rows[place]), why);
    }

    // What is declared and never used is most often a name misspelt elsewhere.
    void check_uses() {
        std::set<std::size_t> roles;
        std::set<std::uint16_t> publics;
        std::set<std::string> forms;
        for (const auto& act : bundle_.acts) {
            roles.insert(act->roles.begin(), act->roles.end());
            for (const auto& use : act->public_) publics.insert(use->number);
            forms.insert(act->form);
        }
        for (std::size_t i = 0; i < bundle_.roles.size(); ++i) {
            if (!roles.contains(i)) unused(draft_.roles.line(i), "role", draft_.roles.name(i));
        }
        for (std::size_t i = 0; i < bundle_.publics.size(); ++i) {
            if (!publics.contains(bundle_.publics[i]->number)) {
                unused(draft_.publics.line(i), "public", draft_.publics.name(i));
            }
        }
        for (const auto& form : bundle_.forms) {
            if (!forms.contains(form->name)) unused(1, "form", form->name);
        }
    }

    // What forms ask of public fields: each is one of some act that takes the form.
    void check_asked() {
        for (std::size_t i = 0; i < bundle_.forms.size(); ++i) {
            for (const PublicAsked& asked : draft_.form_asks[i]) {
                const std::string why = asked_mistake(bundle_.forms[i]->name, asked);
                if (why.empty()) continue;
                mistakes_.add(1, "form \"" + bundle_.forms[i]->name + "\"",
                              "field \"" + asked.field + "\": " + why);
            }
        }
    }

    [[nodiscard]] std::string asked_mistake(const std::string& form,
                                            const PublicAsked& asked) const {
        const auto field = std::ranges::find_if(
            bundle_.publics, [&](const auto& declared) { return declared->name == asked.name; });
        if (field == bundle_.publics.end()) return "unknown public field \"" + asked.name + "\"";
        const bool published = std::ranges::any_of(bundle_.acts, [&](const auto& act) {
            return act->form == form && std::ranges::any_of(act->public_, [&](const auto& use) {
                       return use->number == (*field)->number;
                   });
        });
        if (!published) return "no act with this form publishes \"" + asked.name + "\"";
        for (const std::string& value : asked.values) {
            if (!has_value(**field, value)) {
                return "\"" + asked.name + "\" has no value \"" + value + "\"";
            }
        }
        return {};
    }

    static bool has_value(const fb::PublicDeclaredT& field, const std::string& value) {
        if (field.type == fb::PublicType::boolean) return value == "true" || value == "false";
        return std::ranges::any_of(field.values,
                                   [&](const auto& known) { return known->code == value; });
    }

    void unused(unsigned line, const std::string& kind, const std::string& name) {
        mistakes_.add(line, kind + " \"" + name + "\"", "no act uses it");
    }

    const Draft& draft_;
    const fb::KindBundleT& bundle_;
    Mistakes& mistakes_;
};

}  // namespace

void check_whole(const Draft& draft, Mistakes& mistakes) { Whole(draft, mistakes).check(); }

}  // namespace relais::compiler
