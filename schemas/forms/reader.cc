#include "schemas/forms/reader.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "schemas/forms/storage.h"
#include "schemas/forms/walk.h"

namespace relais::forms {

namespace {

using nlohmann::json;

// A table whose vtable lies in the buffer and whose inline part does too.
struct Table {
    std::size_t at;
    std::size_t bytes;  // of the inline part
    std::size_t vtable;
    std::size_t slots;
};

class Reader {
public:
    Reader(ByteView bytes, Findings& findings) : bytes_(bytes), findings_(findings) {}

    Result<json> read(const Field& form) {
        RELAIS_ASSIGN(const std::size_t root, follow(0));
        return read_table(form, root);
    }

private:
    // Little-endian, as FlatBuffers are; the machines this runs on are too.
    template <typename T>
    [[nodiscard]] Result<T> load(std::size_t at) const {
        if (at % sizeof(T) != 0 || at > bytes_.size() || bytes_.size() - at < sizeof(T)) {
            return malformed();
        }
        T value{};
        std::memcpy(&value, bytes_.data() + at, sizeof(T));
        return value;
    }

    // Where the offset that stands at `at` leads: always further on, so that no walk can turn
    // round; beyond the end perhaps, where nothing can be loaded.
    [[nodiscard]] Result<std::size_t> follow(std::size_t at) const {
        RELAIS_ASSIGN(const auto offset, load<std::uint32_t>(at));
        if (offset == 0) return malformed();
        return at + offset;
    }

    [[nodiscard]] Result<Table> open_table(std::size_t at) const {
        RELAIS_ASSIGN(const auto back, load<std::int32_t>(at));
        const auto vtable = static_cast<std::int64_t>(at) - back;
        if (vtable < 0) return malformed();
        Table table{at, 0, static_cast<std::size_t>(vtable), 0};
        RELAIS_ASSIGN(const auto vtable_bytes, load<std::uint16_t>(table.vtable));
        RELAIS_ASSIGN(const auto table_bytes, load<std::uint16_t>(table.vtable + 2));
        const bool shaped = vtable_bytes >= 4 && vtable_bytes % 2 == 0 && table_bytes >= 4;
        if (!shaped || !is_inside(table.vtable, vtable_bytes) || !is_inside(at, table_bytes)) {
            return malformed();
        }
        table.bytes = table_bytes;
        table.slots = (vtable_bytes - 4u) / 2;
        return table;
    }

    [[nodiscard]] bool is_inside(std::size_t at, std::size_t length) const {
        return at <= bytes_.size() && length <= bytes_.size() - at;
    }

    // Where the field's value, or the offset to it, stands; 0 where the field is absent.
    [[nodiscard]] Result<std::size_t> place(const Table& table, const Field& field) const {
        if (field.slot >= table.slots) return std::size_t{0};
        RELAIS_ASSIGN(const auto offset,
                      load<std::uint16_t>(table.vtable + 4 + 2 * std::size_t{field.slot}));
        if (offset == 0) return std::size_t{0};
        const std::size_t bytes =
            field.repeated ? sizeof(std::uint32_t) : storage_bytes(field.storage);
        if (offset < 4 || offset + bytes > table.bytes) return malformed();
        return table.at + offset;
    }

    Result<json> read_table(const Field& declared, std::size_t at) {
        RELAIS_TRY(take(Budget::kPlainBytes));
        RELAIS_ASSIGN(const Table table, open_table(at));
        // The kind's digest pins the schema: there is no newer one whose fields could be passed
        // over.
        if (table.slots > declared.fields.size()) {
            return invalid(ErrorCode::unknown_field, "Champ non déclaré.");
        }
        json values = json::object();
        for (const Field& field : declared.fields) {
            const Path::Step step(path_, field.name);
            RELAIS_ASSIGN(const std::size_t value_at, place(table, field));
            if (value_at == 0) continue;
            RELAIS_ASSIGN(values[field.name], field.repeated ? read_vector(field, value_at)
                                                             : read_value(field, value_at));
        }
        return values;
    }

    Result<json> read_vector(const Field& field, std::size_t at) {
        RELAIS_ASSIGN(const std::size_t start, follow(at));
        RELAIS_ASSIGN(const auto count, load<std::uint32_t>(start));
        const std::size_t each = storage_bytes(field.storage);
        json items = json::array();
        for (std::size_t i = 0; i < count; ++i) {
            const Path::Step step(path_, i);
            RELAIS_ASSIGN(json item, read_value(field, start + 4 + i * each));
            items.push_back(std::move(item));
        }
        return items;
    }

    // The value, or what the offset leads to, at `at`.
    Result<json> read_value(const Field& field, std::size_t at) {
        if (field.storage != Storage::offset) return read_scalar(field, at);
        RELAIS_ASSIGN(const std::size_t target, follow(at));
        return field.type == FieldType::table ? read_table(field, target) : read_text(target);
    }

    Result<json> read_text(std::size_t at) {
        RELAIS_ASSIGN(const auto length, load<std::uint32_t>(at));
        const std::size_t start = at + 4;
        // One more than its length: a text ends with a zero that it does not count.
        if (length >= bytes_.size() - start || bytes_[start + length] != 0) return malformed();
        RELAIS_TRY(take(length));
        return json(std::string(as_text(bytes_.subspan(start, length))));
    }

    Result<json> read_scalar(const Field& field, std::size_t at) {
        RELAIS_TRY(take(Budget::kPlainBytes));
        if (field.type == FieldType::decimal) {
            RELAIS_ASSIGN(const auto number, load<double>(at));
            return json(number);
        }
        RELAIS_ASSIGN(const std::int64_t number, load_integer(field.storage, at));
        if (field.type == FieldType::boolean) return read_boolean(number);
        return field.type == FieldType::choice ? read_choice(field, number)
                                               : Result<json>(json(number));
    }

    // What does not fit 64 signed bits becomes negative, which no unsigned field admits.
    [[nodiscard]] Result<std::int64_t> load_integer(Storage storage, std::size_t at) const {
        return with_storage(storage, [&](auto zero) -> Result<std::int64_t> {
            RELAIS_ASSIGN(const auto value, load<decltype(zero)>(at));
            return static_cast<std::int64_t>(value);
        });
    }

    Result<json> read_boolean(std::int64_t number) {
        if (number != 0 && number != 1)
            return invalid(ErrorCode::invalid_field, "Valeur inconnue.");
        return json(number == 1);
    }

    Result<json> read_choice(const Field& field, std::int64_t number) {
        const auto found = std::ranges::find(field.choices, number, &Choice::value);
        if (found == field.choices.end()) {
            return invalid(ErrorCode::invalid_field, "Valeur inconnue.");
        }
        return json(found->name);
    }

    Result<void> take(std::size_t bytes) {
        if (budget_.take(bytes)) return {};
        return fail(ErrorCode::over_budget, path_.text());
    }

    [[nodiscard]] Error malformed() const { return fail(ErrorCode::malformed, path_.text()); }

    Error invalid(ErrorCode code, std::string message) {
        findings_.push_back({path_.text(), code, Severity::error, std::move(message)});
        return fail(ErrorCode::form_invalid, path_.text());
    }

    ByteView bytes_;
    Findings& findings_;
    Path path_;
    Budget budget_;
};

}  // namespace

Result<json> read_values(const Field& form, ByteView bytes, Findings& findings) {
    return Reader(bytes, findings).read(form);
}

}  // namespace relais::forms
