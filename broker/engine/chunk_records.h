// chunk_records.h: the part of the store that knows which sealed chunks of attachments are durable:
// uploaded by a station and waiting for their envelope, or referenced by a stored one. The bytes
// are files beside the database (broker/server/chunk_files.h), written before a row names them.
//
// As the whole Store: within its transactions, from the engine's thread alone.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/time.h"

namespace relais::broker {

struct ChunkRecord {
    Digest digest;  // SHA-256 of the sealed bytes
    std::uint32_t bytes;
};

// What a station has on the broker's disk.
struct ChunkUsage {
    std::uint64_t waiting = 0;  // uploaded, not yet referenced
    std::uint64_t kept = 0;     // referenced by envelopes that are kept
};

struct ChunkUpload {
    StationId station;
    ChunkRecord chunk;
    EngineTime at;
};

class ChunkRecords {
public:
    virtual ~ChunkRecords() = default;

    // Whether any row names it: then its file is wanted.
    virtual Result<bool> wanted(const Digest& digest) = 0;
    // The size of a chunk that this station uploaded, referenced since or not.
    virtual Result<std::optional<std::uint32_t>> bytes_of(const StationId& station,
                                                          const Digest& digest) = 0;
    virtual Result<ChunkUsage> usage(const StationId& station) = 0;

    virtual Result<void> add_upload(const ChunkUpload& upload) = 0;
    virtual Result<void> remove_upload(const StationId& station, const Digest& digest) = 0;
    // The oldest that wait, at most `count`.
    virtual Result<std::vector<ChunkUpload>> oldest_uploads(std::size_t count) = 0;

    // The chunks of a stored envelope, in order: none of them waits any more.
    virtual Result<void> reference(std::uint64_t envelope, const StationId& station,
                                   std::span<const ChunkRecord> chunks) = 0;
    virtual Result<bool> references(std::uint64_t envelope, const Digest& digest) = 0;
    // Ends them. Gives the chunks, in order.
    virtual Result<std::vector<Digest>> unreference(std::uint64_t envelope) = 0;
};

}  // namespace relais::broker
