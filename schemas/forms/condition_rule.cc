#include "schemas/forms/condition_rule.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "schemas/forms/text_rules.h"

namespace relais::forms {

namespace {

using nlohmann::json;

// What stands at the path; null where nothing does.
const json* at(const json& table, const std::vector<std::string>& path) {
    const json* value = &table;
    for (const std::string& name : path) {
        const auto found = value->find(name);
        if (found == value->end()) return nullptr;
        value = &*found;
    }
    return value;
}

// As conditions write it.
std::string text_of(const json& answer) {
    if (const auto* text = answer.get_ptr<const std::string*>()) return *text;
    return answer.is_boolean() ? (answer.get<bool>() ? "true" : "false") : std::string();
}

Verdict verdict(bool holds) { return holds ? Verdict::holds : Verdict::fails; }

Verdict compare(const Term& term, bool answered, const std::string& answer) {
    switch (term.test) {
        case Term::Test::answered: return verdict(answered);
        case Term::Test::not_answered: return verdict(!answered);
        case Term::Test::is: break;
    }
    return verdict(answered && std::ranges::find(term.values, answer) != term.values.end());
}

Verdict judge_term(const Term& term, const json& given, const json& answers,
                   const Publics& publics) {
    if (term.of_public) {
        const auto found = publics.find(term.path[0]);
        const std::string answer = found == publics.end() ? std::string() : found->second.answer;
        return compare(term, !answer.empty(), answer);
    }
    if (const json* answer = at(answers, term.path)) {
        return compare(term, true, text_of(*answer));
    }
    const json* refused = at(given, term.path);
    return refused != nullptr && says(*refused) ? Verdict::open : compare(term, false, {});
}

}  // namespace

bool says(const json& value) {
    const auto* text = value.get_ptr<const std::string*>();
    if (text != nullptr) return !tidy(*text).empty();
    if (value.is_structured()) return std::any_of(value.begin(), value.end(), says);
    return !value.is_null();
}

// Three values, as Kleene has them: `open` is what may still be either.
Verdict judge(const Condition& condition, const json& given, const json& answers,
              const Publics& publics) {
    Verdict any = Verdict::fails;
    for (const auto& terms : condition.any_all) {
        Verdict all = Verdict::holds;
        for (const Term& term : terms) {
            const Verdict one = judge_term(term, given, answers, publics);
            if (one == Verdict::fails || all == Verdict::holds) all = one;
            if (all == Verdict::fails) break;
        }
        if (all == Verdict::holds) return Verdict::holds;
        if (all == Verdict::open) any = Verdict::open;
    }
    return any;
}

bool breaks(const Order& order, const Field& field, const json& answer, const json& answers) {
    const json* other = at(answers, order.path);
    if (other == nullptr) return false;
    const bool least = order.bound == Order::Bound::not_before;
    if (field.format != TextFormat::date_time) return least ? answer < *other : answer > *other;
    const std::int64_t own = instant_of(answer.get_ref<const std::string&>());
    const std::int64_t others = instant_of(other->get_ref<const std::string&>());
    return least ? own < others : own > others;
}

}  // namespace relais::forms
