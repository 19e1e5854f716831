// backup.cc: the making of a backup, and its unpacking.
#include "tools/backup/backup.h"

#include <sys/stat.h>

#include <nlohmann/json.hpp>
#include <set>

#include "broker/store/chunk_file.h"
#include "broker/store/listing.h"
#include "core/base/system.h"
#include "core/codecs/codecs.h"
#include "core/crypto/sha256.h"
#include "core/files/files.h"
#include "core/files/lock.h"
#include "tools/backup/parts.h"

namespace relais::backup {

namespace {

constexpr const char* kFormat = "relais-backup/1";
constexpr const char* kWorkFolder = "backup.tmp";
constexpr const char* kLock = "backup.lock";
constexpr std::size_t kReadPiece = 256 * 1024;
constexpr std::size_t kDigestsBytesMax = std::size_t{512} << 20;
constexpr std::size_t kAboutBytesMax = std::size_t{512} << 20;  // names as many

// Of the data folder: what is made anew, what the copy of the database replaces, and what a backup
// that was restored said of itself.
bool left_out(const std::string& name) {
    static const std::set<std::string> kNames = {"lock", "admin.sock", "ballast", kLock,
                                                 kAboutMember};
    return kNames.contains(name) || name.starts_with("relais.db") ||
           name.starts_with(std::string(kWorkFolder) + "/");
}

std::string member_of(const Digest& chunk) {
    return broker::chunk_path("chunks", chunk).generic_string();
}

class Maker {
public:
    Maker(const MakeRequest& request, SealedWriter& sealed, const Progress& progress)
        : request_(request), sealed_(sealed), archive_(sealed), progress_(progress) {}

    Result<Made> run(const std::filesystem::path& database) {
        RELAIS_TRY(add(kDatabaseMember, database));
        RELAIS_TRY(add_folder());
        RELAIS_TRY(judge_chunks(database));
        RELAIS_TRY(about(database));
        RELAIS_TRY(add_bytes(kDigestsMember, as_bytes(digests_)));
        RELAIS_TRY(archive_.finish());
        RELAIS_TRY(sealed_.finish());
        made_.bytes = sealed_.bytes_written();
        made_.files = added_.size();
        return made_;
    }

private:
    Result<void> about(const std::filesystem::path& database) {
        RELAIS_ASSIGN(
            const auto store,
            broker::SqliteStore::open(database.string(), {Database::Mode::read_only, "", ""}));
        RELAIS_ASSIGN(made_.leaves, store->log_size(wire::LogName::audit));
        RELAIS_ASSIGN(made_.directory_entries, store->log_size(wire::LogName::directory));
        RELAIS_ASSIGN(const std::string head, store->last_checkpoint(wire::LogName::audit));
        const nlohmann::json json = {{"format", kFormat},
                                     {"domain", request_.domain.text()},
                                     {"made", format_utc(SystemClock().read().wall)},
                                     {"version", RELAIS_VERSION},
                                     {"audit_leaves", made_.leaves},
                                     {"directory_entries", made_.directory_entries},
                                     {"audit_checkpoint", head},
                                     {"chunks_ended", ended_}};
        return add_bytes(kAboutMember, as_bytes(json.dump(2) + "\n"));
    }

    Result<void> add_bytes(const std::string& name, ByteView bytes) {
        RELAIS_TRY(archive_.begin_file(name, bytes.size()));
        RELAIS_TRY(archive_.write(bytes));
        digests_ += hex(sha256(bytes).view()) + "  " + name + "\n";
        return {};
    }

