// naive_tree.h: RFC 9162's definitions of section 2.1 written as they stand, recursive and slow:
// what the module's trees and proofs are held against.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/merkle/tree.h"

namespace relais::merkle::naive {

using Hashes = std::span<const Digest>;

inline std::size_t largest_power_below(std::size_t n) {
    std::size_t k = 1;
    while (k * 2 < n) k *= 2;
    return k;
}

// MTH(D[n]), from leaf hashes.
inline Digest root(Hashes leaves) {
    if (leaves.empty()) return empty_root();
    if (leaves.size() == 1) return leaves[0];
    const std::size_t k = largest_power_below(leaves.size());
    return node_hash(root(leaves.first(k)), root(leaves.subspan(k)));
}

// PATH(m, D[n]).
inline std::vector<Digest> path(std::size_t m, Hashes leaves) {
    if (leaves.size() == 1) return {};
    const std::size_t k = largest_power_below(leaves.size());
    const bool left = m < k;
    auto hashes = left ? path(m, leaves.first(k)) : path(m - k, leaves.subspan(k));
    hashes.push_back(root(left ? leaves.subspan(k) : leaves.first(k)));
    return hashes;
}

// SUBPROOF(m, D[n], b).
inline std::vector<Digest> subproof(std::size_t m, Hashes leaves, bool whole) {
    if (m == leaves.size()) return whole ? std::vector<Digest>{} : std::vector{root(leaves)};
    const std::size_t k = largest_power_below(leaves.size());
    const bool left = m <= k;
    auto hashes =
        left ? subproof(m, leaves.first(k), whole) : subproof(m - k, leaves.subspan(k), false);
    hashes.push_back(root(left ? leaves.subspan(k) : leaves.first(k)));
    return hashes;
}

// The way up from a leaf, as the sides its siblings stand on: proofs of one shape are computed
// alike.
inline std::string shape(std::size_t m, std::size_t n) {
    if (n == 1) return "";
    const std::size_t k = largest_power_below(n);
    return m < k ? shape(m, k) + "R" : shape(m - k, n - k) + "L";
}

// Distinct leaf hashes: of "leaf 0", "leaf 1", ...
inline std::vector<Digest> leaves(std::size_t count) {
    std::vector<Digest> hashes;
    for (std::size_t i = 0; i < count; ++i) {
        hashes.push_back(leaf_hash(as_bytes("leaf " + std::to_string(i))));
    }
    return hashes;
}

}  // namespace relais::merkle::naive
