// proof_extra.h: what Relais adds to a proof file (core/merkle/proof_file.h): the leaf that is
// proven and the signed header that it is about. Not authenticated by itself: the leaf's hash and
// the header's digest are to be compared.
#pragma once

#include "schemas/envelope/signature.h"

namespace relais {

struct ProofExtra {
    Bytes leaf;
    SignedHeader header;
};

[[nodiscard]] Bytes encode_proof_extra(const ProofExtra& extra);
// Errors: malformed; too_large.
Result<ProofExtra> parse_proof_extra(ByteView bytes);

}  // namespace relais
