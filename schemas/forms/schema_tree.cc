#include "schemas/forms/schema_tree.h"

#include <flatbuffers/reflection.h>

#include <algorithm>
#include <set>

#include "core/base/limits.h"
#include "core/base/names.h"
#include "core/identifiers/ins_transmission.h"
#include "schemas/forms/attributes.h"
#include "schemas/forms/storage.h"

namespace relais::forms {

namespace {

// What a schema made to harm its reader could repeat for each of its fields.
constexpr std::size_t kSlotsMax = 1024;
constexpr std::size_t kAttributesMax = 32;
constexpr std::size_t kCommentLinesMax = 32;
constexpr std::uint32_t kSchemaTablesMax = 20'000;

// Names in a schema may be anything: the detail is shown on a terminal.
Error refuse(std::string detail) {
    detail.resize(std::min(detail.size(), limits::kDetailBytesMax));
    std::ranges::replace_if(
        detail, [](char c) { return c < ' ' || c > '~'; }, '?');
    return fail(ErrorCode::bad_configuration, std::move(detail));
}

Error refuse(const std::string& where, std::string_view why) {
    return refuse((where + ": ").append(why));
}

Error contradiction(const std::string& where) {
    return fail(ErrorCode::malformed, where + ": schema contradicts itself");
}

std::string unqualified(std::string_view name) {
    return std::string(name.substr(name.rfind('.') + 1));
}

// "lower_case", as all names of fields and choices that JSON shows; choices may have upper case.
bool is_word(std::string_view name, bool upper_allowed) {
    const auto fits = [upper_allowed](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
               (upper_allowed && c >= 'A' && c <= 'Z');
    };
    return !name.empty() && name.size() <= limits::kNameBytesMax && std::ranges::all_of(name, fits);
}

std::string trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return std::string(text.substr(first, text.find_last_not_of(" \t\r") - first + 1));
}

using KeyValues = flatbuffers::Vector<flatbuffers::Offset<reflection::KeyValue>>;

Result<Attributes> attributes_of(const KeyValues* pairs) {
    Attributes attributes;
    if (pairs == nullptr) return attributes;
    if (pairs->size() > kAttributesMax) {
        return fail(ErrorCode::bad_configuration, "too many attributes");
    }
    for (const reflection::KeyValue* pair : *pairs) {
        attributes.emplace_back(pair->key()->str(),
                                pair->value() == nullptr ? "" : pair->value()->str());
    }
    return attributes;
}

std::optional<Storage> storage_of(reflection::BaseType type) {
    switch (type) {
        case reflection::Bool:
        case reflection::UByte: return Storage::u8;
        case reflection::Byte: return Storage::i8;
        case reflection::Short: return Storage::i16;
        case reflection::UShort: return Storage::u16;
        case reflection::Int: return Storage::i32;
        case reflection::UInt: return Storage::u32;
        case reflection::Long: return Storage::i64;
        case reflection::ULong: return Storage::u64;
        case reflection::Double: return Storage::f64;
        case reflection::String:
        case reflection::Obj: return Storage::offset;
        default: return std::nullopt;
    }
}

// One of the two base types that a Type names. A schema of anybody's making may have a number there
// that is none, and reading it as one is not defined: it is looked at as the number it is.
std::optional<reflection::BaseType> base_type_at(const reflection::Type& type,
                                                 flatbuffers::voffset_t slot) {
    const auto number =
        reinterpret_cast<const flatbuffers::Table&>(type).GetField<std::int8_t>(slot, 0);
    if (number < 0 || number >= reflection::MaxBaseType) return std::nullopt;
    return static_cast<reflection::BaseType>(number);
}

std::optional<FieldType> type_of(reflection::BaseType type, bool enumerated) {
    if (!storage_of(type)) return std::nullopt;
    switch (type) {
        case reflection::Bool: return FieldType::boolean;
        case reflection::Double: return FieldType::decimal;
        case reflection::String: return FieldType::text;
        case reflection::Obj: return FieldType::table;
        default: return enumerated ? FieldType::choice : FieldType::integer;
    }
}

using Comments = flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>;

// The lines of a /// comment as one.
Result<std::string> comment_of(const Comments* lines, const std::string& where) {
    std::string text;
    if (lines == nullptr) return text;
    if (lines->size() > kCommentLinesMax) return refuse(where, "comment too long");
    for (const flatbuffers::String* line : *lines) {
        const std::string part = trimmed(line->string_view());
        if (!text.empty() && !part.empty()) text += ' ';
        text += part;
        if (text.size() > limits::kHelpBytesMax) return refuse(where, "comment too long");
    }
    if (!text.empty() && !is_title(text, limits::kHelpBytesMax)) {
        return refuse(where, "comment is not text");
    }
    return text;
}

class TreeBuilder {
public:
    explicit TreeBuilder(const reflection::Schema& schema) : schema_(schema) {}

