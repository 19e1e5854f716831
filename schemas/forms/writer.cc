#include "schemas/forms/writer.h"

#include <flatbuffers/flatbuffers.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "schemas/forms/storage.h"

namespace relais::forms {

namespace {

using flatbuffers::Offset;
using nlohmann::json;

std::int64_t choice_value(const Field& field, const std::string& name) {
    const auto found = std::ranges::find(field.choices, name, &Choice::name);
    RELAIS_CHECK(found != field.choices.end());
    return found->value;
}

// A boolean, number or choice, as T.
template <typename T>
T scalar(const Field& field, const json& value) {
    switch (field.type) {
        case FieldType::boolean: return static_cast<T>(value.get<bool>() ? 1 : 0);
        case FieldType::choice:
            return static_cast<T>(choice_value(field, value.get_ref<const std::string&>()));
        case FieldType::decimal: return static_cast<T>(value.get<double>());
        default: return static_cast<T>(value.get<std::int64_t>());
    }
}

// One present field of a table under construction.
struct Entry {
    const Field* field;
    const json* value;
    Offset<void> offset;  // where it stands elsewhere in the buffer
};

bool stands_elsewhere(const Field& field) {
    return field.repeated || field.storage == Storage::offset;
}

std::size_t inline_bytes(const Entry& entry) {
    return stands_elsewhere(*entry.field) ? sizeof(flatbuffers::uoffset_t)
                                          : storage_bytes(entry.field->storage);
}

flatbuffers::voffset_t vtable_offset(const Field& field) {
    return static_cast<flatbuffers::voffset_t>(4 + 2 * field.slot);
}

class Writer {
public:
    Bytes write(const Field& form, const json& values) {
        builder_.Finish(Offset<flatbuffers::Table>(table(form, values).o));
        return {builder_.GetBufferPointer(), builder_.GetBufferPointer() + builder_.GetSize()};
    }

private:
    Offset<void> table(const Field& declared, const json& values) {
        std::vector<Entry> entries = entries_of(declared, values);
        std::ranges::stable_sort(entries, std::greater<>(), inline_bytes);
        const auto start = builder_.StartTable();
        for (const Entry& entry : entries) add(entry);
        return {builder_.EndTable(start)};
    }

    // What stands elsewhere is written here, before the table begins.
    std::vector<Entry> entries_of(const Field& declared, const json& values) {
        std::vector<Entry> entries;
        for (const Field& field : declared.fields) {
            const auto value = values.find(field.name);
            if (value == values.end()) continue;
            Entry entry{&field, &*value, {}};
            if (stands_elsewhere(field)) entry.offset = elsewhere(field, *value);
            entries.push_back(entry);
        }
        return entries;
    }

    Offset<void> elsewhere(const Field& field, const json& value) {
        if (!field.repeated) return pointed(field, value);
        return field.storage == Storage::offset ? offsets(field, value) : scalars(field, value);
    }

    Offset<void> pointed(const Field& field, const json& value) {
        if (field.type == FieldType::table) return table(field, value);
        return builder_.CreateString(value.get_ref<const std::string&>()).Union();
    }

    Offset<void> offsets(const Field& field, const json& items) {
        std::vector<Offset<void>> written;
        for (const json& item : items) written.push_back(pointed(field, item));
        return builder_.CreateVector(written).Union();
    }

    Offset<void> scalars(const Field& field, const json& items) {
        return with_storage(field.storage, [&](auto zero) {
            std::vector<decltype(zero)> written;
            for (const json& item : items) written.push_back(scalar<decltype(zero)>(field, item));
            return builder_.CreateVector(written).Union();
        });
    }

    void add(const Entry& entry) {
        const Field& field = *entry.field;
        if (stands_elsewhere(field)) {
            builder_.AddOffset(vtable_offset(field), entry.offset);
            return;
        }
        with_storage(field.storage, [&](auto zero) {
            builder_.AddElement(vtable_offset(field), scalar<decltype(zero)>(field, *entry.value));
        });
    }

    flatbuffers::FlatBufferBuilder builder_;
};

}  // namespace

Bytes write_values(const Field& form, const json& values) { return Writer().write(form, values); }

}  // namespace relais::forms
