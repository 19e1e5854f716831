#include "broker/engine/chunk_keeper.h"

#include <algorithm>
#include <bit>

#include "core/base/limits.h"
#include "schemas/envelope/attachments.h"

namespace relais::broker {

namespace {

constexpr std::size_t kAbandonedPerStep = 64;
constexpr std::size_t kTagBytes = 16;

// A sealed chunk has the size of a padded one and its tag.
bool is_chunk_size(std::size_t bytes) {
    if (bytes <= kTagBytes || bytes > limits::kChunkSealedBytesMax) return false;
    return padded_chunk_bytes(bytes - kTagBytes) == bytes - kTagBytes;
}

}  // namespace

void ChunkKeeper::change(const std::pair<StationId, Digest>& key,
                         std::optional<std::uint32_t> bytes) {
    const auto known = writing_.find(key);
    before_.emplace_back(key,
                         known == writing_.end() ? std::nullopt : std::optional(known->second));
    if (bytes) {
        writing_[key] = *bytes;
    } else {
        writing_.erase(key);
    }
}

void ChunkKeeper::roll_back() {
    for (auto item = before_.rbegin(); item != before_.rend(); ++item) {
        if (item->second) {
            writing_[item->first] = *item->second;
        } else {
            writing_.erase(item->first);
        }
    }
    before_.clear();
    removed_.clear();
    while (!counted_.empty()) {
        uncount_fetch(counted_.back());
        counted_.pop_back();
    }
}

// Those whose window is over; and the oldest of too many, whose next fetch has a leaf again.
void ChunkKeeper::forget_fetches() {
    while (!by_age_.empty()) {
        const auto oldest = fetches_.find(by_age_.front());
        const bool over = parts_.time.time() - oldest->second.since >= limits::kChunkFetchWindow;
        if (!over && fetches_.size() < limits::kChunkFetchesKnownMax) return;
        fetches_.erase(oldest);
        by_age_.pop_front();
    }
}

std::uint32_t ChunkKeeper::count_fetch(const FetchKey& key) {
    forget_fetches();
    const auto [fetches, first] = fetches_.try_emplace(key, Fetches{parts_.time.time()});
    if (first) by_age_.push_back(key);
    counted_.push_back(key);
    return ++fetches->second.count;
}

// The last that was counted. What was forgotten since is not missed: a leaf more.
void ChunkKeeper::uncount_fetch(const FetchKey& key) {
    const auto fetches = fetches_.find(key);
    if (fetches == fetches_.end() || --fetches->second.count > 0) return;
    fetches_.erase(fetches);
    std::erase(by_age_, key);
}

bool ChunkKeeper::being_written(const Digest& digest) const {
    return std::ranges::any_of(writing_,
                               [&](const auto& item) { return item.first.second == digest; });
}

ChunkUsage ChunkKeeper::writing(const StationId& station, std::size_t& count) const {
    ChunkUsage usage;
    count = 0;
    for (auto item = writing_.lower_bound({station, Digest{}});
         item != writing_.end() && item->first.first == station; ++item) {
        usage.waiting += item->second;
        ++count;
    }
    return usage;
}

Result<std::optional<wire::Body>> ChunkKeeper::upload(const StationId& station,
                                                      const ChunkPut& put) {
    if (!put.sound) return fail(ErrorCode::digest_mismatch, "chunk");
    if (!is_chunk_size(put.bytes.size())) return fail(ErrorCode::malformed, "size of a chunk");
    RELAIS_ASSIGN(const auto known, parts_.store.chunks().bytes_of(station, put.digest));
    if (known) return std::optional<wire::Body>(wire::Done{});
    std::size_t count = 0;
    const ChunkUsage under_way = writing(station, count);
    const bool full = count >= limits::kChunksInFlightMax ||
                      writing_.size() >= limits::kChunksWrittenAtOnceMax ||
                      writing_.contains({station, put.digest});
    if (full) return fail(ErrorCode::busy, "chunks being written");
    RELAIS_ASSIGN(const ChunkUsage usage, parts_.store.chunks().usage(station));
    if (usage.waiting + under_way.waiting + put.bytes.size() > limits_.waiting_bytes) {
        return fail(ErrorCode::quota_reached, "attachments uploaded and not sent");
    }
    change({station, put.digest}, static_cast<std::uint32_t>(put.bytes.size()));
    std::erase(removed_, put.digest);  // by this same step: it would be removed once written
    return std::optional<wire::Body>();
}

Result<wire::Body> ChunkKeeper::stored(const StationId& station, const ChunkStored& stored) {
    const auto found = writing_.find({station, stored.digest});
    if (found == writing_.end()) return fail(ErrorCode::internal, "a chunk that nobody awaits");
    const std::uint32_t bytes = found->second;
    change({station, stored.digest}, std::nullopt);
    if (stored.code == ErrorCode::storage_full) {
        // An answer, not the failure of a transaction: nothing of it is on the disk.
        return wire::Body(wire::Refusal{ErrorCode::storage_full, Retry::later, "", std::nullopt});
    }
    if (stored.code != ErrorCode::ok) return fail(stored.code, "chunk of an attachment");
    RELAIS_TRY(
        parts_.store.chunks().add_upload({station, {stored.digest, bytes}, parts_.time.time()}));
    Leaf leaf = leaf_of(Event::chunk_stored);
    leaf.station = station;
    leaf.header = stored.digest;
    leaf.count = bytes;
    RELAIS_TRY(parts_.auditor.record(std::move(leaf)));
    return wire::Body(wire::Done{});
}

Result<wire::Body> ChunkKeeper::missing(const StationId& station, const wire::AskChunks& ask) {
    wire::ChunksMissing missing;
    for (std::uint32_t i = 0; i < ask.digests.size(); ++i) {
        RELAIS_ASSIGN(const auto known, parts_.store.chunks().bytes_of(station, ask.digests[i]));
        if (!known) missing.places.push_back(i);
    }
    return wire::Body(std::move(missing));
}

Result<void> ChunkKeeper::fetch(const StationId& station, const wire::FetchChunk& fetch) {
    const auto* record = parts_.state().station(station);
    if (record == nullptr || !parts_.state().serves(*record, fetch.mailbox)) {
        return fail(ErrorCode::not_your_mailbox, fetch.mailbox.text());
    }
    const Mailbox* mailbox = parts_.mailboxes.find(fetch.mailbox);
    RELAIS_ASSIGN(const auto numbers, parts_.store.envelopes_of(fetch.message));
    for (const EnvelopeNumber number : numbers) {
        RELAIS_ASSIGN(const bool refers, parts_.store.chunks().references(number, fetch.digest));
        if (!refers || mailbox == nullptr) continue;
        RELAIS_ASSIGN(const auto places, parts_.store.places(number));
        if (std::ranges::find(places, mailbox->channel, &Place::channel) == places.end()) continue;
        const std::uint32_t count =
            count_fetch({station, mailbox->channel, fetch.message, fetch.digest});
        if (!std::has_single_bit(count)) return {};
        Leaf leaf = leaf_of(Event::chunk_fetched);
        leaf.count = count;
        leaf.station = station;
        leaf.mailbox = fetch.mailbox.text();
        leaf.message = fetch.message;
        leaf.header = fetch.digest;
        RELAIS_TRY(parts_.auditor.record(std::move(leaf)));
        return {};
    }
    return fail(ErrorCode::unknown_object, "chunk");
}

Result<std::vector<ChunkRecord>> ChunkKeeper::records_of(const Envelope& envelope) {
    std::vector<ChunkRecord> records;
    for (const Digest& digest : envelope.chunks()) {
        RELAIS_ASSIGN(const auto bytes,
                      parts_.store.chunks().bytes_of(envelope.header().station, digest));
        if (!bytes) return fail(ErrorCode::chunks_missing);
        records.push_back({digest, *bytes});
    }
    return records;
}

Result<void> ChunkKeeper::judge(const Envelope& envelope) {
    const auto& summary = envelope.header().chunks;
    if (!summary) return {};
    if (padded_bytes(*summary) > limits_.envelope_bytes) {
        return fail(ErrorCode::too_large, "attachments");
    }
    RELAIS_ASSIGN(const auto records, records_of(envelope));
    std::uint64_t bytes = 0;
    for (const ChunkRecord& record : records) bytes += record.bytes;
    if (bytes != summary->bytes) return fail(ErrorCode::attachment_refused, "bytes of the chunks");
    RELAIS_ASSIGN(const ChunkUsage usage, parts_.store.chunks().usage(envelope.header().station));
    if (usage.kept + bytes > limits_.kept_bytes) {
        return fail(ErrorCode::quota_reached, "attachments kept");
    }
    return {};
}

Result<void> ChunkKeeper::reference(EnvelopeNumber number, const Envelope& envelope) {
    if (envelope.chunks().empty()) return {};
    RELAIS_ASSIGN(const auto records, records_of(envelope));
    return parts_.store.chunks().reference(number, envelope.header().station, records);
}

Result<void> ChunkKeeper::unreference(EnvelopeNumber number, const Envelope& envelope) {
    if (envelope.chunks().empty()) return {};
    RELAIS_ASSIGN(const auto digests, parts_.store.chunks().unreference(number));
    for (const Digest& digest : digests) RELAIS_TRY(drop_if_unwanted(digest));
    Leaf leaf = leaf_of(Event::chunks_removed);
    leaf.message = envelope.header().id;
    leaf.thread = envelope.header().thread;
    leaf.header = envelope.digest();
    leaf.count = static_cast<std::uint32_t>(digests.size());
    RELAIS_TRY(parts_.auditor.record(std::move(leaf)));
    return {};
}

Result<void> ChunkKeeper::drop_if_unwanted(const Digest& digest) {
    RELAIS_ASSIGN(const bool wanted, parts_.store.chunks().wanted(digest));
    if (!wanted && !being_written(digest)) removed_.push_back(digest);
    return {};
}

Result<std::optional<EngineTime>> ChunkKeeper::first_abandoned() {
    RELAIS_ASSIGN(const auto oldest, parts_.store.chunks().oldest_uploads(1));
    if (oldest.empty()) return std::optional<EngineTime>();
    return std::optional<EngineTime>(oldest.front().at + limits::kChunkUnreferencedKept);
}

Result<void> ChunkKeeper::remove_abandoned() {
    if (parts_.time.suspect()) return {};
    RELAIS_ASSIGN(const auto oldest, parts_.store.chunks().oldest_uploads(kAbandonedPerStep));
    std::map<StationId, std::uint32_t> removed;
    for (const ChunkUpload& upload : oldest) {
        if (upload.at + limits::kChunkUnreferencedKept > parts_.time.time()) break;
        RELAIS_TRY(parts_.store.chunks().remove_upload(upload.station, upload.chunk.digest));
        RELAIS_TRY(drop_if_unwanted(upload.chunk.digest));
        ++removed[upload.station];
    }
    for (const auto& [station, count] : removed) {
        Leaf leaf = leaf_of(Event::chunks_abandoned);
        leaf.station = station;
        leaf.count = count;
        RELAIS_TRY(parts_.auditor.record(std::move(leaf)));
    }
    return {};
}

Result<void> ChunkKeeper::found(const std::vector<Digest>& digests) {
    for (const Digest& digest : digests) RELAIS_TRY(drop_if_unwanted(digest));
    return {};
}

}  // namespace relais::broker
