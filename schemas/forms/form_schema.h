// form_schema.h: what a form asks for, read once from its binary schema (.bfbs, the reflection
// format of FlatBuffers) into a tree of fields that everything else walks. No form is known to C++
// by name. Immutable once loaded; any thread.
//
// A form is a table. Its fields are: boolean, integer, decimal (64 bits), text, choice (an
// enumeration), table, or a list of one of these. Booleans, numbers and choices are declared
// `= null`, so that "not answered" is never confused with a value. The attributes that say the rest
// are declared in schemas/kinds/form.fbs and read in attributes.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/identifiers/identifiers.h"
#include "schemas/forms/condition.h"

namespace relais::forms {

enum class FieldType : std::uint8_t { boolean, integer, decimal, text, choice, table };

// "integer": stable, for help in JSON and for the differences that an operator reads.
[[nodiscard]] std::string_view type_name(FieldType type);

enum class TextFormat : std::uint8_t {
    line,
    lines,      // line feeds allowed
    date,       // 2026-11-22
    date_time,  // RFC 3339 with its offset: 2026-11-22T14:30:00+01:00
    phone,
    identifier,  // of Field::identifier
};
[[nodiscard]] std::string_view format_name(TextFormat format);

// The part that a field of a patient's identity block plays in the rule of the INS
// (core/identifiers/ins_transmission.h).
enum class Trait : std::uint8_t {
    none,
    status,
    birth_name,
    birth_given_names,
    birth_date,
    sex,
    birth_place,
    matricule,
    oid,
};

// How a value stands in the buffer.
enum class Storage : std::uint8_t { i8, u8, i16, u16, i32, u32, i64, u64, f64, offset };

struct Choice {
    std::string name;   // in JSON
    std::string label;  // French
    std::int64_t value = 0;
};

struct Field {
    std::string name;
    std::string path;  // from the form: "allergies.items[].substance"; empty for the form itself
    std::string label;
    std::string help;
    std::string example;
    std::string unit;   // a symbol of units.h
    std::string codes;  // code system of the value: an OID or a URL
    std::string list;   // of a reference pack that holds the codes; empty: none is asked
    FieldType type = FieldType::table;
    TextFormat format = TextFormat::line;
    std::optional<IdentifierKind> identifier;
    Trait trait = Trait::none;
    bool repeated = false;
    bool mandatory = false;
    bool identity = false;  // a table that is a patient's identity block
    std::int64_t min = 0;   // integers
    std::int64_t max = 0;
    double decimal_min = 0;
    double decimal_max = 0;
    std::size_t bytes_max = 0;       // texts
    std::size_t characters_max = 0;  // texts, in code points; 0: as many as bytes_max lets in
    std::size_t items_max = 0;       // repeated fields
    std::vector<Choice> choices;
    std::vector<Field> fields;  // of a table, in the order of declaration
    std::optional<Condition> required_if;
    std::optional<Condition> only_if;
    std::vector<Order> orders;
    bool must_be_true = false;
    bool attention = false;  // the person to whose attention the act is, where attention_if holds
    std::optional<Condition> attention_if;
    bool happened = false;     // not later than the sending
    bool still_ahead = false;  // not over at the sending
    bool fingerprint = false;  // of a message of the case

    std::uint16_t slot = 0;  // place in the table's vtable
    Storage storage = Storage::offset;
};

// The RPPS of a person: the field itself, or the only one of the table; null where there is none.
[[nodiscard]] const Field* rpps_field(const Field& person);

class FormSchema {
public:
    // Reads and checks a binary schema that may come from anyone.
    // Errors: malformed          not a binary schema, or one whose parts contradict each other.
    //         too_large          above limits::kFormSchemaBytesMax.
    //         bad_configuration  breaks a rule of forms; the detail names the field.
    static Result<FormSchema> load(ByteView bfbs);

    // The root table's name, without its namespace, and its label.
    [[nodiscard]] const std::string& name() const& { return root_.name; }
    [[nodiscard]] const std::string& title() const& { return root_.label; }
    [[nodiscard]] const Field& root() const& { return root_; }
    [[nodiscard]] bool holds_identity() const;

    // Every field in the order in which to ask for it, each table before what it holds. The
    // pointers live as long as the schema.
    [[nodiscard]] std::vector<const Field*> describe() const&;

    // What these give would not outlive a schema without a name.
    void name() const&& = delete;
    void title() const&& = delete;
    void root() const&& = delete;
    void describe() const&& = delete;

private:
    explicit FormSchema(Field root) : root_(std::move(root)) {}
    Field root_;
};

}  // namespace relais::forms
