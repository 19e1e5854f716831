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

}  // namespace

Result<void> SqliteStore::append_leaf(wire::LogName log, std::uint64_t index, ByteView leaf) {
    if (log == wire::LogName::audit) return leaves_.append(0, index, leaf);
    Query query = database_.query("INSERT INTO directory_entry (position, bytes) VALUES (?, ?)");
    return query.bind(index).bind(leaf).run();
}

Result<std::uint64_t> SqliteStore::log_size(wire::LogName log) {
    if (log == wire::LogName::audit) {
        RELAIS_ASSIGN(const auto end, leaves_.end(0));
        return end.value_or(0);
    }
    Query query = database_.query("SELECT MAX(position) FROM directory_entry");
    RELAIS_TRY(query.row());
    return query.is_null(0) ? std::uint64_t{0} : query.number(0) + 1;
}

Result<std::vector<PackedRows::Record>> SqliteStore::leaf_records(wire::LogName log,
                                                                  std::uint64_t first,
                                                                  std::size_t count) {
    if (log == wire::LogName::audit) return leaves_.read(0, first, count);
    Query query = database_.query(
        "SELECT position, bytes FROM directory_entry WHERE position >= ? ORDER BY position"
        " LIMIT ?");
    query.bind(first).bind(std::uint64_t{count});
    std::vector<PackedRows::Record> records;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return records;
        records.push_back({query.number(0), to_bytes(query.blob(1))});
    }
}

Result<std::vector<Bytes>> SqliteStore::read_leaves(wire::LogName log, std::uint64_t first,
                                                    std::size_t count) {
    RELAIS_ASSIGN(auto records, leaf_records(log, first, count));
    std::vector<Bytes> leaves;
    leaves.reserve(records.size());
    for (PackedRows::Record& record : records) {
        if (record.position != first + leaves.size()) {
            return fail(ErrorCode::corrupt, "a leaf is missing");
        }
        leaves.push_back(std::move(record.bytes));
    }
    return leaves;
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
