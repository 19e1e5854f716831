#include "schemas/forms/attributes.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "core/base/limits.h"
#include "core/base/names.h"
#include "schemas/forms/storage.h"
#include "schemas/forms/units.h"

namespace relais::forms {

namespace {

constexpr std::int64_t kExactInJson = (std::int64_t{1} << 53) - 1;  // in every JSON reader

// What the reflection format writes for an attribute without a value.
constexpr std::string_view kNoValue = "0";

Error reject(std::string detail) { return fail(ErrorCode::bad_configuration, std::move(detail)); }

bool is_number(const Field& field) {
    return field.type == FieldType::integer || field.type == FieldType::decimal;
}
bool is_text(const Field& field) { return field.type == FieldType::text; }
bool is_coded(const Field& field) {
    return field.type == FieldType::text || field.type == FieldType::choice;
}
bool is_yes_no(const Field& field) { return field.type == FieldType::boolean; }
bool is_person(const Field& field) {
    return !field.repeated && (is_text(field) || field.type == FieldType::table);
}
bool is_answer(const Field& field) { return field.type != FieldType::table; }
bool is_repeated(const Field& field) { return field.repeated; }
bool is_any(const Field&) { return true; }

template <typename Value>
Result<Value> number(std::string_view text) {
    Value value{};
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{} || end != text.data() + text.size()) {
        return reject("not a number");
    }
    return value;
}

Result<std::size_t> count(std::string_view text, std::size_t most) {
    RELAIS_ASSIGN(const auto value, number<std::size_t>(text));
    if (value == 0 || value > most) return reject("not from 1 to " + std::to_string(most));
    return value;
}

Result<void> set_title(std::string& into, std::string_view text, std::size_t bytes_max) {
    if (!is_title(text, bytes_max)) {
        return reject("not one line of 1 to " + std::to_string(bytes_max) + " bytes of text");
    }
    into = text;
    return {};
}

Result<void> set_label(Field& field, std::string_view text) {
    return set_title(field.label, text, limits::kTitleBytesMax);
}
Result<void> set_example(Field& field, std::string_view text) {
    return set_title(field.example, text, limits::kHelpBytesMax);
}
Result<void> set_unit(Field& field, std::string_view text) {
    if (find_unit(text) == nullptr) return reject("not a unit that forms know");
    field.unit = text;
    return {};
}
Result<void> set_codes(Field& field, std::string_view text) {
    return set_title(field.codes, text, limits::kTitleBytesMax);
}
Result<void> set_list(Field& field, std::string_view text) {
    if (!is_slug(text)) return reject("not the name of a list");
    field.list = text;
    return {};
}
Result<void> set_mandatory(Field& field, std::string_view) {
    field.mandatory = true;
    return {};
}

Result<void> set_bound(Field& field, std::string_view text, std::int64_t Field::*integer,
                       double Field::*decimal) {
    if (field.type == FieldType::integer) {
        RELAIS_ASSIGN(field.*integer, number<std::int64_t>(text));
        return {};
    }
    RELAIS_ASSIGN(field.*decimal, number<double>(text));
    if (!std::isfinite(field.*decimal)) return reject("not a finite number");
    return {};
}
Result<void> set_min(Field& field, std::string_view text) {
    return set_bound(field, text, &Field::min, &Field::decimal_min);
}
Result<void> set_max(Field& field, std::string_view text) {
    return set_bound(field, text, &Field::max, &Field::decimal_max);
}

Result<void> set_bytes_max(Field& field, std::string_view text) {
    RELAIS_ASSIGN(field.bytes_max, count(text, limits::kTextBytesMax));
    return {};
}
Result<void> set_characters_max(Field& field, std::string_view text) {
    RELAIS_ASSIGN(field.characters_max, count(text, limits::kTextBytesMax));
    return {};
}
Result<void> set_items_max(Field& field, std::string_view text) {
    RELAIS_ASSIGN(field.items_max, count(text, limits::kItemsMax));
    return {};
}

Result<void> set_format(Field& field, TextFormat format) {
    if (field.format != TextFormat::line) return reject("a text has one format");
    field.format = format;
    return {};
}
Result<void> set_date(Field& field, std::string_view) {
    return set_format(field, TextFormat::date);
}
Result<void> set_date_time(Field& field, std::string_view) {
    return set_format(field, TextFormat::date_time);
}
Result<void> set_phone(Field& field, std::string_view) {
    return set_format(field, TextFormat::phone);
}
Result<void> set_lines(Field& field, std::string_view) {
    return set_format(field, TextFormat::lines);
}
Result<void> set_identifier(Field& field, std::string_view text) {
    field.identifier = identifier_kind(text);
    if (!field.identifier) return reject("unknown kind of identifier");
    return set_format(field, TextFormat::identifier);
}

constexpr std::array<std::pair<std::string_view, Trait>, 8> kTraits = {{
    {"status", Trait::status},
    {"birth_name", Trait::birth_name},
    {"birth_given_names", Trait::birth_given_names},
    {"birth_date", Trait::birth_date},
    {"sex", Trait::sex},
    {"birth_place", Trait::birth_place},
    {"matricule", Trait::matricule},
    {"oid", Trait::oid},
}};

Result<void> set_trait(Field& field, std::string_view text) {
    const auto* found =
        std::ranges::find(kTraits, text, &std::pair<std::string_view, Trait>::first);
    if (found == kTraits.end()) return reject("unknown trait");
    field.trait = found->second;
    return {};
}

Result<void> set_required_if(Field& field, std::string_view text) {
    RELAIS_ASSIGN(field.required_if, parse_condition(text));
    return {};
}
Result<void> set_only_if(Field& field, std::string_view text) {
    RELAIS_ASSIGN(field.only_if, parse_condition(text));
    return {};
}

Result<void> add_order(Field& field, std::string_view text, Order::Bound bound) {
    RELAIS_ASSIGN(auto path, parse_path(text));
    field.orders.push_back({bound, std::move(path)});
    return {};
}
Result<void> set_least(Field& field, std::string_view text) {
    return add_order(field, text, Order::Bound::not_before);
}
Result<void> set_most(Field& field, std::string_view text) {
    return add_order(field, text, Order::Bound::not_after);
}

Result<void> set_must_be_true(Field& field, std::string_view) {
    field.must_be_true = true;
    return {};
}
Result<void> set_attention(Field& field, std::string_view text) {
    field.attention = true;
    if (text == kNoValue) return {};
    RELAIS_ASSIGN(field.attention_if, parse_condition(text));
    return {};
}
Result<void> set_happened(Field& field, std::string_view) {
    field.happened = true;
    return {};
}
Result<void> set_still_ahead(Field& field, std::string_view) {
    field.still_ahead = true;
    return {};
}
Result<void> set_fingerprint(Field& field, std::string_view) {
    field.fingerprint = true;
    return {};
}

struct Rule {
    std::string_view name;
    bool has_value;
    bool (*applies)(const Field&);
    Result<void> (*set)(Field&, std::string_view);
};

constexpr std::array<Rule, 28> kRules = {{
    {"label", true, is_any, set_label},
    {"example", true, is_answer, set_example},
    {"unit", true, is_number, set_unit},
    {"codes", true, is_coded, set_codes},
    {"list", true, is_text, set_list},
    {"mandatory", false, is_any, set_mandatory},
    {"min", true, is_number, set_min},
    {"max", true, is_number, set_max},
    {"bytes_max", true, is_text, set_bytes_max},
    {"characters_max", true, is_text, set_characters_max},
    {"items_max", true, is_repeated, set_items_max},
    {"date", false, is_text, set_date},
    {"datetime", false, is_text, set_date_time},
    {"phone", false, is_text, set_phone},
    {"multiline", false, is_text, set_lines},
    {"ident", true, is_text, set_identifier},
    {"trait", true, is_answer, set_trait},
    {"required_if", true, is_any, set_required_if},
    {"only_if", true, is_any, set_only_if},
    {"not_before", true, is_text, set_least},
    {"not_after", true, is_text, set_most},
    {"at_least", true, is_number, set_least},
    {"at_most", true, is_number, set_most},
    {"must_be_true", false, is_yes_no, set_must_be_true},
    {"attention", true, is_person, set_attention},
    {"happened", false, is_text, set_happened},
    {"still_ahead", false, is_text, set_still_ahead},
    {"fingerprint", false, is_text, set_fingerprint},
}};

Result<void> apply(Field& field, const std::string& name, const std::string& value) {
    const auto* rule = std::ranges::find(kRules, name, &Rule::name);
    if (rule == kRules.end()) return reject("unknown attribute \"" + name + "\"");
    const std::string quoted = "attribute \"" + name + "\": ";
    if (!rule->applies(field)) return reject(quoted + "not for this type of field");
    if (!rule->has_value && value != kNoValue) return reject(quoted + "takes no value");
    const Result<void> set = rule->set(field, value);
    return set.ok() ? set : reject(quoted + set.error().detail);
}

bool has(const Attributes& attributes, std::string_view name) {
    return std::ranges::find(attributes, name, &Attributes::value_type::first) != attributes.end();
}

bool is_exact(Storage storage, std::int64_t value) {
    return value >= -kExactInJson && value <= kExactInJson && storage_holds(storage, value);
}

Result<void> check_bounds(const Field& field, const Attributes& attributes) {
    if (!is_number(field)) return {};
    if (!has(attributes, "min") || !has(attributes, "max")) {
        return reject("a number has a min and a max");
    }
    const bool integer = field.type == FieldType::integer;
    if (integer ? field.min > field.max : field.decimal_min > field.decimal_max) {
        return reject("min is above max");
    }
    if (integer && (!is_exact(field.storage, field.min) || !is_exact(field.storage, field.max))) {
        return reject("bounds outside what the type holds");
    }
    return {};
}

Result<void> check_moment(const Field& field) {
    if (!field.happened && !field.still_ahead) return {};
    if (field.format == TextFormat::date_time) return {};
    return reject("a moment is a date and time");
}

void set_defaults(Field& field) {
    if (field.repeated && field.items_max == 0) field.items_max = limits::kItemsDefault;
    if (field.type != FieldType::text || field.bytes_max != 0) return;
    field.bytes_max = field.format == TextFormat::lines ? limits::kTextLinesBytesDefault
                                                        : limits::kTextLineBytesDefault;
}

}  // namespace

Result<void> apply_attributes(Field& field, const Attributes& attributes) {
    for (const auto& [name, value] : attributes) RELAIS_TRY(apply(field, name, value));
    if (field.label.empty()) return reject("no label");
    RELAIS_TRY(check_bounds(field, attributes));
    RELAIS_TRY(check_moment(field));
    set_defaults(field);
    return {};
}

Result<void> apply_form_attributes(Field& form, const Attributes& attributes) {
    for (const auto& [name, value] : attributes) {
        if (name != "label") {
            return reject("attribute \"" + name + "\": not for a form");
        }
        RELAIS_TRY(apply(form, name, value));
    }
    return form.label.empty() ? reject("no label") : Result<void>{};
}

Result<bool> identity_attribute(const Attributes& attributes) {
    for (const auto& [name, value] : attributes) {
        if (name != "identity" || value != kNoValue) {
            return reject("attribute \"" + name + "\": not for a table that is not the form");
        }
    }
    return !attributes.empty();
}

}  // namespace relais::forms
