#include "schemas/forms/form_schema.h"

#include <algorithm>

#include "schemas/forms/schema_tree.h"

namespace relais::forms {

namespace {

bool has_identity(const Field& table) {
    return table.identity || std::ranges::any_of(table.fields, has_identity);
}

void append_fields(const Field& table, std::vector<const Field*>& out) {
    for (const Field& field : table.fields) {
        out.push_back(&field);
        append_fields(field, out);
    }
}

}  // namespace

std::string_view type_name(FieldType type) {
    switch (type) {
        case FieldType::boolean: return "boolean";
        case FieldType::integer: return "integer";
        case FieldType::decimal: return "decimal";
        case FieldType::text: return "text";
        case FieldType::choice: return "choice";
        case FieldType::table: return "table";
    }
    return "table";
}

std::string_view format_name(TextFormat format) {
    switch (format) {
        case TextFormat::line: return "line";
        case TextFormat::lines: return "lines";
        case TextFormat::date: return "date";
        case TextFormat::date_time: return "date-time";
        case TextFormat::phone: return "phone";
        case TextFormat::identifier: return "identifier";
    }
    return "line";
}

const Field* rpps_field(const Field& person) {
    const auto is_rpps = [](const Field& field) {
        return field.identifier == IdentifierKind::rpps && !field.repeated;
    };
    if (is_rpps(person)) return &person;
    if (std::ranges::count_if(person.fields, is_rpps) != 1) return nullptr;
    return &*std::ranges::find_if(person.fields, is_rpps);
}

Result<FormSchema> FormSchema::load(ByteView bfbs) {
    RELAIS_ASSIGN(Field root, schema_tree(bfbs));
    return FormSchema(std::move(root));
}

bool FormSchema::holds_identity() const { return has_identity(root_); }

std::vector<const Field*> FormSchema::describe() const& {
    std::vector<const Field*> fields;
    append_fields(root_, fields);
    return fields;
}

}  // namespace relais::forms
