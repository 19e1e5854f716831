#include "broker/store/chunk_table.h"

namespace relais::broker {

namespace {

Result<ChunkRecord> read_record(const Query& query, int digest, int bytes) {
    if (query.blob(digest).size() != Digest::kSize) return fail(ErrorCode::corrupt, "chunk");
    return ChunkRecord{Digest::from(query.blob(digest)),
                       static_cast<std::uint32_t>(query.integer(bytes))};
}

Result<StationId> read_uploader(const Query& query, int column) {
    if (query.blob(column).size() != StationId::kSize) return fail(ErrorCode::corrupt, "chunk");
    return StationId::from(query.blob(column));
}

}  // namespace

Result<bool> ChunkTable::wanted(const Digest& digest) {
    Query query = database_.query(
        "SELECT EXISTS (SELECT 1 FROM chunk_upload WHERE digest = ?1)"
        " OR EXISTS (SELECT 1 FROM chunk_ref WHERE digest = ?1)");
    RELAIS_TRY(query.bind(digest.view()).row());
    return query.integer(0) != 0;
}

Result<std::optional<std::uint32_t>> ChunkTable::waiting_bytes(const StationId& station,
                                                               const Digest& digest) {
    Query query =
        database_.query("SELECT bytes FROM chunk_upload WHERE station = ? AND digest = ?");
    RELAIS_ASSIGN(const bool found, query.bind(station.view()).bind(digest.view()).row());
    if (!found) return std::optional<std::uint32_t>();
    return std::optional(static_cast<std::uint32_t>(query.integer(0)));
}

Result<std::optional<std::uint32_t>> ChunkTable::bytes_of(const StationId& station,
                                                          const Digest& digest) {
    RELAIS_ASSIGN(const auto waiting, waiting_bytes(station, digest));
    if (waiting) return waiting;
    Query query =
        database_.query("SELECT bytes FROM chunk_ref WHERE digest = ? AND station = ? LIMIT 1");
    RELAIS_ASSIGN(const bool found, query.bind(digest.view()).bind(station.view()).row());
    if (!found) return std::optional<std::uint32_t>();
    return std::optional(static_cast<std::uint32_t>(query.integer(0)));
}

Result<ChunkUsage> ChunkTable::usage(const StationId& station) {
    Query query = database_.query("SELECT waiting, kept FROM chunk_usage WHERE station = ?");
    RELAIS_ASSIGN(const bool found, query.bind(station.view()).row());
    if (!found) return ChunkUsage{};
    return ChunkUsage{query.number(0), query.number(1)};
}

Result<void> ChunkTable::add_usage(const StationId& station, std::int64_t waiting,
                                   std::int64_t kept) {
    Query query = database_.query(
        "INSERT INTO chunk_usage (station, waiting, kept) VALUES (?, ?, ?)"
        " ON CONFLICT (station) DO UPDATE SET waiting = waiting + excluded.waiting,"
        " kept = kept + excluded.kept");
    return query.bind(station.view()).bind(waiting).bind(kept).run();
}

Result<void> ChunkTable::add_upload(const ChunkUpload& upload) {
    {
        Query query = database_.query(
            "INSERT INTO chunk_upload (station, digest, bytes, at) VALUES (?, ?, ?, ?)");
        query.bind(upload.station.view()).bind(upload.chunk.digest.view());
        RELAIS_TRY(query.bind(upload.chunk.bytes).bind(upload.at.ms).run());
    }
    return add_usage(upload.station, upload.chunk.bytes, 0);
}

Result<void> ChunkTable::remove_upload(const StationId& station, const Digest& digest) {
    RELAIS_ASSIGN(const auto bytes, waiting_bytes(station, digest));
    if (!bytes) return {};
    {
        Query query = database_.query("DELETE FROM chunk_upload WHERE station = ? AND digest = ?");
        RELAIS_TRY(query.bind(station.view()).bind(digest.view()).run());
    }
    return add_usage(station, -std::int64_t{*bytes}, 0);
}

Result<std::vector<ChunkUpload>> ChunkTable::oldest_uploads(std::size_t count) {
    Query query =
        database_.query("SELECT station, digest, bytes, at FROM chunk_upload ORDER BY at LIMIT ?");
    query.bind(count);
    std::vector<ChunkUpload> uploads;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return uploads;
        RELAIS_ASSIGN(const StationId station, read_uploader(query, 0));
        RELAIS_ASSIGN(const ChunkRecord chunk, read_record(query, 1, 2));
        uploads.push_back({station, chunk, {query.integer(3)}});
    }
}

