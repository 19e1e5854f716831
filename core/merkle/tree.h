// tree.h: Merkle trees as RFC 9162 section 2.1 defines them (the trees of RFC 6962), over SHA-256.
// Hashing, the checking of proofs, the frontier of a tree that grows, and whole small trees.
//
// Everything here is pure. The checks are total: any size, index and proof is answered, in time
// linear in the proof and never in the size. Proofs are made in prover.h.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/ids.h"
#include "core/base/result.h"

namespace relais::merkle {

// SHA-256(0x00 ‖ leaf), SHA-256(0x01 ‖ left ‖ right), and SHA-256 of nothing.
[[nodiscard]] Digest leaf_hash(ByteView leaf);
[[nodiscard]] Digest node_hash(const Digest& left, const Digest& right);
[[nodiscard]] Digest empty_root();

// The root of the tree over these leaf hashes, in order. Costs one hash a leaf, and a copy
// of them.
[[nodiscard]] Digest tree_root(std::span<const Digest> leaf_hashes);

// The root that `proof` leads to, for the leaf at `index` of a tree of `size` leaves; `proof` goes
// from the leaf's sibling up (RFC 9162, 2.1.3.2).
// Errors: proof_invalid  index not below size, or proof not of the exact length.
[[nodiscard]] Result<Digest> root_from_inclusion(const Digest& leaf_hash, std::uint64_t index,
                                                 std::uint64_t size, std::span<const Digest> proof);

// Says that the leaf stands at `index` in the tree of that size and root.
// Errors: proof_invalid  as above, or another root.
[[nodiscard]] Result<void> verify_inclusion(const Digest& leaf_hash, std::uint64_t index,
                                            std::uint64_t size, std::span<const Digest> proof,
                                            const Digest& root);

// Says that the first `size1` leaves of the second tree are those of the first (RFC 9162, 2.1.4.2).
// Between equal sizes the proof is empty and the roots are equal. An empty first tree is refused:
// it commits to nothing, so nothing can be proved from it; a caller that starts from nothing has no
// head to compare.
// Errors: proof_invalid  size1 zero or above size2, proof not of the exact length, or other roots.
[[nodiscard]] Result<void> verify_consistency(std::uint64_t size1, const Digest& root1,
                                              std::uint64_t size2, const Digest& root2,
                                              std::span<const Digest> proof);

// The frontier of a growing tree: the roots of its perfect subtrees, largest first; as many as
// size() has bits set, 64 at most. A value: copying it is a snapshot. Confined to its owner.
class CompactRange {
public:
    CompactRange() = default;
    // The frontier as peaks() gave it. Whether the hashes are the right ones, only root() compared
    // with a trusted head can say.
    // Errors: malformed  not as many peaks as `size` has bits set.
    static Result<CompactRange> from_parts(std::uint64_t size, std::span<const Digest> peaks);

    // Adds the next leaf. Amortised cost: one node hash. Requires size() < 2^64 - 1.
    void append(const Digest& leaf_hash) { append_perfect(leaf_hash, 0); }
    // Adds the next 2^height leaves at once, by the root of the tree over them.
    // Requires a size() that 2^height divides, and a height below 64.
    void append_perfect(const Digest& root, unsigned height);

    [[nodiscard]] std::uint64_t size() const { return size_; }
    [[nodiscard]] std::span<const Digest> peaks() const { return peaks_; }
    // At most 63 node hashes.
    [[nodiscard]] Digest root() const;

private:
    std::uint64_t size_ = 0;
    std::vector<Digest> peaks_;
};

// A whole tree of 1 to limits::kBatchSignedMax leaves: the header digests that one signature
// covers. Immutable.
class BatchTree {
public:
    // Errors: invalid_field  no leaf; too_large  more than kBatchSignedMax.
    static Result<BatchTree> build(std::span<const Digest> leaf_hashes);

    [[nodiscard]] std::uint64_t size() const { return levels_.front().size(); }
    [[nodiscard]] const Digest& root() const { return levels_.back().front(); }
    // The inclusion proof of leaf `index`, at most limits::kBatchPathMax hashes.
    // Requires index < size().
    [[nodiscard]] std::vector<Digest> path(std::uint64_t index) const;

private:
    BatchTree() = default;
    std::vector<std::vector<Digest>> levels_;  // leaf hashes first, the root alone last
};

}  // namespace relais::merkle
