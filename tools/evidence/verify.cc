#include "tools/evidence/verify.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/files/files.h"
#include "core/merkle/tree.h"
#include "tools/evidence/log_folder.h"
#include "tools/evidence/manifest.h"
#include "tools/evidence/origins.h"
#include "tools/evidence/stories.h"

namespace relais::evidence {

namespace {

class Verification {
public:
    Verification(const std::filesystem::path& folder, const VerifyRequest& request)
        : folder_(folder), request_(request) {}

    Result<Verified> run() {
        RELAIS_ASSIGN(present_, list_files(folder_));
        RELAIS_ASSIGN(LogFiles audit,
                      read_heads(folder_, wire::LogName::audit, present_, findings()));
        RELAIS_ASSIGN(LogFiles directory,
                      read_heads(folder_, wire::LogName::directory, present_, findings()));
        RELAIS_ASSIGN(const std::string manifest, read_manifest());
        RELAIS_TRY(name_domain(manifest, {&directory, &audit}));
        RELAIS_TRY(judge_directory(directory));
        RELAIS_TRY(judge_audit(audit));
        judge_heads(audit, wire::LogName::audit);
        judge_heads(directory, wire::LogName::directory);
        judge_strangers();
        RELAIS_TRY(judge_rest(manifest, audit, directory));
        return Verified{std::move(verdict_), std::move(told_.kept)};
    }

private:
    Findings& findings() { return verdict_.findings; }
    void find(Damage damage, const std::string& log, const std::string& detail) {
        add(findings(), {damage, log, std::nullopt, detail});
    }

    Result<std::string> read_manifest() {
        const auto bytes = read_file(folder_ / kManifestFile, kManifestBytesMax);
        if (bytes.ok()) return std::string(as_text(*bytes));
        if (bytes.code() != ErrorCode::not_found && bytes.code() != ErrorCode::too_large) {
            return bytes.error();
        }
        return std::string();  // which no manifest is
    }

    // The manifest says which domain's evidence this is; where it cannot be read, the heads do.
    Result<void> name_domain(const std::string& manifest,
                             std::initializer_list<const LogFiles*> logs) {
        auto domain = manifest_domain(manifest);
        if (!domain.ok()) {
            const bool there = present_.contains(kManifestFile);
            find(there ? Damage::file_altered : Damage::file_missing, "", kManifestFile);
        }
        for (const LogFiles* log : logs) {
            if (domain.ok() || !log->shape) continue;
            domain = Name::parse(log->shape->origin.substr(0, log->shape->origin.find('/')));
        }
        if (!domain.ok()) return fail(ErrorCode::malformed, "no folder of evidence");
        domain_ = *std::move(domain);
        verdict_.domain = domain_->text();
        return {};
    }

    // Damage of bytes first; what records say is judged only where their bytes are right.
    Result<void> judge_directory(LogFiles& files) {
        entries_.resize(files.size);
        const TakeRecord take = [&](std::uint64_t index, ByteView record) {
            entries_[index] = to_bytes(record);
        };
        RELAIS_TRY(read_records(folder_, present_, take, files, findings()));
        directory_tree_ = judge_tree(files);
        for (std::uint64_t i = 0; i < entries_.size(); ++i) {
            if (!is_right(files, directory_tree_, i)) entries_[i].clear();
        }
        state_ = replay_directory(entries_, *domain_, request_.pins.authority, findings());
        return {};
    }

    // Records are read once and not kept: what they say waits for the verdict on their bytes.
    Result<void> judge_audit(LogFiles& files) {
        const TaleReader reader(state_, entries_.size(), request_.keep);
        std::vector<Told> told(tile_count(0, files.size));
        const TakeRecord take = [&](std::uint64_t index, ByteView record) {
            reader.read(index, record, told[index / merkle::kTileWidth]);
        };
        RELAIS_TRY(read_records(folder_, present_, take, files, findings()));
        audit_tree_ = judge_tree(files);
        told_ = join_told(std::move(told),
                          [&](std::uint64_t index) { return is_right(files, audit_tree_, index); });
        for (const Finding& finding : told_.findings) findings().push_back(finding);
        if (!state_) return {};
        verdict_.authority = state_->authority();
        verdict_.statements = told_.statements.size();
        compare_stories(told_.entries, entries_, findings());
        return {};
    }

    std::optional<Tree> judge_tree(LogFiles& files) {
        auto leaves = compare_records(files.material, files.shape, findings());
        files.material.hashes = {};
        if (!leaves) return std::nullopt;
        Tree tree = tree_over(*std::move(leaves));
        FolderTiles tiles(folder_ / files.log, files.expected, files.log + "/");
        check_upper_tiles(files.log, tree, tiles, true, findings());
        return tree;
    }

