// scrypt.h: a key from a passphrase (RFC 7914).
#pragma once

#include "core/base/limits.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace relais {

// The cost stands beside what it protects, so that it can be raised later.
struct ScryptCost {
    unsigned log2_n = limits::kScryptLog2N;
    unsigned r = limits::kScryptR;
    unsigned p = limits::kScryptP;
};

// `size` bytes. Takes 128 * r * 2^log2_n bytes of memory for the time of the call.
// Errors: invalid_field  cost out of 2^10 .. 2^20, r over 32, or p over 16 (a stored cost that
//                        would exhaust memory is refused before any work).
Result<Secret> scrypt(const Secret& passphrase, ByteView salt, const ScryptCost& cost,
                      std::size_t size);

}  // namespace relais
