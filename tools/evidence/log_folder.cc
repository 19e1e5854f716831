#include "tools/evidence/log_folder.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/files/files.h"
#include "core/merkle/tree.h"
#include "tools/evidence/parallel.h"

namespace relais::evidence {

namespace {

// Reads one file; none where it is missing, or larger than any such file, which is a finding.
Result<std::optional<Bytes>> read_part(const std::filesystem::path& folder, const std::string& path,
                                       std::size_t bytes_max, const std::string& log,
                                       Findings& findings) {
    auto bytes = read_file(folder / path, bytes_max);
    if (bytes.ok()) return std::optional(std::move(bytes).value());
    if (bytes.code() == ErrorCode::not_found) return std::optional<Bytes>();
    if (bytes.code() == ErrorCode::too_large) {
        add(findings,
            {Damage::file_altered, log, std::nullopt, path + " is larger than any such file"});
        return std::optional<Bytes>();
    }
    return bytes.error();
}

Result<std::vector<Digest>> read_hashes(const std::filesystem::path& file, std::size_t width) {
    RELAIS_ASSIGN(const Bytes bytes, read_file(file, kTileBytesMax));
    if (bytes.size() != width * Digest::kSize) return fail(ErrorCode::corrupt, file.string());
    std::vector<Digest> hashes;
    hashes.reserve(width);
    for (std::size_t i = 0; i < width; ++i) {
        hashes.push_back(Digest::from(ByteView(bytes).subspan(i * Digest::kSize, Digest::kSize)));
    }
    return hashes;
}

class HeadReading {
public:
    HeadReading(const std::filesystem::path& folder, wire::LogName log,
                const std::set<std::string>& present, Findings& findings)
        : folder_(folder / log_folder(log)),
          present_(present),
          findings_(findings),
          prefix_(log_folder(log) + "/") {
        files_.log = log_folder(log);
        files_.material.log = files_.log;
    }

    Result<LogFiles> run() {
        RELAIS_TRY(read_notes());
        choose_shape();
        files_.size = files_.shape ? std::min(files_.shape->size, most_records()) : 0;
        files_.material.where = [size = files_.size](std::uint64_t index) {
            return record_path(index, size);
        };
        return std::move(files_);
    }

private:
    Result<void> read_notes() {
        RELAIS_ASSIGN(const auto checkpoint, read(kCheckpointFile, limits::kNoteBytesMax));
        files_.checkpoint = checkpoint ? std::string(as_text(*checkpoint)) : "";
        if (!checkpoint) find(Damage::checkpoint_missing, kCheckpointFile);
        for (std::uint64_t number = 0; present_.contains(prefix_ + notes_path(number)); ++number) {
            RELAIS_ASSIGN(const auto bytes, read(notes_path(number), kNotesBytesMax));
            if (bytes) take_notes(notes_path(number), as_text(*bytes));
        }
        if (files_.notes.empty()) {
            files_.expected.insert(prefix_ + notes_path(0));
            find(Damage::checkpoint_missing, notes_path(0));
        } else if (checkpoint && files_.checkpoint != files_.notes.back()) {
            find(Damage::checkpoint_altered, "checkpoint is not the last of checkpoints/");
        }
        return {};
    }

    void choose_shape() {
        files_.shape = head_of(files_.checkpoint);
        if (files_.notes.empty()) return;
        const auto last = head_of(files_.notes.back());
        // The larger of the two, so that a shorter one hides nothing.
        if (last && (!files_.shape || last->size > files_.shape->size)) files_.shape = last;
    }

    void take_notes(const std::string& path, std::string_view text) {
        auto notes = split_notes(text);
        if (join_notes(notes) != text || notes.empty() || notes.size() > kNotesPerFile) {
            find(Damage::checkpoint_altered, path);
        }
        // Only the last file may have less than its full number.
        if (files_.notes.size() % kNotesPerFile != 0) find(Damage::checkpoint_missing, path);
        for (std::string& note : notes) files_.notes.push_back(std::move(note));
    }

    static std::optional<merkle::Checkpoint> head_of(const std::string& note) {
        const auto parsed = merkle::parse_note(note);
        if (!parsed.ok()) return std::nullopt;
        auto head = merkle::parse_checkpoint(parsed->text);
        if (!head.ok()) return std::nullopt;
        return std::move(head).value();
    }

    // No folder holds more: a size that a damaged head claims is not taken at its word.
    [[nodiscard]] std::uint64_t most_records() const {
        std::uint64_t bundles = 1;
        for (const std::string& path : present_) {
            if (path.starts_with(prefix_ + "tile/")) ++bundles;
        }
        return bundles * merkle::kTileWidth;
    }

    Result<std::optional<Bytes>> read(const std::string& path, std::size_t bytes_max) {
        files_.expected.insert(prefix_ + path);
        return read_part(folder_, path, bytes_max, files_.log, findings_);
    }

