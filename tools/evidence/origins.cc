#include "tools/evidence/origins.h"

#include <algorithm>

#include "tools/evidence/layout.h"

namespace relais::evidence {

namespace {

std::vector<merkle::VerifierKey> renamed(const std::vector<merkle::VerifierKey>& keys,
                                         const std::string& name) {
    std::vector<merkle::VerifierKey> made;
    for (const merkle::VerifierKey& key : keys) {
        auto other = merkle::VerifierKey::make(name, key.type(), key.key());
        if (other.ok() && std::ranges::find(made, *other) == made.end()) made.push_back(*other);
    }
    return made;
}

// The head that a leaf cites; none where its log had signed none yet.
Result<void> cite(const Leaf& leaf, const std::string& former,
                  const std::vector<merkle::VerifierKey>& keys, Origin& origin) {
    if (leaf.statement.empty()) return {};
    RELAIS_ASSIGN(const auto head, verify_head(as_text(leaf.statement), renamed(keys, former)));
    const auto [known, fresh] = origin.cited.emplace(head.head().size, head.head().root);
    if (!fresh && known->second != head.head().root) {
        return fail(ErrorCode::inconsistent_log, "two heads of one size");
    }
    return {};
}

Result<void> take(const TrailEntry& entry, const std::string& base,
                  const std::vector<merkle::VerifierKey>& keys, std::vector<Origin>& origins) {
    const Leaf& leaf = entry.leaf;
    if (leaf.subject == origins.back().name && origins.size() > 1) {  // a later head, cited
        return cite(leaf, origins[origins.size() - 2].name, keys, origins.back());
    }
    const bool again = std::ranges::find(origins, leaf.subject, &Origin::name) != origins.end();
    if (again || !is_later_name(leaf.subject, base) || leaf.first.value != entry.index) {
        return fail(ErrorCode::inconsistent_log, "not the beginning of a name of this log");
    }
    Origin next{leaf.subject, leaf.first.value, leaf.time, {}};
    const Result<void> cited = cite(leaf, origins.back().name, keys, next);
    origins.push_back(std::move(next));
    return cited;
}

}  // namespace

std::vector<Origin> read_origins(const Name& domain, const std::vector<TrailEntry>& trail,
                                 const std::vector<merkle::VerifierKey>& keys, Findings& findings) {
    const std::string base = log_origin(domain, wire::LogName::audit);
    std::vector<Origin> origins = {{base, 0, {}, {}}};
    for (const TrailEntry& entry : trail) {
        if (entry.leaf.event != Event::restored) continue;
        const auto taken = take(entry, base, keys, origins);
        if (taken.ok()) continue;
        add(findings, {Damage::checkpoint_contradicted, kAudit, entry.index,
                       "restored: " + taken.error().describe()});
    }
    return origins;
}

std::vector<merkle::VerifierKey> keys_under(const std::vector<merkle::VerifierKey>& keys,
                                            const std::vector<Origin>& origins) {
    std::vector<merkle::VerifierKey> all;
    for (const Origin& origin : origins) {
        for (merkle::VerifierKey& key : renamed(keys, origin.name)) all.push_back(std::move(key));
    }
    return all;
}

bool in_its_time(const merkle::Checkpoint& head, const std::vector<Origin>& origins) {
    for (std::size_t i = 0; i < origins.size(); ++i) {
        if (origins[i].name != head.origin) continue;
        const bool begun = i == 0 || head.size > origins[i].first;
        const bool ended = i + 1 < origins.size() && head.size > origins[i + 1].first;
        return begun && !ended;
    }
    return false;
}

bool is_lost(const merkle::Checkpoint& head, const std::vector<Origin>& origins) {
    for (std::size_t i = 0; i + 1 < origins.size(); ++i) {
        if (origins[i].name != head.origin) continue;
        const Origin& next = origins[i + 1];
        if (head.size <= next.first || next.cited.empty()) return false;
        const auto same = next.cited.find(head.size);
        if (same != next.cited.end()) return same->second == head.root;
        return head.size < next.cited.rbegin()->first;
    }
    return false;
}

}  // namespace relais::evidence
