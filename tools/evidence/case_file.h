// case_file.h: the proof file of one case (`relais proof --thread`), judged without the broker: the
// directory replayed with every signature, each act under a signed head and signed by its person,
// and who held and opened it, by the statement of a station.
#pragma once

#include <filesystem>

#include "schemas/envelope/notice.h"
#include "tools/evidence/damage.h"
#include "tools/evidence/proof.h"

namespace relais::evidence {

struct CaseReceipt {
    std::size_t act;  // place in CheckedCase::acts
    std::string mailbox;
    NoticeKind kind;  // delivered, opened or taken
    WallTime time;    // as the broker told it
};

struct CheckedCase {
    Name domain;
    Digest authority;  // fingerprint: of the domain whose directory it is
    std::vector<CheckedProof> acts;
    std::vector<CaseReceipt> receipts;
    std::size_t contents = 0;  // that are there, and those that were signed
};

// `authority`: pinned; absent: the one that the file shows. `keys`: pinned keys of logs and
// witnesses; none: those that the directory names. Errors: not_found, malformed  no such folder;
// evidence_altered  an entry, act, notice or content that is not what was signed, or a directory
// that is not the one of an act, named in the detail; those of check_proof.
Result<CheckedCase> check_case(const std::filesystem::path& folder,
                               const std::optional<Digest>& authority,
                               const std::vector<merkle::VerifierKey>& keys);

}  // namespace relais::evidence
