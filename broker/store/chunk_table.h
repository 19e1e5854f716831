// chunk_table.h: the ChunkRecords port on SQLite: which chunk files are durable, and whose.
#pragma once

#include "broker/engine/chunk_records.h"
#include "core/database/database.h"

namespace relais::broker {

class ChunkTable final : public ChunkRecords {
public:
    explicit ChunkTable(Database& database) : database_(database) {}

    Result<bool> wanted(const Digest& digest) override;
    Result<std::optional<std::uint32_t>> bytes_of(const StationId& station,
                                                  const Digest& digest) override;
    Result<ChunkUsage> usage(const StationId& station) override;
    Result<void> add_upload(const ChunkUpload& upload) override;
    Result<void> remove_upload(const StationId& station, const Digest& digest) override;
    Result<std::vector<ChunkUpload>> oldest_uploads(std::size_t count) override;
    Result<void> reference(std::uint64_t envelope, const StationId& station,
                           std::span<const ChunkRecord> chunks) override;
    Result<bool> references(std::uint64_t envelope, const Digest& digest) override;
    Result<std::vector<Digest>> unreference(std::uint64_t envelope) override;

private:
    Result<void> add_usage(const StationId& station, std::int64_t waiting, std::int64_t kept);
    Result<std::optional<std::uint32_t>> waiting_bytes(const StationId& station,
                                                       const Digest& digest);
    Database& database_;
};

// For a checker: every chunk that a row names, with its size and what names it.
struct ChunkRow {
    ChunkRecord chunk;
    StationId station;
    std::optional<std::uint64_t> envelope;  // absent: it waits for one
    std::uint64_t position = 0;             // in the envelope
};
Result<std::vector<ChunkRow>> list_chunks(Database& database);
Result<std::vector<std::pair<StationId, ChunkUsage>>> list_chunk_usage(Database& database);

}  // namespace relais::broker
