// logs.cc: both logs from their raw records, and what follows from them: the directory, the
// mailboxes it brings into being, the kinds it publishes.
#include <algorithm>
#include <set>

#include "core/crypto/sha256.h"
#include "core/merkle/tree.h"
#include "schemas/workflow/kind.h"
#include "tools/evidence/keys.h"
#include "tools/evidence/layout.h"
#include "tools/evidence/log_check.h"
#include "tools/evidence/origins.h"
#include "tools/fsck/facts.h"

namespace relais::fsck {

namespace {

constexpr std::size_t kPage = 1024;
constexpr std::uint64_t kGapMax = 1 << 20;  // leaves; beyond, a position is damage by itself

struct StoredLog {
    std::vector<Bytes> records;  // empty where one is missing
    evidence::LogMaterial material;
    std::vector<std::string> notes;
};

Result<void> read_records(Facts& facts, wire::LogName log, StoredLog& stored) {
    for (std::uint64_t from = 0;;) {
        RELAIS_ASSIGN(auto page, facts.listing.leaves(log, from, kPage));
        if (page.empty()) return {};
        for (auto& [position, bytes] : page) {
            if (position > stored.records.size() + kGapMax) {
                return fail(ErrorCode::corrupt, "position of a leaf");
            }
            stored.records.resize(position);
            stored.material.records.resize(position);
            stored.material.records.emplace_back(merkle::leaf_hash(bytes));
            stored.records.push_back(std::move(bytes));
        }
        from = stored.records.size();
    }
}

// Hashes of level 0 where a full tile is kept.
void read_hashes(Facts& facts, wire::LogName log, StoredLog& stored, evidence::Findings& findings) {
    merkle::TileReader& tiles = facts.store.tiles(log);
    const std::uint64_t full = stored.records.size() / merkle::kTileWidth;
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
    stored.material.hashes.resize(stored.records.size());
}

Result<StoredLog> read_log(Facts& facts, wire::LogName log, evidence::Findings& findings) {
    StoredLog stored;
    stored.material.log = evidence::log_folder(log);
    stored.material.where = [](std::uint64_t) { return std::string("record"); };
    RELAIS_TRY(read_records(facts, log, stored));
    read_hashes(facts, log, stored, findings);
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
    return stored;
}

std::optional<merkle::Checkpoint> last_head(const StoredLog& stored) {
    if (stored.notes.empty()) return std::nullopt;
    return merkle::parse_checkpoint(merkle::parse_note(stored.notes.back())->text).value();
}

// Names damage, and clears the records that are not those that the head covers.
std::vector<Digest> judge_records(Facts& facts, wire::LogName log, StoredLog& stored,
                                  evidence::Findings& findings) {
    auto leaves = evidence::compare_records(stored.material, last_head(stored), findings);
    if (!leaves) return {};
    for (std::size_t i = 0; i < stored.records.size(); ++i) {
        const auto& record = stored.material.records[i];
        if (!record || *record != (*leaves)[i]) stored.records[i].clear();
    }
    evidence::check_upper_tiles(stored.material.log, *leaves, facts.store.tiles(log), false,
                                findings);
    return *std::move(leaves);
}

void judge_heads(const Facts& facts, wire::LogName log, const StoredLog& stored,
                 const std::vector<Digest>& leaves, evidence::Findings& findings) {
    auto keys = evidence::directory_keys(*facts.state, log);
    std::vector<evidence::Origin> origins;
    if (log == wire::LogName::audit) {
        origins = evidence::read_origins(facts.state->domain_name(), facts.trail, keys, findings);
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
    evidence::check_heads(stored.material.log, leaves, heads, findings);
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

void keep_broker_keys(Facts& facts) {
    for (std::uint64_t size = 1; size <= facts.state->size().value; ++size) {
        const directory::Domain* domain = facts.state->domain({size});
        if (domain == nullptr) continue;
        if (facts.broker_keys.empty() || facts.broker_keys.back() != domain->broker_key) {
            facts.broker_keys.push_back(domain->broker_key);
        }
    }
}

// Every mailbox that an entry ever brought into being.
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

Result<void> check_bundles(Facts& facts) {
    RELAIS_ASSIGN(const auto digests, facts.listing.bundles());
    std::set<Digest> stored(digests.begin(), digests.end());
    for (const Digest& digest : digests) {
        RELAIS_ASSIGN(const auto bytes, facts.store.bundle(digest));
        const auto kind = workflow::Kind::load(*bytes);
        if (sha256(*bytes) != digest || !kind.ok()) {
            facts.report.add(problem::kBundle, kind.ok() ? kind->name : "a bundle",
                             "not the bytes of its digest");
            stored.erase(digest);
        }
    }
    for (const directory::KindRecord& record : facts.state->kinds()) {
        if (record.kind.withdrawn || stored.contains(record.kind.digest)) continue;
        facts.report.add(problem::kBundle, record.kind.name.text(),
                         "published, and its bundle is not here");
    }
    return {};
}

}  // namespace

Result<void> check_logs(Facts& facts) {
    evidence::Findings findings;
    RELAIS_ASSIGN(StoredLog audit, read_log(facts, wire::LogName::audit, findings));
    RELAIS_ASSIGN(StoredLog entries, read_log(facts, wire::LogName::directory, findings));
    facts.leaf_hashes = judge_records(facts, wire::LogName::audit, audit, findings);
    const auto entry_hashes = judge_records(facts, wire::LogName::directory, entries, findings);
    RELAIS_ASSIGN(const auto domain, domain_of(facts));
    RELAIS_ASSIGN(const auto authority, authority_of(facts));
    if (domain) {
        facts.state = evidence::replay_directory(entries.records, *domain, authority, findings);
    }
    facts.trail = evidence::read_trail(audit.records, findings);
    evidence::compare_stories(facts.trail, entries.records, findings);
    if (facts.state) {
        evidence::check_statements(facts.trail, *facts.state, findings);
        judge_heads(facts, wire::LogName::audit, audit, facts.leaf_hashes, findings);
        judge_heads(facts, wire::LogName::directory, entries, entry_hashes, findings);
    }
    const auto signed_head = last_head(audit);
    const auto directory_head = last_head(entries);
    if (!directory_head || directory_head->size != entries.records.size()) {
        facts.report.add(problem::kLog, "directory", "entries after its last signed head");
    }
    facts.report.leaves = audit.records.size();
    facts.report.leaves_signed = signed_head ? signed_head->size : 0;
    facts.report.directory_entries = entries.records.size();
    facts.directory_records = std::move(entries.records);
    for (const evidence::Finding& finding : findings) {
        facts.report.add(problem::kLog, finding.describe(),
                         std::string(evidence::damage_name(finding.damage)));
    }
    return {};
}

Result<void> check_directory(Facts& facts) {
    if (!facts.state) {
        facts.report.add(problem::kDirectory, "directory", "cannot be replayed");
        return {};
    }
    keep_broker_keys(facts);
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
