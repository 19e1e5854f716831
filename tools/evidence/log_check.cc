#include "tools/evidence/log_check.h"

#include <algorithm>
#include <map>

#include "core/merkle/tree.h"
#include "tools/evidence/parallel.h"

namespace relais::evidence {

namespace {

using Slots = std::vector<std::optional<Digest>>;

// The leaf hashes with `first` preferred and `second` in its gaps; none where both have a gap.
std::optional<LeafHashes> merged(const Slots& first, const Slots& second, std::size_t size) {
    LeafHashes leaves;
    leaves.reserve(size);
    const auto slot = [](const Slots& slots, std::size_t i) {
        return i < slots.size() ? slots[i] : std::nullopt;
    };
    for (std::size_t i = 0; i < size; ++i) {
        const std::optional<Digest> hash = slot(first, i) ? slot(first, i) : slot(second, i);
        if (!hash) return std::nullopt;
        leaves.push_back(*hash);
    }
    return leaves;
}

bool fits(const std::optional<LeafHashes>& leaves, const std::optional<merkle::Checkpoint>& head) {
    if (!leaves || !head || leaves->size() < head->size) return false;
    merkle::CompactRange range;
    for (std::size_t i = 0; i < head->size; ++i) range.append((*leaves)[i]);
    return range.root() == head->root;
}

std::map<Digest, std::size_t> places(const Slots& slots) {
    std::map<Digest, std::size_t> found;
    for (std::size_t i = 0; i < slots.size(); ++i) {
        if (slots[i]) found.emplace(*slots[i], i);
    }
    return found;
}

// Walks records and hashes side by side; the hashes are right.
class Alignment {
public:
    Alignment(const LogMaterial& material, std::size_t size, Findings& findings)
        : material_(material),
          size_(size),
          findings_(findings),
          hash_at_(places(material.hashes)),
          record_at_(places(material.records)) {}

    void run() {
        while (hash_ < size_ || record_ < material_.records.size()) step();
    }

private:
    void step() {
        const auto& hash = slot(material_.hashes, hash_);
        const auto& record = slot(material_.records, record_);
        if (!record && hash_ > record_) {
            ++record_;  // the gap that a missing record left at the end of its file
        } else if (hash_ >= size_) {
            say(Damage::record_extra, record_++, "");
        } else if (!record) {
            say(Damage::record_missing, hash_, "");
            advance();
        } else if (!hash || *hash == *record) {
            advance();
        } else {
            differ(*record, *hash);
        }
    }

    // Salts make records differ from each other: a hash has one place.
    void differ(const Digest& record, const Digest& hash) {
        const auto belongs = hash_at_.find(record);
        const bool stands_elsewhere = record_at_.contains(hash);
        if (belongs != hash_at_.end() && stands_elsewhere) {
            say(Damage::record_moved, hash_,
                "the record of leaf " + std::to_string(belongs->second) + " stands here");
            advance();
        } else if (belongs != hash_at_.end()) {
            say(Damage::record_missing, hash_++, "");
        } else if (stands_elsewhere) {
            say(Damage::record_extra, hash_, "before this leaf");
            ++record_;
        } else {
            say(Damage::record_altered, hash_, "");
            advance();
        }
    }

    void advance() {
        ++hash_;
        ++record_;
    }

    void say(Damage damage, std::size_t index, const std::string& more) {
        std::string detail = material_.where(index);
        if (!more.empty()) detail += ", " + more;
        add(findings_, {damage, material_.log, index, detail});
    }

    static const std::optional<Digest>& slot(const Slots& slots, std::size_t i) {
        static const std::optional<Digest> none;
        return i < slots.size() ? slots[i] : none;
    }

    const LogMaterial& material_;
    std::size_t size_;
    Findings& findings_;
    std::map<Digest, std::size_t> hash_at_;
    std::map<Digest, std::size_t> record_at_;
    std::size_t hash_ = 0;
    std::size_t record_ = 0;
};

// Records and hashes that are both there and differ.
void say_differences(const LogMaterial& material, Damage damage, Findings& findings) {
    const std::size_t both = std::min(material.records.size(), material.hashes.size());
    for (std::size_t i = 0; i < both; ++i) {
        const auto& record = material.records[i];
        const auto& hash = material.hashes[i];
        if (record && hash && *record != *hash) {
            add(findings, {damage, material.log, i, material.where(i)});
        }
    }
}

void say_missing(const LogMaterial& material, std::size_t size, Findings& findings) {
    for (std::size_t i = 0; i < size; ++i) {
        if (i >= material.records.size() || !material.records[i]) {
            add(findings, {Damage::record_missing, material.log, i, material.where(i)});
        }
    }
}

// The hashes of the records, where all are there and no kept hash is another; else none.
std::optional<LeafHashes> agreed(const Slots& records, const Slots& hashes) {
    if (records.size() != hashes.size()) return std::nullopt;
    LeafHashes leaves;
    leaves.reserve(records.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (!records[i] || (hashes[i] && *hashes[i] != *records[i])) return std::nullopt;
        leaves.push_back(*records[i]);
    }
    return leaves;
}

bool same_hashes(const std::vector<Digest>& kept, const Digest* first, std::size_t width) {
    return kept.size() == width && std::equal(kept.begin(), kept.end(), first);
}

std::vector<Digest> next_level(const std::vector<Digest>& level) {
    std::vector<Digest> above;
    for (std::size_t i = 0; i + merkle::kTileWidth <= level.size(); i += merkle::kTileWidth) {
        above.push_back(merkle::tree_root(std::span(level).subspan(i, merkle::kTileWidth)));
    }
    return above;
}

// The roots of a tree at rising sizes: whole tiles by their roots, leaves only around each size.
class Growth {
public:
    explicit Growth(const Tree& tree) : tree_(tree) {}

