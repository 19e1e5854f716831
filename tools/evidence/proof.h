// proof.h: one proof file (C2SP tlog-proof) explained: the leaf that it carries stands in the log
// whose head the key signed, and the leaf is about the header that it carries. Pure.
#pragma once

#include "core/merkle/proof_file.h"
#include "schemas/audit/leaf.h"
#include "schemas/envelope/header.h"
#include "tools/evidence/keys.h"

namespace relais::evidence {

struct CheckedProof {
    std::uint64_t index;
    merkle::Checkpoint head;
    std::vector<merkle::Witnessed> witnessed;
    Leaf leaf;
    Header header;
};

// `keys`: of logs and of witnesses; those of other logs are passed over. The key of an audit log
// serves for every name that the log has had since (docs/formats.md, After a restore).
// Errors: malformed, too_large  not a proof file of Relais; note_invalid  the head is not signed by
// a given key of its log; proof_invalid  the leaf does not stand there, or is about another header.
Result<CheckedProof> check_proof(std::string_view text,
                                 const std::vector<merkle::VerifierKey>& keys);

}  // namespace relais::evidence
