// logs.cc: both logs from their raw records, and what follows from them: the directory, the
// mailboxes it brings into being, the kinds it publishes.
#include <algorithm>
#include <set>

#include "core/crypto/sha256.h"
#include "core/merkle/tree.h"
#include "schemas/packs/pack.h"
#include "schemas/workflow/kind.h"
#include "tools/evidence/keys.h"
#include "tools/evidence/layout.h"
#include "tools/evidence/log_check.h"
#include "tools/evidence/origins.h"
#include "tools/fsck/facts.h"

namespace relais::fsck {

namespace {

constexpr std::size_t kLeafPage = 1024;
constexpr std::uint64_t kGapMax = 1 << 20;  // leaves; beyond, a position is damage by itself

struct StoredLog {
    std::uint64_t size = 0;
    evidence::LogMaterial material;
    std::vector<std::string> notes;
    std::optional<evidence::Tree> tree;

    // Where no tree could be told, each record is taken at its word: the damage is named already.
    [[nodiscard]] bool is_right(std::uint64_t index) const {
        if (!material.records[index]) return false;
        return !tree || *material.records[index] == tree->leaves[index];
    }
};

// What is done with a record, which is gone afterwards. In the order of the log.
using TakeRecord = std::function<void(std::uint64_t index, Bytes record)>;

Result<void> read_records(Facts& facts, wire::LogName log, const TakeRecord& take,
                          StoredLog& stored) {
    for (std::uint64_t from = 0;;) {
        RELAIS_ASSIGN(auto page, facts.listing.leaves(log, from, kLeafPage));
        if (page.empty()) return {};
        for (auto& [position, bytes] : page) {
            if (position > stored.size + kGapMax) {
                return fail(ErrorCode::corrupt, "position of a leaf");
            }
            stored.material.records.resize(position);
            stored.material.records.emplace_back(merkle::leaf_hash(bytes));
            stored.size = position + 1;
            take(position, std::move(bytes));
        }
        from = stored.size;
    }
}

// Hashes of level 0 where a full tile is kept.
void read_hashes(Facts& facts, wire::LogName log, StoredLog& stored, evidence::Findings& findings) {
    merkle::TileReader& tiles = facts.store.tiles(log);
    const std::uint64_t full = stored.size / merkle::kTileWidth;
    for (std::uint64_t index = 0; index < full; ++index) {
        const auto hashes = tiles.tile(0, index, merkle::kTileWidth);
        if (!hashes.ok()) {
            const bool missing = hashes.code() == ErrorCode::not_found;
            evidence::add(findings, {missing ? evidence::Damage::tile_missing
                                             : evidence::Damage::tile_altered,
                                     stored.material.log, std::nullopt,
                                     merkle::tile_path(0, index, merkle::kTileWidth)});
        }
        for (std::size_t i = 0; i < merkle::kTileWidth; ++i) {
            stored.material.hashes.push_back(hashes.ok() ? std::optional((*hashes)[i])
                                                         : std::nullopt);
        }
    }
    stored.material.hashes.resize(stored.size);
}

Result<void> read_heads(Facts& facts, wire::LogName log, StoredLog& stored,
                        evidence::Findings& findings) {
    RELAIS_ASSIGN(const auto heads, facts.listing.heads(log));
    for (const broker::HeadRow& row : heads) {
        const auto parsed = merkle::parse_note(row.note);
        const auto head = parsed.ok() ? merkle::parse_checkpoint(parsed->text)
                                      : Result<merkle::Checkpoint>(parsed.error());
        if (head.ok() && head->size == row.size) {
            stored.notes.push_back(row.note);
        } else {
            evidence::add(findings, {evidence::Damage::checkpoint_altered, stored.material.log,
                                     std::nullopt, "size " + std::to_string(row.size)});
        }
    }
    return {};
}

// Of a note that read_heads() took.
merkle::Checkpoint head_of(const std::string& note) {
    return merkle::parse_checkpoint(merkle::parse_note(note)->text).value();
}

std::optional<merkle::Checkpoint> last_head(const StoredLog& stored) {
    if (stored.notes.empty()) return std::nullopt;
    return head_of(stored.notes.back());
}

// Reads the log and names its damage.
Result<StoredLog> read_log(Facts& facts, wire::LogName log, const TakeRecord& take,
                           evidence::Findings& findings) {
    StoredLog stored;
    stored.material.log = evidence::log_folder(log);
    stored.material.where = [](std::uint64_t) { return std::string("record"); };
    RELAIS_TRY(read_records(facts, log, take, stored));
    read_hashes(facts, log, stored, findings);
    RELAIS_TRY(read_heads(facts, log, stored, findings));
    auto leaves = evidence::compare_records(stored.material, last_head(stored), findings);
    stored.material.hashes = {};
    if (!leaves) return stored;
    stored.tree = evidence::tree_over(*std::move(leaves));
    evidence::check_upper_tiles(stored.material.log, *stored.tree, facts.store.tiles(log), false,
                                findings);
    return stored;
}

// Those that a key of the directory signed, in its time.
std::vector<merkle::Checkpoint> signed_heads(const Facts& facts, wire::LogName log,
                                             const StoredLog& stored,
                                             const std::vector<evidence::TrailEntry>& told,
                                             evidence::Findings& findings) {
    auto keys = evidence::directory_keys(*facts.state, log);
    std::vector<evidence::Origin> origins;
    if (log == wire::LogName::audit) {
        origins = evidence::read_origins(facts.state->domain_name(), told, keys, findings);
        keys = evidence::keys_under(keys, origins);
    }
    std::vector<merkle::Checkpoint> heads;
    for (const std::string& note : stored.notes) {
        const auto head = evidence::verify_head(note, keys);
        if (head.ok() && !origins.empty() && !evidence::in_its_time(head->head(), origins)) {
            evidence::add(findings,
                          {evidence::Damage::checkpoint_contradicted, stored.material.log,
                           std::nullopt, "a head of " + head->head().origin + " out of its time"});
        } else if (head.ok()) {
            heads.push_back(head->head());
        } else {
            evidence::add(findings, {evidence::Damage::checkpoint_altered, stored.material.log,
                                     std::nullopt, head.error().describe()});
        }
    }
    return heads;
}

// Where no directory says whose key signs, which is damage by itself, each head is taken at its
// word: the records are held against it all the same.
void judge_heads(const Facts& facts, wire::LogName log, const StoredLog& stored,
                 const std::vector<evidence::TrailEntry>& told, evidence::Findings& findings) {
    std::vector<merkle::Checkpoint> heads;
    if (facts.state) {
        heads = signed_heads(facts, log, stored, told, findings);
    } else {
        for (const std::string& note : stored.notes) heads.push_back(head_of(note));
    }
    const evidence::Tree none;
    evidence::check_heads(stored.material.log, stored.tree ? *stored.tree : none, heads, findings);
}

Result<std::optional<Name>> domain_of(Facts& facts) {
    RELAIS_ASSIGN(const auto domain, facts.store.value("domain"));
    const auto name =
        domain ? Name::parse(as_text(*domain)) : Result<Name>(fail(ErrorCode::corrupt));
    if (!name.ok()) {
        facts.report.add(problem::kIdentity, "domain", "not a name");
        return std::optional<Name>();
    }
    return std::optional(*name);
}

Result<std::optional<Digest>> authority_of(Facts& facts) {
    RELAIS_ASSIGN(const auto authority, facts.store.value("authority"));
    if (!authority || authority->size() != Digest::kSize) {
        facts.report.add(problem::kIdentity, "authority", "not a fingerprint");
        return std::optional<Digest>();
    }
    return std::optional(Digest::from(*authority));
}

// Every mailbox and group that an entry ever brought into being.
std::set<Address> mailboxes_made(const Facts& facts) {
    std::set<Address> made;
    for (const Bytes& record : facts.directory_records) {
        const auto parsed = directory::parse_signed_entry(record);
        if (!parsed.ok() || parsed->entry.chain.empty()) continue;
        const auto organisation = Name::parse(parsed->entry.chain);
        if (!organisation.ok()) continue;
        const directory::Entry& entry = parsed->entry;
        if (std::holds_alternative<directory::Organisation>(entry.body)) {
            made.insert(Address::of("", *organisation, entry.domain));
        } else if (const auto* unit = std::get_if<directory::Unit>(&entry.body)) {
            made.insert(Address::of(unit->name.text(), *organisation, entry.domain));
        } else if (const auto* group = std::get_if<directory::Group>(&entry.body)) {
            made.insert(Address::of_group(group->name, *organisation, entry.domain));
        }
    }
    return made;
}

Result<void> check_channels(Facts& facts) {
    RELAIS_ASSIGN(const auto channels, facts.store.channels());
    for (const auto& [mailbox, channel] : channels) facts.mailboxes.emplace(channel, mailbox);
    facts.report.mailboxes = channels.size();
    const std::set<Address> made = mailboxes_made(facts);
    for (const Address& mailbox : made) {
        if (!channels.contains(mailbox)) {
            facts.report.add(problem::kDirectory, mailbox.text(), "mailbox without its channel");
        }
    }
    for (const auto& [mailbox, channel] : channels) {
        if (!made.contains(mailbox)) {
            facts.report.add(problem::kDirectory, mailbox.text(), "channel of no entry");
        }
    }
    return {};
}

// Of a kind's bundle, or of a file of a pack. Errors: it is neither.
Result<std::string> name_of(ByteView bundle) {
    if (!packs::is_pack_file(bundle)) {
        RELAIS_ASSIGN(const workflow::Kind kind, workflow::Kind::load(bundle));
        return kind.name;
    }
    if (!packs::is_manifest(bundle)) {
        RELAIS_TRY(packs::check_part(bundle));
        return std::string("a part of a pack");
    }
    RELAIS_ASSIGN(const packs::Manifest manifest, packs::parse_manifest(bundle));
    return manifest.name;
}

// The packs in force are here whole.
Result<void> check_packs(Facts& facts, const std::set<Digest>& stored) {
    for (const directory::PackRecord* record : facts.state->packs_in_force()) {
        const std::string& name = record->pack.name.text();
        if (!stored.contains(record->pack.digest)) {
            facts.report.add(problem::kBundle, name, "published, and its manifest is not here");
            continue;
        }
        RELAIS_ASSIGN(const auto bytes, facts.store.bundle(record->pack.digest));
        RELAIS_ASSIGN(const packs::Manifest manifest, packs::parse_manifest(*bytes));
        for (const packs::List& list : manifest.lists) {
            for (const packs::Part& part : list.parts) {
                if (stored.contains(part.digest)) continue;
                facts.report.add(problem::kBundle, name, "a part of " + list.name + " is not here");
            }
        }
    }
    return {};
}

Result<void> check_bundles(Facts& facts) {
    RELAIS_ASSIGN(const auto digests, facts.listing.bundles());
    std::set<Digest> stored(digests.begin(), digests.end());
    for (const Digest& digest : digests) {
        RELAIS_ASSIGN(const auto bytes, facts.store.bundle(digest));
        const Result<std::string> name = name_of(*bytes);
        if (sha256(*bytes) != digest || !name.ok()) {
            facts.report.add(problem::kBundle, name.ok() ? *name : "a bundle",
                             "not the bytes of its digest");
            stored.erase(digest);
        }
    }
    RELAIS_TRY(check_packs(facts, stored));
    for (const directory::KindRecord& record : facts.state->kinds()) {
        if (record.kind.withdrawn || stored.contains(record.kind.digest)) continue;
        facts.report.add(problem::kBundle, record.kind.name.text(),
                         "published, and its bundle is not here");
    }
    return {};
}

// The directory: its records, and the state that they lead to.
Result<StoredLog> read_directory(Facts& facts, evidence::Findings& findings) {
    std::vector<Bytes>& records = facts.directory_records;
    const TakeRecord take = [&](std::uint64_t index, Bytes record) {
        records.resize(index);
        records.push_back(std::move(record));
    };
    RELAIS_ASSIGN(StoredLog entries, read_log(facts, wire::LogName::directory, take, findings));
    for (std::uint64_t i = 0; i < records.size(); ++i) {
        if (!entries.is_right(i)) records[i].clear();
    }
    RELAIS_ASSIGN(const auto domain, domain_of(facts));
    RELAIS_ASSIGN(const auto authority, authority_of(facts));
    if (domain) facts.state = evidence::replay_directory(records, *domain, authority, findings);
    return entries;
}

}  // namespace

Result<void> check_logs(Facts& facts) {
    evidence::Findings findings;
    RELAIS_ASSIGN(const StoredLog entries, read_directory(facts, findings));
    const std::function<bool(const Leaf&)> all = [](const Leaf&) { return true; };
    const evidence::TaleReader reader(facts.state, facts.directory_records.size(), all);
    evidence::Told told;
    const TakeRecord take = [&](std::uint64_t index, const Bytes& record) {
        reader.read(index, record, told);
    };
    RELAIS_ASSIGN(StoredLog audit, read_log(facts, wire::LogName::audit, take, findings));
    std::vector<evidence::Told> parts;
    parts.push_back(std::move(told));
    told = evidence::join_told(std::move(parts),
                               [&](std::uint64_t index) { return audit.is_right(index); });
    for (const evidence::Finding& finding : told.findings) findings.push_back(finding);
    facts.trail = std::move(told.kept);
    evidence::compare_stories(told.entries, facts.directory_records, findings);
    judge_heads(facts, wire::LogName::audit, audit, told.entries, findings);
    judge_heads(facts, wire::LogName::directory, entries, told.entries, findings);
    const auto signed_head = last_head(audit);
    const auto directory_head = last_head(entries);
    if ((directory_head ? directory_head->size : 0) != entries.size) {
        facts.report.add(problem::kLog, "directory", "entries after its last signed head");
    }
    facts.report.leaves = audit.size;
    facts.report.leaves_signed = signed_head ? signed_head->size : 0;
    facts.report.directory_entries = entries.size;
    if (audit.tree) facts.leaf_hashes = std::move(audit.tree->leaves);
    for (const evidence::Finding& finding : findings) {
        facts.report.add(problem::kLog, finding.describe(),
                         std::string(evidence::damage_name(finding.damage)));
    }
    return {};
}

Result<void> check_directory(Facts& facts) {
    if (!facts.state) {
        const bool none = facts.directory_records.empty();
        facts.report.add(problem::kDirectory, "directory",
                         none ? "has no entry" : "cannot be replayed");
        return {};
    }
    RELAIS_ASSIGN(const auto times, facts.store.directory_times());
    if (!std::ranges::is_sorted(times)) {
        facts.report.add(problem::kDirectory, "directory", "times of commitment go back");
    }
    RELAIS_ASSIGN(const auto time, facts.store.time());
    RELAIS_ASSIGN(const auto incarnation, facts.store.value("incarnation"));
    if (!time || !incarnation || incarnation->size() != Incarnation::kSize) {
        facts.report.add(problem::kIdentity, "time and incarnation", "not there");
    }
    RELAIS_TRY(check_channels(facts));
    return check_bundles(facts);
}

}  // namespace relais::fsck
