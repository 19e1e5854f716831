// corrections.cc: what supersedes a content is judged by what that content is judged by. Where its
// form asks public fields, it publishes them, and keeps the guards of a row that decides on one of
// them: else one could say, under a correction, what the table refuses of what it corrects.
#include <algorithm>
#include <set>
#include <tuple>

#include "schemas/compiler/declaration.h"

namespace relais::compiler {

namespace {

using Numbers = std::set<std::uint16_t>;
using Guards = std::vector<const fb::GuardDeclaredT*>;

// The public fields that a form asks, those of its attention included.
Numbers asked_by(const Draft& draft, const std::string& form) {
    Numbers numbers;
    for (std::size_t i = 0; i < draft.bundle.forms.size(); ++i) {
        if (draft.bundle.forms[i]->name != form) continue;
        for (const PublicAsked& asked : draft.form_asks[i]) {
            for (const auto& field : draft.bundle.publics) {
                if (field->name == asked.name) numbers.insert(field->number);
            }
        }
    }
    return numbers;
}

// Null where the act does not publish it.
const fb::PublicUseT* use_of(const fb::ActDeclaredT& act, std::uint16_t number) {
    const auto found =
        std::ranges::find(act.public_, number, [](const auto& use) { return use->number; });
    return found == act.public_.end() ? nullptr : found->get();
}

// Those on what an act says, which no state of its thread makes up for.
Guards deciding_guards(const fb::RowDeclaredT& row) {
    Guards guards;
    for (const auto& guard : row.guards) {
        if (guard->op == fb::GuardOp::public_is || guard->op == fb::GuardOp::register_is ||
            guard->op == fb::GuardOp::register_is_not) {
            guards.push_back(guard.get());
        }
    }
    return guards;
}

bool same(const fb::GuardDeclaredT& a, const fb::GuardDeclaredT& b) {
    const auto what = [](const fb::GuardDeclaredT& guard) {
        return std::tie(guard.op, guard.number, guard.value, guard.reg);
    };
    return what(a) == what(b) &&
           std::ranges::equal(a.key, b.key, [](const auto& one, const auto& other) {
               return one->source == other->source && one->number == other->number;
           });
}

bool holds_all(const fb::RowDeclaredT& row, const Guards& guards) {
    return std::ranges::all_of(guards, [&](const fb::GuardDeclaredT* wanted) {
        return std::ranges::any_of(row.guards,
                                   [&](const auto& guard) { return same(*guard, *wanted); });
    });
}

class CorrectingAct {
public:
    CorrectingAct(const Draft& draft, std::size_t act)
        : draft_(draft),
          place_(act),
          act_(*draft.bundle.acts[act]),
          what_("act \"" + act_.name + "\""),
          asked_(asked_by(draft, act_.form)) {}

    void check(Mistakes& mistakes) const {
        for (const auto& field : draft_.bundle.publics) {
            if (asked_.contains(field->number)) check_published(*field, mistakes);
        }
        const std::vector<Guards> corrected = corrected_guards();
        if (corrected.empty()) return;
        for (std::size_t i = 0; i < draft_.bundle.rows.size(); ++i) {
            const fb::RowDeclaredT& row = *draft_.bundle.rows[i];
            if (row.trigger != fb::TriggerKind::act || row.index != place_) continue;
            const bool kept = std::ranges::any_of(
                corrected, [&](const Guards& guards) { return holds_all(row, guards); });
            if (kept) continue;
            mistakes.add(draft_.row_lines[i], what_,
                         "keeps the guards of no row whose content it supersedes");
        }
    }

private:
    // As those that it corrects publish the field: without it the form asks nothing.
    void check_published(const fb::PublicDeclaredT& field, Mistakes& mistakes) const {
        bool published = false;
        bool always = true;
        for (const auto& act : draft_.bundle.acts) {
            if (act->form != act_.form || act->correction != fb::Correction::none) continue;
            const fb::PublicUseT* use = use_of(*act, field.number);
            published |= use != nullptr;
            always &= use == nullptr || use->mandatory;
        }
        const fb::PublicUseT* own = use_of(act_, field.number);
        if (!published || (own != nullptr && (own->mandatory || !always))) return;
        mistakes.add(draft_.acts.line(place_), what_,
                     "supersedes form \"" + act_.form + "\", which asks \"" + field.name + "\"" +
                         (own == nullptr ? ", and does not publish it" : ", and may leave it out"));
    }

    // Of each row that decides, on a field that the form asks, about a content with that form.
    [[nodiscard]] std::vector<Guards> corrected_guards() const {
        std::vector<Guards> all;
        for (const auto& row : draft_.bundle.rows) {
            if (row->trigger != fb::TriggerKind::act) continue;
            const fb::ActDeclaredT& act = *draft_.bundle.acts[row->index];
            const bool original = act.form == act_.form && act.correction == fb::Correction::none;
            if (!original) continue;
            Guards guards = deciding_guards(*row);
            const bool on_asked = std::ranges::any_of(guards, [&](const auto* guard) {
                return guard->op == fb::GuardOp::public_is && asked_.contains(guard->number);
            });
            if (on_asked) all.push_back(std::move(guards));
        }
        return all;
    }

    const Draft& draft_;
    std::size_t place_;
    const fb::ActDeclaredT& act_;
    std::string what_;
    Numbers asked_;
};

}  // namespace

void check_corrections(const Draft& draft, Mistakes& mistakes) {
    for (std::size_t i = 0; i < draft.bundle.acts.size(); ++i) {
        const fb::ActDeclaredT& act = *draft.bundle.acts[i];
        if (act.correction != fb::Correction::supersedes || act.form.empty()) continue;
        CorrectingAct(draft, i).check(mistakes);
    }
}

}  // namespace relais::compiler
