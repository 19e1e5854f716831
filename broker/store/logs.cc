// logs.cc: the leaves, tiles and checkpoints of the audit log and the directory.
#include "broker/store/sqlite_store.h"

namespace relais::broker {

namespace {

// One integer key for a tile: 4 bits of log, 4 of level, 55 of index.
std::int64_t tile_key(wire::LogName log, unsigned level, std::uint64_t index) {
    RELAIS_CHECK(level < 16 && index < (std::uint64_t{1} << 55));
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(log) << 59 |
                                     std::uint64_t{level} << 55 | index);
}

const char* const kAppendAudit = "INSERT INTO audit_leaf (position, bytes) VALUES (?, ?)";
const char* const kAppendDirectory = "INSERT INTO directory_entry (position, bytes) VALUES (?, ?)";
const char* const kSizeAudit = "SELECT MAX(position) FROM audit_leaf";
const char* const kSizeDirectory = "SELECT MAX(position) FROM directory_entry";
const char* const kReadAudit =
    "SELECT position, bytes FROM audit_leaf WHERE position >= ? ORDER BY position LIMIT ?";
const char* const kReadDirectory =
    "SELECT position, bytes FROM directory_entry WHERE position >= ? ORDER BY position LIMIT ?";

const char* of(wire::LogName log, const char* audit, const char* directory) {
    return log == wire::LogName::audit ? audit : directory;
}

}  // namespace

Result<void> SqliteStore::append_leaf(wire::LogName log, std::uint64_t index, ByteView leaf) {
    Query query = database_.query(of(log, kAppendAudit, kAppendDirectory));
    return query.bind(index).bind(leaf).run();
}

Result<std::uint64_t> SqliteStore::log_size(wire::LogName log) {
    Query query = database_.query(of(log, kSizeAudit, kSizeDirectory));
    RELAIS_TRY(query.row());
    return query.is_null(0) ? std::uint64_t{0} : query.number(0) + 1;
}

Result<std::vector<Bytes>> SqliteStore::read_leaves(wire::LogName log, std::uint64_t first,
                                                    std::size_t count) {
    Query query = database_.query(of(log, kReadAudit, kReadDirectory));
    query.bind(first).bind(count);
    std::vector<Bytes> leaves;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return leaves;
        if (query.number(0) != first + leaves.size()) {
            return fail(ErrorCode::corrupt, "a leaf is missing");
        }
        leaves.push_back(to_bytes(query.blob(1)));
    }
}

Result<void> SqliteStore::put_tile(wire::LogName log, const merkle::FullTile& tile) {
    Query query = database_.query("INSERT INTO tile (key, hashes) VALUES (?, ?)");
    Bytes hashes;
    hashes.reserve(tile.hashes.size() * Digest::kSize);
    for (const Digest& hash : tile.hashes) append(hashes, hash.view());
    return query.bind(tile_key(log, tile.level, tile.index)).bind(hashes).run();
}

merkle::TileReader& SqliteStore::tiles(wire::LogName log) {
    return log == wire::LogName::audit ? audit_tiles_ : directory_tiles_;
}

Result<std::vector<Digest>> SqliteStore::Tiles::tile(unsigned level, std::uint64_t index,
                                                     std::size_t width) {
    Query query = store_.database_.query("SELECT hashes FROM tile WHERE key = ?");
    RELAIS_ASSIGN(const bool found, query.bind(tile_key(log_, level, index)).row());
    if (!found) return fail(ErrorCode::not_found, "tile");
    const ByteView bytes = query.blob(0);
    if (bytes.size() != merkle::kTileWidth * Digest::kSize || width > merkle::kTileWidth) {
        return fail(ErrorCode::corrupt, "tile");
    }
    std::vector<Digest> hashes;
    for (std::size_t i = 0; i < width; ++i) {
        hashes.push_back(Digest::from(bytes.subspan(i * Digest::kSize, Digest::kSize)));
    }
    return hashes;
}

Result<void> SqliteStore::put_checkpoint(wire::LogName log, std::uint64_t size,
                                         const std::string& note) {
    Query query =
        database_.query("INSERT OR REPLACE INTO checkpoint (log, size, note) VALUES (?, ?, ?)");
    return query.bind(static_cast<int>(log)).bind(size).bind(note).run();
}

Result<std::string> SqliteStore::last_checkpoint(wire::LogName log) {
    Query query =
        database_.query("SELECT note FROM checkpoint WHERE log = ? ORDER BY size DESC LIMIT 1");
    RELAIS_ASSIGN(const bool found, query.bind(static_cast<int>(log)).row());
    return found ? std::string(query.text(0)) : std::string();
}

Result<std::vector<std::string>> SqliteStore::checkpoints(wire::LogName log,
                                                          std::uint64_t from_size,
                                                          std::size_t count) {
    Query query = database_.query(
        "SELECT note FROM checkpoint WHERE log = ? AND size >= ? ORDER BY size LIMIT ?");
    query.bind(static_cast<int>(log)).bind(from_size).bind(count);
    std::vector<std::string> notes;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return notes;
        notes.emplace_back(query.text(0));
    }
}

Result<std::vector<EngineTime>> SqliteStore::directory_times() {
    Query query = database_.query("SELECT committed_ms FROM directory_entry ORDER BY position");
    std::vector<EngineTime> times;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return times;
        times.push_back({query.integer(0)});
    }
}

Result<void> SqliteStore::put_directory_time(std::uint64_t index, EngineTime at) {
    Query query = database_.query("UPDATE directory_entry SET committed_ms = ? WHERE position = ?");
    return query.bind(at.ms).bind(index).run();
}

}  // namespace relais::broker
