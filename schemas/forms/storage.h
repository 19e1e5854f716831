// storage.h: the scalar types of FlatBuffers behind Storage, for those who load, write and read.
#pragma once

#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "core/base/check.h"
#include "schemas/forms/form_schema.h"

namespace relais::forms {

// Calls `f` with a value of the type that `storage` is. Requires a scalar storage.
template <typename F>
auto with_storage(Storage storage, F f) {
    switch (storage) {
        case Storage::i8: return f(std::int8_t{});
        case Storage::u8: return f(std::uint8_t{});
        case Storage::i16: return f(std::int16_t{});
        case Storage::u16: return f(std::uint16_t{});
        case Storage::i32: return f(std::int32_t{});
        case Storage::u32: return f(std::uint32_t{});
        case Storage::i64: return f(std::int64_t{});
        case Storage::u64: return f(std::uint64_t{});
        case Storage::f64: return f(double{});
        case Storage::offset: break;
    }
    RELAIS_CHECK(storage != Storage::offset);
    return f(std::uint8_t{});
}

// Bytes of one value, in a table or in a vector.
[[nodiscard]] inline std::size_t storage_bytes(Storage storage) {
    if (storage == Storage::offset) return sizeof(std::uint32_t);
    return with_storage(storage, [](auto zero) { return sizeof(zero); });
}

// Whether the integer can stand there unchanged.
[[nodiscard]] inline bool storage_holds(Storage storage, std::int64_t value) {
    return with_storage(storage, [value](auto zero) {
        using T = decltype(zero);
        if constexpr (std::is_floating_point_v<T>) {
            return false;
        } else if constexpr (std::is_same_v<T, std::uint64_t>) {
            return value >= 0;
        } else {
            return value >= std::numeric_limits<T>::min() && value <= std::numeric_limits<T>::max();
        }
    });
}

}  // namespace relais::forms
