#include "tools/evidence/export.h"

#include <unistd.h>

#include <algorithm>

#include "core/crypto/p256.h"
#include "core/files/files.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/tiles.h"
#include "core/merkle/tree.h"
#include "schemas/audit/leaf.h"
#include "schemas/directory/verified_before.h"
#include "tools/evidence/keys.h"
#include "tools/evidence/manifest.h"

namespace relais::evidence {

namespace {

constexpr unsigned kFileMode = 0600;

Bytes tile_bytes(std::span<const Digest> hashes) {
    Bytes bytes;
    bytes.reserve(hashes.size() * Digest::kSize);
    for (const Digest& hash : hashes) append(bytes, hash.view());
    return bytes;
}

Result<void> write(const std::filesystem::path& root, const std::string& path, ByteView bytes) {
    const std::filesystem::path file = root / path;
    std::error_code failed;
    std::filesystem::create_directories(file.parent_path(), failed);
    if (failed) return fail(ErrorCode::io_failed, file.parent_path().string());
    return write_file(file, bytes, kFileMode, Replace::no);
}

Result<merkle::Checkpoint> unverified_head(const std::string& note) {
    RELAIS_ASSIGN(const auto parsed, merkle::parse_note(note));
    return merkle::parse_checkpoint(parsed.text);
}

// Every signed head of a log, written file by file; the last one is left in last().
class HeadWriter {
public:
    explicit HeadWriter(std::filesystem::path folder) : folder_(std::move(folder)) {}

    Result<void> add(const std::string& note) {
        waiting_.push_back(note);
        ++count_;
        if (waiting_.size() == kNotesPerFile) return flush();
        return {};
    }
    Result<void> finish() {
        if (!waiting_.empty()) RELAIS_TRY(flush());
        return write(folder_, kCheckpointFile, as_bytes(last_));
    }
    [[nodiscard]] std::uint64_t count() const { return count_; }

private:
    Result<void> flush() {
        last_ = waiting_.back();
        const std::string text = join_notes(std::exchange(waiting_, {}));
        return write(folder_, notes_path(files_++), as_bytes(text));
    }

    std::filesystem::path folder_;
    std::vector<std::string> waiting_;
    std::string last_;
    std::uint64_t count_ = 0;
    std::uint64_t files_ = 0;
};

using TakeHead = std::function<Result<void>(const std::string& note)>;

struct LogExport {
    merkle::Checkpoint head;
    std::uint64_t heads = 0;
};

class Exporter {
public:
    Exporter(Source& source, std::filesystem::path folder, const Progress& progress)
        : source_(source), folder_(std::move(folder)), progress_(progress) {}

    // How far the directory goes is asked first: then the audit log tells of each entry that was
    // there. The directory is written last, with those that the audit log told of meanwhile.
    Result<Exported> run() {
        const TakeHead pass = [](const std::string&) { return Result<void>{}; };
        RELAIS_ASSIGN(const auto before, read_heads(wire::LogName::directory, 0, pass));
        RELAIS_ASSIGN(const std::uint64_t wanted, source_.audit_wanted());
        RELAIS_ASSIGN(const LogExport audit, write_log(wire::LogName::audit, wanted));
        RELAIS_ASSIGN(const LogExport directory,
                      write_log(wire::LogName::directory, std::max(before.size, told_)));
        if (!state_) return fail(ErrorCode::malformed, "the directory has no first entry");
        const Manifest manifest{state_->domain_name(), state_->authority(), audit.head,
                                audit.heads,           directory.head,      directory.heads};
        RELAIS_TRY(write(folder_, kKeysFile, as_bytes(key_lines(*state_))));
        RELAIS_TRY(write(folder_, kManifestFile, as_bytes(manifest_text(manifest))));
        return Exported{manifest.domain.text(), audit.head.size, directory.head.size,
                        audit.heads + directory.heads};
    }

private:
    Result<LogExport> write_log(wire::LogName log, std::uint64_t wanted) {
        const std::filesystem::path folder = folder_ / log_folder(log);
        HeadWriter writer(folder);
        RELAIS_ASSIGN(const merkle::Checkpoint head,
                      read_heads(log, wanted, [&](const auto& note) { return writer.add(note); }));
        RELAIS_TRY(writer.finish());
        const LogExport done{head, writer.count()};
        merkle::TileBuilder builder;
        std::vector<Bytes> bundle;
        while (builder.size() < done.head.size) {
            RELAIS_ASSIGN(const auto records, source_.records(log, builder.size()));
            if (records.empty()) break;  // shorter than its head: the verifier says so
            for (const Bytes& record : records) {
                if (builder.size() == done.head.size) break;
                RELAIS_TRY(take(log, folder, record, builder, bundle));
            }
            progress_(log_folder(log), builder.size(), done.head.size);
        }
        RELAIS_TRY(write_rest(folder, builder, bundle));
        return done;
    }

