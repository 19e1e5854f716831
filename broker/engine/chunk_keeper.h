// chunk_keeper.h: decides on the sealed chunks of attachments: who may upload, how much, what an
// envelope may refer to, who may fetch, and when a chunk has to go. It never sees a chunk's file:
// it says what is to be written, read and removed, and is told what was.
//
// A chunk belongs to the station that uploaded its bytes: no other can refer to it, so that knowing
// a digest gives nothing. Confined to the engine's thread.
#pragma once

#include <deque>
#include <map>
#include <tuple>

#include "broker/engine/commands.h"
#include "broker/engine/parts.h"

namespace relais::broker {

class ChunkKeeper {
public:
    ChunkKeeper(Parts& parts, const ChunkLimits& limits) : parts_(parts), limits_(limits) {}

    // What an uploaded chunk leads to: an answer, or (absent) that it is to be written first.
    // Errors: digest_mismatch, malformed  not the bytes that it says; quota_reached; busy.
    Result<std::optional<wire::Body>> upload(const StationId& station, const ChunkPut& put);
    // The chunk is on the disk, its name included; or why it is not.
    // Errors: storage_full  an answer to the station; io_failed and the like  fail the step.
    Result<wire::Body> stored(const StationId& station, const ChunkStored& stored);
    Result<wire::Body> missing(const StationId& station, const wire::AskChunks& ask);
    // Leaves a leaf where the station may have it: of the first fetch, and of the second, fourth,
    // eighth … within a while, with their number, so that asking on and on does not fill the disk.
    // Errors: not_your_mailbox; unknown_object  for whatever else, a guessed digest included.
    Result<void> fetch(const StationId& station, const wire::FetchChunk& fetch);

    // Of an envelope that is judged; of one that was stored; of one at the end of its life.
    // Errors: attachment_refused, too_large; chunks_missing; quota_reached.
    Result<void> judge(const Envelope& envelope);
    Result<void> reference(EnvelopeNumber number, const Envelope& envelope);
    Result<void> unreference(EnvelopeNumber number, const Envelope& envelope);

    // Uploads that no envelope came for. A clock that is suspect ends nothing.
    Result<void> remove_abandoned();
    Result<std::optional<EngineTime>> first_abandoned();
    // Files that were found: those that nobody wants are to be removed.
    Result<void> found(const std::vector<Digest>& digests);

    // Every step is one of these.
    std::vector<Digest> take_removed() { return std::exchange(removed_, {}); }
    void keep() {
        before_.clear();
        counted_.clear();
    }
    void roll_back();

private:
    using Writing = std::map<std::pair<StationId, Digest>, std::uint32_t>;
    Result<std::vector<ChunkRecord>> records_of(const Envelope& envelope);
    Result<void> drop_if_unwanted(const Digest& digest);
    [[nodiscard]] bool being_written(const Digest& digest) const;
    [[nodiscard]] ChunkUsage writing(const StationId& station, std::size_t& count) const;
    void change(const std::pair<StationId, Digest>& key, std::optional<std::uint32_t> bytes);
    // Of one chunk, by one station, for one entry of a mailbox.
    using FetchKey = std::tuple<StationId, ChannelId, MessageId, Digest>;
    struct Fetches {
        EngineTime since;
        std::uint32_t count = 0;
    };
    std::uint32_t count_fetch(const FetchKey& key);
    void forget_fetches();
    void uncount_fetch(const FetchKey& key);

    Parts& parts_;
    ChunkLimits limits_;
    Writing writing_;  // handed over to be written, not yet told of
    std::vector<std::pair<Writing::key_type, std::optional<std::uint32_t>>> before_;
    std::map<FetchKey, Fetches> fetches_;  // within the window
    std::deque<FetchKey> by_age_;          // the same, the oldest first
    std::vector<FetchKey> counted_;        // in this step
    std::vector<Digest> removed_;          // files to be removed, after the commit
};

}  // namespace relais::broker
