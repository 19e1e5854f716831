#include "core/merkle/tree.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "core/crypto/sha256.h"

namespace relais::merkle {

namespace {

constexpr std::uint8_t kLeafPrefix[] = {0x00};
constexpr std::uint8_t kNodePrefix = 0x01;

// A place in a level of the tree, climbing: fn and sn of RFC 9162, 2.1.3.2.
struct Place {
    std::uint64_t node;
    std::uint64_t last;  // of the level

    [[nodiscard]] bool is_right() const { return (node & 1) != 0; }
    [[nodiscard]] bool at_root() const { return last == 0; }
    // A lone last node has no sibling at its own level: its next hash comes from the left, higher
    // up.
    [[nodiscard]] bool sibling_is_left() const { return is_right() || node == last; }
    void up() {
        node >>= 1;
        last >>= 1;
    }
    void up_while_lone() {
        while (node != 0 && !is_right()) up();
    }
};

Error invalid(const char* why) { return fail(ErrorCode::proof_invalid, why); }

// Both roots climb together: `old_root` takes only the hashes on its left, `new_root` takes all.
Result<void> climb_both(Place at, Digest& old_root, Digest& new_root,
                        std::span<const Digest> proof) {
    for (const Digest& hash : proof) {
        if (at.at_root()) return invalid("proof too long");
        if (at.sibling_is_left()) {
            old_root = node_hash(hash, old_root);
            new_root = node_hash(hash, new_root);
            at.up_while_lone();
        } else {
            new_root = node_hash(new_root, hash);
        }
        at.up();
    }
    if (!at.at_root()) return invalid("proof too short");
    return {};
}

}  // namespace

Digest leaf_hash(ByteView leaf) { return sha256({ByteView(kLeafPrefix), leaf}); }

Digest node_hash(const Digest& left, const Digest& right) {
    // Joined: a call into OpenSSL costs more than the copy.
    std::array<std::uint8_t, 1 + 2 * Digest::kSize> node;
    node[0] = kNodePrefix;
    std::ranges::copy(left.bytes, node.begin() + 1);
    std::ranges::copy(right.bytes, node.begin() + 1 + Digest::kSize);
    return sha256(ByteView(node));
}

Digest empty_root() { return sha256(ByteView{}); }

Digest tree_root(std::span<const Digest> leaf_hashes) {
    if (leaf_hashes.empty()) return empty_root();
    std::vector<Digest> level(leaf_hashes.begin(), leaf_hashes.end());
    // Pairs hashed in place; a last node without a pair goes up as it is, which is how the split at
    // the largest power of two (RFC 9162, 2.1.1) looks from below.
    while (level.size() > 1) {
        const std::size_t pairs = level.size() / 2;
        for (std::size_t i = 0; i < pairs; ++i)
            level[i] = node_hash(level[2 * i], level[2 * i + 1]);
        if (level.size() % 2 != 0) level[pairs] = level.back();
        level.resize((level.size() + 1) / 2);
    }
    return level.front();
}

Result<Digest> root_from_inclusion(const Digest& leaf_hash, std::uint64_t index, std::uint64_t size,
                                   std::span<const Digest> proof) {
    if (index >= size) return invalid("index not in the tree");
    Place at{index, size - 1};
    Digest root = leaf_hash;
    for (const Digest& hash : proof) {
        if (at.at_root()) return invalid("proof too long");
        if (at.sibling_is_left()) {
            root = node_hash(hash, root);
            at.up_while_lone();
        } else {
            root = node_hash(root, hash);
        }
        at.up();
    }
    if (!at.at_root()) return invalid("proof too short");
    return root;
}

Result<void> verify_inclusion(const Digest& leaf_hash, std::uint64_t index, std::uint64_t size,
                              std::span<const Digest> proof, const Digest& root) {
    RELAIS_ASSIGN(const Digest reached, root_from_inclusion(leaf_hash, index, size, proof));
    if (reached != root) return invalid("proof leads to another root");
    return {};
}

Result<void> verify_consistency(std::uint64_t size1, const Digest& root1, std::uint64_t size2,
                                const Digest& root2, std::span<const Digest> proof) {
    if (size1 == 0 || size1 > size2) return invalid("first tree empty or larger than the second");
    if (size1 == size2) {
        if (!proof.empty() || root1 != root2) return invalid("trees of one size differ");
        return {};
    }
    if (proof.empty()) return invalid("proof too short");
    Place at{size1 - 1, size2 - 1};
    while (at.is_right()) at.up();
    // A first tree of 2^n leaves is itself the node the proof starts from, and is left out of it.
    const bool starts_at_root1 = std::has_single_bit(size1);
    Digest old_root = starts_at_root1 ? root1 : proof.front();
    Digest new_root = old_root;
    RELAIS_TRY(climb_both(at, old_root, new_root, proof.subspan(starts_at_root1 ? 0 : 1)));
    if (old_root != root1) return invalid("proof does not lead to the first root");
    if (new_root != root2) return invalid("proof does not lead to the second root");
    return {};
}

Result<CompactRange> CompactRange::from_parts(std::uint64_t size, std::span<const Digest> peaks) {
    if (peaks.size() != static_cast<std::size_t>(std::popcount(size))) {
        return fail(ErrorCode::malformed, "frontier does not fit its size");
    }
    CompactRange range;
    range.size_ = size;
    range.peaks_.assign(peaks.begin(), peaks.end());
    return range;
}

void CompactRange::append_perfect(const Digest& root, unsigned height) {
    RELAIS_CHECK(height < 64);
    const std::uint64_t leaves = std::uint64_t{1} << height;
    RELAIS_CHECK(size_ % leaves == 0 &&
                 size_ <= std::numeric_limits<std::uint64_t>::max() - leaves);
    Digest node = root;
    for (std::uint64_t rest = size_ >> height; (rest & 1) != 0; rest >>= 1) {
        node = node_hash(peaks_.back(), node);
        peaks_.pop_back();
    }
    peaks_.push_back(node);
    size_ += leaves;
}

Digest CompactRange::root() const {
    if (peaks_.empty()) return empty_root();
    Digest root = peaks_.back();
    for (std::size_t i = peaks_.size() - 1; i > 0; --i) root = node_hash(peaks_[i - 1], root);
    return root;
}

}  // namespace relais::merkle
