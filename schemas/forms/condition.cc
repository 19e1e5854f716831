#include "schemas/forms/condition.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/base/names.h"
#include "schemas/forms/form_schema.h"

namespace relais::forms {

namespace {

// A condition is read by people: more than this is another form.
constexpr std::size_t kTermsMax = 8;
constexpr std::size_t kValuesMax = 16;

Error faulty(std::string detail) { return fail(ErrorCode::bad_configuration, std::move(detail)); }

bool is_name(std::string_view text, bool dashes) {
    const auto fits = [dashes](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || (dashes && c == '-');
    };
    return !text.empty() && text.size() <= limits::kNameBytesMax && std::ranges::all_of(text, fits);
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        if (end > 0) words.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

// One walk over the words of a condition.
class Parser {
public:
    explicit Parser(std::vector<std::string> words) : words_(std::move(words)) {}

    Result<std::vector<std::vector<Term>>> parse() {
        std::vector<std::vector<Term>> any_all(1);
        for (;;) {
            RELAIS_ASSIGN(Term term, parse_term());
            if (++terms_ > kTermsMax) return faulty("more than 8 comparisons");
            any_all.back().push_back(std::move(term));
            if (at_ == words_.size()) return any_all;
            const std::string joint = words_[at_++];
            if (joint != "and" && joint != "or") return faulty("\"and\" or \"or\" expected");
            if (joint == "or") any_all.emplace_back();
        }
    }

private:
    Result<Term> parse_term() {
        Term term;
        term.of_public = take("public");
        if (at_ == words_.size()) return faulty("a name is missing");
        if (term.of_public) {
            term.path = {words_[at_++]};
            if (!is_name(term.path[0], true)) return faulty("not the name of a public field");
        } else {
            RELAIS_ASSIGN(term.path, parse_path(words_[at_++]));
        }
        if (take("answered")) return term;
        if (take("not")) {
            term.test = Term::Test::not_answered;
            return take("answered") ? Result<Term>(term) : faulty("\"not\" needs \"answered\"");
        }
        if (!take("is")) return faulty("\"is\", \"answered\" or \"not answered\" expected");
        term.test = Term::Test::is;
        RELAIS_ASSIGN(term.values, parse_values());
        return term;
    }

    Result<std::vector<std::string>> parse_values() {
        std::vector<std::string> values;
        do {
            if (at_ == words_.size()) return faulty("a value is missing");
            values.push_back(words_[at_++]);
            if (values.size() > kValuesMax) return faulty("more than 16 values");
        } while (another_value());
        return values;
    }

    // Takes an "or" that goes on with a value, and not with another comparison.
    bool another_value() {
        if (at_ == words_.size() || words_[at_] != "or") return false;
        if (at_ + 1 < words_.size() && words_[at_ + 1] == "public") return false;
        const bool compared =
            at_ + 2 < words_.size() &&
            (words_[at_ + 2] == "is" || words_[at_ + 2] == "answered" || words_[at_ + 2] == "not");
        if (!compared) ++at_;
        return !compared;
    }

    bool take(std::string_view word) {
        if (at_ == words_.size() || words_[at_] != word) return false;
        ++at_;
        return true;
    }

    std::vector<std::string> words_;
    std::size_t at_ = 0;
    std::size_t terms_ = 0;
};

// ---- resolving

std::string joined(const std::vector<std::string>& path) {
    std::string text;
    for (const std::string& name : path) text += (text.empty() ? "" : ".") + name;
    return text;
}

// The operand of a condition of `field`, which stands in `table`.
Result<const Field*> look_back(const Field& table, const Field& field,
                               const std::vector<std::string>& path) {
    const Field* found = field_at(table, path);
    if (found == nullptr) return faulty("unknown field \"" + joined(path) + "\"");
    const auto first = std::ranges::find(table.fields, path.front(), &Field::name);
    if (&*first >= &field) {
        return faulty("\"" + path.front() + "\" does not stand before it: conditions look back, " +
                      "so that none is cyclic");
    }
    return found;
}

Result<void> check_term(const Field& table, const Field& field, const Term& term) {
    if (term.of_public) return {};
    RELAIS_ASSIGN(const Field* const operand, look_back(table, field, term.path));
    if (term.test != Term::Test::is) return {};
    const std::string name = "\"" + joined(term.path) + "\"";
    const bool yes_no = operand->type == FieldType::boolean;
    if ((!yes_no && operand->type != FieldType::choice) || operand->repeated) {
        return faulty(name + " is neither a choice nor a boolean: nothing can be equal to it");
    }
    for (const std::string& value : term.values) {
        const bool known = yes_no ? value == "true" || value == "false"
                                  : std::ranges::find(operand->choices, value, &Choice::name) !=
                                        operand->choices.end();
        if (!known) return faulty(name + " has no value \"" + value + "\"");
    }
    return {};
}

Result<void> check_condition(const Field& table, const Field& field, const Condition& condition,
                             bool publics_allowed) {
    for (const auto& all : condition.any_all) {
        for (const Term& term : all) {
            if (term.of_public && !publics_allowed) {
                return faulty("public fields decide what is required only");
            }
            RELAIS_TRY(check_term(table, field, term));
        }
    }
    return {};
}

Result<void> check_order(const Field& table, const Field& field, const Order& order) {
    RELAIS_ASSIGN(const Field* const other, look_back(table, field, order.path));
    const bool alike = other->type == field.type && other->format == field.format &&
                       !other->repeated && !field.repeated;
    if (!alike) return faulty("\"" + joined(order.path) + "\" is of another type");
    const bool moment = field.format == TextFormat::date || field.format == TextFormat::date_time;
    if (field.type == FieldType::text && !moment) return faulty("texts have no order");
    return {};
}

Result<void> check_field(const Field& table, const Field& field) {
    const auto quoted = [](const char* attribute, const Result<void>& checked) -> Result<void> {
        if (checked.ok()) return {};
        return faulty("attribute \"" + std::string(attribute) + "\": " + checked.error().detail);
    };
    if (field.mandatory && (field.required_if || field.only_if)) {
        return faulty("a mandatory field has no condition");
    }
    if (field.required_if) {
        RELAIS_TRY(quoted("required_if", check_condition(table, field, *field.required_if, true)));
    }
    if (field.only_if) {
        RELAIS_TRY(quoted("only_if", check_condition(table, field, *field.only_if, false)));
    }
    if (field.attention && rpps_field(field) == nullptr) {
        return faulty("attribute \"attention\": neither an RPPS nor a table with one RPPS");
    }
    if (field.attention_if) {
        RELAIS_TRY(quoted("attention", check_condition(table, field, *field.attention_if, true)));
    }
    for (const Order& order : field.orders) {
        RELAIS_TRY(quoted("order", check_order(table, field, order)));
    }
    return {};
}

Result<void> check_table(const Field& table) {
    for (const Field& field : table.fields) {
        const Result<void> checked = check_field(table, field);
        if (!checked.ok()) return faulty(field.path + ": " + checked.error().detail);
        RELAIS_TRY(check_table(field));
    }
    return {};
}

// ---- in French

std::string quoted(const std::string& label) { return "« " + label + " »"; }

std::string value_told(const Term& term, const Field* operand, const PublicAnswer* answer,
                       const std::string& value) {
    if (value == "true") return "oui";
    if (value == "false") return "non";
    if (term.of_public) {
        const bool known = answer != nullptr && answer->labels.contains(value);
        return quoted(known ? answer->labels.at(value) : value);
    }
    return quoted(std::ranges::find(operand->choices, value, &Choice::name)->label);
}

std::string term_told(const Term& term, const Field& table, const Publics& publics) {
    const auto found = term.of_public ? publics.find(term.path[0]) : publics.end();
    const PublicAnswer* answer = found == publics.end() ? nullptr : &found->second;
    const Field* operand = term.of_public ? nullptr : field_at(table, term.path);
    const std::string label = operand != nullptr  ? operand->label
                              : answer != nullptr ? answer->label
                                                  : term.path[0];
    if (term.test == Term::Test::answered) return quoted(label) + " est renseigné";
    if (term.test == Term::Test::not_answered) return quoted(label) + " n'est pas renseigné";
    std::string values;
    for (const std::string& value : term.values) {
        values += (values.empty() ? "" : " ou ") + value_told(term, operand, answer, value);
    }
    return quoted(label) + " est " + values;
}

// A public field that the act does not have decides nothing there, and is not spoken of.
bool speaks(const Term& term, const Publics& publics) {
    return !term.of_public || publics.empty() || publics.contains(term.path[0]);
}

}  // namespace

Result<std::vector<std::string>> parse_path(std::string_view text) {
    std::vector<std::string> path;
    for (;;) {
        const std::size_t end = std::min(text.find('.'), text.size());
        if (!is_name(text.substr(0, end), false)) return faulty("not the name of a field");
        path.emplace_back(text.substr(0, end));
        if (end == text.size()) break;
        text.remove_prefix(end + 1);
    }
    if (path.size() > limits::kFormDepthMax) return faulty("names too deep");
    return path;
}

Result<Condition> parse_condition(std::string_view text) {
    if (!is_title(text, limits::kHelpBytesMax)) return faulty("not one line of text");
    RELAIS_ASSIGN(auto any_all, Parser(words_of(text)).parse());
    return Condition{std::string(text), std::move(any_all)};
}

Result<void> check_conditions(const Field& form) { return check_table(form); }

const Field* field_at(const Field& table, const std::vector<std::string>& path) {
    const Field* at = &table;
    for (const std::string& name : path) {
        if (at != &table && at->repeated) return nullptr;  // which of its items would it be?
        const auto found = std::ranges::find(at->fields, name, &Field::name);
        if (found == at->fields.end()) return nullptr;
        at = &*found;
    }
    return at;
}

std::string told(const Condition& condition, const Field& table, const Publics& publics) {
    std::string text;
    for (const auto& all : condition.any_all) {
        const auto said = [&](const Term& term) { return speaks(term, publics); };
        if (!std::ranges::all_of(all, said)) continue;
        std::string part;
        for (const Term& term : all) {
            part += (part.empty() ? "" : " et ") + term_told(term, table, publics);
        }
        text += (text.empty() ? "" : " ou ") + part;
    }
    return text;
}

std::string told(const Order& order, const Field& table) {
    const Field& other = *field_at(table, order.path);
    const bool before = order.bound == Order::Bound::not_before;
    const bool number = other.type != FieldType::text;
    const std::string least = number ? "au moins : " : "au plus tôt : ";
    const std::string most = number ? "au plus : " : "au plus tard : ";
    return (before ? least : most) + quoted(other.label);
}

}  // namespace relais::forms
