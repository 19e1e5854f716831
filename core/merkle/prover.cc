#include "core/merkle/prover.h"

#include <algorithm>
#include <bit>
#include <map>

#include "core/merkle/tree.h"

namespace relais::merkle {

namespace {

// Leaves first to end - 1. A proof's ranges always start at a multiple of the perfect subtree they
// begin with.
struct Range {
    std::uint64_t first;
    std::uint64_t end;

    [[nodiscard]] std::uint64_t size() const { return end - first; }
    // Where RFC 9162 divides a tree of two leaves or more: after the largest power of two below it.
    [[nodiscard]] std::uint64_t split() const { return first + std::bit_floor(size() - 1); }
};

// The subtree roots of one log at one size; each tile is read once.
class Subtrees {
public:
    Subtrees(TileReader& tiles, std::uint64_t size) : tiles_(tiles), size_(size) {}

    // The root over `range`, which is not empty.
    Result<Digest> root(Range range) {
        std::vector<Digest> peaks;
        while (range.first < range.end) {
            const std::uint64_t leaves = std::bit_floor(range.size());
            RELAIS_ASSIGN(const Digest peak, perfect(range.first, leaves));
            peaks.push_back(peak);
            range.first += leaves;
        }
        Digest root = peaks.back();
        for (std::size_t i = peaks.size() - 1; i > 0; --i) root = node_hash(peaks[i - 1], root);
        return root;
    }

private:
    using Place = std::pair<unsigned, std::uint64_t>;

    // The root of the perfect subtree of `leaves` leaves from `first`.
    Result<Digest> perfect(std::uint64_t first, std::uint64_t leaves) {
        RELAIS_CHECK(first % leaves == 0);
        const unsigned height = static_cast<unsigned>(std::countr_zero(leaves));
        const unsigned level = height / kTileHeight;
        const std::uint64_t at = first >> (kTileHeight * level);
        RELAIS_ASSIGN(const auto hashes, tile(level, at / kTileWidth));
        return tree_root(hashes.subspan(at % kTileWidth, std::size_t{1} << (height % kTileHeight)));
    }

    Result<std::span<const Digest>> tile(unsigned level, std::uint64_t index) {
        const Place place{level, index};
        auto known = read_.find(place);
        if (known == read_.end()) {
            const std::size_t width = tile_width(level, index, size_);
            RELAIS_ASSIGN(auto hashes, read_tile(tiles_, level, index, width));
            known = read_.emplace(place, std::move(hashes)).first;
        }
        return std::span<const Digest>(known->second);
    }

    TileReader& tiles_;
    std::uint64_t size_;
    std::map<Place, std::vector<Digest>> read_;
};

// Goes into one half of `range`, and adds the root of the other half to the proof.
Result<void> descend(Subtrees& subtrees, Range& range, bool left, std::vector<Digest>& proof) {
    const Range first{range.first, range.split()};
    const Range second{range.split(), range.end};
    RELAIS_ASSIGN(const Digest root, subtrees.root(left ? second : first));
    proof.push_back(root);
    range = left ? first : second;
    return {};
}

}  // namespace

Result<std::vector<Digest>> inclusion_proof(TileReader& tiles, std::uint64_t index,
                                            std::uint64_t size) {
    if (index >= size) return fail(ErrorCode::not_yet_proven, "leaf not in a tree of this size");
    Subtrees subtrees(tiles, size);
    std::vector<Digest> proof;
    Range range{0, size};
    while (range.size() > 1) {
        RELAIS_TRY(descend(subtrees, range, index < range.split(), proof));
    }
    std::ranges::reverse(proof);
    return proof;
}

Result<std::vector<Digest>> consistency_proof(TileReader& tiles, std::uint64_t size1,
                                              std::uint64_t size2) {
    if (size1 == 0 || size1 > size2) {
        return fail(ErrorCode::wrong_position, "first size zero or above the second");
    }
    Subtrees subtrees(tiles, size2);
    std::vector<Digest> proof;
    Range range{0, size2};
    while (range.end != size1) {
        RELAIS_TRY(descend(subtrees, range, size1 <= range.split(), proof));
    }
    if (range.first != 0) {  // else the verifier starts from the first root itself
        RELAIS_ASSIGN(const Digest root, subtrees.root(range));
        proof.push_back(root);
    }
    std::ranges::reverse(proof);
    return proof;
}

Result<Digest> root_at(TileReader& tiles, std::uint64_t size) {
    if (size == 0) return empty_root();
    return Subtrees(tiles, size).root({0, size});
}

}  // namespace relais::merkle
