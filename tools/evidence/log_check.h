// log_check.h: one log set against itself: records against the hashes kept for them, hashes against
// the tiles above, all of it against every signed head. Every hash is derived again from the raw
// records; kept hashes serve only to say which record a damage is in.
//
// Pure, but for the tiles it is given to read. Memory: about 100 bytes a leaf. Each node of the
// tree is hashed once, whole tiles side by side on every processor.
#pragma once

#include <functional>

#include "core/merkle/checkpoint.h"
#include "core/merkle/tiles.h"
#include "tools/evidence/damage.h"

namespace relais::evidence {

// What is there, as it was found.
struct LogMaterial {
    std::string log;                             // "audit"
    std::vector<std::optional<Digest>> records;  // leaf hashes of the raw records, by place
    // Of tiles of level 0, as many as the log is said to have leaves; absent: none is kept.
    std::vector<std::optional<Digest>> hashes;
    // Where the record of an index stands, for findings.
    std::function<std::string(std::uint64_t)> where;
};

// The leaf hashes that are believed after a comparison: those that the signed head covers, where
// that could be told. None where neither record nor hash is there.
using LeafHashes = std::vector<Digest>;

// The tree over believed leaves, as far as its tiles are concerned.
struct Tree {
    LeafHashes leaves;
    std::vector<Digest> tile_roots;  // of the full tiles of level 0, derived from `leaves`
};
[[nodiscard]] Tree tree_over(LeafHashes leaves);

// Names what is wrong with each record or kept hash. `head` is the judge between them (a head that
// is not verified yet serves as well: it only says whose fault a difference is).
std::optional<LeafHashes> compare_records(const LogMaterial& material,
                                          const std::optional<merkle::Checkpoint>& head,
                                          Findings& findings);

// Tiles of level 1 and above. `partial_kept`: whether tiles that are not full are kept as well.
// A tile that is missing, damaged or different is found; the reader's not_found means missing.
void check_upper_tiles(const std::string& log, const Tree& tree, merkle::TileReader& tiles,
                       bool partial_kept, Findings& findings);

// Each head against the tree over the first leaves; one that goes beyond them shows a truncation.
// Heads in the order of their sizes.
void check_heads(const std::string& log, const Tree& tree,
                 const std::vector<merkle::Checkpoint>& heads, Findings& findings);

}  // namespace relais::evidence
