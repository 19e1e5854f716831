#include "schemas/compiler/prune.h"

#include <flatbuffers/reflection.h>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace relais::compiler {

namespace {

using flatbuffers::Offset;
using flatbuffers::String;
using flatbuffers::Vector;

using Places = std::map<std::int32_t, std::int32_t>;  // old place to new, in the same order

class Pruner {
public:
    explicit Pruner(const reflection::Schema& schema) : schema_(schema) {}

    Bytes prune() {
        reach_object(place_of_root());
        number(objects_);
        number(enums_);
        const auto enums = all(enums_, *schema_.enums(), &Pruner::copy_enum);
        const auto objects = all(objects_, *schema_.objects(), &Pruner::copy_object);
        const auto none = builder_.CreateString("");
        const auto root = root_;
        builder_.Finish(reflection::CreateSchema(builder_, builder_.CreateVector(objects),
                                                 builder_.CreateVector(enums), none, none, root, 0,
                                                 schema_.advanced_features()),
                        reflection::SchemaIdentifier());
        return {builder_.GetBufferPointer(), builder_.GetBufferPointer() + builder_.GetSize()};
    }

private:
    [[nodiscard]] std::int32_t place_of_root() const {
        std::int32_t place = 0;
        for (const reflection::Object* object : *schema_.objects()) {
            if (object == schema_.root_table()) break;
            ++place;
        }
        return place;
    }

    void reach_object(std::int32_t place) {
        if (!objects_.emplace(place, 0).second) return;
        const auto& object = *schema_.objects()->Get(static_cast<std::uint32_t>(place));
        for (const reflection::Field* field : *object.fields()) reach_type(*field->type());
    }

    void reach_type(const reflection::Type& type) {
        if (type.index() < 0) return;
        if (is_object(type)) {
            reach_object(type.index());
        } else {
            enums_.emplace(type.index(), 0);
        }
    }

    static bool is_object(const reflection::Type& type) {
        return type.base_type() == reflection::Obj ||
               (type.base_type() == reflection::Vector && type.element() == reflection::Obj);
    }

    static void number(Places& places) {
        std::int32_t next = 0;
        for (auto& [old_place, new_place] : places) new_place = next++;
    }

    template <typename T>
    std::vector<Offset<T>> all(const Places& places, const Vector<Offset<T>>& from,
                               Offset<T> (Pruner::*copy)(const T&)) {
        std::vector<Offset<T>> copies;
        for (const auto& [old_place, new_place] : places) {
            copies.push_back((this->*copy)(*from.Get(static_cast<std::uint32_t>(old_place))));
        }
        return copies;
    }

    Offset<reflection::Type> copy_type(const reflection::Type& type) {
        std::int32_t index = type.index();
        if (index >= 0) index = (is_object(type) ? objects_ : enums_).at(index);
        return reflection::CreateType(builder_, type.base_type(), type.element(), index,
                                      type.fixed_length(), type.base_size(), type.element_size());
    }

    Offset<Vector<Offset<reflection::KeyValue>>> copy_attributes(
        const Vector<Offset<reflection::KeyValue>>* pairs) {
        std::vector<Offset<reflection::KeyValue>> copies;
        if (pairs == nullptr) return 0;
        for (const reflection::KeyValue* pair : *pairs) {
            const auto key = builder_.CreateString(pair->key());
            const auto value = pair->value() == nullptr ? 0 : builder_.CreateString(pair->value());
            copies.push_back(reflection::CreateKeyValue(builder_, key, value));
        }
        return builder_.CreateVector(copies);
    }

    Offset<Vector<Offset<String>>> copy_comments(const Vector<Offset<String>>* lines) {
        if (lines == nullptr || lines->size() == 0) return 0;
        std::vector<Offset<String>> copies;
        for (const String* line : *lines) copies.push_back(builder_.CreateString(line));
        return builder_.CreateVector(copies);
    }

    Offset<reflection::Field> copy_field(const reflection::Field& field) {
        const auto name = builder_.CreateString(field.name());
        const auto type = copy_type(*field.type());
        const auto attributes = copy_attributes(field.attributes());
        const auto comments = copy_comments(field.documentation());
        return reflection::CreateField(builder_, name, type, field.id(), field.offset(),
                                       field.default_integer(), field.default_real(),
                                       field.deprecated(), field.required(), field.key(),
                                       attributes, comments, field.optional(), field.padding());
    }

    Offset<reflection::Object> copy_object(const reflection::Object& object) {
        std::vector<Offset<reflection::Field>> fields;
        for (const reflection::Field* field : *object.fields()) {
            fields.push_back(copy_field(*field));
        }
        const auto name = builder_.CreateString(object.name());
        const auto attributes = copy_attributes(object.attributes());
        const auto comments = copy_comments(object.documentation());
        const auto copy = reflection::CreateObject(builder_, name, builder_.CreateVector(fields),
                                                   object.is_struct(), object.minalign(),
                                                   object.bytesize(), attributes, comments);
        if (&object == schema_.root_table()) root_ = copy;
        return copy;
    }

    Offset<reflection::Enum> copy_enum(const reflection::Enum& declared) {
        std::vector<Offset<reflection::EnumVal>> values;
        for (const reflection::EnumVal* value : *declared.values()) {
            const auto name = builder_.CreateString(value->name());
            const auto label = copy_comments(value->documentation());
            values.push_back(reflection::CreateEnumVal(builder_, name, value->value(), 0, label));
        }
        const auto name = builder_.CreateString(declared.name());
        // The type that holds the values is a number: it leads nowhere, whatever its index says.
        const auto& held = *declared.underlying_type();
        const auto type = reflection::CreateType(builder_, held.base_type(), held.element(), -1, 0,
                                                 held.base_size(), held.element_size());
        return reflection::CreateEnum(builder_, name, builder_.CreateVector(values),
                                      declared.is_union(), type,
                                      copy_attributes(declared.attributes()));
    }

    const reflection::Schema& schema_;
    flatbuffers::FlatBufferBuilder builder_;
    Places objects_;
    Places enums_;
    Offset<reflection::Object> root_ = 0;
};

}  // namespace

Bytes prune_schema(ByteView bfbs) { return Pruner(*reflection::GetSchema(bfbs.data())).prune(); }

}  // namespace relais::compiler
