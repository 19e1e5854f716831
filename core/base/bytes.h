// bytes.h: byte containers and views, and big-endian integers in them. No ownership tricks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace relais {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline ByteView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes to_bytes(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

inline void append(Bytes& out, ByteView bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
}
inline void append(Bytes& out, std::string_view text) { append(out, as_bytes(text)); }

// Big-endian, the network's order.
void append_u16(Bytes& out, std::uint16_t value);
void append_u32(Bytes& out, std::uint32_t value);
void append_u64(Bytes& out, std::uint64_t value);
// Requires at least 4 (8) bytes at the front of `bytes`.
[[nodiscard]] std::uint32_t read_u32(ByteView bytes);
[[nodiscard]] std::uint64_t read_u64(ByteView bytes);

// Lexicographic, as memcmp: what SQLite's BLOB ordering uses too.
[[nodiscard]] bool bytes_equal(ByteView a, ByteView b);

}  // namespace relais
