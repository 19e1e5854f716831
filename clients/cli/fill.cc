#include "clients/cli/fill.h"

#include <algorithm>

#include "schemas/forms/condition_rule.h"
#include "schemas/workflow/public_value.h"

namespace relais::cli {

namespace {

using forms::Field;
using forms::FieldType;
using nlohmann::json;

// A form on its way; each answer is judged in the whole of what was given so far.
class Filler {
public:
    Filler(Dialogue& dialogue, const forms::FormSchema& schema, const forms::Context& context,
           const CodeSearch& search, json begun)
        : dialogue_(dialogue), schema_(schema), context_(context), search_(search) {
        if (begun.is_object()) values_ = std::move(begun);
    }

    Result<json> fill() {
        dialogue_.say("\n" + schema_.title());
        RELAIS_TRY(ask_fields(schema_.root(), ""));
        RELAIS_TRY(correct());
        return std::move(values_);
    }

private:
    Result<void> ask_fields(const Field& table, const std::string& path) {
        for (const Field& field : table.fields) {
            if (!is_asked(field, path)) continue;
            RELAIS_TRY(ask(field, path.empty() ? field.name : path + "." + field.name,
                           is_needed(field, path)));
        }
        return {};
    }

    // By the answers given so far to the table at `table`.
    bool is_asked(const Field& field, const std::string& table) {
        return !field.only_if || verdict(*field.only_if, table) != forms::Verdict::fails;
    }
    bool is_needed(const Field& field, const std::string& table) {
        return field.mandatory ||
               (field.required_if && verdict(*field.required_if, table) == forms::Verdict::holds);
    }

    forms::Verdict verdict(const forms::Condition& condition, const std::string& table) {
        const auto pointer = pointer_of(table);
        const json answers = values_.contains(pointer) ? values_[pointer] : json::object();
        return forms::judge(condition, answers, answers, context_.publics);
    }

    Result<void> ask(const Field& field, const std::string& path, bool mandatory) {
        RELAIS_ASSIGN(const bool kept, keeps(path));
        if (kept) return {};
        if (field.repeated && field.type != FieldType::choice) {
            return ask_list(field, path, mandatory);
        }
        return ask_one(field, path, mandatory);
    }

    // Whether a value stands there already and is to stay; one that is not goes.
    Result<bool> keeps(const std::string& path) {
        const auto pointer = pointer_of(path);
        if (!values_.contains(pointer)) return false;
        json shown;
        shown[pointer] = values_[pointer];
        dialogue_.say("\n" + forms::render_text(schema_, shown));
        RELAIS_ASSIGN(const bool stays, ask_yes(dialogue_, "  Garder ?", true));
        if (!stays) remove(path);
        return stays;
    }

    Result<void> ask_one(const Field& field, const std::string& path, bool mandatory) {
        if (field.type == FieldType::table) return ask_table(field, path, mandatory);
        if (field.type == FieldType::choice) return ask_choice(field, path, mandatory);
        if (field.type == FieldType::text && field.format == forms::TextFormat::lines) {
            return ask_lines(field, path, mandatory);
        }
        explain(field, mandatory);
        const auto judge = [&](const std::string& typed) {
            return typed.empty() ? judge_empty(path, mandatory) : judge_typed(field, path, typed);
        };
        RELAIS_TRY(ask_until(dialogue_, "  > ", judge));
        return {};
    }

    Result<void> ask_table(const Field& field, const std::string& path, bool mandatory) {
        dialogue_.say("\n— " + field.label + (mandatory ? "" : " (facultatif)"));
        if (!field.help.empty()) dialogue_.say("  " + field.help);
        if (!mandatory) {
            RELAIS_ASSIGN(const bool wanted, ask_yes(dialogue_, "  Renseigner ?", false));
            if (!wanted) return {};
        }
        return ask_fields(field, path);
    }

    Result<void> ask_choice(const Field& field, const std::string& path, bool mandatory) {
        std::vector<std::string> labels;
        for (const forms::Choice& choice : field.choices) labels.push_back(choice.label);
        explain(field, mandatory);
        const Pick one = mandatory ? Pick::one : Pick::optional_one;
        const Pick several = mandatory ? Pick::several : Pick::optional_several;
        RELAIS_ASSIGN(const auto places,
                      ask_choices(dialogue_, "", labels, field.repeated ? several : one));
        if (places.empty()) return {};
        json names = json::array();
        for (const std::size_t place : places) names.push_back(field.choices[place].name);
        values_[pointer_of(path)] = field.repeated ? names : names.front();
        return {};
    }

