// raw.h: envelopes and headers opened up to their schema's objects, so that one rule can be broken
// and the rest kept; and every way of cutting and flipping bytes.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "schemas/flat/flat.h"
#include "schemas/generated/envelope_generated.h"
#include "tests/support/envelopes.h"
#include "tests/support/members.h"
#include "tests/support/printers.h"

namespace relais {

template <typename Table>
auto opened(ByteView bytes) {
    using Object = typename Table::NativeTableType;
    return std::unique_ptr<Object>(flatbuffers::GetRoot<Table>(bytes.data())->UnPack());
}

template <typename Object>
Bytes closed(const Object& object) {
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(Object::TableType::Pack(builder, &object));
    return to_bytes(flat::finished(builder));
}

// A copy with one bit flipped.
inline Bytes flipped(ByteView bytes, std::size_t bit) {
    Bytes copy = to_bytes(bytes);
    copy[bit / 8] = static_cast<std::uint8_t>(copy[bit / 8] ^ (1U << (bit % 8)));
    return copy;
}

inline Bytes truncated(ByteView bytes, std::size_t size) { return to_bytes(bytes.first(size)); }

}  // namespace relais
