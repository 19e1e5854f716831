#include "core/base/bytes.h"

#include <algorithm>

#include "core/base/check.h"

namespace relais {

namespace {

void append_big_endian(Bytes& out, std::uint64_t value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
        out.push_back(static_cast<std::uint8_t>(value >> shift));
    }
}

std::uint64_t read_big_endian(ByteView bytes, std::size_t count) {
    RELAIS_CHECK(bytes.size() >= count);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) value = (value << 8) | bytes[i];
    return value;
}

}  // namespace

void append_u16(Bytes& out, std::uint16_t value) { append_big_endian(out, value, 2); }
void append_u32(Bytes& out, std::uint32_t value) { append_big_endian(out, value, 4); }
void append_u64(Bytes& out, std::uint64_t value) { append_big_endian(out, value, 8); }

std::uint32_t read_u32(ByteView bytes) {
    return static_cast<std::uint32_t>(read_big_endian(bytes, 4));
}
std::uint64_t read_u64(ByteView bytes) { return read_big_endian(bytes, 8); }

bool bytes_equal(ByteView a, ByteView b) { return std::ranges::equal(a, b); }

}  // namespace relais
