#include "schemas/forms/checker.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/base/limits.h"
#include "core/base/names.h"
#include "schemas/forms/condition_rule.h"
#include "schemas/forms/identity_rule.h"
#include "schemas/forms/text_rules.h"
#include "schemas/forms/walk.h"

namespace relais::forms {

namespace {

using nlohmann::json;

// The answer to a field, normalised; nothing where there is none, or where it is refused.
using Answer = std::optional<json>;

std::string between(const std::string& min, const std::string& max) {
    return "Valeur attendue : de " + min + " à " + max + ".";
}

std::string among(const std::vector<Choice>& choices) {
    std::string text = "Valeur attendue parmi :";
    for (const Choice& choice : choices) {
        text +=
            (&choice == &choices.front() ? " " : ", ") + choice.name + " (" + choice.label + ")";
    }
    return text + ".";
}

std::string too_long(std::size_t bytes_max) {
    return "Texte trop long : " + std::to_string(bytes_max) +
           " signes au plus, les lettres accentuées comptant double.";
}

std::string too_many(std::size_t characters_max) {
    return "Texte trop long : " + std::to_string(characters_max) + " signes au plus.";
}

// What is wrong with a tidied text, apart from the rule of an identifier.
std::string text_fault(const Field& field, const std::string& text) {
    if (has_hidden_control(text)) return "Caractère de contrôle non admis.";
    if (field.format != TextFormat::lines && text.find('\n') != std::string::npos) {
        return "Une seule ligne est attendue.";
    }
    if (field.characters_max != 0 && characters_in(text) > field.characters_max) {
        return too_many(field.characters_max);
    }
    if (text.size() > field.bytes_max) return too_long(field.bytes_max);
    if (field.format == TextFormat::date && !is_date(text)) {
        return "Date attendue : AAAA-MM-JJ.";
    }
    if (field.format == TextFormat::date_time && !is_date_time(text)) {
        return "Date et heure attendues, avec le décalage : AAAA-MM-JJTHH:MM:SS+01:00.";
    }
    if (field.format == TextFormat::phone && !is_phone(text)) {
        return "Numéro de téléphone attendu.";
    }
    return {};
}

// Whether an object has something to say, be it wrong: an optional table without is not filled, and
// what it would make mandatory is not missing.
bool is_touched(const json& object) { return std::any_of(object.begin(), object.end(), says); }

// A name that a finding can show: what is not a plain word may be a patient's name, put there by
// mistake.
std::string shown_name(const std::string& name) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    const bool word = name.size() <= limits::kNameBytesMax && std::ranges::all_of(name, plain);
    return word && !name.empty() ? name : "?";
}

// A clock typed by the minute runs ahead of one that counts seconds.
constexpr std::int64_t kClockSlack = std::int64_t{5} * 60 * 1'000'000'000;

constexpr std::size_t kFingerprintDigits = 64;

// Without what separates its groups, in small letters; empty where it is none.
std::string fingerprint_of(const std::string& text) {
    std::string digits;
    for (const char c : text) {
        if (c == ' ') continue;
        const bool upper = c >= 'A' && c <= 'F';
        const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (!upper && !digit) return {};
        digits += upper ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return digits.size() == kFingerprintDigits ? digits : std::string();
}

class Checker {
public:
    Checker(const Context& context, Findings& findings) : context_(context), findings_(findings) {}

    json check_form(const Field& form, const json& values) {
        if (!values.is_object()) {
            error(ErrorCode::invalid_field, "Un objet est attendu.");
            return json::object();
        }
        return take(Budget::kPlainBytes) ? check_members(form, values) : json::object();
    }

private:
    json check_members(const Field& table, const json& values) {
        json answers = json::object();
        for (const Field& field : table.fields) {
            if (exhausted_) return answers;
            const Path::Step step(path_, field.name);
            Answer answer = check_member(table, field, values, answers);
            if (answer) answers[field.name] = std::move(*answer);
        }
        report_unknown(table, values);
        if (table.identity) report_identity(table, answers);
        return answers;
    }

    // `answers` of the fields before it: what its conditions and orders look back to.
    Answer check_member(const Field& table, const Field& field, const json& values,
                        const json& answers) {
        const std::size_t before = reported_;
        const std::size_t errors_before = errors_;
        const auto value = values.find(field.name);
        Answer answer;
        if (value != values.end() && may_answer(table, field, *value, values, answers)) {
            answer = field.repeated ? check_list(field, *value) : check_one(field, *value);
        }
        // An answer that was refused is not missing as well.
        if (!answer && reported_ == before) report_missing(table, field, values, answers);
        if (field.attention && errors_ == errors_before) {
            check_attention(field, answer, values, answers);
            if (errors_ != errors_before) return std::nullopt;
        }
        return answer && keeps_orders(table, field, *answer, answers) ? answer : std::nullopt;
    }

    bool may_answer(const Field& table, const Field& field, const json& value, const json& values,
                    const json& answers) {
        if (!field.only_if || !says(value)) return true;
        if (judge(*field.only_if, values, answers, context_.publics) != Verdict::fails) return true;
        error(ErrorCode::invalid_field, "Champ à laisser vide, sauf quand " +
                                            told(*field.only_if, table, context_.publics) + ".");
        return false;
    }

    void report_missing(const Field& table, const Field& field, const json& values,
                        const json& answers) {
        if (field.mandatory) error(ErrorCode::missing_field, "Champ obligatoire.");
        if (!field.required_if) return;
        if (judge(*field.required_if, values, answers, context_.publics) != Verdict::holds) return;
        error(ErrorCode::missing_field,
              "Champ obligatoire quand " + told(*field.required_if, table, context_.publics) + ".");
    }

    bool keeps_orders(const Field& table, const Field& field, const json& answer,
                      const json& answers) {
        for (const Order& order : field.orders) {
            if (!breaks(order, field, answer, answers)) continue;
            error(ErrorCode::invalid_field, "Valeur attendue " + told(order, table) + ".");
            return false;
        }
        return true;
    }

    // The person of the form is the one of the header.
    void check_attention(const Field& field, const Answer& answer, const json& values,
                         const json& answers) {
        if (!context_.attention || context_.attention->rpps.empty()) return;
        const bool held = !field.attention_if || judge(*field.attention_if, values, answers,
                                                       context_.publics) == Verdict::holds;
        if (!held) return;
        const Field& rpps = *rpps_field(field);
        const bool inside = &rpps != &field;
        const json person = answer.value_or(json());
        const json said = inside && person.is_object() ? person.value(rpps.name, json()) : person;
        if (said == json(context_.attention->rpps)) return;
        std::optional<Path::Step> step;
        if (inside) step.emplace(path_, rpps.name);
        const bool silent = !says(said);
        const std::string whom =
            "la personne à l'attention de qui est cet acte (" + context_.attention->title + ")";
        report(path_.text(), silent ? ErrorCode::missing_field : ErrorCode::invalid_field,
               context_.contradiction,
               silent ? "RPPS obligatoire : celui de " + whom + "."
                      : "Contradiction : ce RPPS n'est pas celui de " + whom +
                            ". Vérifiez de qui il s'agit avant toute suite.");
    }

    Answer check_list(const Field& field, const json& value) {
        if (value.is_null()) return std::nullopt;
        if (!value.is_array()) return error(ErrorCode::invalid_field, "Une liste est attendue.");
        if (value.size() > field.items_max) {
            return error(ErrorCode::invalid_field,
                         "Trop d'éléments : " + std::to_string(field.items_max) + " au plus.");
        }
        json items = json::array();
        for (std::size_t i = 0; i < value.size() && !exhausted_; ++i) {
            const Path::Step step(path_, i);
            const std::size_t before = reported_;
            Answer item = check_one(field, value[i]);
            if (item) items.push_back(std::move(*item));
            if (!item && reported_ == before) {
                error(ErrorCode::invalid_field, "Élément vide.");
            }
        }
        if (items.empty()) return std::nullopt;
        return items;
    }

    Answer check_one(const Field& field, const json& value) {
        if (value.is_null()) return std::nullopt;
        if (!take(bytes_of(value))) return std::nullopt;
        switch (field.type) {
            case FieldType::boolean: return check_boolean(field, value);
            case FieldType::integer: return check_integer(field, value);
            case FieldType::decimal: return check_decimal(field, value);
            case FieldType::text: return check_text(field, value);
            case FieldType::choice: return check_choice(field, value);
            case FieldType::table: return check_table(field, value);
        }
        return std::nullopt;
    }

    Answer check_boolean(const Field& field, const json& value) {
        if (!value.is_boolean()) {
            return error(ErrorCode::invalid_field, "Oui ou non attendu (true ou false).");
        }
        if (field.must_be_true && !value.get<bool>()) {
            return error(ErrorCode::invalid_field,
                         "Oui (true) est obligatoire ici : faites-le avant d'envoyer.");
        }
        return value;
    }

    Answer check_integer(const Field& field, const json& value) {
        if (!value.is_number_integer()) {
            return error(ErrorCode::invalid_field, "Un nombre entier est attendu.");
        }
        const auto* natural = value.get_ptr<const json::number_unsigned_t*>();
        const bool beyond = natural != nullptr && *natural > static_cast<std::uint64_t>(INT64_MAX);
        const auto number = beyond ? INT64_MAX : value.get<std::int64_t>();
        if (number < field.min || number > field.max) {
            return error(ErrorCode::invalid_field,
                         between(std::to_string(field.min), std::to_string(field.max)));
        }
        return json(number);
    }

    Answer check_decimal(const Field& field, const json& value) {
        if (!value.is_number()) {
            return error(ErrorCode::invalid_field, "Un nombre est attendu.");
        }
        const auto number = value.get<double>();
        // Written so that a NaN fails.
        if (!(number >= field.decimal_min && number <= field.decimal_max)) {
            return error(ErrorCode::invalid_field, between(french_decimal(field.decimal_min),
                                                           french_decimal(field.decimal_max)));
        }
        return json(number + 0.0);  // of the two zeros, the positive one
    }

    Answer check_choice(const Field& field, const json& value) {
        const auto* name = value.get_ptr<const std::string*>();
        if (name != nullptr && tidy(*name).empty()) return std::nullopt;
        if (name == nullptr ||
            std::ranges::find(field.choices, *name, &Choice::name) == field.choices.end()) {
            return error(ErrorCode::invalid_field, among(field.choices));
        }
        return value;
    }

    Answer check_text(const Field& field, const json& value) {
        const auto* given = value.get_ptr<const std::string*>();
        if (given == nullptr) return error(ErrorCode::invalid_field, "Un texte est attendu.");
        if (!is_utf8(*given)) return error(ErrorCode::invalid_field, "Texte illisible (UTF-8).");
        const std::string text = tidy(*given);
        if (text.empty()) return std::nullopt;
        const std::string fault = text_fault(field, text);
        if (!fault.empty()) return error(ErrorCode::invalid_field, fault);
        if (field.fingerprint) return check_fingerprint(text);
        if (field.format == TextFormat::date_time && !in_time(field, text)) return std::nullopt;
        if (field.format != TextFormat::identifier) return check_code(field, text);
        const Answer identifier = check_identifier_text(field, text);
        if (!identifier) return identifier;
        return check_code(field, identifier->get_ref<const std::string&>());
    }

    // Beside the moment of sending, where there is one.
    bool in_time(const Field& field, const std::string& text) {
        if (!context_.sent_at) return true;
        const std::int64_t moment = instant_of(text);
        if (field.still_ahead && moment < *context_.sent_at) {
            report(path_.text(), ErrorCode::invalid_field, Severity::warning,
                   "Cette date est déjà passée.");
        }
        if (!field.happened || moment <= *context_.sent_at + kClockSlack) return true;
        error(ErrorCode::invalid_field, "Cette date est dans le futur : ce n'est pas encore fait.");
        return false;
    }

    // As slips print it: 64 digits, in groups or not.
    Answer check_fingerprint(const std::string& text) {
        const std::string digits = fingerprint_of(text);
        if (digits.empty()) {
            return error(ErrorCode::invalid_field, "Empreinte attendue : 64 chiffres de 0 à f.");
        }
        if (!context_.messages ||
            std::ranges::find(*context_.messages, digits, &CaseMessage::fingerprint) !=
                context_.messages->end()) {
            return json(digits);
        }
        std::string expected;
        for (const CaseMessage& each : *context_.messages) {
            expected += "\n      " + each.fingerprint + "  " + each.title;
        }
        return error(ErrorCode::invalid_field,
                     "Ce n'est l'empreinte d'aucun message de ce dossier." +
                         (expected.empty() ? "" : " Attendue, selon la fiche :" + expected));
    }

    // The text, where its list has it; or where it cannot be told, which is said.
    Answer check_code(const Field& field, const std::string& text) {
        if (field.list.empty() || context_.lists == nullptr) return json(text);
        const CodeAnswer answer = context_.lists->find(field.list, text);
        if (answer.known == CodeAnswer::Known::yes) return json(text);
        if (answer.known == CodeAnswer::Known::no_list) {
            report(path_.text(), ErrorCode::invalid_field, Severity::warning,
                   "Code non vérifié : ce poste n'a pas de référentiel « " + field.list + " ».");
            return json(text);
        }
        report(path_.text(), ErrorCode::invalid_field, context_.contradiction,
               "Code inconnu de la liste « " + field.list + " » (" + answer.source + ").");
        if (context_.contradiction == Severity::error) return std::nullopt;
        return json(text);
    }

    Answer check_identifier_text(const Field& field, const std::string& text) {
        const IdentifierVerdict verdict = check_identifier(*field.identifier, text);
        if (verdict.severity != IdentifierSeverity::none) {
            const bool refused = !verdict.accepted();
            report(path_.text(), ErrorCode::bad_identifier,
                   refused ? Severity::error : Severity::warning, identifier_message(verdict));
        }
        if (!verdict.accepted()) return std::nullopt;
        return json(verdict.normalised);
    }

    Answer check_table(const Field& field, const json& value) {
        if (!value.is_object()) return error(ErrorCode::invalid_field, "Un objet est attendu.");
        if (!is_touched(value)) return std::nullopt;
        json answers = check_members(field, value);
        if (answers.empty()) return std::nullopt;
        return answers;
    }

    void report_unknown(const Field& table, const json& values) {
        for (const auto& [name, value] : values.items()) {
            if (exhausted_) return;
            if (std::ranges::find(table.fields, name, &Field::name) != table.fields.end()) continue;
            const Path::Step step(path_, shown_name(name));
            error(ErrorCode::unknown_field, "Champ inconnu de ce formulaire.");
        }
    }

    void report_identity(const Field& block, const json& answers) {
        const auto refusal = identity_refusal(block, answers, context_.environment);
        if (!refusal) return;
        const Path::Step step(path_, refusal->field);
        error(ErrorCode::identity_refused, refusal->message);
    }

    static std::size_t bytes_of(const json& value) {
        const auto* text = value.get_ptr<const std::string*>();
        return text == nullptr ? Budget::kPlainBytes : text->size();
    }

    bool take(std::size_t bytes) {
        if (exhausted_) return false;
        exhausted_ = !budget_.take(bytes);
        if (exhausted_) error(ErrorCode::over_budget, "Formulaire trop volumineux.");
        return !exhausted_;
    }

    std::nullopt_t error(ErrorCode code, const std::string& message) {
        report(path_.text(), code, Severity::error, message);
        return std::nullopt;
    }

    void report(const std::string& path, ErrorCode code, Severity severity,
                const std::string& message) {
        ++reported_;
        if (severity == Severity::error) ++errors_;
        const bool first = severity == Severity::error && first_error(findings_) == nullptr;
        // However many warnings there are, an error is not lost among them.
        if (findings_.size() >= limits::kFormFindingsMax && !first) return;
        findings_.push_back({path, code, severity, message});
    }

    const Context& context_;
    Findings& findings_;
    Path path_;
    Budget budget_;
    std::size_t reported_ = 0;
    std::size_t errors_ = 0;  // of those
    bool exhausted_ = false;
};

}  // namespace

json check_values(const Field& form, const json& values, const Context& context,
                  Findings& findings) {
    return Checker(context, findings).check_form(form, values);
}

const Finding* first_error(const Findings& findings) {
    const auto found = std::ranges::find(findings, Severity::error, &Finding::severity);
    return found == findings.end() ? nullptr : &*found;
}

}  // namespace relais::forms
