// proof_file.h: one leaf's proof in a file (C2SP tlog-proof): its index, its path and the
// checkpoint, enough for a stranger with the log's and witnesses' keys to check offline. Pure;
// thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/merkle/checkpoint.h"

namespace relais::merkle {

struct ProofFile {
    Bytes extra;  // for the application; not authenticated. Empty: no such line
    std::uint64_t index = 0;
    std::vector<Digest> path;  // from the leaf's sibling up
    std::string checkpoint;    // the signed note, verbatim

    bool operator==(const ProofFile&) const = default;
};

// Errors: malformed, too_large  parse_proof would refuse it.
[[nodiscard]] Result<std::string> format_proof(const ProofFile& proof);

// One text for each proof: format(parse(text)) is that text again. The checkpoint is held to its
// form only.
// Errors: malformed  not the format; too_large  over limits::kProofFileBytesMax, kProofHashesMax or
//         a note's limits.
[[nodiscard]] Result<ProofFile> parse_proof(std::string_view text);

// Says that the leaf stands at proof.index in a log head that `trust` accepts, and returns the
// head. Errors: those of verify_checkpoint; proof_invalid  the path does not lead to the head's
// root.
[[nodiscard]] Result<VerifiedCheckpoint> verify_proof(const ProofFile& proof,
                                                      const Digest& leaf_hash,
                                                      const LogTrust& trust);

}  // namespace relais::merkle
