// fields.cc: the paths of rules, in forms.
#include <algorithm>

#include "schemas/references/references.h"

namespace relais::references {

namespace {

using forms::Field;
using forms::FieldType;

Error wrong(const std::string& path, const char* why) {
    return fail(ErrorCode::invalid_field, "field \"" + path + "\": " + why);
}

Result<void> check_codes(const Field& table, const std::string& path) {
    const Field* field = field_at(table, path);
    if (field == nullptr || field->list.empty()) return wrong(path, "no code of a list");
    return {};
}

}  // namespace

const Field* field_at(const Field& table, std::string_view path) {
    const std::size_t dot = path.find('.');
    const std::string_view name = path.substr(0, dot);
    const auto found = std::ranges::find(table.fields, name, &Field::name);
    if (found == table.fields.end()) return nullptr;
    return dot == std::string_view::npos ? &*found : field_at(*found, path.substr(dot + 1));
}

Result<void> check_watch(const Watch& watch, const forms::FormSchema& form) {
    const Field* each = field_at(form.root(), watch.each);
    const bool list = each != nullptr && each->repeated && each->type == FieldType::table;
    if (!list) return wrong(watch.each, "no list of tables");
    RELAIS_TRY(check_codes(*each, watch.codes));
    const Field* values = field_at(*each, watch.values);
    if (values == nullptr || values->type != FieldType::choice) {
        return wrong(watch.values, "no choices");
    }
    for (const std::string& name : watch.stays) {
        const auto known = std::ranges::find(values->choices, name, &forms::Choice::name);
        if (known == values->choices.end()) return wrong(name, "no such choice");
    }
    for (const KeyPart& part : watch.key) {
        if (part.field.empty()) continue;
        const Field* field = field_at(*each, part.field);
        const bool number = field != nullptr && field->type == FieldType::integer;
        if (!number) return wrong(part.field, "no whole number");
    }
    if (watch.until.empty()) return {};
    const Field* until = field_at(form.root(), watch.until);
    const bool date = until != nullptr && until->format == forms::TextFormat::date;
    if (!date) return wrong(watch.until, "no date");
    return {};
}

Result<void> check_listed(const Listed& listed, const forms::FormSchema& form) {
    return check_codes(form.root(), listed.field);
}

}  // namespace relais::references
