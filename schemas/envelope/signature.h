// signature.h: one P-256 signature over one header or over up to 256 at once (the root of the RFC
// 9162 tree of their digests), so that a bulk sender signs, and everyone checks, once.
#pragma once

#include <span>
#include <vector>

#include "core/base/ports.h"
#include "schemas/envelope/header.h"

namespace relais {

struct HeaderSignature {
    Signature signature;
    std::uint32_t index = 0;   // place of the header in its batch
    std::uint32_t size = 1;    // headers in the batch, 1 to 256
    std::vector<Digest> path;  // from the header's sibling up; empty where size is 1
};

// The root that the signature is about. Errors: proof_invalid  the path does not fit index and
// size.
Result<Digest> signed_root(const Digest& header, const HeaderSignature& signature);

// Errors: proof_invalid; bad_signature.
Result<void> verify_header_signature(const Digest& header, const HeaderSignature& signature,
                                     const P256Public& key, const Verifier& verifier);

// One signature for each digest, in their order. Requires 1 to 256 digests.
std::vector<HeaderSignature> sign_headers(std::span<const Digest> headers, Signer& signer);

// A header with its signature, apart from its content: what a conflict or a withdrawal shows.
struct SignedHeader {
    Bytes bytes;
    HeaderSignature signature;
};

}  // namespace relais
