// The tiles of a log that grows: which are full, and the partial ones kept in memory (tiles.h).
#include <limits>

#include "core/merkle/tiles.h"
#include "core/merkle/tree.h"

namespace relais::merkle {

namespace {

// The roots of the full tiles `first` to `first + count - 1` of `level`.
Result<std::vector<Digest>> tile_roots(TileReader& tiles, unsigned level, std::uint64_t first,
                                       std::size_t count) {
    std::vector<Digest> roots;
    for (std::size_t i = 0; i < count; ++i) {
        RELAIS_ASSIGN(const auto hashes, read_tile(tiles, level, first + i, kTileWidth));
        roots.push_back(tree_root(hashes));
    }
    return roots;
}

}  // namespace

Result<TileBuilder> TileBuilder::rebuild(std::uint64_t size, TileReader& full_tiles,
                                         std::span<const Digest> last_leaf_hashes) {
    if (last_leaf_hashes.size() != size % kTileWidth) {
        return fail(ErrorCode::corrupt, "leaf hashes after the last full tile do not fit the size");
    }
    TileBuilder builder;
    builder.size_ = size;
    builder.partial_.emplace_back(last_leaf_hashes.begin(), last_leaf_hashes.end());
    std::uint64_t tiles_below = size / kTileWidth;
    for (unsigned level = 1; tiles_below != 0; ++level, tiles_below /= kTileWidth) {
        const std::size_t width = tiles_below % kTileWidth;
        RELAIS_ASSIGN(auto roots, tile_roots(full_tiles, level - 1, tiles_below - width, width));
        builder.partial_.push_back(std::move(roots));
    }
    return builder;
}

std::vector<FullTile> TileBuilder::append(const Digest& leaf_hash) {
    RELAIS_CHECK(size_ < std::numeric_limits<std::uint64_t>::max());
    std::vector<FullTile> filled;
    Digest node = leaf_hash;
    std::uint64_t index = size_;
    for (unsigned level = 0;; ++level) {
        if (level == partial_.size()) partial_.emplace_back();
        std::vector<Digest>& tile = partial_[level];
        tile.push_back(node);
        index /= kTileWidth;
        if (tile.size() < kTileWidth) break;
        node = tree_root(tile);
        filled.push_back({level, index, std::move(tile)});
        tile = {};
    }
    ++size_;
    return filled;
}

std::span<const Digest> TileBuilder::partial(unsigned level) const {
    if (level >= partial_.size()) return {};
    return partial_[level];
}

Result<std::vector<Digest>> GrowingTiles::tile(unsigned level, std::uint64_t index,
                                               std::size_t width) {
    const std::size_t held = level < kTileLevels ? tile_width(level, index, builder_.size()) : 0;
    if (width == 0 || width > held) {
        return fail(ErrorCode::wrong_position, "tile not in a log of this size");
    }
    if (held < kTileWidth) {
        const auto hashes = builder_.partial(level).first(width);
        return std::vector<Digest>(hashes.begin(), hashes.end());
    }
    RELAIS_ASSIGN(auto hashes, read_tile(full_tiles_, level, index, kTileWidth));
    hashes.resize(width);
    return hashes;
}

}  // namespace relais::merkle
