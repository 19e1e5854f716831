// A verifier key has one text.
#include "core/merkle/note.h"
#include "tests/fuzz/target.h"

namespace relais::fuzz {

bool accepts(ByteView input) {
    const auto key = merkle::VerifierKey::parse(as_text(input));
    if (!key.ok()) return false;
    RELAIS_CHECK(key->text() == as_text(input));
    const auto again = merkle::VerifierKey::make(key->name(), key->type(), key->key());
    RELAIS_CHECK(again.ok() && *again == *key);
    return true;
}

}  // namespace relais::fuzz
