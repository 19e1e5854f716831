// A recovery code that is accepted is the code of the secret it gives, however it was typed.
#include "clients/station/seal/recovery.h"
#include "tests/fuzz/target.h"

namespace relais::fuzz {

bool accepts(ByteView input) {
    const auto secret = seal::parse_recovery_code(as_text(input));
    if (!secret.ok()) return false;
    RELAIS_CHECK(secret->size() == 32);
    const Secret code = seal::recovery_code(*secret);
    const auto again = seal::parse_recovery_code(as_text(code.expose()));
    RELAIS_CHECK(again.ok() && bytes_equal(again->expose(), secret->expose()));
    return true;
}

}  // namespace relais::fuzz
