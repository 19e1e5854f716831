// flat.h: the one way in for FlatBuffers made by others: verified within budgets before any field
// is read. And conversions between the shared structs and our types. Used by the parsers of
// schemas/ alone; what they return no longer shows FlatBuffers.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <optional>

#include "core/base/ids.h"
#include "core/base/limits.h"
#include "core/base/names.h"
#include "core/base/result.h"
#include "schemas/generated/common_generated.h"

namespace relais::flat {

// A verified root table. It points into the bytes it was read from, or into a copy of its own where
// those stood at an address that FlatBuffers cannot read from: a buffer within another, for one.
template <typename Table>
class Root {
public:
    Root(ByteView bytes, Bytes copy)
        : copy_(std::move(copy)),
          table_(flatbuffers::GetRoot<Table>(copy_.empty() ? bytes.data() : copy_.data())) {}
    Root(Root&&) noexcept = default;
    Root& operator=(Root&&) noexcept = default;

    const Table* operator->() const { return table_; }
    const Table& operator*() const { return *table_; }

private:
    Bytes copy_;
    const Table* table_;
};

inline bool is_aligned(ByteView bytes) {
    return reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(std::uint64_t) == 0;
}

// The root table of `bytes`, which must outlive it. Bytes of a vector are never copied.
// Errors: too_large  over `bytes_max`; malformed  not a valid buffer of this table, or deeper or
//         with more tables than limits.h allows.
template <typename Table>
Result<Root<Table>> root(ByteView bytes, std::size_t bytes_max) {
    if (bytes.size() > bytes_max) return fail(ErrorCode::too_large);
    // FlatBuffers' shortest buffer; shorter ones would make the verifier read before its start.
    if (bytes.size() < 8) return fail(ErrorCode::malformed, "too short for a FlatBuffer");
    Bytes copy = is_aligned(bytes) ? Bytes() : to_bytes(bytes);
    const ByteView aligned = copy.empty() ? bytes : ByteView(copy);
    flatbuffers::Verifier verifier(aligned.data(), aligned.size(), limits::kTableDepthMax,
                                   limits::kTablesMax);
    if (!verifier.VerifyBuffer<Table>(nullptr)) {
        return fail(ErrorCode::malformed, "not a valid FlatBuffer of its schema");
    }
    return Root<Table>(bytes, std::move(copy));
}

// A shared struct (sixteen bytes of a Uuid, ...) as one of our ids; requires the same size.
template <typename Id, typename Struct>
Id id(const Struct& value) {
    static_assert(sizeof(Struct) == Id::kSize);
    Id result;
    std::memcpy(result.bytes.data(), &value, Id::kSize);
    return result;
}

template <typename Id, typename Struct>
std::optional<Id> optional_id(const Struct* value) {
    if (value == nullptr) return std::nullopt;
    return id<Id>(*value);
}

template <typename Struct, typename Id>
Struct to_struct(const Id& value) {
    static_assert(sizeof(Struct) == Id::kSize);
    Struct result;
    std::memcpy(static_cast<void*>(&result), value.bytes.data(), Id::kSize);
    return result;
}

inline ByteView view(const flatbuffers::Vector<std::uint8_t>* vector) {
    return vector == nullptr ? ByteView{} : ByteView{vector->data(), vector->size()};
}

inline std::string_view view(const flatbuffers::String* text) {
    return text == nullptr ? std::string_view{} : std::string_view{text->c_str(), text->size()};
}

template <typename T>
std::size_t size(const flatbuffers::Vector<T>* vector) {
    return vector == nullptr ? 0 : vector->size();
}

// Whether the structs of a vector stand where their type can be read: the verifier looks at the
// place of the vector's length alone, which needs less.
template <typename Struct>
bool readable(const flatbuffers::Vector<const Struct*>* vector) {
    return size(vector) == 0 ||
           reinterpret_cast<std::uintptr_t>(vector->Data()) % alignof(Struct) == 0;
}

inline flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>> bytes(
    flatbuffers::FlatBufferBuilder& builder, ByteView view) {
    return builder.CreateVector(view.data(), view.size());
}

inline flatbuffers::Offset<flatbuffers::String> text(flatbuffers::FlatBufferBuilder& builder,
                                                     std::string_view view) {
    return builder.CreateString(view.data(), view.size());
}

inline ByteView finished(const flatbuffers::FlatBufferBuilder& builder) {
    return {builder.GetBufferPointer(), builder.GetSize()};
}

// Errors: invalid_field  not one of the three lanes.
Result<Lane> lane(fb::Lane value);
inline fb::Lane lane(Lane value) { return static_cast<fb::Lane>(value); }

}  // namespace relais::flat