    // As long as it is now: what is appended meanwhile belongs to the next backup.
    Result<void> add(const std::string& name, const std::filesystem::path& path) {
        auto file = File::open(path);
        if (file.code() == ErrorCode::not_found) return {};  // erased or over since it was listed
        if (!file.ok()) return file.error();
        struct stat status {};
        if (::fstat(file->fd(), &status) != 0) return fail(ErrorCode::io_failed, path.string());
        const auto size = static_cast<std::uint64_t>(status.st_size);
        RELAIS_TRY(archive_.begin_file(name, size));
        Sha256 digest;
        Bytes piece(kReadPiece);
        for (std::uint64_t left = size; left > 0;) {
            const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, kReadPiece));
            RELAIS_ASSIGN(const std::size_t got, file->read(std::span(piece).first(wanted)));
            if (got != wanted) return fail(ErrorCode::io_failed, path.string() + " shrank");
            const ByteView bytes = ByteView(piece).first(got);
            digest.update(bytes);
            RELAIS_TRY(archive_.write(bytes));
            left -= got;
            progress_(sealed_.bytes_written());
        }
        wipe(piece);
        digests_ += hex(digest.finish().view()) + "  " + name + "\n";
        added_.insert(name);
        return {};
    }

    Result<void> add_folder() {
        std::error_code failed;
        std::set<std::string> names;
        for (std::filesystem::recursive_directory_iterator at(request_.data, failed), end;
             !failed && at != end; at.increment(failed)) {
            const std::string name = at->path().lexically_relative(request_.data).generic_string();
            std::error_code vanished;
            const bool regular = at->is_regular_file(vanished) && !at->is_symlink(vanished);
            if (regular && !left_out(name)) names.insert(name);
        }
        if (failed) return fail(ErrorCode::io_failed, request_.data.string());
        if (names.size() > limits::kBackupFilesMax) return fail(ErrorCode::too_large, "files");
        for (const std::string& name : names) RELAIS_TRY(add(name, request_.data / name));
        return {};
    }

    // What the copy names and the folder no longer had: its envelope has ended since, and the
    // broker names it no more; or it is missing. The broker removes a file after its row, never
    // before.
    Result<void> judge_chunks(const std::filesystem::path& copy) {
        RELAIS_ASSIGN(std::set<Digest> lacking, broker::chunks_named(copy));
        std::erase_if(lacking,
                      [&](const Digest& chunk) { return added_.contains(member_of(chunk)); });
        if (lacking.empty()) return {};
        RELAIS_ASSIGN(const std::set<Digest> named,
                      broker::chunks_named(request_.data / kDatabaseMember));
        for (const Digest& chunk : lacking) {
            if (named.contains(chunk)) {
                made_.missing.push_back(chunk);
            } else {
                ended_.push_back(hex(chunk.view()));
            }
        }
        return {};
    }

    const MakeRequest& request_;
    SealedWriter& sealed_;
    ArchiveWriter archive_;
    const Progress& progress_;
    std::string digests_;
    std::set<std::string> added_;
    std::vector<std::string> ended_;
    Made made_;
};

// Reads "<digest>  <name>" lines.
Result<std::map<std::string, std::string>> parse_digests(std::string_view text) {
    std::map<std::string, std::string> digests;
    constexpr std::size_t kHex = 2 * Digest::kSize;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos || end < kHex + 3) {
            return fail(ErrorCode::malformed, kDigestsMember);
        }
        digests.emplace(text.substr(kHex + 2, end - kHex - 2), text.substr(0, kHex));
        text.remove_prefix(end + 1);
    }
    return digests;
}

class Unpacker {
public:
    explicit Unpacker(std::filesystem::path folder) : folder_(std::move(folder)) {}

    Result<ArchiveReader::Take> begin(const ArchiveReader::Member& member) {
        if (!listed_.empty()) return fail(ErrorCode::evidence_altered, "members after the list");
        if (found_.size() >= limits::kBackupFilesMax) return fail(ErrorCode::too_large, "files");
        name_ = member.name;
        if (name_ == kDigestsMember) {
            if (member.size > kDigestsBytesMax) return fail(ErrorCode::too_large, name_);
            return ArchiveReader::Take([this](ByteView piece) { return take_list(piece); });
        }
        std::filesystem::path within = folder_;
        for (const auto& part : std::filesystem::path(name_).parent_path()) {
            within /= part;
            RELAIS_TRY(make_private_folder(within));  // each: the broker starts with no other
        }
        RELAIS_ASSIGN(file_, File::create(folder_ / name_));
        return ArchiveReader::Take([this](ByteView piece) { return take(piece); });
    }

