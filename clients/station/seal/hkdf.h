// hkdf.h: HKDF-SHA256 (RFC 5869), in its two halves, as HPKE uses them.
#pragma once

#include "core/base/bytes.h"
#include "core/base/secret.h"

namespace relais::seal {

// 32 bytes.
[[nodiscard]] Secret hkdf_extract(ByteView salt, const Secret& input);
// `size` bytes, at most 255 * 32. `key` is a pseudorandom key of 32 bytes.
[[nodiscard]] Secret hkdf_expand(const Secret& key, ByteView info, std::size_t size);

}  // namespace relais::seal
