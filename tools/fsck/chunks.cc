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

// What is wrong with the file; empty: nothing.
std::string wrong_file(const Facts& facts, const broker::ChunkRecord& chunk) {
    const auto bytes = broker::read_chunk(facts.chunks_folder, chunk.digest);
    if (!bytes.ok()) return bytes.error().detail;
    return bytes->size() == chunk.bytes ? "" : "its row has another size";
}

// The broker removes a file once its envelope has ended: after the view in which it was named.
Result<void> check_files(Facts& facts, const std::vector<broker::ChunkRow>& rows) {
    std::map<Digest, std::string> wrong;
    for (const broker::ChunkRow& row : rows) {
        std::string what = wrong_file(facts, row.chunk);
        if (!what.empty()) wrong.emplace(row.chunk.digest, std::move(what));
    }
    if (wrong.empty()) return {};
    std::optional<std::set<Digest>> now;
    if (facts.chunks_now) {
        RELAIS_ASSIGN(now, facts.chunks_now());
    }
    for (const auto& [digest, what] : wrong) {
        if (now && !now->contains(digest)) continue;
        facts.report.add(problem::kChunk, name_of(digest), what);
    }
    return {};
}

}  // namespace

Result<void> check_chunks(Facts& facts) {
    RELAIS_ASSIGN(const auto rows, broker::list_chunks(facts.store.database()));
    facts.report.chunks = rows.size();
    check_references(facts, rows);
    RELAIS_TRY(check_usage(facts, rows));
    if (facts.chunks_folder.empty()) return {};
    return check_files(facts, rows);
}

}  // namespace relais::fsck