    // Several lines, ended by an empty one.
    Result<void> ask_lines(const Field& field, const std::string& path, bool mandatory) {
        for (;;) {
            explain(field, mandatory);
            dialogue_.say("  (plusieurs lignes possibles ; une ligne vide termine)");
            std::string text;
            for (;;) {
                RELAIS_ASSIGN(const std::string line, ask_line(dialogue_, "  | "));
                if (line.empty()) break;
                text += (text.empty() ? "" : "\n") + line;
            }
            const std::string fault =
                text.empty() ? judge_empty(path, mandatory) : judge_typed(field, path, text);
            if (fault.empty()) return {};
            dialogue_.say("  ✗ " + fault);
        }
    }

    // Items until no more are wanted.
    Result<void> ask_list(const Field& field, const std::string& path, bool mandatory) {
        dialogue_.say("\n— " + field.label + " (liste" + (mandatory ? ")" : ", facultative)"));
        if (!field.help.empty()) dialogue_.say("  " + field.help);
        for (std::size_t i = 0; i < field.items_max; ++i) {
            if (i > 0 || !mandatory) {
                RELAIS_ASSIGN(const bool more,
                              ask_yes(dialogue_, i == 0 ? "  En saisir ?" : "  Un autre ?", false));
                if (!more) return {};
            }
            RELAIS_TRY(ask_one(field, path + "[" + std::to_string(i) + "]", true));
        }
        return {};
    }

    void explain(const Field& field, bool mandatory) {
        std::string text = field.label;
        if (!field.unit.empty()) text += " (" + field.unit + ")";
        dialogue_.say(text + (mandatory ? " *" : ""));
        if (!field.help.empty()) dialogue_.say("  " + field.help);
        if (!field.list.empty() && search_) dialogue_.say("  code, ou mots de son libellé");
        if (field.type == FieldType::boolean) dialogue_.say("  o (oui) ou n (non)");
        if (field.format == forms::TextFormat::date) dialogue_.say("  date : 22/11/2026");
        if (field.format == forms::TextFormat::date_time) {
            dialogue_.say("  date et heure : 22/11/2026 14:30");
        }
        if (!field.example.empty() && typed_as_written(field)) {
            dialogue_.say("  exemple : " + field.example);
        }
    }

    // Whether what is typed here is what a form holds; elsewhere its example would mislead.
    static bool typed_as_written(const Field& field) {
        return field.type != FieldType::choice && field.type != FieldType::boolean &&
               field.format != forms::TextFormat::date &&
               field.format != forms::TextFormat::date_time;
    }

    std::string judge_empty(const std::string& path, bool mandatory) {
        if (mandatory) return "Réponse obligatoire.";
        remove(path);
        return "";
    }

    // Keeps the value where the form has nothing against it at this field.
    std::string judge_typed(const Field& field, const std::string& path, const std::string& text) {
        const Result<std::string> typed = code_meant(field, text);
        if (!typed.ok()) return typed.error().detail;
        Result<json> value = typed_value(field, *typed);
        if (!value.ok()) return value.error().detail;
        values_[pointer_of(path)] = *std::move(value);
        for (const forms::Finding& finding : findings()) {
            const bool own = finding.path == path && finding.code != ErrorCode::missing_field &&
                             finding.code != ErrorCode::identity_refused;
            if (!own) continue;
            if (finding.severity == forms::Severity::warning) {
                dialogue_.say("  (attention) " + finding.message);
                continue;
            }
            remove(path);
            return finding.message;
        }
        return "";
    }

    // The code, where words were typed for it. Errors: several are meant; the detail shows them.
    Result<std::string> code_meant(const Field& field, const std::string& typed) {
        if (field.list.empty() || !search_ || context_.lists == nullptr) return typed;
        const forms::CodeAnswer known = context_.lists->find(field.list, typed);
        if (known.known == forms::CodeAnswer::Known::yes) {
            dialogue_.say("  = " + known.label);
            return typed;
        }
        const std::vector<CodeFound> found = search_(field.list, typed);
        if (found.empty()) return typed;  // the form says what is wrong with it
        if (found.size() == 1) {
            dialogue_.say("  = " + found[0].code + "  " + found[0].label);
            return found[0].code;
        }
        std::string text = "plusieurs codes, donnez celui qui convient :";
        for (const CodeFound& each : found) text += "\n      " + each.code + "  " + each.label;
        return fail(ErrorCode::invalid_field, text);
    }

