// chunks.cc: the sealed chunks of attachments: what the rows name against the envelopes that refer
// to them, the sums kept by station, and the files.
#include "broker/store/chunk_file.h"
#include "broker/store/chunk_table.h"
#include "core/codecs/codecs.h"
#include "tools/fsck/facts.h"

namespace relais::fsck {

namespace {

std::string name_of(const Digest& digest) { return "chunk " + hex(digest.view()).substr(0, 16); }

// The rows of each envelope are its chunks, in order.
void check_references(Facts& facts, const std::vector<broker::ChunkRow>& rows) {
    std::map<broker::EnvelopeNumber, std::map<std::uint64_t, broker::ChunkRow>> by_envelope;
    for (const broker::ChunkRow& row : rows) {
        if (row.envelope) by_envelope[*row.envelope].emplace(row.position, row);
    }
    for (const auto& [number, named] : by_envelope) {
        if (facts.envelopes.contains(number)) continue;
        facts.report.add(problem::kChunk, "envelope " + std::to_string(number), "no such envelope");
    }
    for (const auto& [number, envelope] : facts.envelopes) {
        const auto& named = by_envelope[number];
        std::uint64_t bytes = 0;
        bool same = named.size() == envelope.chunks.size();
        for (const auto& [position, row] : named) {
            bytes += row.chunk.bytes;
            same = same && position < envelope.chunks.size() && row.station == envelope.station &&
                   row.chunk.digest == envelope.chunks[position];
        }
        if (same && bytes == envelope.chunk_bytes) continue;
        facts.report.add(problem::kChunk, "envelope " + std::to_string(number),
                         "its chunks are not those that are kept");
    }
}

Result<void> check_usage(Facts& facts, const std::vector<broker::ChunkRow>& rows) {
    std::map<StationId, broker::ChunkUsage> sums;
    for (const broker::ChunkRow& row : rows) {
        broker::ChunkUsage& usage = sums[row.station];
        (row.envelope ? usage.kept : usage.waiting) += row.chunk.bytes;
    }
    RELAIS_ASSIGN(const auto kept, broker::list_chunk_usage(facts.store.database()));
    for (const auto& [station, usage] : kept) {
        const broker::ChunkUsage sum = sums[station];
        sums.erase(station);
        if (sum.waiting == usage.waiting && sum.kept == usage.kept) continue;
        facts.report.add(problem::kChunk, "station " + uuid(station), "sums of its chunks differ");
    }
    for (const auto& [station, sum] : sums) {
        facts.report.add(problem::kChunk, "station " + uuid(station), "no sums of its chunks");
    }
    return {};
}

void check_file(Facts& facts, const broker::ChunkRecord& chunk) {
    const auto bytes = broker::read_chunk(facts.chunks_folder, chunk.digest);
    if (!bytes.ok()) {
        facts.report.add(problem::kChunk, name_of(chunk.digest), bytes.error().detail);
    } else if (bytes->size() != chunk.bytes) {
        facts.report.add(problem::kChunk, name_of(chunk.digest), "its row has another size");
    }
}

}  // namespace

Result<void> check_chunks(Facts& facts) {
    RELAIS_ASSIGN(const auto rows, broker::list_chunks(facts.store.database()));
    facts.report.chunks = rows.size();
    check_references(facts, rows);
    RELAIS_TRY(check_usage(facts, rows));
    if (facts.chunks_folder.empty()) return {};
    for (const broker::ChunkRow& row : rows) check_file(facts, row.chunk);
    return {};
}

}  // namespace relais::fsck