Result<void> ChunkTable::reference(std::uint64_t envelope, const StationId& station,
                                   std::span<const ChunkRecord> chunks) {
    std::int64_t kept = 0;
    for (std::size_t i = 0; i < chunks.size(); ++i) {
        RELAIS_TRY(remove_upload(station, chunks[i].digest));
        Query query = database_.query(
            "INSERT INTO chunk_ref (number, position, digest, bytes, station)"
            " VALUES (?, ?, ?, ?, ?)");
        query.bind(envelope).bind(i).bind(chunks[i].digest.view()).bind(chunks[i].bytes);
        RELAIS_TRY(query.bind(station.view()).run());
        kept += chunks[i].bytes;
    }
    return add_usage(station, 0, kept);
}

Result<bool> ChunkTable::references(std::uint64_t envelope, const Digest& digest) {
    Query query =
        database_.query("SELECT 1 FROM chunk_ref WHERE digest = ? AND number = ? LIMIT 1");
    return query.bind(digest.view()).bind(envelope).row();
}

Result<std::vector<Digest>> ChunkTable::unreference(std::uint64_t envelope) {
    std::vector<Digest> digests;
    std::int64_t kept = 0;
    StationId station;
    {
        Query query = database_.query(
            "SELECT digest, bytes, station FROM chunk_ref WHERE number = ? ORDER BY position");
        query.bind(envelope);
        for (;;) {
            RELAIS_ASSIGN(const bool more, query.row());
            if (!more) break;
            RELAIS_ASSIGN(const ChunkRecord chunk, read_record(query, 0, 1));
            RELAIS_ASSIGN(station, read_uploader(query, 2));  // one envelope, one station
            digests.push_back(chunk.digest);
            kept += chunk.bytes;
        }
    }
    if (digests.empty()) return digests;
    {
        Query query = database_.query("DELETE FROM chunk_ref WHERE number = ?");
        RELAIS_TRY(query.bind(envelope).run());
    }
    RELAIS_TRY(add_usage(station, 0, -kept));
    return digests;
}

Result<std::vector<ChunkRow>> list_chunks(Database& database) {
    Query query = database.query(
        "SELECT digest, bytes, station, number, position FROM chunk_ref"
        " UNION ALL SELECT digest, bytes, station, NULL, 0 FROM chunk_upload");
    std::vector<ChunkRow> rows;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return rows;
        RELAIS_ASSIGN(const ChunkRecord chunk, read_record(query, 0, 1));
        RELAIS_ASSIGN(const StationId station, read_uploader(query, 2));
        ChunkRow row{chunk, station, std::nullopt, query.number(4)};
        if (!query.is_null(3)) row.envelope = query.number(3);
        rows.push_back(row);
    }
}

Result<std::vector<std::pair<StationId, ChunkUsage>>> list_chunk_usage(Database& database) {
    Query query = database.query("SELECT station, waiting, kept FROM chunk_usage");
    std::vector<std::pair<StationId, ChunkUsage>> rows;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return rows;
        RELAIS_ASSIGN(const StationId station, read_uploader(query, 0));
        rows.emplace_back(station, ChunkUsage{query.number(1), query.number(2)});
    }
}

}  // namespace relais::broker
