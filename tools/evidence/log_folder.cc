#include "tools/evidence/log_folder.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/files/files.h"
#include "core/merkle/tree.h"

namespace relais::evidence {

namespace {

class Reading {
public:
    Reading(const std::filesystem::path& folder, wire::LogName log,
            const std::set<std::string>& present, Findings& findings)
        : folder_(folder / log_folder(log)),
          present_(present),
          findings_(findings),
          prefix_(log_folder(log) + "/") {
        files_.log = log_folder(log);
        files_.material.log = files_.log;
    }

    Result<LogFiles> run() {
        RELAIS_TRY(read_heads());
        const std::uint64_t size = files_.shape ? std::min(files_.shape->size, most_records()) : 0;
        files_.material.where = [size](std::uint64_t index) { return record_path(index, size); };
        RELAIS_TRY(read_hashes(size));
        RELAIS_TRY(read_bundles(size));
        return std::move(files_);
    }

private:
    Result<void> read_heads() {
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
        }
        files_.shape = head_of(files_.checkpoint);
        if (files_.notes.empty()) return {};
        const auto last = head_of(files_.notes.back());
        // The larger of the two, so that a shorter one hides nothing.
        if (last && (!files_.shape || last->size > files_.shape->size)) files_.shape = last;
        if (checkpoint && files_.checkpoint != files_.notes.back()) {
            find(Damage::checkpoint_altered, "checkpoint is not the last of checkpoints/");
        }
        return {};
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

    Result<void> read_hashes(std::uint64_t size) {
        FolderTiles tiles(folder_, files_.expected, prefix_);
        for (std::uint64_t index = 0; index < tile_count(0, size); ++index) {
            const std::size_t width = merkle::tile_width(0, index, size);
            const auto hashes = tiles.tile(0, index, width);
            if (!hashes.ok()) {
                const bool missing = hashes.code() == ErrorCode::not_found;
                find(missing ? Damage::tile_missing : Damage::tile_altered,
                     merkle::tile_path(0, index, width));
            }
            for (std::size_t i = 0; i < width; ++i) {
                files_.material.hashes.push_back(hashes.ok() ? std::optional((*hashes)[i])
                                                             : std::nullopt);
            }
        }
        return {};
    }

    Result<void> read_bundles(std::uint64_t size) {
        for (std::uint64_t index = 0; index < tile_count(0, size); ++index) {
            const std::size_t width = merkle::tile_width(0, index, size);
            const std::string path = merkle::entries_path(index, width);
            RELAIS_ASSIGN(auto bytes, read(path, kBundleBytesMax));
            if (!bytes) {
                find(Damage::file_missing, path);
                RELAIS_ASSIGN(bytes, read_other_width(path));
            }
            take_bundle(path, bytes ? *bytes : Bytes(), index, width);
        }
        return {};
    }

    // What stands there of a log of another size, so that only the records that are gone are named.
    Result<std::optional<Bytes>> read_other_width(const std::string& path) {
        const std::string stem = prefix_ + path.substr(0, path.find(".p/"));
        for (auto other = present_.lower_bound(stem); other != present_.end(); ++other) {
            if (!other->starts_with(stem)) break;
            if (*other != stem && !other->starts_with(stem + ".p/")) continue;
            auto bytes = read_file(folder_.parent_path() / *other, kBundleBytesMax);
            if (bytes.ok()) return std::optional(std::move(bytes).value());
        }
        return std::optional<Bytes>();
    }

    void take_bundle(const std::string& path, ByteView rest, std::uint64_t index,
                     std::size_t width) {
        const bool there = !rest.empty();
        std::size_t read = 0;
        for (; read < width && rest.size() >= 2; ++read) {
            const std::size_t length = static_cast<std::size_t>(rest[0]) << 8 | rest[1];
            if (rest.size() - 2 < length) break;
            const ByteView record = rest.subspan(2, length);
            files_.records.push_back(to_bytes(record));
            files_.material.records.push_back(merkle::leaf_hash(record));
            rest = rest.subspan(2 + length);
        }
        const std::uint64_t next = index * merkle::kTileWidth + read;
        if (there && (read < width || !rest.empty())) {
            add(findings_, {Damage::records_cut, files_.log, next, path});
        }
        for (; read < width; ++read) {
            files_.records.emplace_back();
            files_.material.records.emplace_back();
        }
    }

    Result<std::optional<Bytes>> read(const std::string& path, std::size_t bytes_max) {
        files_.expected.insert(prefix_ + path);
        auto bytes = read_file(folder_ / path, bytes_max);
        if (bytes.ok()) return std::optional(std::move(bytes).value());
        if (bytes.code() == ErrorCode::not_found) return std::optional<Bytes>();
        if (bytes.code() == ErrorCode::too_large) {
            find(Damage::file_altered, path + " is larger than any such file");
            return std::optional<Bytes>();
        }
        return bytes.error();
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

}  // namespace

Result<LogFiles> read_log(const std::filesystem::path& folder, wire::LogName log,
                          const std::set<std::string>& present, Findings& findings) {
    return Reading(folder, log, present, findings).run();
}

Result<std::vector<Digest>> FolderTiles::tile(unsigned level, std::uint64_t index,
                                              std::size_t width) {
    const std::string path = merkle::tile_path(level, index, width);
    expected_.insert(prefix_ + path);
    RELAIS_ASSIGN(const Bytes bytes, read_file(folder_ / path, kTileBytesMax));
    if (bytes.size() != width * Digest::kSize) return fail(ErrorCode::corrupt, path);
    std::vector<Digest> hashes;
    for (std::size_t i = 0; i < width; ++i) {
        hashes.push_back(Digest::from(ByteView(bytes).subspan(i * Digest::kSize, Digest::kSize)));
    }
    return hashes;
}

}  // namespace relais::evidence