    static bool is_right(const LogFiles& files, const std::optional<Tree>& tree,
                         std::uint64_t index) {
        const auto& records = files.material.records;
        return tree && index < tree->leaves.size() && index < records.size() && records[index] &&
               *records[index] == tree->leaves[index];
    }

    std::vector<merkle::VerifierKey> keys_of(wire::LogName log) {
        auto keys = pinned_keys(request_.pins, log_origin(*domain_, log));
        for (const merkle::VerifierKey& key : request_.pins.keys) {  // under a later name
            if (key.name().starts_with(log_origin(*domain_, log) + "/")) keys.push_back(key);
        }
        if (keys.empty() && state_) keys = directory_keys(*state_, log);
        if (log != wire::LogName::audit) return keys;
        origins_ = read_origins(*domain_, told_.entries, keys, findings());
        for (std::size_t i = 1; i < origins_.size(); ++i) {
            const Origin& origin = origins_[i];
            verdict_.restorations.push_back(
                {origin.name, origin.first, origin.time,
                 origin.cited.empty() ? 0 : origin.cited.rbegin()->first});
        }
        return keys_under(keys, origins_);
    }

    // A head under another name than the log had then.
    void judge_times(const std::vector<merkle::Checkpoint>& heads) {
        for (const merkle::Checkpoint& head : heads) {
            if (in_its_time(head, origins_)) continue;
            find(Damage::checkpoint_contradicted, "audit",
                 "a head of " + head.origin + " of size " + std::to_string(head.size) +
                     " out of its time");
        }
    }

    void judge_heads(const LogFiles& files, wire::LogName log) {
        const auto keys = keys_of(log);
        std::vector<merkle::Checkpoint> heads = signed_heads(files, keys);
        if (log == wire::LogName::audit) judge_times(heads);
        LogVerdict verdict{files.log, log_origin(*domain_, log), 0, {}, heads.size()};
        if (!heads.empty()) verdict.origin = heads.back().origin;
        if (!heads.empty()) {
            verdict.size = heads.back().size;
            verdict.root = heads.back().root;
        }
        judge_witnesses(files, log, verdict);
        verdict_.logs.push_back(std::move(verdict));
        judge_expected(files, log, keys, heads);
        std::ranges::stable_sort(heads, {}, &merkle::Checkpoint::size);
        const auto& tree = log == wire::LogName::audit ? audit_tree_ : directory_tree_;
        if (tree) check_heads(files.log, *tree, heads, findings());
    }

    // By the directory of the evidence itself: witnesses of now, and what the domain asks now.
    void judge_witnesses(const LogFiles& files, wire::LogName log, LogVerdict& verdict) {
        if (!state_) return;
        if (const auto* policy = state_->witness_policy()) {
            verdict.standing.asked = policy->organisations;
            verdict.standing.late_after = policy->late_after;
        }
        for (auto note = files.notes.rbegin(); note != files.notes.rend(); ++note) {
            const auto parsed = merkle::parse_note(*note);
            if (!parsed.ok() || parsed->signatures.size() < 2) continue;
            auto judged = witness::judge_head(*state_, log, *note);
            if (!judged.ok() || judged->standing.organisations.empty()) continue;
            const bool better = judged->standing.met() || verdict.witnessed_size == 0;
            if (!better) continue;
            verdict.witnessed_size = judged->head.head().size;
            verdict.standing = std::move(judged->standing);
            if (verdict.standing.met()) return;
        }
    }

    std::vector<merkle::Checkpoint> signed_heads(const LogFiles& files,
                                                 const std::vector<merkle::VerifierKey>& keys) {
        std::vector<merkle::Checkpoint> heads;
        for (std::size_t i = 0; i < files.notes.size(); ++i) {
            const std::string where =
                notes_path(i / kNotesPerFile) + ", note " + std::to_string(i % kNotesPerFile + 1);
            const auto head = verify_head(files.notes[i], keys);
            if (!head.ok()) {
                find(Damage::checkpoint_altered, files.log, where + ": " + head.error().describe());
            } else if (!heads.empty() && head->head().size <= heads.back().size) {
                find(Damage::checkpoint_altered, files.log, where + ": size does not rise");
            } else {
                heads.push_back(head->head());
            }
        }
        return heads;
    }

    // Whether the text of a note is of that log, under any of its names.
    [[nodiscard]] bool names(const std::string& text, wire::LogName log) const {
        const std::string origin = log_origin(*domain_, log);
        return text.starts_with(origin + "\n") || text.starts_with(origin + "/");
    }

