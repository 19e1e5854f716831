// Proof checking, frontiers and batches against RFC 9162's definitions; no damage passes.
#include "core/merkle/tree.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/base/limits.h"
#include "core/codecs/codecs.h"
#include "tests/unit/core/merkle/naive_tree.h"

namespace relais::merkle {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

Digest flipped(Digest digest, std::size_t bit) {
    digest.bytes[bit / 8] = static_cast<std::uint8_t>(digest.bytes[bit / 8] ^ (1U << (bit % 8)));
    return digest;
}

// Each way to damage a proof: a bit of a hash, a hash gone, one too many, two exchanged.
std::vector<std::vector<Digest>> damages(const std::vector<Digest>& proof) {
    std::vector<std::vector<Digest>> all;
    for (std::size_t i = 0; i < proof.size(); ++i) {
        auto bit = proof;
        bit[i] = flipped(bit[i], (i * 37) % 256);
        auto gone = proof;
        gone.erase(gone.begin() + static_cast<std::ptrdiff_t>(i));
        auto twice = proof;
        twice.insert(twice.begin() + static_cast<std::ptrdiff_t>(i), proof[i]);
        all.insert(all.end(), {bit, gone, twice});
        if (i + 1 < proof.size()) {
            auto exchanged = proof;
            std::swap(exchanged[i], exchanged[i + 1]);
            all.push_back(exchanged);
        }
    }
    auto longer = proof;
    longer.push_back(Digest{});
    all.push_back(longer);
    return all;
}

TEST(TreeHash, LeavesAndNodesHashApart) {
    const Digest left = leaf_hash(as_bytes("left"));
    const Digest right = leaf_hash(as_bytes("right"));
    Bytes joined = to_bytes(left.view());
    append(joined, right.view());
    EXPECT_NE(leaf_hash(joined), node_hash(left, right));
    EXPECT_NE(node_hash(left, right), node_hash(right, left));
}

TEST(Inclusion, EveryProofOfSmallTreesVerifiesAndNoDamagedOneDoes) {
    for (std::size_t size = 1; size <= 40; ++size) {
        const auto leaves = naive::leaves(size);
        const Digest root = naive::root(leaves);
        for (std::size_t index = 0; index < size; ++index) {
            const auto proof = naive::path(index, leaves);
            ASSERT_TRUE(verify_inclusion(leaves[index], index, size, proof, root).ok());
            for (const auto& bad : damages(proof)) {
                ASSERT_EQ(verify_inclusion(leaves[index], index, size, bad, root).code(),
                          ErrorCode::proof_invalid);
            }
            ASSERT_FALSE(
                verify_inclusion(flipped(leaves[index], 3), index, size, proof, root).ok());
            ASSERT_FALSE(
                verify_inclusion(leaves[index], index, size, proof, flipped(root, 9)).ok());
        }
    }
}

TEST(Inclusion, AnotherIndexNeverVerifiesAndAnotherSizeOnlyWhereTheWayUpIsTheSame) {
    for (std::size_t size = 1; size <= 24; ++size) {
        const auto leaves = naive::leaves(size);
        const Digest root = naive::root(leaves);
        for (std::size_t index = 0; index < size; ++index) {
            const auto proof = naive::path(index, leaves);
            for (std::size_t other = 0; other < 2 * size; ++other) {
                ASSERT_EQ(verify_inclusion(leaves[index], other, size, proof, root).ok(),
                          other == index);
                const bool alike =
                    other > index && naive::shape(index, other) == naive::shape(index, size);
                ASSERT_EQ(verify_inclusion(leaves[index], index, other, proof, root).ok(), alike);
            }
        }
    }
}

TEST(Inclusion, ATreeOfOneLeafIsItsOwnRootAndAnEmptyTreeHoldsNothing) {
    const Digest leaf = leaf_hash(as_bytes("only"));
    EXPECT_TRUE(verify_inclusion(leaf, 0, 1, {}, leaf).ok());
    EXPECT_FALSE(verify_inclusion(leaf, 0, 0, {}, leaf).ok());
    EXPECT_FALSE(verify_inclusion(empty_root(), 0, 0, {}, empty_root()).ok());
    EXPECT_FALSE(verify_inclusion(leaf, 1, 1, {}, leaf).ok());
}

TEST(Inclusion, SizesUpToTheLastTakeExactlyOneProofLength) {
    const auto hashes = naive::leaves(70);
    const std::pair<std::uint64_t, std::size_t> cases[] = {
        {0, 64}, {kMax - 1, 63}, {kMax / 2, 64}, {kMax / 2 + 1, 64}, {kMax - 2, 64}};
    for (const auto& [index, length] : cases) {
        for (std::size_t given = 0; given <= hashes.size(); ++given) {
            const auto proof = std::span(hashes).first(given);
            EXPECT_EQ(root_from_inclusion(hashes[0], index, kMax, proof).ok(), given == length)
                << index << " with " << given;
        }
    }
    EXPECT_FALSE(root_from_inclusion(hashes[0], kMax, kMax, {}).ok());
}

TEST(Consistency, EveryProofOfSmallTreesVerifiesAndNoDamagedOneDoes) {
    const auto leaves = naive::leaves(40);
    for (std::size_t n = 1; n <= leaves.size(); ++n) {
        const auto all = std::span(leaves).first(n);
        const Digest root2 = naive::root(all);
        for (std::size_t m = 1; m <= n; ++m) {
            const Digest root1 = naive::root(all.first(m));
            const auto proof = naive::subproof(m, all, true);
            ASSERT_TRUE(verify_consistency(m, root1, n, root2, proof).ok()) << m << " to " << n;
            for (const auto& bad : damages(proof)) {
                ASSERT_EQ(verify_consistency(m, root1, n, root2, bad).code(),
                          ErrorCode::proof_invalid);
            }
            ASSERT_FALSE(verify_consistency(m, flipped(root1, 1), n, root2, proof).ok());
            ASSERT_FALSE(verify_consistency(m, root1, n, flipped(root2, 2), proof).ok());
            ASSERT_EQ(verify_consistency(n, root2, m, root1, proof).ok(), m == n);
        }
    }
}

TEST(Consistency, ADifferentPastNeverVerifies) {
    auto leaves = naive::leaves(33);
    const Digest root2 = naive::root(leaves);
    for (std::size_t m = 1; m < leaves.size(); ++m) {
        const auto proof = naive::subproof(m, leaves, true);
        auto forged = std::vector(leaves.begin(), leaves.begin() + static_cast<std::ptrdiff_t>(m));
        forged[m / 2] = leaf_hash(as_bytes("forged"));
        EXPECT_FALSE(verify_consistency(m, naive::root(forged), 33, root2, proof).ok()) << m;
    }
}

TEST(Consistency, EqualSizesTakeEqualRootsAndNoHash) {
    const Digest root = leaf_hash(as_bytes("a"));
    EXPECT_TRUE(verify_consistency(1, root, 1, root, {}).ok());
    EXPECT_TRUE(verify_consistency(kMax, root, kMax, root, {}).ok());
    EXPECT_FALSE(verify_consistency(1, root, 1, empty_root(), {}).ok());
    EXPECT_FALSE(verify_consistency(1, root, 1, root, std::vector{root}).ok());
}

TEST(Consistency, AnEmptyTreeProvesNothing) {
    const Digest root = leaf_hash(as_bytes("a"));
    EXPECT_FALSE(verify_consistency(0, empty_root(), 0, empty_root(), {}).ok());
    EXPECT_FALSE(verify_consistency(0, empty_root(), 1, root, {}).ok());
    EXPECT_FALSE(verify_consistency(0, empty_root(), 1, root, std::vector{root}).ok());
}

TEST(Consistency, SizesUpToTheLastTakeExactlyOneProofLength) {
    const Digest root1 = leaf_hash(as_bytes("half"));
    const Digest rest = leaf_hash(as_bytes("rest"));
    const Digest root2 = node_hash(root1, rest);
    const std::uint64_t half = std::uint64_t{1} << 63;
    for (std::size_t length = 0; length < 70; ++length) {
        const std::vector<Digest> proof(length, rest);
        EXPECT_EQ(verify_consistency(half, root1, kMax, root2, proof).ok(), length == 1) << length;
        EXPECT_FALSE(verify_consistency(kMax - 1, root1, kMax, root2, proof).ok()) << length;
    }
}

TEST(CompactRange, EqualsTheDefinitionForEverySizeTo600) {
    const auto leaves = naive::leaves(600);
    CompactRange range;
    for (std::size_t size = 0; size <= 600; ++size) {
        ASSERT_EQ(range.size(), size);
        ASSERT_EQ(range.root(), naive::root(std::span(leaves).first(size))) << size;
        ASSERT_EQ(tree_root(std::span(leaves).first(size)), range.root());
        if (size < 600) range.append(leaves[size]);
    }
}

TEST(CompactRange, TakesAPerfectTreeByItsRoot) {
    const auto leaves = naive::leaves(600);
    const auto hashes = std::span(leaves);
    for (const unsigned height : {0U, 3U, 8U}) {
        const std::size_t step = std::size_t{1} << height;
        CompactRange range;
        for (std::size_t at = 0; at + step <= leaves.size(); at += step) {
            range.append_perfect(naive::root(hashes.subspan(at, step)), height);
            ASSERT_EQ(range.size(), at + step);
            ASSERT_EQ(range.root(), naive::root(hashes.first(at + step))) << height;
        }
        while (range.size() < leaves.size()) range.append(leaves[range.size()]);
        ASSERT_EQ(range.root(), naive::root(hashes));
    }
}

TEST(CompactRangeDeathTest, APerfectTreeStandsAtAMultipleOfItsSize) {
    CompactRange range;
    range.append(Digest{});
    EXPECT_DEATH(range.append_perfect(Digest{}, 1), "invariant broken");
}

TEST(CompactRange, ContinuesFromItsParts) {
    const auto leaves = naive::leaves(70);
    for (std::size_t cut = 0; cut <= leaves.size(); ++cut) {
        CompactRange first;
        for (std::size_t i = 0; i < cut; ++i) first.append(leaves[i]);
        auto second = CompactRange::from_parts(first.size(), first.peaks()).value();
        for (std::size_t i = cut; i < leaves.size(); ++i) second.append(leaves[i]);
        ASSERT_EQ(second.size(), leaves.size());
        ASSERT_EQ(second.root(), naive::root(leaves));
    }
}

TEST(CompactRange, PartsThatDoNotFitTheSizeAreRefused) {
    const auto leaves = naive::leaves(65);
    for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{6}, kMax}) {
        for (std::size_t count = 0; count <= leaves.size(); ++count) {
            const auto range = CompactRange::from_parts(size, std::span(leaves).first(count));
            const bool fits = count == static_cast<std::size_t>(std::popcount(size));
            EXPECT_EQ(range.code(), fits ? ErrorCode::ok : ErrorCode::malformed);
        }
    }
}