    void remove(const std::string& path) {
        const auto pointer = pointer_of(path);
        if (!values_.contains(pointer)) return;
        json& parent = values_[pointer.parent_pointer()];
        if (parent.is_array()) {
            parent.erase(parent.size() - 1);
        } else {
            parent.erase(pointer.back());
        }
    }

    forms::Findings findings() {
        forms::Findings found;
        const auto checked = forms::check(schema_, values_, context_, found);
        if (!checked.ok() && found.empty()) {
            found.push_back({"", checked.code(), forms::Severity::error,
                             std::string(error_info(checked.code()).french)});
        }
        return found;
    }

    // What only shows in the whole form: said, and the field asked again.
    Result<void> correct() {
        for (;;) {
            const forms::Findings found = findings();
            const auto error =
                std::ranges::find(found, forms::Severity::error, &forms::Finding::severity);
            if (error == found.end()) return {};
            dialogue_.say("\n  ✗ " + error->path + " : " + error->message);
            const Place place = place_of(error->path);
            if (place.field == nullptr) return fail(error->code, error->path);
            remove(place.path);
            if (!is_asked(*place.field, place.table)) continue;
            RELAIS_TRY(ask(*place.field, place.path, is_needed(*place.field, place.table)));
        }
    }

    struct Place {
        const Field* field = nullptr;  // null: none
        std::string path;
        std::string table;  // the path of the one it stands in
    };

    // The field that a finding names; the whole list where it names an item of one.
    [[nodiscard]] Place place_of(const std::string& path) const {
        const Field* table = &schema_.root();
        std::string prefix;
        std::string above;
        std::size_t begin = 0;
        while (begin <= path.size()) {
            const std::size_t end = std::min(path.find('.', begin), path.size());
            const std::string step = path.substr(begin, end - begin);
            const std::string name = step.substr(0, step.find('['));
            const auto found = std::ranges::find(table->fields, name, &Field::name);
            if (found == table->fields.end()) return {};
            const bool last = end == path.size();
            if (last && step != name && found->type != FieldType::table) {
                return {&*found, prefix + name, above};
            }
            prefix += step;
            if (last) return {&*found, prefix, above};
            above = prefix;
            prefix += ".";
            table = &*found;
            begin = end + 1;
        }
        return {};
    }

    Dialogue& dialogue_;
    const forms::FormSchema& schema_;
    const forms::Context& context_;
    const CodeSearch& search_;
    json values_ = json::object();
};

Result<std::string> ask_public(Dialogue& dialogue, const workflow::PublicDeclared& field,
                               bool mandatory) {
    const std::string question = field.label + (mandatory ? " *" : "") + " (visible du service)";
    if (field.type == workflow::PublicType::code) {
        std::vector<std::string> labels;
        for (const workflow::PublicValue& value : field.values) labels.push_back(value.label);
        RELAIS_ASSIGN(const auto places, ask_choices(dialogue, question, labels,
                                                     mandatory ? Pick::one : Pick::optional_one));
        return places.empty() ? std::string() : field.values[places.front()].code;
    }
    if (field.type == workflow::PublicType::boolean) {
        RELAIS_ASSIGN(const bool yes, ask_yes(dialogue, question, false));
        return std::string(yes ? "true" : "false");
    }
    const bool day = field.type == workflow::PublicType::day;
    dialogue.say(question + (day ? " (2026-12-14), du " : ", de ") +
                 workflow::public_label(field, field.min) + (day ? " au " : " à ") +
                 workflow::public_label(field, field.max));
    const auto judge = [&](const std::string& typed) -> std::string {
        if (typed.empty()) return mandatory ? "Réponse obligatoire." : "";
        if (workflow::read_public(field, typed)) return "";
        return day ? "Ce n'est pas un jour entre ces bornes." : "Nombre hors des bornes.";
    };
    return ask_until(dialogue, "  > ", judge);
}

}  // namespace

Result<json> ask_form(Dialogue& dialogue, const forms::FormSchema& schema,
                      const forms::Context& context, const CodeSearch& search, json begun) {
    return Filler(dialogue, schema, context, search, std::move(begun)).fill();
}

Result<void> ask_publics(Dialogue& dialogue, const workflow::Kind& kind, const workflow::Act& act,
                         std::map<std::string, std::string>& values) {
    for (const workflow::PublicUse& use : act.publics) {
        const workflow::PublicDeclared& field = *kind.public_field(use.number);
        if (values.contains(field.name)) continue;
        RELAIS_ASSIGN(const std::string text, ask_public(dialogue, field, use.mandatory));
        if (!text.empty()) values[field.name] = text;
    }
    return {};
}

}  // namespace relais::cli
