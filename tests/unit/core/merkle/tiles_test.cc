// Tiles, their paths and entry bundles against the definitions of C2SP tlog-tiles.
#include "core/merkle/tiles.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

#include "tests/unit/core/merkle/memory_tiles.h"

namespace relais::merkle {
namespace {

constexpr std::uint64_t kGreatest = std::numeric_limits<std::uint64_t>::max();

// Hash `i` of `level` by the definition of a tile: the root of 256^level leaves.
Digest naive_hash(std::span<const Digest> leaves, unsigned level, std::size_t i) {
    const std::size_t span = std::size_t{1} << (8 * level);
    return naive::root(leaves.subspan(i * span, span));
}

void expect_same(const TileBuilder& a, const TileBuilder& b) {
    ASSERT_EQ(a.size(), b.size());
    for (unsigned level = 0; level < kTileLevels; ++level) {
        const auto left = a.partial(level);
        const auto right = b.partial(level);
        ASSERT_TRUE(std::equal(left.begin(), left.end(), right.begin(), right.end())) << level;
    }
}

TEST(TilePaths, AreThoseOfTheSpecification) {
    EXPECT_EQ(tile_path(0, 1234067, 256), "tile/0/x001/x234/067");
    EXPECT_EQ(tile_path(3, 0, 17), "tile/3/000.p/17");
    EXPECT_EQ(tile_path(1, 999, 255), "tile/1/999.p/255");
    EXPECT_EQ(tile_path(1, 1000, 1), "tile/1/x001/000.p/1");
    EXPECT_EQ(tile_path(7, kGreatest, 256), "tile/7/x018/x446/x744/x073/x709/x551/615");
    EXPECT_EQ(entries_path(273, 112), "tile/entries/273.p/112");
    EXPECT_EQ(entries_path(70000, 256), "tile/entries/x070/000");
}

TEST(TileWidths, AreThoseOfTheSpecificationsExample) {
    EXPECT_EQ(tile_width(0, 272, 70000), 256U);
    EXPECT_EQ(tile_width(0, 273, 70000), 112U);
    EXPECT_EQ(tile_width(0, 274, 70000), 0U);
    EXPECT_EQ(tile_width(1, 0, 70000), 256U);
    EXPECT_EQ(tile_width(1, 1, 70000), 17U);
    EXPECT_EQ(tile_width(2, 0, 70000), 1U);
    EXPECT_EQ(tile_width(3, 0, 70000), 0U);
    EXPECT_EQ(tile_width(1, 0, 256), 1U);
    EXPECT_EQ(tile_width(7, 0, kGreatest), 255U);
    EXPECT_EQ(tile_width(0, kGreatest, kGreatest), 0U);
}

TEST(TileBuilder, YieldsEachTileWhenItFillsAndItsHashesAreThoseOfTheDefinition) {
    const auto leaves = naive::leaves(65536 + 300);
    TileBuilder builder;
    std::map<MemoryTiles::Place, std::size_t> filled_at;
    for (std::size_t i = 0; i < leaves.size(); ++i) {
        for (const FullTile& tile : builder.append(leaves[i])) {
            ASSERT_EQ(tile.hashes.size(), kTileWidth);
            ASSERT_TRUE(filled_at.emplace(std::pair{tile.level, tile.index}, i + 1).second);
            for (std::size_t j = 0; j < kTileWidth; j += tile.level == 0 ? 1 : 51) {
                ASSERT_EQ(tile.hashes[j],
                          naive_hash(leaves, tile.level, tile.index * kTileWidth + j));
            }
        }
    }
    EXPECT_EQ(filled_at.size(), 257U + 1U);
    EXPECT_EQ(filled_at.at({0, 0}), 256U);
    EXPECT_EQ(filled_at.at({0, 256}), 65536U + 256U);
    EXPECT_EQ(filled_at.at({1, 0}), 65536U);
    EXPECT_EQ(builder.partial(0).size(), 44U);
    EXPECT_EQ(builder.partial(1).size(), 1U);
    EXPECT_EQ(builder.partial(2).size(), 1U);
    EXPECT_EQ(builder.partial(2)[0], naive_hash(leaves, 2, 0));
}

TEST(TileBuilder, RebuiltFromStoredTilesGoesOnAsIfItHadNeverStopped) {
    GrownLog log(66100);
    for (const std::size_t size : {0UL, 1UL, 255UL, 256UL, 257UL, 511UL, 5000UL, 65535UL, 65536UL,
                                   65537UL, 66048UL, 66100UL}) {
        const auto last = std::span(log.leaves).first(size).last(size % kTileWidth);
        auto rebuilt = TileBuilder::rebuild(size, log.stored, last);
        ASSERT_TRUE(rebuilt.ok()) << size;
        for (std::size_t i = size; i < log.leaves.size(); ++i) {
            for (const FullTile& tile : rebuilt->append(log.leaves[i])) {
                ASSERT_EQ(tile.hashes, log.stored.tiles().at({tile.level, tile.index}));
            }
        }
        expect_same(*rebuilt, log.builder);
    }
}

TEST(TileBuilder, IsNotRebuiltFromWhatDoesNotFit) {
    GrownLog log(1000);
    const auto leaves = std::span(log.leaves);
    EXPECT_EQ(TileBuilder::rebuild(1000, log.stored, leaves.last(231)).code(), ErrorCode::corrupt);
    EXPECT_EQ(TileBuilder::rebuild(1000, log.stored, leaves.last(233)).code(), ErrorCode::corrupt);
    EXPECT_EQ(TileBuilder::rebuild(1256, log.stored, leaves.last(232)).code(),
              ErrorCode::io_failed);
    ASSERT_TRUE(TileBuilder::rebuild(1000, log.stored, leaves.last(232)).ok());
    log.stored.tiles().at({0, 1}).pop_back();
    EXPECT_EQ(TileBuilder::rebuild(1000, log.stored, leaves.last(232)).code(), ErrorCode::corrupt);
}

TEST(GrowingTiles, AnswersExactlyTheTilesOfTheLogAndReadsOnlyFullOnesFromTheStore) {
    GrownLog log(1000);
    auto tiles = log.tiles();
    EXPECT_EQ(tiles.tile(0, 3, 232).value().back(), log.leaves[999]);
    EXPECT_EQ(tiles.tile(1, 0, 3).value()[2], naive_hash(log.leaves, 1, 2));
    EXPECT_TRUE(log.stored.reads().empty());
    EXPECT_EQ(tiles.tile(0, 2, 7).value().size(), 7U);
    EXPECT_EQ(log.stored.reads().size(), 1U);
    EXPECT_EQ(tiles.tile(0, 3, 233).code(), ErrorCode::wrong_position);
    EXPECT_EQ(tiles.tile(0, 4, 1).code(), ErrorCode::wrong_position);
    EXPECT_EQ(tiles.tile(1, 0, 0).code(), ErrorCode::wrong_position);
    EXPECT_EQ(tiles.tile(2, 0, 1).code(), ErrorCode::wrong_position);
    EXPECT_EQ(tiles.tile(8, 0, 1).code(), ErrorCode::wrong_position);
    EXPECT_EQ(tiles.tile(0, kGreatest, 1).code(), ErrorCode::wrong_position);
}

TEST(EntryBundle, HoldsEntriesUpToItsLimits) {
    const std::vector<Bytes> largest = {Bytes(65535, 7), Bytes()};
    const Bytes bundle = encode_entry_bundle(largest).value();
    ASSERT_EQ(bundle.size(), 2U + 65535U + 2U);
    EXPECT_EQ(bundle[0], 0xFF);
    EXPECT_EQ(bundle[1], 0xFF);
    EXPECT_EQ(decode_entry_bundle(bundle, 2).value()[0].size(), 65535U);
    EXPECT_EQ(encode_entry_bundle(std::vector<Bytes>{Bytes(65536, 7)}).code(),
              ErrorCode::too_large);
    EXPECT_TRUE(encode_entry_bundle(std::vector(256, Bytes())).ok());
    EXPECT_EQ(encode_entry_bundle(std::vector(257, Bytes())).code(), ErrorCode::too_large);
}

TEST(EntryBundle, LengthsAreBigEndian) {
    const Bytes bundle = encode_entry_bundle(std::vector<Bytes>{Bytes(0x0102, 9)}).value();
    EXPECT_EQ(bundle[0], 0x01);
    EXPECT_EQ(bundle[1], 0x02);
}

TEST(EntryBundle, AnEntryCutShortIsNamedAsSuch) {
    const Bytes bundle = encode_entry_bundle(std::vector<Bytes>{Bytes(10, 9)}).value();
    for (std::size_t cut = 2; cut < bundle.size(); ++cut) {
        const auto read = decode_entry_bundle(ByteView(bundle).first(cut), 1);
        EXPECT_EQ(read.error().describe(), "malformed: entry cut short") << cut;
    }
}

RC_GTEST_PROP(EntryBundle, ReadsBackAndRefusesEveryOtherLength, (const std::vector<Bytes>& all)) {
    const auto entries = std::vector(
        all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), kTileWidth)));
    Bytes bundle = encode_entry_bundle(entries).value();
    const auto read = decode_entry_bundle(bundle, entries.size()).value();
    RC_ASSERT(read.size() == entries.size());
    for (std::size_t i = 0; i < read.size(); ++i) RC_ASSERT(bytes_equal(read[i], entries[i]));
    for (std::size_t cut = 0; cut < bundle.size(); ++cut) {
        RC_ASSERT(!decode_entry_bundle(ByteView(bundle).first(cut), entries.size()).ok());
    }
    RC_ASSERT(!decode_entry_bundle(bundle, entries.size() + 1).ok());
    RC_ASSERT(entries.empty() || !decode_entry_bundle(bundle, entries.size() - 1).ok());
    bundle.push_back(0);
    RC_ASSERT(decode_entry_bundle(bundle, entries.size()).code() == ErrorCode::malformed);
}

}  // namespace
}  // namespace relais::merkle