TEST(CompactRangeDeathTest, StopsRatherThanCountPastTheLastSize) {
    auto full = CompactRange::from_parts(kMax, naive::leaves(64)).value();
    EXPECT_DEATH(full.append(Digest{}), "invariant broken");
}

TEST(BatchTree, EveryPathOfEveryBatchLeadsToItsRoot) {
    const auto leaves = naive::leaves(limits::kBatchSignedMax);
    for (std::size_t size = 1; size <= leaves.size(); size += size < 20 ? 1 : 59) {
        const auto batch = std::span(leaves).first(size);
        const auto tree = BatchTree::build(batch).value();
        ASSERT_EQ(tree.size(), size);
        ASSERT_EQ(tree.root(), naive::root(batch));
        for (std::size_t i = 0; i < size; ++i) {
            const auto path = tree.path(i);
            ASSERT_LE(path.size(), limits::kBatchPathMax);
            ASSERT_EQ(path, naive::path(i, batch));
            ASSERT_TRUE(verify_inclusion(leaves[i], i, size, path, tree.root()).ok());
        }
    }
}

TEST(BatchTree, TheLargestBatchIsTakenAndOneMoreIsNot) {
    const auto leaves = naive::leaves(limits::kBatchSignedMax + 1);
    const auto largest = BatchTree::build(std::span(leaves).first(limits::kBatchSignedMax));
    ASSERT_TRUE(largest.ok());
    EXPECT_EQ(largest->path(255).size(), limits::kBatchPathMax);
    EXPECT_EQ(BatchTree::build(leaves).code(), ErrorCode::too_large);
    EXPECT_EQ(BatchTree::build({}).code(), ErrorCode::invalid_field);
}

}  // namespace
}  // namespace relais::merkle