    Result<Field> build() {
        const reflection::Object* root = schema_.root_table();
        if (root == nullptr) return refuse("form", "no root type");
        Field form;
        form.name = unqualified(root->name()->string_view());
        if (!is_word(form.name, true)) return refuse("form", "bad name of the root type");
        RELAIS_ASSIGN(form.help, comment_of(root->documentation(), form.name));
        RELAIS_ASSIGN(const Attributes attributes, attributes_of(root->attributes()));
        const Result<void> applied = apply_form_attributes(form, attributes);
        if (!applied.ok()) return refuse(form.name, applied.error().detail);
        RELAIS_TRY(fill(form, *root, 1));
        return form;
    }

private:
    // Gives `table` its fields, in the order of their slots. `depth` counts the tables from the
    // form.
    Result<void> fill(Field& table, const reflection::Object& object, std::size_t depth) {
        const std::string where = place(table);
        if (object.is_struct()) return refuse(where, "a struct cannot say what was not answered");
        if (depth > limits::kFormDepthMax) return refuse(where, "nested too deep, or in itself");
        RELAIS_ASSIGN(const auto ordered, by_slot(object, where));
        for (const reflection::Field* declared : ordered) {
            if (++fields_ > limits::kFormFieldsMax) return refuse(where, "too many fields");
            RELAIS_ASSIGN(Field field, field_of(table, *declared, depth));
            table.fields.push_back(std::move(field));
        }
        if (table.fields.empty()) return refuse(where, "a table has fields");
        return {};
    }

    Result<std::vector<const reflection::Field*>> by_slot(const reflection::Object& object,
                                                          const std::string& where) {
        const std::size_t count = object.fields()->size();
        if (count > kSlotsMax) return refuse(where, "too many fields");
        std::vector<const reflection::Field*> ordered(count, nullptr);
        for (const reflection::Field* field : *object.fields()) {
            const bool placed = field->id() < count && ordered[field->id()] == nullptr &&
                                field->offset() == 4 + 2 * field->id();
            if (!placed) return contradiction(where);
            ordered[field->id()] = field;
        }
        return ordered;
    }

    Result<Field> field_of(const Field& parent, const reflection::Field& declared,
                           std::size_t depth) {
        Field field;
        field.name = declared.name()->str();
        const std::string where = place(parent) + "." + field.name;
        if (!is_word(field.name, false)) {
            return refuse(place(parent), "a field's name is 1 to 40 of a-z, 0-9 and '_'");
        }
        field.path = parent.path.empty() ? field.name : parent.path + "." + field.name;
        field.slot = declared.id();
        RELAIS_TRY(read_type(field, declared, where));
        if (field.repeated) field.path += "[]";
        RELAIS_ASSIGN(field.help, comment_of(declared.documentation(), where));
        RELAIS_ASSIGN(const Attributes attributes, attributes_of(declared.attributes()));
        const Result<void> applied = apply_attributes(field, attributes);
        if (!applied.ok()) return refuse(where, applied.error().detail);
        if (field.type == FieldType::table) {
            RELAIS_TRY(fill_table(field, *declared.type(), depth + 1));
        }
        return field;
    }

    Result<void> read_type(Field& field, const reflection::Field& declared,
                           const std::string& where) {
        const reflection::Type& type = *declared.type();
        auto base = base_type_at(type, reflection::Type::VT_BASE_TYPE);
        field.repeated = base == reflection::Vector;
        if (field.repeated) base = base_type_at(type, reflection::Type::VT_ELEMENT);
        const bool enumerated = base != reflection::Obj && type.index() >= 0;
        const auto read = base ? type_of(*base, enumerated) : std::nullopt;
        if (!read) return refuse(where, "type not allowed in a form");
        field.type = *read;
        field.storage = *storage_of(*base);
        if (declared.required() || declared.key() || declared.deprecated()) {
            return refuse(where, "required, key and deprecated are not for forms");
        }
        const bool scalar = field.storage != Storage::offset && !field.repeated;
        if (scalar && !declared.optional()) {
            return refuse(where, "not answered and zero look the same: declare it \"= null\"");
        }
        if (field.type == FieldType::choice) return read_choices(field, type.index(), where);
        return {};
    }

    Result<void> read_choices(Field& field, std::int32_t index, const std::string& where) {
        const auto* enums = schema_.enums();
        if (static_cast<std::size_t>(index) >= enums->size()) return contradiction(where);
        const reflection::Enum& declared = *enums->Get(static_cast<std::uint32_t>(index));
        if (declared.is_union()) return refuse(where, "type not allowed in a form");
        const auto& values = *declared.values();
        if (values.size() == 0 || values.size() > limits::kChoicesMax) {
            return refuse(where, "an enumeration has 1 to 100 values");
        }
        std::set<std::string> names;
        std::set<std::int64_t> numbers;
        for (const reflection::EnumVal* value : values) {
            RELAIS_ASSIGN(Choice choice, choice_of(*value, where));
            const bool apart =
                names.insert(choice.name).second && numbers.insert(choice.value).second;
            if (!apart || !storage_holds(field.storage, choice.value)) return contradiction(where);
            field.choices.push_back(std::move(choice));
        }
        return {};
    }

