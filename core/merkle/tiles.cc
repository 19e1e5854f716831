#include "core/merkle/tiles.h"

#include <algorithm>
#include <limits>

namespace relais::merkle {

namespace {

constexpr std::uint64_t kGroup = 1000;
constexpr std::size_t kEntryBytesMax = std::numeric_limits<std::uint16_t>::max();

std::string three_digits(std::uint64_t value) {
    std::string text = std::to_string(value);
    text.insert(0, 3 - text.size(), '0');
    return text;
}

std::string grouped(std::uint64_t index) {
    std::string path = three_digits(index % kGroup);
    for (index /= kGroup; index != 0; index /= kGroup) {
        path.insert(0, "x" + three_digits(index % kGroup) + "/");
    }
    return path;
}

std::string partial_suffix(std::size_t width) {
    RELAIS_CHECK(width >= 1 && width <= kTileWidth);
    return width == kTileWidth ? std::string() : ".p/" + std::to_string(width);
}

}  // namespace

Result<std::vector<Digest>> read_tile(TileReader& tiles, unsigned level, std::uint64_t index,
                                      std::size_t width) {
    RELAIS_ASSIGN(auto hashes, tiles.tile(level, index, width));
    if (hashes.size() != width) {
        return fail(ErrorCode::corrupt, tile_path(level, index, width) + " has another width");
    }
    return hashes;
}

std::size_t tile_width(unsigned level, std::uint64_t index, std::uint64_t size) {
    RELAIS_CHECK(level < kTileLevels);
    const std::uint64_t hashes = size >> (kTileHeight * level);
    if (index > hashes / kTileWidth) return 0;
    return static_cast<std::size_t>(
        std::min<std::uint64_t>(kTileWidth, hashes - index * kTileWidth));
}

std::string tile_path(unsigned level, std::uint64_t index, std::size_t width) {
    RELAIS_CHECK(level < 64);
    return "tile/" + std::to_string(level) + "/" + grouped(index) + partial_suffix(width);
}

std::string entries_path(std::uint64_t index, std::size_t width) {
    return "tile/entries/" + grouped(index) + partial_suffix(width);
}

Result<Bytes> encode_entry_bundle(std::span<const Bytes> entries) {
    if (entries.size() > kTileWidth) return fail(ErrorCode::too_large, "more than 256 entries");
    Bytes bundle;
    for (const Bytes& entry : entries) {
        if (entry.size() > kEntryBytesMax) {
            return fail(ErrorCode::too_large, "entry of more than 65535 bytes");
        }
        append_u16(bundle, static_cast<std::uint16_t>(entry.size()));
        append(bundle, entry);
    }
    return bundle;
}

Result<std::vector<ByteView>> decode_entry_bundle(ByteView bundle, std::size_t width) {
    std::vector<ByteView> entries;
    for (std::size_t i = 0; i < width; ++i) {
        if (bundle.size() < 2) return fail(ErrorCode::malformed, "entry bundle cut short");
        const std::size_t size = static_cast<std::size_t>(bundle[0]) << 8 | bundle[1];
        if (bundle.size() - 2 < size) return fail(ErrorCode::malformed, "entry cut short");
        entries.push_back(bundle.subspan(2, size));
        bundle = bundle.subspan(2 + size);
    }
    if (!bundle.empty()) return fail(ErrorCode::malformed, "bytes after the last entry");
    return entries;
}

}  // namespace relais::merkle
