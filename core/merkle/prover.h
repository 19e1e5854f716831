// prover.h: the making of proofs from a log's tiles (RFC 9162, 2.1.3.1 and 2.1.4.1). A proof reads
// at most two tiles a level, 16 in the largest log, and hashes what lies between a tile's hashes
// again.
//
// What a proof says is what the tiles say: the prover checks nothing. Verify (tree.h) against a
// signed head before a proof leaves, where the tiles could have been altered.
#pragma once

#include <cstdint>
#include <vector>

#include "core/merkle/tiles.h"

namespace relais::merkle {

// For the leaf at `index`, in the tree of the log's first `size` leaves: the hashes that
// verify_inclusion takes.
// Errors: not_yet_proven  index not below size; corrupt  a tile of another width; the reader's own.
[[nodiscard]] Result<std::vector<Digest>> inclusion_proof(TileReader& tiles, std::uint64_t index,
                                                          std::uint64_t size);

// That the first `size1` leaves are a prefix of the first `size2`: the hashes that
// verify_consistency takes. Empty between equal sizes.
// Errors: wrong_position  size1 zero or above size2; corrupt  a tile of another width; the
// reader's.
[[nodiscard]] Result<std::vector<Digest>> consistency_proof(TileReader& tiles, std::uint64_t size1,
                                                            std::uint64_t size2);

// The root of the log's first `size` leaves.
// Errors: corrupt  a tile of another width; the reader's own.
[[nodiscard]] Result<Digest> root_at(TileReader& tiles, std::uint64_t size);

}  // namespace relais::merkle
