// memory_tiles.h: a store of full tiles in memory, which counts its reads and can be damaged; and a
// log grown into it.
#pragma once

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "core/merkle/tiles.h"
#include "tests/unit/core/merkle/naive_tree.h"

namespace relais::merkle {

class MemoryTiles final : public TileReader {
public:
    using Place = std::pair<unsigned, std::uint64_t>;

    void put(const FullTile& tile) { tiles_[{tile.level, tile.index}] = tile.hashes; }
    std::map<Place, std::vector<Digest>>& tiles() { return tiles_; }
    std::vector<Place>& reads() { return reads_; }

    Result<std::vector<Digest>> tile(unsigned level, std::uint64_t index,
                                     std::size_t width) override {
        reads_.emplace_back(level, index);
        const auto found = tiles_.find({level, index});
        if (found == tiles_.end()) return fail(ErrorCode::io_failed, "no such tile");
        auto hashes = found->second;
        if (width < hashes.size()) hashes.resize(width);
        return hashes;
    }

private:
    std::map<Place, std::vector<Digest>> tiles_;
    std::vector<Place> reads_;
};

// A log of `count` leaves, "leaf 0" and on, with its root at each size.
struct GrownLog {
    explicit GrownLog(std::size_t count) : leaves(naive::leaves(count)) {
        CompactRange range;
        roots.push_back(range.root());
        for (const Digest& leaf : leaves) {
            for (const FullTile& tile : builder.append(leaf)) stored.put(tile);
            range.append(leaf);
            roots.push_back(range.root());
        }
    }
    GrowingTiles tiles() { return {builder, stored}; }

    std::vector<Digest> leaves;
    std::vector<Digest> roots;  // by size
    TileBuilder builder;
    MemoryTiles stored;
};

}  // namespace relais::merkle
