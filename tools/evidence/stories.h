// stories.h: what the records say, after their hashes are known to be right: the directory's
// entries under its rules, the audit's leaves, the statements they quote, and whether the two logs
// tell one story. Pure.
#pragma once

#include "schemas/directory/state.h"
#include "tools/evidence/damage.h"
#include "tools/evidence/verify.h"

namespace relais::evidence {

// The directory replayed with every signature checked, as far as the first bad entry. An empty
// record (one that could not be read) ends it without a finding of its own. None without a first
// entry. `authority`: pinned; otherwise the one that the first entry shows.
std::optional<directory::DirectoryState> replay_directory(const std::vector<Bytes>& records,
                                                          const Name& domain,
                                                          const std::optional<Digest>& authority,
                                                          Findings& findings);

// Parses each leaf; empty records are passed over.
std::vector<TrailEntry> read_trail(const std::vector<Bytes>& records, Findings& findings);

// Each entry has its leaf and each such leaf its entry, as far as the directory was exported.
void compare_stories(const std::vector<TrailEntry>& trail, const std::vector<Bytes>& entries,
                     Findings& findings);

// The stations' signed statements in leaves. Returns how many are good.
std::uint64_t check_statements(const std::vector<TrailEntry>& trail,
                               const directory::DirectoryState& state, Findings& findings);

// Whether the leaf's statement was signed by its station's key and says what the leaf says.
Result<void> check_statement(const Leaf& leaf, const directory::DirectoryState& state,
                             const Verifier& verifier);

}  // namespace relais::evidence