    // An expected head of neither log was compared with nothing: a mistake that must not pass.
    void judge_strangers() {
        for (const std::string& note : request_.expected_heads) {
            const auto parsed = merkle::parse_note(note);
            if (!parsed.ok()) continue;  // a finding of each log
            const bool known = std::ranges::any_of(
                kLogs, [&](wire::LogName log) { return names(parsed->text, log); });
            if (known) continue;
            find(Damage::checkpoint_altered, "",
                 "the expected head is of " + parsed->text.substr(0, parsed->text.find('\n')) +
                     ", no log of " + domain_->text());
        }
    }

    void judge_expected(const LogFiles& files, wire::LogName log,
                        const std::vector<merkle::VerifierKey>& keys,
                        std::vector<merkle::Checkpoint>& heads) {
        for (const std::string& note : request_.expected_heads) {
            const auto parsed = merkle::parse_note(note);
            if (parsed.ok() && !names(parsed->text, log)) continue;
            const auto head = verify_head(note, keys);
            if (head.ok() && log == wire::LogName::audit) {
                if (is_lost(head->head(), origins_)) continue;
                judge_times({head->head()});
            }
            if (head.ok()) {
                heads.push_back(head->head());
            } else {
                find(Damage::checkpoint_altered, files.log,
                     "the expected head: " + head.error().describe());
            }
        }
    }

    Result<void> judge_rest(std::string_view manifest, const LogFiles& audit,
                            const LogFiles& directory) {
        verdict_.trust = trust();
        judge_pins();
        if (state_) {
            RELAIS_TRY(judge_file(kKeysFile, key_lines(*state_)));
            if (audit.shape && directory.shape) {
                const Manifest derived{*domain_,         state_->authority(),
                                       *audit.shape,     audit.notes.size(),
                                       *directory.shape, directory.notes.size()};
                const bool told = manifest_domain(manifest).ok();  // else it is a finding already
                if (told && manifest != manifest_text(derived)) {
                    find(Damage::file_altered, "", kManifestFile);
                }
            }
        }
        std::set<std::string> expected = {kManifestFile, kKeysFile};
        for (const LogFiles* files : {&audit, &directory}) {
            expected.insert(files->expected.begin(), files->expected.end());
        }
        for (const std::string& path : present_) {
            if (!expected.contains(path)) find(Damage::file_unexpected, "", path);
        }
        return {};
    }

    Result<void> judge_file(const char* name, const std::string& derived) {
        const auto bytes = read_file(folder_ / name, kManifestBytesMax);
        if (bytes.code() == ErrorCode::not_found) {
            find(Damage::file_missing, "", name);
        } else if (!bytes.ok() && bytes.code() != ErrorCode::too_large) {
            return bytes.error();
        } else if (!bytes.ok() || as_text(*bytes) != derived) {
            find(Damage::file_altered, "", name);
        }
        return {};
    }

    [[nodiscard]] Trust trust() const {
        if (request_.pins.authority) return Trust::authority;
        for (const wire::LogName log : kLogs) {
            if (pinned_keys(request_.pins, log_origin(*domain_, log)).empty()) return Trust::folder;
        }
        return Trust::keys;
    }

    [[nodiscard]] bool is_witness(const merkle::VerifierKey& key) const {
        if (!state_) return true;
        return std::ranges::any_of(witness::known_witnesses(*state_), [&](const auto* record) {
            return witness::verifier_key(state_->domain_name(), *record) == key;
        });
    }

    // A pinned key that this evidence has nothing to do with is a mistake that must not pass.
    void judge_pins() {
        for (const merkle::VerifierKey& key : request_.pins.keys) {
            if (key.type() == merkle::NoteKeyType::cosignature && is_witness(key)) continue;
            bool of_a_log = false;
            bool declared = !state_;
            for (const wire::LogName log : kLogs) {
                const std::string origin = log_origin(*domain_, log);
                if (key.name() != origin && !key.name().starts_with(origin + "/")) continue;
                of_a_log = true;
                if (!state_) continue;
                auto keys = directory_keys(*state_, log);
                if (log == wire::LogName::audit) keys = keys_under(keys, origins_);
                declared = std::ranges::find(keys, key) != keys.end();
            }
            if (!of_a_log || !declared) find(Damage::keys_untrusted, "", key.text());
        }
    }

    std::filesystem::path folder_;
    const VerifyRequest& request_;
    std::set<std::string> present_;
    std::optional<Name> domain_;
    std::optional<directory::DirectoryState> state_;
    std::optional<Tree> audit_tree_;
    std::optional<Tree> directory_tree_;
    std::vector<Bytes> entries_;   // of the directory; empty where not right
    Told told_;                    // by the audit
    std::vector<Origin> origins_;  // names of the audit log
    Verdict verdict_;
};

}  // namespace

Result<Verified> verify_evidence(const std::filesystem::path& folder,
                                 const VerifyRequest& request) {
    return Verification(folder, request).run();
}

}  // namespace relais::evidence
