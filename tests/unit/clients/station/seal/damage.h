// damage.h: every small damage to bytes: what a negative twin of a vector is made of.
#pragma once

#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/secret.h"
#include "core/codecs/codecs.h"

namespace relais::test {

// The bytes with one bit flipped, at each place.
inline std::vector<Bytes> every_bit_flipped(ByteView bytes) {
    std::vector<Bytes> all;
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        all.push_back(to_bytes(bytes));
        all.back()[bit / 8] = static_cast<std::uint8_t>(all.back()[bit / 8] ^ (1U << (bit % 8)));
    }
    return all;
}

// Cut at each length below the whole, and one byte longer at either end.
inline std::vector<Bytes> every_other_length(ByteView bytes) {
    std::vector<Bytes> all;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        all.push_back(to_bytes(bytes.first(size)));
    }
    all.push_back(to_bytes(bytes));
    all.back().push_back(0);
    all.push_back(to_bytes(bytes));
    all.back().insert(all.back().begin(), 0);
    return all;
}

inline Bytes unhex(std::string_view text) { return parse_hex(text).value(); }
inline Secret secret_hex(std::string_view text) { return Secret::copy_of(unhex(text)); }

}  // namespace relais::test