    void find(Damage damage, const std::string& detail) {
        add(findings_, {damage, files_.log, std::nullopt, detail});
    }

    std::filesystem::path folder_;
    const std::set<std::string>& present_;
    Findings& findings_;
    std::string prefix_;
    LogFiles files_;
};

// One bundle and the tile of its hashes. Touches its own places of the material alone, so that
// bundles can be read side by side.
class BundleReading {
public:
    BundleReading(const std::filesystem::path& folder, const std::set<std::string>& present,
                  const TakeRecord& take, LogFiles& files, std::uint64_t index)
        : folder_(folder / files.log),
          present_(present),
          take_(take),
          files_(files),
          width_(merkle::tile_width(0, index, files.size)),
          first_(index * merkle::kTileWidth),
          tile_(merkle::tile_path(0, index, width_)),
          bundle_(merkle::entries_path(index, width_)) {}

    Result<Findings> run() {
        take_hashes();
        RELAIS_ASSIGN(auto bytes,
                      read_part(folder_, bundle_, kBundleBytesMax, files_.log, findings_));
        if (!bytes) {
            add(findings_, {Damage::file_missing, files_.log, std::nullopt, bundle_});
            bytes = read_other_width();
        }
        if (bytes) take_bundle(*bytes);
        return std::move(findings_);
    }

private:
    void take_hashes() {
        const auto hashes = read_hashes(folder_ / tile_, width_);
        if (!hashes.ok()) {
            const bool missing = hashes.code() == ErrorCode::not_found;
            add(findings_, {missing ? Damage::tile_missing : Damage::tile_altered, files_.log,
                            std::nullopt, tile_});
            return;
        }
        std::ranges::copy(*hashes,
                          files_.material.hashes.begin() + static_cast<std::ptrdiff_t>(first_));
    }

    // What stands there of a log of another size, so that only the records that are gone are named.
    std::optional<Bytes> read_other_width() {
        const std::string stem = files_.log + "/" + bundle_.substr(0, bundle_.find(".p/"));
        for (auto other = present_.lower_bound(stem); other != present_.end(); ++other) {
            if (!other->starts_with(stem)) break;
            if (*other != stem && !other->starts_with(stem + ".p/")) continue;
            auto bytes = read_file(folder_.parent_path() / *other, kBundleBytesMax);
            if (bytes.ok()) return std::move(bytes).value();
        }
        return std::nullopt;
    }

    void take_bundle(ByteView rest) {
        const bool there = !rest.empty();
        std::size_t read = 0;
        for (; read < width_ && rest.size() >= 2; ++read) {
            const std::size_t length = static_cast<std::size_t>(rest[0]) << 8 | rest[1];
            if (rest.size() - 2 < length) break;
            const ByteView record = rest.subspan(2, length);
            files_.material.records[first_ + read] = merkle::leaf_hash(record);
            take_(first_ + read, record);
            rest = rest.subspan(2 + length);
        }
        if (there && (read < width_ || !rest.empty())) {
            add(findings_, {Damage::records_cut, files_.log, first_ + read, bundle_});
        }
    }

    std::filesystem::path folder_;
    const std::set<std::string>& present_;
    const TakeRecord& take_;
    LogFiles& files_;
    std::size_t width_;
    std::uint64_t first_;
    std::string tile_;
    std::string bundle_;
    Findings findings_;
};

}  // namespace

Result<LogFiles> read_heads(const std::filesystem::path& folder, wire::LogName log,
                            const std::set<std::string>& present, Findings& findings) {
    return HeadReading(folder, log, present, findings).run();
}

Result<void> read_records(const std::filesystem::path& folder, const std::set<std::string>& present,
                          const TakeRecord& take, LogFiles& files, Findings& findings) {
    const std::uint64_t bundles = tile_count(0, files.size);
    files.material.records.resize(files.size);
    files.material.hashes.resize(files.size);
    for (std::uint64_t index = 0; index < bundles; ++index) {
        const std::size_t width = merkle::tile_width(0, index, files.size);
        files.expected.insert(files.log + "/" + merkle::tile_path(0, index, width));
        files.expected.insert(files.log + "/" + merkle::entries_path(index, width));
    }
    std::vector<Result<Findings>> read(bundles, Findings());
    in_parallel(bundles, [&](std::uint64_t index) {
        read[index] = BundleReading(folder, present, take, files, index).run();
    });
    for (Result<Findings>& each : read) {
        RELAIS_ASSIGN(Findings found, std::move(each));
        for (Finding& finding : found) add(findings, std::move(finding));
    }
    return {};
}

Result<std::vector<Digest>> FolderTiles::tile(unsigned level, std::uint64_t index,
                                              std::size_t width) {
    const std::string path = merkle::tile_path(level, index, width);
    expected_.insert(prefix_ + path);
    return read_hashes(folder_ / path, width);
}

}  // namespace relais::evidence
