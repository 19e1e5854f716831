// Proofs from tiles: all verify, no damaged one does, few tiles are read.
#include "core/merkle/prover.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "tests/unit/core/merkle/memory_tiles.h"

namespace relais::merkle {
namespace {

constexpr std::size_t kLeaves = 66100;  // three levels of tiles, the upper two partial

GrownLog& big_log() {
    static GrownLog log(kLeaves);
    return log;
}

// Sizes near the edges of tiles as often as anywhere else.
rc::Gen<std::size_t> any_size() {
    const auto near = rc::gen::map(
        rc::gen::pair(rc::gen::inRange<std::size_t>(0, 258), rc::gen::inRange<std::size_t>(0, 5)),
        [](const auto& at) {
            const std::size_t size = at.first * 256 + at.second - 2;
            return std::clamp<std::size_t>(size, 1, kLeaves);
        });
    return rc::gen::oneOf(near, rc::gen::inRange<std::size_t>(1, kLeaves + 1));
}

// One of the ways to damage a proof.
std::vector<Digest> damaged(std::vector<Digest> proof) {
    const auto way = *rc::gen::inRange(0, 4);
    if (proof.empty() || way == 0) {
        proof.insert(proof.begin() + *rc::gen::inRange<std::ptrdiff_t>(
                                         0, static_cast<std::ptrdiff_t>(proof.size()) + 1),
                     leaf_hash(as_bytes("garbage")));
        return proof;
    }
    const auto at = *rc::gen::inRange<std::size_t>(0, proof.size());
    if (way == 1) proof.erase(proof.begin() + static_cast<std::ptrdiff_t>(at));
    if (way == 2) proof.insert(proof.begin() + static_cast<std::ptrdiff_t>(at), proof[at]);
    if (way == 3) {
        auto& byte = proof[at].bytes[*rc::gen::inRange<std::size_t>(0, 32)];
        byte = static_cast<std::uint8_t>(byte ^ (1 << *rc::gen::inRange(0, 8)));
    }
    return proof;
}

TEST(Prover, ProofsOfSmallLogsAreThoseOfTheDefinition) {
    GrownLog log(70);
    auto tiles = log.tiles();
    for (std::size_t n = 1; n <= 70; ++n) {
        const auto all = std::span(log.leaves).first(n);
        for (std::size_t m = 1; m <= n; ++m) {
            ASSERT_EQ(inclusion_proof(tiles, m - 1, n).value(), naive::path(m - 1, all));
            ASSERT_EQ(consistency_proof(tiles, m, n).value(), naive::subproof(m, all, true));
        }
        ASSERT_EQ(root_at(tiles, n).value(), naive::root(all));
    }
    EXPECT_EQ(root_at(tiles, 0).value(), empty_root());
}

RC_GTEST_PROP(Prover, EveryInclusionProofVerifiesAndNoDamagedOneDoes, ()) {
    GrownLog& log = big_log();
    auto tiles = log.tiles();
    const std::size_t size = *any_size();
    const std::size_t index = *rc::gen::inRange<std::size_t>(0, size);
    const auto proof = inclusion_proof(tiles, index, size).value();
    const Digest& leaf = log.leaves[index];
    RC_ASSERT(verify_inclusion(leaf, index, size, proof, log.roots[size]).ok());
    RC_ASSERT(!verify_inclusion(leaf, index, size, damaged(proof), log.roots[size]).ok());
    RC_ASSERT(!verify_inclusion(leaf, index + 1, size, proof, log.roots[size]).ok());
    RC_ASSERT(!verify_inclusion(leaf, index - 1, size, proof, log.roots[size]).ok());
    RC_ASSERT(!verify_inclusion(leaf, index, size, proof, log.roots[size - 1]).ok());
    RC_ASSERT(
        !verify_inclusion(log.leaves[(index + 1) % kLeaves], index, size, proof, log.roots[size])
             .ok());
}

RC_GTEST_PROP(Prover, EveryConsistencyProofVerifiesAndNoDamagedOneDoes, ()) {
    GrownLog& log = big_log();
    auto tiles = log.tiles();
    const std::size_t size2 = *any_size();
    const std::size_t size1 = std::min(*any_size(), size2);
    const auto proof = consistency_proof(tiles, size1, size2).value();
    const auto check = [&](std::size_t m, std::size_t n, const std::vector<Digest>& hashes) {
        return verify_consistency(m, log.roots[m], n, log.roots[n], hashes).ok();
    };
    RC_ASSERT(check(size1, size2, proof));
    RC_ASSERT(!check(size1, size2, damaged(proof)));
    if (size1 == size2) return;
    RC_ASSERT(!check(size1 - 1, size2, proof));
    RC_ASSERT(!check(size2, size1, proof));
    RC_ASSERT(
        !verify_consistency(size1, log.roots[size1 - 1], size2, log.roots[size2], proof).ok());
    RC_ASSERT(
        !verify_consistency(size1, log.roots[size1], size2, log.roots[size2 - 1], proof).ok());
}

RC_GTEST_PROP(Prover, RootsFromTilesAreTheTreesRoots, ()) {
    GrownLog& log = big_log();
    auto tiles = log.tiles();
    const std::size_t size = *any_size();
    RC_ASSERT(root_at(tiles, size).value() == log.roots[size]);
}

// Two tiles for each level that a log of this size has, and none twice.
bool few_reads(const std::vector<MemoryTiles::Place>& reads) {
    const std::set<MemoryTiles::Place> distinct(reads.begin(), reads.end());
    return distinct.size() == reads.size() && reads.size() <= 2 * 3;
}

RC_GTEST_PROP(Prover, AProofReadsAtMostTwoTilesALevel, ()) {
    GrownLog& log = big_log();
    auto tiles = log.tiles();
    const std::size_t size2 = *any_size();
    const std::size_t size1 = *rc::gen::inRange<std::size_t>(1, size2 + 1);
    log.stored.reads().clear();
    RC_ASSERT(inclusion_proof(tiles, size1 - 1, size2).ok());
    RC_ASSERT(few_reads(log.stored.reads()));
    log.stored.reads().clear();
    RC_ASSERT(consistency_proof(tiles, size1, size2).ok());
    RC_ASSERT(few_reads(log.stored.reads()));
}

TEST(Prover, WhatTheLogDoesNotHoldIsNotProven) {
    GrownLog log(300);
    auto tiles = log.tiles();
    EXPECT_EQ(inclusion_proof(tiles, 300, 300).code(), ErrorCode::not_yet_proven);
    EXPECT_EQ(inclusion_proof(tiles, 0, 0).code(), ErrorCode::not_yet_proven);
    EXPECT_EQ(inclusion_proof(tiles, 0, 301).code(), ErrorCode::wrong_position);
    EXPECT_EQ(consistency_proof(tiles, 0, 300).code(), ErrorCode::wrong_position);
    EXPECT_EQ(consistency_proof(tiles, 299, 298).code(), ErrorCode::wrong_position);
    EXPECT_TRUE(consistency_proof(tiles, 300, 300).value().empty());
}

TEST(Prover, AStoreThatFailsOrAnswersShortGivesItsErrorAndNoProof) {
    GrownLog log(600);
    auto tiles = log.tiles();
    log.stored.tiles().at({0, 1}).pop_back();
    EXPECT_EQ(inclusion_proof(tiles, 256, 600).code(), ErrorCode::corrupt);
    log.stored.tiles().erase({0, 1});
    EXPECT_EQ(inclusion_proof(tiles, 256, 600).code(), ErrorCode::io_failed);
    EXPECT_EQ(consistency_proof(tiles, 300, 600).code(), ErrorCode::io_failed);
    EXPECT_EQ(root_at(tiles, 300).code(), ErrorCode::io_failed);
    EXPECT_TRUE(inclusion_proof(tiles, 0, 600).ok());
}

TEST(Prover, AHashAlteredInTheStoreMakesProofsThatDoNotVerify) {
    GrownLog log(600);
    auto tiles = log.tiles();
    log.stored.tiles().at({0, 1})[10].bytes[0] ^= 1;
    for (std::size_t index = 256; index < 512; ++index) {
        if (index == 266) continue;  // its own path does not hold it
        const auto proof = inclusion_proof(tiles, index, 600).value();
        EXPECT_FALSE(verify_inclusion(log.leaves[index], index, 600, proof, log.roots[600]).ok());
    }
}

// A log of any size whose leaves are all alike, so that every perfect subtree of a height is.
class UniformTiles final : public TileReader {
public:
    UniformTiles() {
        for (std::size_t h = 1; h < 64; ++h)
            perfect.push_back(node_hash(perfect[h - 1], perfect[h - 1]));
    }
    Digest root(std::uint64_t size) const {
        std::vector<Digest> peaks;
        for (std::size_t h = 64; h-- > 0;) {
            if ((size >> h & 1) != 0) peaks.push_back(perfect[h]);
        }
        return CompactRange::from_parts(size, peaks).value().root();
    }
    Result<std::vector<Digest>> tile(unsigned level, std::uint64_t, std::size_t width) override {
        ++reads;
        return std::vector<Digest>(width, perfect[8 * level]);
    }

