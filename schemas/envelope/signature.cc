#include "schemas/envelope/signature.h"

#include "core/base/contexts.h"
#include "core/base/limits.h"
#include "core/merkle/tree.h"

namespace relais {

Result<Digest> signed_root(const Digest& header, const HeaderSignature& signature) {
    if (signature.size == 0 || signature.size > limits::kBatchSignedMax) {
        return fail(ErrorCode::proof_invalid, "batch size");
    }
    return merkle::root_from_inclusion(header, signature.index, signature.size, signature.path);
}

Result<void> verify_header_signature(const Digest& header, const HeaderSignature& signature,
                                     const P256Public& key, const Verifier& verifier) {
    RELAIS_ASSIGN(const Digest root, signed_root(header, signature));
    return verifier.verify(key, signed_message(contexts::kEnvelope, root.view()),
                           signature.signature);
}

std::vector<HeaderSignature> sign_headers(std::span<const Digest> headers, Signer& signer) {
    const merkle::BatchTree tree = merkle::BatchTree::build(headers).value();
    const Signature signature =
        signer.sign(signed_message(contexts::kEnvelope, tree.root().view()));
    std::vector<HeaderSignature> signatures;
    for (std::size_t i = 0; i < headers.size(); ++i) {
        signatures.push_back({signature, static_cast<std::uint32_t>(i),
                              static_cast<std::uint32_t>(headers.size()), tree.path(i)});
    }
    return signatures;
}

}  // namespace relais