    Result<std::uint64_t> finish() {
        if (listed_.empty()) return fail(ErrorCode::evidence_altered, "no list of digests");
        if (listed_ != found_) return fail(ErrorCode::evidence_altered, "digests differ");
        return bytes_;
    }
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
    [[nodiscard]] std::uint64_t files() const { return found_.size(); }

private:
    Result<void> take(ByteView piece) {
        if (!piece.empty()) {
            digest_.update(piece);
            bytes_ += piece.size();
            return file_.write(piece);
        }
        if (!found_.emplace(name_, hex(digest_.finish().view())).second) {
            return fail(ErrorCode::malformed, "a member twice");
        }
        RELAIS_TRY(file_.sync());
        return sync_folder((folder_ / name_).parent_path());
    }
    Result<void> take_list(ByteView piece) {
        list_ += as_text(piece);
        if (!piece.empty()) return {};
        RELAIS_ASSIGN(listed_, parse_digests(list_));
        return {};
    }

    std::filesystem::path folder_;
    std::string name_;
    File file_;
    Sha256 digest_;
    std::string list_;
    std::map<std::string, std::string> found_;
    std::map<std::string, std::string> listed_;
    std::uint64_t bytes_ = 0;
};

}  // namespace

Result<Made> make_backup(const MakeRequest& request, const Progress& progress) {
    RELAIS_ASSIGN(const FileLock lock, FileLock::take(request.data / kLock));
    RELAIS_ASSIGN(auto sealed,
                  SealedWriter::create(request.file, request.domain, request.recipient));
    const auto work = request.work.empty()
                          ? request.data / kWorkFolder
                          : request.work / ("relais-" + request.domain.text() + ".tmp");
    RELAIS_ASSIGN(const PartFolder folder, PartFolder::take(work));
    const std::filesystem::path copy = folder.path() / kDatabaseMember;
    {
        // One read transaction, whatever is committed meanwhile; free pages do not travel.
        RELAIS_ASSIGN(Database database, Database::open((request.data / "relais.db").string(),
                                                        {Database::Mode::read_only, ""}));
        RELAIS_TRY(database.copy_to(copy.string()));
    }
    return Maker(request, sealed, progress).run(copy);
}

Result<std::set<Digest>> ended_chunks(const std::filesystem::path& folder) {
    RELAIS_ASSIGN(const Bytes bytes, read_file(folder / kAboutMember, kAboutBytesMax));
    const auto json = nlohmann::json::parse(as_text(bytes), nullptr, false);
    if (!json.is_object()) return fail(ErrorCode::malformed, kAboutMember);
    std::set<Digest> ended;
    const auto list = json.find("chunks_ended");
    if (list == json.end()) return ended;  // of a version that did not tell
    for (const auto& item : *list) {
        RELAIS_ASSIGN(const auto chunk,
                      hex_from<Digest>(item.is_string() ? item.get<std::string>() : ""));
        ended.insert(chunk);
    }
    return ended;
}

Result<Unpacked> unpack_backup(const std::filesystem::path& file, const P256Key& key,
                               const std::filesystem::path& folder, const Progress& progress) {
    RELAIS_ASSIGN(auto sealed, SealedReader::open(file, key));
    Unpacker unpacker(folder);
    RELAIS_TRY(ArchiveReader(sealed).read([&](const ArchiveReader::Member& member) {
        progress(unpacker.bytes());
        return unpacker.begin(member);
    }));
    RELAIS_TRY(sealed.finish());
    RELAIS_ASSIGN(const std::uint64_t bytes, unpacker.finish());
    return Unpacked{sealed.domain(), unpacker.files(), bytes};
}

}  // namespace relais::backup