    std::vector<Digest> perfect = {leaf_hash(as_bytes("alike"))};
    std::size_t reads = 0;
};

TEST(Prover, TheLargestLogsAreProvenWithSixteenTilesAtMost) {
    const std::uint64_t last = ~std::uint64_t{0};
    const std::uint64_t sizes[] = {last, last - 1, last / 2 + 1, last / 2, 1234567890123456789U, 2};
    for (const std::uint64_t size : sizes) {
        for (const std::uint64_t part : {std::uint64_t{1}, size / 3 + 1, size / 2 + 1, size - 1}) {
            UniformTiles tiles;
            const auto path = inclusion_proof(tiles, part - 1, size).value();
            EXPECT_TRUE(
                verify_inclusion(tiles.perfect[0], part - 1, size, path, tiles.root(size)).ok());
            EXPECT_LE(tiles.reads, 16U);
            tiles.reads = 0;
            const auto proof = consistency_proof(tiles, part, size).value();
            EXPECT_TRUE(
                verify_consistency(part, tiles.root(part), size, tiles.root(size), proof).ok());
            EXPECT_LE(tiles.reads, 16U);
            EXPECT_EQ(root_at(tiles, size).value(), tiles.root(size));
        }
    }
}

}  // namespace
}  // namespace relais::merkle
