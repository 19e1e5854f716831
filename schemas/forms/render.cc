// render.cc: a filled form as lines of French.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "schemas/forms/forms.h"
#include "schemas/forms/text_rules.h"

namespace relais::forms {

namespace {

using nlohmann::json;

std::string french_date(const std::string& date) {
    return date.substr(8, 2) + "/" + date.substr(5, 2) + "/" + date.substr(0, 4);
}

// "22/11/2026 à 14:30 (+01:00)": the hour as written, with its offset, never converted.
std::string french_date_time(const std::string& text) {
    const std::size_t offset = text.find_first_of("Z+-", 11);
    const std::string zone = text[offset] == 'Z' ? "UTC" : text.substr(offset);
    return french_date(text) + " à " + text.substr(11, 5) + " (" + zone + ")";
}

std::string text_answer(const Field& field, const std::string& text) {
    if (field.format == TextFormat::date && is_date(text)) return french_date(text);
    if (field.format == TextFormat::date_time && is_date_time(text)) return french_date_time(text);
    return text;
}

std::string choice_answer(const Field& field, const std::string& name) {
    const auto found = std::ranges::find(field.choices, name, &Choice::name);
    return found == field.choices.end() ? std::string() : found->label;
}

std::string number_answer(const Field& field, const json& value) {
    std::string text = field.type == FieldType::decimal ? french_decimal(value.get<double>())
                                                        : std::to_string(value.get<std::int64_t>());
    return field.unit.empty() ? text : text + " " + field.unit;
}

// The answer to a field that is not a table; empty where the value is not of its type.
std::string plain_answer(const Field& field, const json& value) {
    if (const auto* text = value.get_ptr<const std::string*>()) {
        return field.type == FieldType::choice ? choice_answer(field, *text)
               : field.type == FieldType::text ? text_answer(field, *text)
                                               : std::string();
    }
    if (field.type == FieldType::boolean && value.is_boolean()) {
        return value.get<bool>() ? "oui" : "non";
    }
    const bool number = (field.type == FieldType::integer && value.is_number_integer()) ||
                        (field.type == FieldType::decimal && value.is_number());
    return number ? number_answer(field, value) : std::string();
}

class Renderer {
public:
    std::string render(const FormSchema& schema, const json& values) {
        line(0, schema.title());
        if (values.is_object()) members(schema.root(), values, 1);
        return std::move(out_);
    }

private:
    void members(const Field& table, const json& values, std::size_t depth) {
        for (const Field& field : table.fields) {
            const auto value = values.find(field.name);
            if (value == values.end()) continue;
            if (!field.repeated) {
                one(field, field.label, *value, depth);
            } else if (value->is_array()) {
                list(field, *value, depth);
            }
        }
    }

    void list(const Field& field, const json& items, std::size_t depth) {
        std::size_t number = 0;
        for (const json& item : items) {
            const std::string place = items.size() > 1 ? " (" + std::to_string(++number) + ")" : "";
            one(field, field.label + place, item, depth);
        }
    }

    void one(const Field& field, const std::string& label, const json& value, std::size_t depth) {
        if (field.type == FieldType::table) {
            if (!value.is_object()) return;
            line(depth, label);
            members(field, value, depth + 1);
            return;
        }
        const std::string answer = plain_answer(field, value);
        if (answer.empty()) return;
        if (answer.find('\n') == std::string::npos) {
            line(depth, label + " : " + answer);
        } else {
            lines(depth, label, answer);
        }
    }

    // Marked, so that a line of the text that reads like a field is not taken for one.
    void lines(std::size_t depth, const std::string& label, std::string_view answer) {
        line(depth, label + " :");
        while (true) {
            const std::size_t end = answer.find('\n');
            line(depth + 1, "| " + std::string(answer.substr(0, end)));
            if (end == std::string_view::npos) return;
            answer.remove_prefix(end + 1);
        }
    }

    void line(std::size_t depth, const std::string& text) {
        out_.append(2 * depth, ' ').append(text).push_back('\n');
    }

    std::string out_;
};

}  // namespace

std::string render_text(const FormSchema& schema, const json& values) {
    return Renderer().render(schema, values);
}

}  // namespace relais::forms