    // Requires a size of the tree, and none below the last.
    Digest root_at(std::uint64_t size) {
        RELAIS_CHECK(size >= range_.size() && size <= tree_.leaves.size());
        const std::uint64_t tiles = size / merkle::kTileWidth;
        if (whole_.size() / merkle::kTileWidth < tiles) {
            for (std::uint64_t i = whole_.size() / merkle::kTileWidth; i < tiles; ++i) {
                whole_.append_perfect(tree_.tile_roots[i], merkle::kTileHeight);
            }
            range_ = whole_;
        }
        while (range_.size() < size) range_.append(tree_.leaves[range_.size()]);
        return range_.root();
    }

private:
    const Tree& tree_;
    merkle::CompactRange whole_;  // full tiles
    merkle::CompactRange range_;  // those, and leaves of the next
};

void check_tile(const std::string& log, unsigned level, std::size_t index,
                const std::vector<Digest>& hashes, merkle::TileReader& tiles, Findings& findings) {
    const std::size_t first = index * merkle::kTileWidth;
    const std::size_t width = std::min(merkle::kTileWidth, hashes.size() - first);
    const std::string path = merkle::tile_path(level, index, width);
    const auto kept = tiles.tile(level, index, width);
    if (kept.code() == ErrorCode::not_found) {
        add(findings, {Damage::tile_missing, log, std::nullopt, path});
    } else if (!kept.ok() || !same_hashes(*kept, &hashes[first], width)) {
        add(findings, {Damage::tile_altered, log, std::nullopt, path});
    }
}

}  // namespace

std::optional<LeafHashes> compare_records(const LogMaterial& material,
                                          const std::optional<merkle::Checkpoint>& head,
                                          Findings& findings) {
    const std::size_t size = material.hashes.size();
    if (auto leaves = agreed(material.records, material.hashes)) return leaves;
    auto by_hashes = merged(material.hashes, material.records, size);
    auto by_records = merged(material.records, material.hashes, size);
    if (fits(by_records, head) && !fits(by_hashes, head)) {
        say_differences(material, Damage::tile_altered, findings);
        say_missing(material, size, findings);
        return by_records;
    }
    if (fits(by_hashes, head) || !head) {
        Alignment(material, size, findings).run();
        return by_hashes;
    }
    say_differences(material, Damage::record_disputed, findings);
    say_missing(material, size, findings);
    return by_hashes;
}

Tree tree_over(LeafHashes leaves) {
    Tree tree{std::move(leaves), {}};
    tree.tile_roots.resize(tree.leaves.size() / merkle::kTileWidth);
    in_parallel(tree.tile_roots.size(), [&](std::uint64_t tile) {
        const auto hashes = std::span(tree.leaves);
        tree.tile_roots[tile] =
            merkle::tree_root(hashes.subspan(tile * merkle::kTileWidth, merkle::kTileWidth));
    });
    return tree;
}

void check_upper_tiles(const std::string& log, const Tree& tree, merkle::TileReader& tiles,
                       bool partial_kept, Findings& findings) {
    std::vector<Digest> hashes = tree.tile_roots;
    for (unsigned level = 1; !hashes.empty(); ++level) {
        for (std::size_t index = 0; index * merkle::kTileWidth < hashes.size(); ++index) {
            const bool full = (index + 1) * merkle::kTileWidth <= hashes.size();
            if (full || partial_kept) check_tile(log, level, index, hashes, tiles, findings);
        }
        hashes = next_level(hashes);
    }
}

void check_heads(const std::string& log, const Tree& tree,
                 const std::vector<merkle::Checkpoint>& heads, Findings& findings) {
    Growth growth(tree);
    for (const merkle::Checkpoint& head : heads) {
        const std::string what = "head of size " + std::to_string(head.size);
        if (head.size > tree.leaves.size()) {
            add(findings, {Damage::log_truncated, log, tree.leaves.size(), what});
            continue;
        }
        if (growth.root_at(head.size) != head.root) {
            add(findings, {Damage::checkpoint_contradicted, log, std::nullopt, what});
        }
    }
}

}  // namespace relais::evidence
