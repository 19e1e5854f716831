// A proof file has one text for each proof; one that verifies leads to a head that the log signed.
#include "core/merkle/proof_file.h"

#include "core/merkle/tree.h"
#include "tests/fuzz/log_keys.h"
#include "tests/fuzz/target.h"

namespace relais::fuzz {

bool accepts(ByteView input) {
    const auto proof = merkle::parse_proof(as_text(input));
    if (!proof.ok()) return false;
    const auto text = merkle::format_proof(*proof);
    RELAIS_CHECK(text.ok() && *text == as_text(input));
    const LogKeys keys;
    const Digest leaf = merkle::leaf_hash(as_bytes("leaf 3"));  // as in the corpus
    const auto head = merkle::verify_proof(*proof, leaf, keys.trust());
    if (head.ok()) RELAIS_CHECK(proof->index < head->head().size && proof->index == 3);
    return true;
}

}  // namespace relais::fuzz
