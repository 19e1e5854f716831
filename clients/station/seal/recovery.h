// recovery.h: the recovery sheet: 32 secret bytes that an organisation prints when it enrols and
// keeps in a safe. From them come the key that alone can replace its authority, and the key that
// every epoch is granted to.
#pragma once

#include "core/crypto/p256.h"

namespace relais::seal {

struct RecoveryKeys {
    P256Key signing;
    P256Key sealing;
};

[[nodiscard]] Secret make_recovery_secret(Random& random);
[[nodiscard]] RecoveryKeys recovery_keys(const Secret& secret);

// As printed: Crockford base 32 of the secret and 2 bytes of its SHA-256, in groups of five.
[[nodiscard]] Secret recovery_code(const Secret& secret);
// Errors: malformed  mistyped: another character, missing groups, or a wrong check.
Result<Secret> parse_recovery_code(std::string_view code);

}  // namespace relais::seal