    // Heads of every size up to the first that reaches the size wanted, or the last there is, which
    // is the one that is given back.
    Result<merkle::Checkpoint> read_heads(wire::LogName log, std::uint64_t wanted,
                                          const TakeHead& take) {
        std::optional<merkle::Checkpoint> last;
        const auto reached = [&] { return wanted != 0 && last && last->size >= wanted; };
        while (!reached()) {
            const std::uint64_t from = last ? last->size + 1 : 0;
            RELAIS_ASSIGN(const auto notes, source_.heads(log, from));
            if (notes.empty()) break;
            for (const std::string& note : notes) {
                if (reached()) break;
                RELAIS_ASSIGN(last, unverified_head(note));
                RELAIS_TRY(take(note));
            }
            if (last->size < from) {
                return fail(ErrorCode::corrupt, log_folder(log) + ": sizes of heads do not rise");
            }
        }
        if (!last) return fail(ErrorCode::not_yet_proven, log_folder(log));
        return *std::move(last);
    }

    Result<void> take(wire::LogName log, const std::filesystem::path& folder, const Bytes& record,
                      merkle::TileBuilder& builder, std::vector<Bytes>& bundle) {
        if (log == wire::LogName::directory) {
            learn(record);
        } else {
            hear(record);
        }
        bundle.push_back(record);
        for (const merkle::FullTile& tile : builder.append(merkle::leaf_hash(record))) {
            RELAIS_ASSIGN(const auto kept, source_.kept_tile(log, tile.level, tile.index));
            const std::string path = merkle::tile_path(tile.level, tile.index, merkle::kTileWidth);
            RELAIS_TRY(write(folder, path, tile_bytes(kept ? *kept : tile.hashes)));
        }
        if (bundle.size() < merkle::kTileWidth) return {};
        return write_bundle(folder, builder.size() / merkle::kTileWidth - 1, bundle);
    }

    static Result<void> write_bundle(const std::filesystem::path& folder, std::uint64_t index,
                                     std::vector<Bytes>& bundle) {
        RELAIS_ASSIGN(const Bytes bytes, merkle::encode_entry_bundle(bundle));
        const std::string path = merkle::entries_path(index, bundle.size());
        bundle.clear();
        return write(folder, path, bytes);
    }

    static Result<void> write_rest(const std::filesystem::path& folder,
                                   const merkle::TileBuilder& builder, std::vector<Bytes>& bundle) {
        for (unsigned level = 0; level < merkle::kTileLevels; ++level) {
            const auto hashes = builder.partial(level);
            if (hashes.empty()) continue;
            const std::uint64_t index =
                (builder.size() >> (merkle::kTileHeight * level)) / merkle::kTileWidth;
            RELAIS_TRY(
                write(folder, merkle::tile_path(level, index, hashes.size()), tile_bytes(hashes)));
        }
        if (bundle.empty()) return {};
        return write_bundle(folder, builder.size() / merkle::kTileWidth, bundle);
    }

    // How much directory the audit log tells of.
    void hear(const Bytes& record) {
        const auto leaf = parse_leaf(record);
        if (!leaf.ok()) return;
        told_ = std::max(told_, leaf->directory_size.value);
        if (leaf->event == Event::directory_appended) {
            told_ = std::max(told_, leaf->first.value + 1);
        }
    }

    // The directory as the entries give it, as far as they do: for the keys and the manifest.
    void learn(const Bytes& record) {
        const auto entry = directory::parse_signed_entry(record);
        if (!entry.ok()) return;
        if (!state_) {
            const auto* domain = std::get_if<directory::Domain>(&entry->entry.body);
            if (domain == nullptr) return;
            state_.emplace(entry->entry.domain, fingerprint(domain->authority));
        }
        const directory::VerifiedBefore verifier;  // the verifier will judge
        (void)state_->apply(*entry, verifier).ok();
    }

    Source& source_;
    std::filesystem::path folder_;
    const Progress& progress_;
    std::uint64_t told_ = 0;
    std::optional<directory::DirectoryState> state_;
};

}  // namespace

Result<std::optional<std::vector<Digest>>> Source::kept_tile(wire::LogName, unsigned,
                                                             std::uint64_t) {
    return std::optional<std::vector<Digest>>();
}

Result<Exported> export_evidence(Source& source, const std::filesystem::path& folder,
                                 const Progress& progress) {
    std::error_code failed;
    if (std::filesystem::exists(folder, failed)) {
        return fail(ErrorCode::already_exists, folder.string());
    }
    std::filesystem::path aside = folder.has_filename() ? folder : folder.parent_path();
    const std::filesystem::path target = aside;
    aside += ".partial-" + std::to_string(::getpid());
    RELAIS_TRY(make_private_folder(aside));
    auto done = Exporter(source, aside, progress).run();
    if (done.ok()) {
        std::filesystem::rename(aside, target, failed);
        if (failed) done = fail(ErrorCode::io_failed, target.string() + ": " + failed.message());
    }
    if (!done.ok()) std::filesystem::remove_all(aside, failed);
    return done;
}

}  // namespace relais::evidence
