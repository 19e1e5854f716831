// tiles.h: how a big log keeps its hashes: in tiles, as C2SP tlog-tiles lays them out. The tile at
// (level L, index N) holds 256 consecutive hashes, each the root of a perfect subtree of 256^L
// leaves; level 0 holds leaf hashes. A full tile never changes. The rightmost tile of each level is
// partial until it fills.
//
// TileReader is the port to where tiles are stored; TileBuilder says what to store as the log
// grows; the paths and the entry bundles are what a stranger's tool reads from a directory or a web
// server.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/ids.h"
#include "core/base/result.h"

namespace relais::merkle {

inline constexpr unsigned kTileHeight = 8;                   // levels of the tree in one tile
inline constexpr std::size_t kTileWidth = 1 << kTileHeight;  // hashes in a full tile
inline constexpr unsigned kTileLevels = 64 / kTileHeight;    // enough for 2^64 - 1 leaves

// Where stored hashes come from. Implemented by the log stores, by GrowingTiles and by tests.
class TileReader {
public:
    virtual ~TileReader() = default;
    // The first `width` hashes (1 to 256) of the tile, exactly as many.
    // Errors: the store's own; the provers pass them on.
    virtual Result<std::vector<Digest>> tile(unsigned level, std::uint64_t index,
                                             std::size_t width) = 0;
};

// Reads a tile and holds the reader to its width.
// Errors: corrupt  another number of hashes; and the reader's own.
[[nodiscard]] Result<std::vector<Digest>> read_tile(TileReader& tiles, unsigned level,
                                                    std::uint64_t index, std::size_t width);

struct FullTile {
    unsigned level;
    std::uint64_t index;
    std::vector<Digest> hashes;  // kTileWidth of them
};

// Takes a log's leaf hashes one by one and yields each tile as it fills. Keeps only the partial
// tiles: at most 255 hashes a level. A value: copying it is a snapshot. Confined to its owner.
class TileBuilder {
public:
    TileBuilder() = default;
    // The builder of a log of `size` leaves, from its stored full tiles and the leaf hashes after
    // the last full tile of level 0. Reads at most 255 tiles a level and hashes each once.
    // Errors: corrupt  not size % 256 last leaf hashes, or a tile that is not full; the reader's
    // own.
    static Result<TileBuilder> rebuild(std::uint64_t size, TileReader& full_tiles,
                                       std::span<const Digest> last_leaf_hashes);

    // Adds the next leaf and returns the tiles it fills, lowest first: none for 255 leaves of 256.
    // Amortised cost: one node hash. Requires size() < 2^64 - 1.
    [[nodiscard]] std::vector<FullTile> append(const Digest& leaf_hash);

    [[nodiscard]] std::uint64_t size() const { return size_; }
    // The hashes of the rightmost, partial tile of `level`: 0 to 255. Valid until the next append.
    [[nodiscard]] std::span<const Digest> partial(unsigned level) const;

private:
    std::uint64_t size_ = 0;
    std::vector<std::vector<Digest>> partial_;  // by level
};

// All tiles of a growing log: partial ones from its builder, full ones from the store, so that a
// store need keep full tiles alone. Neither is owned; both outlive this.
class GrowingTiles final : public TileReader {
public:
    GrowingTiles(const TileBuilder& builder, TileReader& full_tiles)
        : builder_(builder), full_tiles_(full_tiles) {}
    // Errors: wrong_position  no such tile yet, or not as wide; corrupt and others  of the store.
    Result<std::vector<Digest>> tile(unsigned level, std::uint64_t index,
                                     std::size_t width) override;

private:
    const TileBuilder& builder_;
    TileReader& full_tiles_;
};

// How many hashes of the tile exist in a log of `size` leaves: 0 to 256. Requires level <
// kTileLevels.
[[nodiscard]] std::size_t tile_width(unsigned level, std::uint64_t index, std::uint64_t size);

// "tile/<L>/<N>", with ".p/<W>" where `width` is below 256; N in groups of three digits, as in
// "x001/x234/067". Require a width of 1 to 256, and a level below 64.
[[nodiscard]] std::string tile_path(unsigned level, std::uint64_t index, std::size_t width);
[[nodiscard]] std::string entries_path(std::uint64_t index, std::size_t width);

// The entries under one tile of level 0, each behind its length as a big-endian uint16.
// Errors: too_large  an entry of more than 65,535 bytes, or more than 256 entries.
[[nodiscard]] Result<Bytes> encode_entry_bundle(std::span<const Bytes> entries);
// Exactly `width` entries; they point into `bundle`.
// Errors: malformed  cut short, or bytes left over.
[[nodiscard]] Result<std::vector<ByteView>> decode_entry_bundle(ByteView bundle, std::size_t width);

}  // namespace relais::merkle
