// describe.cc: the form explained in JSON, for a person or program that fills it.
#include <nlohmann/json.hpp>

#include "schemas/forms/forms.h"
#include "schemas/forms/units.h"

namespace relais::forms {

namespace {

using nlohmann::json;

void put(json& into, const char* member, const std::string& text) {
    if (!text.empty()) into[member] = text;
}

void put_limits(json& into, const Field& field) {
    if (field.type == FieldType::integer) {
        into["min"] = field.min;
        into["max"] = field.max;
    }
    if (field.type == FieldType::decimal) {
        into["min"] = field.decimal_min;
        into["max"] = field.decimal_max;
    }
    if (field.type == FieldType::text) into["bytes_max"] = field.bytes_max;
    if (field.characters_max != 0) into["characters_max"] = field.characters_max;
    if (field.repeated) into["items_max"] = field.items_max;
}

void put_type(json& into, const Field& field) {
    into["type"] = type_name(field.type);
    into["mandatory"] = field.mandatory;
    into["repeated"] = field.repeated;
    if (field.identity) into["identity"] = true;
    if (field.type == FieldType::text) into["format"] = format_name(field.format);
    if (field.identifier) into["identifier"] = identifier_name(*field.identifier);
}

json choices_of(const Field& field) {
    json values = json::array();
    for (const Choice& choice : field.choices) {
        values.push_back({{"name", choice.name}, {"label", choice.label}});
    }
    return values;
}

// As declared, and in French.
void put_condition(json& into, const std::string& member, const std::optional<Condition>& condition,
                   const Field& table, const Publics& publics) {
    if (!condition) return;
    const std::string text = told(*condition, table, publics);
    if (text.empty()) return;  // it hangs on what this act does not publish
    into[member] = condition->text;
    into[member + "_label"] = text;
}

// The person to whose attention the act is: always, or where the condition holds.
void put_attention(json& into, const Field& field, const Field& table, const Publics& publics) {
    if (!field.attention_if) {
        into["attention"] = true;
        return;
    }
    put_condition(into, "attention", field.attention_if, table, publics);
}

void put_rules(json& into, const Field& field, const Field& table, const Publics& publics) {
    put_condition(into, "required_if", field.required_if, table, publics);
    put_condition(into, "only_if", field.only_if, table, publics);
    for (const Order& order : field.orders) into["order"].push_back(told(order, table));
    if (field.attention) put_attention(into, field, table, publics);
    if (field.must_be_true) into["must_be_true"] = true;
    if (field.happened) into["happened"] = true;
    if (field.still_ahead) into["still_ahead"] = true;
    if (field.fingerprint) into["fingerprint"] = true;
}

void put_unit(json& into, const Field& field) {
    const Unit* unit = find_unit(field.unit);
    if (unit == nullptr) return;
    into["unit"] = unit->symbol;
    into["unit_label"] = unit->name;
    into["unit_ucum"] = unit->ucum;
}

json fields_of(const Field& table, const Publics& publics);

json described(const Field& field, const Field& table, const Publics& publics) {
    json out = json::object();
    out["name"] = field.name;
    out["path"] = field.path;
    out["label"] = field.label;
    put(out, "help", field.help);
    put(out, "example", field.example);
    put_unit(out, field);
    put(out, "codes", field.codes);
    put(out, "list", field.list);
    put_rules(out, field, table, publics);
    put_type(out, field);
    put_limits(out, field);
    if (field.type == FieldType::choice) out["values"] = choices_of(field);
    if (field.type == FieldType::table) out["fields"] = fields_of(field, publics);
    return out;
}

json fields_of(const Field& table, const Publics& publics) {
    json fields = json::array();
    for (const Field& field : table.fields) fields.push_back(described(field, table, publics));
    return fields;
}

}  // namespace

json describe_json(const FormSchema& schema, const Publics& publics) {
    json out = json::object();
    out["form"] = schema.name();
    out["title"] = schema.title();
    put(out, "help", schema.root().help);
    out["fields"] = fields_of(schema.root(), publics);
    return out;
}

}  // namespace relais::forms
