// x25519.h: key pairs for CurveZMQ (RFC 26 of ZeroMQ), which are those of X25519 (RFC 7748). Making
// them is all that happens here: ZeroMQ uses them.
#pragma once

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace relais {

struct CurveKeyPair {
    CurvePublic public_key;
    Secret secret_key;  // 32 bytes
};

[[nodiscard]] CurveKeyPair generate_curve_keys();
// The pair of a stored secret key. Errors: malformed  not 32 bytes.
Result<CurveKeyPair> curve_keys_of(Secret secret_key);

}  // namespace relais
