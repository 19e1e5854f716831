// form_changes.cc: a form with other answers, as its schema asks for them; or changed as the
// FlatBuffer it is, within the rules of no form.
#include <nlohmann/json.hpp>

#include "schemas/forms/forms.h"
#include "tests/fuzz/changes.h"
#include "tests/fuzz/flat_layout.h"
#include "tests/fuzz/kinds.h"

namespace relais::fuzz {

namespace {

using forms::Field;
using forms::FieldType;
using nlohmann::json;

constexpr std::size_t kItemsMax = 8;
constexpr std::size_t kTextBytesMax = 600;

json table_answer(const Field& table, test::SeededRandom& random);

json text_answer(const Field& field, test::SeededRandom& random) {
    constexpr const char* kSamples[] = {"2026-11-22", "2026-02-30",  "2026-11-22T14:30:00+01:00",
                                        "0612345678", "10100000017", "é\xE2\x80\xAE",
                                        " a "};
    if (!field.example.empty() && random.one_in(2)) return field.example;
    if (random.one_in(2)) return kSamples[random.below(std::size(kSamples))];
    const std::size_t most = std::min(field.bytes_max, kTextBytesMax);
    return std::string(random.one_in(4) ? most : random.below(most + 2), 'x');
}

json one_answer(const Field& field, test::SeededRandom& random) {
    switch (field.type) {
        case FieldType::boolean: return random.one_in(2);
        case FieldType::integer:
            if (random.one_in(8)) return static_cast<std::int64_t>(extreme(random));
            return random.one_in(2) ? field.min : field.max;
        case FieldType::decimal: return random.one_in(2) ? field.decimal_min : field.decimal_max;
        case FieldType::text: return text_answer(field, random);
        case FieldType::choice:
            if (field.choices.empty()) return json();
            return field.choices[random.below(field.choices.size())].name;
        default: return table_answer(field, random);
    }
}

json answer(const Field& field, test::SeededRandom& random) {
    if (!field.repeated) return one_answer(field, random);
    json list = json::array();
    for (std::size_t i = random.below(kItemsMax); i > 0; --i) {
        list.push_back(one_answer(field, random));
    }
    return list;
}

json table_answer(const Field& table, test::SeededRandom& random) {
    json object = json::object();
    for (const Field& field : table.fields) {
        if (field.mandatory || random.one_in(3)) object[field.name] = answer(field, random);
    }
    return object;
}

// One field, of the form or of a table in it, answered anew or not at all.
void change_answer(const Field& table, json& object, test::SeededRandom& random) {
    if (table.fields.empty() || !object.is_object()) return;
    const Field& field = table.fields[random.below(table.fields.size())];
    if (random.one_in(6)) {
        object.erase(field.name);
        return;
    }
    json& value = object[field.name];
    if (field.type == FieldType::table && value.is_object() && !random.one_in(4)) {
        return change_answer(field, value, random);
    }
    value = answer(field, random);
}

}  // namespace

Bytes changed(ByteView input, test::SeededRandom& random) {
    constexpr auto kTest = InsEnvironment::test;
    const Chosen chosen = chosen_form(input);
    if (chosen.schema == nullptr) return to_bytes(input);
    Bytes all = to_bytes(chosen.line);
    forms::Findings findings;
    auto values = forms::decode(*chosen.schema, chosen.form, kTest, findings);
    if (values.ok() && !random.one_in(3)) {
        change_answer(chosen.schema->root(), *values, random);
        const auto bytes = forms::encode(*chosen.schema, *values, kTest, findings);
        if (bytes.ok()) {
            append(all, ByteView(*bytes));
            return all;
        }
    }
    Bytes form = to_bytes(chosen.form);
    change_flat(form, random);
    append(all, ByteView(form));
    return all;
}

}  // namespace relais::fuzz
