// origins.h: the names under which a domain's audit log was signed. A broker that was restored from
// a backup goes on under a new name from a leaf on that says so and cites the last head known of
// the end that was lost (docs/formats.md). Whatever else contradicts a signed head is a fork. Pure.
#pragma once

#include <map>

#include "tools/evidence/keys.h"
#include "tools/evidence/verify.h"

namespace relais::evidence {

// The log's life under one name.
struct Origin {
    std::string name;
    std::uint64_t first = 0;  // leaves that were signed under former names
    WallTime time{};          // of the leaf that begins it
    // Heads of the former name that its leaves cite, by size; their roots.
    std::map<std::uint64_t, Digest> cited{};
};

// In their order; the first is `<domain>/audit`. `keys`: of the log, under any name. A leaf that
// does not fit is a finding.
[[nodiscard]] std::vector<Origin> read_origins(const Name& domain,
                                               const std::vector<TrailEntry>& trail,
                                               const std::vector<merkle::VerifierKey>& keys,
                                               Findings& findings);
// Each key under each name.
[[nodiscard]] std::vector<merkle::VerifierKey> keys_under(
    const std::vector<merkle::VerifierKey>& keys, const std::vector<Origin>& origins);
// Whether a head stands within the life of its name.
[[nodiscard]] bool in_its_time(const merkle::Checkpoint& head, const std::vector<Origin>& origins);
// Whether a head of a former name goes beyond its end and the loss is told: no more was lost than
// the head that is cited. Such a head is no contradiction, and cannot be checked any more.
[[nodiscard]] bool is_lost(const merkle::Checkpoint& head, const std::vector<Origin>& origins);

}  // namespace relais::evidence
