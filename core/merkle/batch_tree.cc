// The whole small tree of tree.h: every level kept, since a path is asked for each leaf.
#include "core/base/limits.h"
#include "core/merkle/tree.h"

namespace relais::merkle {

namespace {

// Pairs hashed; a last node without a pair goes up as it is, which is how RFC 9162's split at the
// largest power of two looks from below.
std::vector<Digest> level_above(const std::vector<Digest>& level) {
    std::vector<Digest> above;
    above.reserve((level.size() + 1) / 2);
    for (std::size_t i = 0; i + 1 < level.size(); i += 2) {
        above.push_back(node_hash(level[i], level[i + 1]));
    }
    if (level.size() % 2 != 0) above.push_back(level.back());
    return above;
}

}  // namespace

Result<BatchTree> BatchTree::build(std::span<const Digest> leaf_hashes) {
    if (leaf_hashes.empty()) return fail(ErrorCode::invalid_field, "a batch has a leaf");
    if (leaf_hashes.size() > limits::kBatchSignedMax) {
        return fail(ErrorCode::too_large, "batch of more than 256 leaves");
    }
    BatchTree tree;
    tree.levels_.emplace_back(leaf_hashes.begin(), leaf_hashes.end());
    while (tree.levels_.back().size() > 1) tree.levels_.push_back(level_above(tree.levels_.back()));
    return tree;
}

std::vector<Digest> BatchTree::path(std::uint64_t index) const {
    RELAIS_CHECK(index < size());
    std::vector<Digest> path;
    for (const std::vector<Digest>& level : levels_) {
        const std::uint64_t sibling = index ^ 1;
        if (sibling < level.size()) path.push_back(level[sibling]);
        index >>= 1;
    }
    return path;
}

}  // namespace relais::merkle
