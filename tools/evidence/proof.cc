#include "tools/evidence/proof.h"

#include <algorithm>

#include "core/merkle/tree.h"
#include "schemas/audit/proof_extra.h"

namespace relais::evidence {

namespace {

std::vector<merkle::VerifierKey> witness_keys(const std::vector<merkle::VerifierKey>& keys) {
    std::vector<merkle::VerifierKey> witnesses;
    for (const merkle::VerifierKey& key : keys) {
        if (key.type() == merkle::NoteKeyType::cosignature) witnesses.push_back(key);
    }
    return witnesses;
}

// The head, held to the first of the log's keys that signed it.
Result<merkle::VerifiedCheckpoint> verify(const merkle::ProofFile& proof, const Digest& leaf,
                                          const std::vector<merkle::VerifierKey>& keys) {
    RELAIS_ASSIGN(const auto note, merkle::parse_note(proof.checkpoint));
    RELAIS_ASSIGN(const auto head, merkle::parse_checkpoint(note.text));
    Result<merkle::VerifiedCheckpoint> verdict =
        fail(ErrorCode::note_invalid, "no key of " + head.origin + " was given");
    for (const merkle::VerifierKey& key : keys_of_origin(keys, head.origin)) {
        verdict = merkle::verify_proof(proof, leaf, {head.origin, key, witness_keys(keys)});
        if (verdict.ok()) break;
    }
    return verdict;
}

}  // namespace

Result<CheckedProof> check_proof(std::string_view text,
                                 const std::vector<merkle::VerifierKey>& keys) {
    RELAIS_ASSIGN(const merkle::ProofFile proof, merkle::parse_proof(text));
    RELAIS_ASSIGN(const ProofExtra extra, parse_proof_extra(proof.extra));
    RELAIS_ASSIGN(const auto verified, verify(proof, merkle::leaf_hash(extra.leaf), keys));
    RELAIS_ASSIGN(Leaf leaf, parse_leaf(extra.leaf));
    RELAIS_ASSIGN(Header header, parse_header(extra.header.bytes));
    if (leaf.header != header_digest(extra.header.bytes) || leaf.message != header.id) {
        return fail(ErrorCode::proof_invalid, "the leaf is about another header than the file's");
    }
    return CheckedProof{proof.index, verified.head(), verified.witnessed(), std::move(leaf),
                        std::move(header)};
}

}  // namespace relais::evidence