    Result<Choice> choice_of(const reflection::EnumVal& value, const std::string& where) {
        Choice choice;
        choice.name = value.name()->str();
        choice.value = value.value();
        if (!is_word(choice.name, true)) return refuse(where, "bad name of a value");
        RELAIS_ASSIGN(choice.label, comment_of(value.documentation(), where));
        if (!is_title(choice.label, limits::kTitleBytesMax)) {
            return refuse(where, "value \"" + choice.name + "\" has no label (/// comment)");
        }
        return choice;
    }

    Result<void> fill_table(Field& field, const reflection::Type& type, std::size_t depth) {
        const std::string where = place(field);
        if (type.index() < 0 ||
            static_cast<std::size_t>(type.index()) >= schema_.objects()->size()) {
            return contradiction(where);
        }
        const auto& object = *schema_.objects()->Get(static_cast<std::uint32_t>(type.index()));
        RELAIS_ASSIGN(const Attributes attributes, attributes_of(object.attributes()));
        const Result<bool> identity = identity_attribute(attributes);
        if (!identity.ok()) return refuse(where, identity.error().detail);
        field.identity = *identity;
        return fill(field, object, depth);
    }

    [[nodiscard]] std::string place(const Field& field) const {
        const std::string form = unqualified(schema_.root_table()->name()->string_view());
        return field.path.empty() ? form : form + "." + field.path;
    }

    const reflection::Schema& schema_;
    std::size_t fields_ = 0;
};

// ---- the identity block
// ---------------------------------------------------------------------------

bool plays(const Field& field) { return field.trait != Trait::none; }

bool is_ins(const Field& field) {
    return field.identifier == IdentifierKind::ins || field.identifier == IdentifierKind::ins_nir ||
           field.identifier == IdentifierKind::ins_nia;
}

// Whether a field of that type can play its part.
bool fits_trait(const Field& field) {
    const auto known = [](const Choice& choice) {
        return identity_status(choice.name).has_value();
    };
    switch (field.trait) {
        case Trait::status:
            return field.type == FieldType::choice && !field.repeated && field.mandatory &&
                   std::ranges::all_of(field.choices, known);
        case Trait::sex: return field.type == FieldType::choice && !field.repeated;
        case Trait::birth_date: return field.format == TextFormat::date && !field.repeated;
        case Trait::birth_place: return field.identifier == IdentifierKind::cog && !field.repeated;
        case Trait::matricule: return is_ins(field) && !field.repeated;
        case Trait::oid: return field.type == FieldType::text && !field.repeated;
        default: return field.type == FieldType::text;
    }
}

// A block plays all eight parts, each once; elsewhere there is neither a part nor a matricule.
Result<void> check_identity(const Field& table, const std::string& form) {
    std::set<Trait> traits;
    for (const Field& field : table.fields) {
        const std::string where = form + "." + field.path;
        const bool alone = is_ins(field) && field.trait != Trait::matricule;
        if (alone || (plays(field) && !table.identity)) {
            return refuse(where, "an INS and its traits stand in an identity block only");
        }
        if (plays(field) && !fits_trait(field)) return refuse(where, "type unfit for its trait");
        if (plays(field) && !traits.insert(field.trait).second) {
            return refuse(where, "trait played twice");
        }
        RELAIS_TRY(check_identity(field, form));
    }
    if (table.identity && traits.size() != 8) {
        return refuse(form + "." + table.path, "an identity block has all eight traits");
    }
    return {};
}

}  // namespace

Result<Field> schema_tree(ByteView bfbs) {
    if (bfbs.size() > limits::kFormSchemaBytesMax) {
        return fail(ErrorCode::too_large, "binary schema of a form");
    }
    flatbuffers::Verifier verifier(bfbs.data(), bfbs.size(), limits::kTableDepthMax,
                                   kSchemaTablesMax);
    if (bfbs.size() < 8 || !reflection::SchemaBufferHasIdentifier(bfbs.data()) ||
        !reflection::VerifySchemaBuffer(verifier)) {
        return fail(ErrorCode::malformed, "not a binary schema");
    }
    RELAIS_ASSIGN(Field form, TreeBuilder(*reflection::GetSchema(bfbs.data())).build());
    RELAIS_TRY(check_identity(form, form.name));
    const Result<void> conditions = check_conditions(form);
    if (!conditions.ok()) return refuse(form.name + "." + conditions.error().detail);
    return form;
}

}  // namespace relais::forms
