// verify.h: judges a folder of evidence offline, from its raw records up: every hash derived again,
// every tile compared, every signed head checked against the records it covers, every directory
// entry against the rules of the directory, every statement that a leaf quotes against the key of
// its station. Nothing of it needs a broker, its store or its network.
#pragma once

#include <filesystem>
#include <functional>

#include "schemas/audit/leaf.h"
#include "schemas/witness/witness.h"
#include "tools/evidence/damage.h"
#include "tools/evidence/keys.h"

namespace relais::evidence {

// What the keys rest on: the reader's own, the authority's fingerprint that the reader gave, or
// nothing but the folder itself.
enum class Trust : std::uint8_t { keys, authority, folder };

struct LogVerdict {
    std::string log;
    std::string origin;
    std::uint64_t size = 0;
    Digest root;
    std::uint64_t heads = 0;  // signed heads, each a prefix of the next
    // The last head that is witnessed as the domain asks, or that is witnessed at all; 0: none.
    std::uint64_t witnessed_size = 0;
    witness::Standing standing{};
};

// The log goes on under a new name, since it was restored from a backup.
struct Restoration {
    std::string origin;
    std::uint64_t first = 0;  // leaves before it
    WallTime time{};
    std::uint64_t cited = 0;  // size of the last head known of what was lost; 0: none
};

struct Verdict {
    std::string domain;
    Digest authority;
    Trust trust = Trust::folder;
    std::vector<LogVerdict> logs;
    std::vector<Restoration> restorations;
    Findings findings;
    std::uint64_t statements = 0;  // signed statements in leaves, verified

    [[nodiscard]] bool good() const { return findings.empty(); }
};

struct VerifyRequest {
    Pins pins;
    // Signed heads seen elsewhere (a station, a witness, an earlier export): whole notes. One that
    // is of neither log is a finding.
    std::vector<std::string> expected_heads;
    // Which leaves the reader wants; empty: none. Called from several threads.
    std::function<bool(const Leaf&)> keep{};
};

// A leaf with its index.
struct TrailEntry {
    std::uint64_t index;
    Leaf leaf;
};
struct Verified {
    Verdict verdict;
    std::vector<TrailEntry> trail;  // the leaves that were wanted and whose bytes are right
};

// Memory: about 100 bytes a leaf, and what is kept; records are read once, on every processor.
// Errors: not_found  no such folder; malformed  nothing in it says whose evidence it is; io_failed.
// Damage is no error: it is in the verdict.
Result<Verified> verify_evidence(const std::filesystem::path& folder, const VerifyRequest& request);

}  // namespace relais::evidence
