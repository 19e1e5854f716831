// logs.h: two small logs for tests of evidence, as a broker would keep them: a real directory, real
// leaves, signed heads; and the folder that an export of them makes. Tests alter the logs before,
// or the files after.
#pragma once

#include <algorithm>
#include <map>

#include "core/base/contexts.h"
#include "core/crypto/ed25519.h"
#include "core/crypto/sha256.h"
#include "core/files/files.h"
#include "core/merkle/tiles.h"
#include "core/merkle/tree.h"
#include "schemas/audit/leaf.h"
#include "schemas/envelope/statements.h"
#include "tests/support/envelopes.h"
#include "tests/support/folder.h"
#include "tests/support/territory.h"
#include "tools/evidence/export.h"
#include "tools/evidence/keys.h"
#include "tools/evidence/verify.h"

namespace relais::evidence {

using wire::LogName;

inline Ed25519Key log_key(std::uint8_t fill) {
    return Ed25519Key::from_seed(Secret::copy_of(Bytes(32, fill))).value();
}

class TestLogs : public Source {
public:
    struct Log {
        std::vector<Bytes> records;
        std::vector<std::string> notes;
    };

    // The domain's entry, with its leaf, under one head of each log.
    TestLogs() : audit_key(log_key(7)), directory_key(log_key(8)) {
        auto body = territory.domain_body();
        body.audit_log = audit_key.public_key();
        body.directory_log = directory_key.public_key();
        territory.append("", *territory.authority(), body);
        take_directory();
        sign(LogName::audit);
    }

    // The territory's new entries, each with its leaf, and a head of the directory.
    void take_directory() {
        auto& records = logs[LogName::directory].records;
        while (records.size() < territory.log().size()) {
            const auto& entry = territory.log()[records.size()];
            Leaf leaf{.event = Event::directory_appended};
            leaf.header = entry.digest();
            leaf.first = {records.size()};
            leaf.directory_size = {records.size() + 1};
            add_leaf(leaf);
            records.push_back(entry.bytes);
        }
        sign(LogName::directory);
    }

    std::uint64_t add_leaf(Leaf leaf) {
        auto& records = logs[LogName::audit].records;
        leaf.salt = random.make<Salt>();
        leaf.time = {test::kTestTime.ms + static_cast<std::int64_t>(records.size()) * 1000};
        records.push_back(encode_leaf(leaf));
        return records.size() - 1;
    }
    // Leaves of no consequence.
    void add_leaves(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) add_leaf({.event = Event::administered});
    }

    void sign(LogName log) { sign(log, log == LogName::audit ? audit_key : directory_key); }
    void sign(LogName log, Ed25519Key& key) {
        logs[log].notes.push_back(head(log, logs[log].records, key));
    }
    std::string head(LogName log, const std::vector<Bytes>& records, Ed25519Key& key) {
        return head_as(log_origin(territory.domain(), log), records, key);
    }
    static std::string head_as(const std::string& origin, const std::vector<Bytes>& records,
                               Ed25519Key& key) {
        const auto named =
            merkle::VerifierKey::make(origin, merkle::NoteKeyType::ed25519, key.public_key());
        return merkle::sign_checkpoint({origin, records.size(), root_of(records)}, *named, key)
            .value();
    }
    static Digest root_of(const std::vector<Bytes>& records) {
        std::vector<Digest> hashes;
        for (const Bytes& record : records) hashes.push_back(merkle::leaf_hash(record));
        return hashes.empty() ? merkle::empty_root() : merkle::tree_root(hashes);
    }
    merkle::VerifierKey verifier_key(LogName log) const {
        const Ed25519Key& key = log == LogName::audit ? audit_key : directory_key;
        return merkle::VerifierKey::make(log_origin(territory.domain(), log),
                                         merkle::NoteKeyType::ed25519, key.public_key())
            .value();
    }
    Digest authority() const { return fingerprint(territory.authority()->public_key()); }

    Result<std::vector<Bytes>> records(LogName log, std::uint64_t from) override {
        const auto& all = logs[log].records;
        std::vector<Bytes> page;
        for (std::uint64_t i = from; i < all.size() && page.size() < 100; ++i) {
            page.push_back(all[i]);
        }
        return page;
    }
    Result<std::vector<std::string>> heads(LogName log, std::uint64_t from_size) override {
        std::vector<std::string> found;
        for (const std::string& note : logs[log].notes) {
            const auto text = merkle::parse_note(note)->text;
            if (merkle::parse_checkpoint(text)->size >= from_size) found.push_back(note);
        }
        return found;
    }

    test::TestTerritory territory;
    test::SeededRandom random{42};
    Ed25519Key audit_key;
    Ed25519Key directory_key;
    std::map<LogName, Log> logs;
};

// Hashes of records in memory, of a log that fits one tile.
class RecordTiles final : public merkle::TileReader {
public:
    explicit RecordTiles(const std::vector<Bytes>& records) {
        for (const Bytes& record : records) hashes_.push_back(merkle::leaf_hash(record));
    }
    Result<std::vector<Digest>> tile(unsigned level, std::uint64_t index,
                                     std::size_t width) override {
        if (level != 0 || index != 0) return fail(ErrorCode::not_found);
        return std::vector<Digest>(hashes_.begin(),
                                   hashes_.begin() + static_cast<std::ptrdiff_t>(width));
    }

private:
    std::vector<Digest> hashes_;
};

// An exported folder, whose files can be altered one by one and put back.
class EvidenceFolder {
public:
    explicit EvidenceFolder(Source& source) : path_(folder_.path() / "evidence") {
        export_evidence(source, path_, [](const std::string&, std::uint64_t, std::uint64_t) {
        }).value();
    }

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::vector<std::string> files() const {
        const auto files = list_files(path_).value();
        return {files.begin(), files.end()};
    }
    [[nodiscard]] Bytes read(const std::string& file) const {
        return read_file(path_ / file, 1 << 24).value();
    }
    void write(const std::string& file, ByteView bytes) const {
        std::filesystem::create_directories((path_ / file).parent_path());
        write_file(path_ / file, bytes, 0600, Replace::yes).value();
    }
    void remove(const std::string& file) const { std::filesystem::remove(path_ / file); }

    // The records of a bundle, altered and written again.
    template <typename Alter>
    void alter_bundle(const std::string& file, std::size_t width, Alter alter) const {
        const Bytes bytes = read(file);
        std::vector<Bytes> records;
        const auto views = merkle::decode_entry_bundle(bytes, width).value();
        for (const ByteView record : views) {
            records.push_back(to_bytes(record));
        }
        alter(records);
        write(file, merkle::encode_entry_bundle(records).value());
    }

    [[nodiscard]] Result<Verified> verify(const VerifyRequest& request = {}) const {
        return verify_evidence(path_, request);
    }
    [[nodiscard]] Findings findings(const VerifyRequest& request = {}) const {
        return verify(request).value().verdict.findings;
    }

private:
    test::TestFolder folder_;
    std::filesystem::path path_;
};

// "record_altered audit 17", one a finding: what tests compare.
using Names = std::vector<std::string>;
inline Names names(const Findings& findings) {
    Names all;
    for (const Finding& finding : findings) {
        std::string text(damage_name(finding.damage));
        if (!finding.log.empty()) text += " " + finding.log;
        if (finding.index) text += " " + std::to_string(*finding.index);
        if (finding.count > 1) text += "+" + std::to_string(finding.count);
        all.push_back(text);
    }
    return all;
}
template <typename List>
bool has(const List& list, const std::string& name) {
    return std::ranges::find(list, name) != list.end();
}

}  // namespace relais::evidence
