// facts.h: what the parts of a check learn and share. Private to tools/fsck.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <set>

#include "broker/store/listing.h"
#include "core/crypto/p256.h"
#include "schemas/directory/state.h"
#include "schemas/workflow/kind.h"
#include "tools/evidence/stories.h"
#include "tools/fsck/check.h"

namespace relais::fsck {

struct BoxFacts {
    Address mailbox;
    Release release;
    bool delegate = false;
    bool left = false;  // a member of a group that is none any more: it need not have been told
};
struct CounterFacts {
    Address mailbox;
    std::uint64_t value;
};
// Of an envelope that is stored and could be read.
struct EnvelopeFacts {
    Digest bytes_digest;
    Digest digest;
    MessageId message;
    ThreadId thread;
    StationId station;
    Lane lane;
    std::vector<BoxFacts> boxes;
    std::vector<CounterFacts> counters;
    std::vector<broker::Place> places;
    std::vector<Digest> chunks{};
    std::uint64_t chunk_bytes = 0;
    WallTime accepted{};
};

struct Facts {
    broker::SqliteStore& store;
    broker::StoreListing& listing;
    std::filesystem::path chunks_folder;  // empty: files are not looked at
    ChunksNow chunks_now;                 // empty: nothing goes on meanwhile
    Report report{};
    P256Verifier verifier{};

    // From the logs.
    std::vector<evidence::TrailEntry> trail{};
    std::vector<Digest> leaf_hashes{};
    std::optional<directory::DirectoryState> state{};
    std::vector<Bytes> directory_records{};

    // From the tables.
    std::map<broker::ChannelId, Address> mailboxes{};
    std::map<broker::EnvelopeNumber, EnvelopeFacts> envelopes{};
    std::map<Digest, broker::EnvelopeNumber> by_digest{};
    std::map<broker::LaneKey, std::vector<Digest>> lanes{};  // what stands there, from 1
    std::set<std::pair<broker::EnvelopeNumber, std::uint16_t>> shown{};  // boxes in mailboxes
    std::set<std::pair<broker::EnvelopeNumber, std::uint16_t>> held{};   // and those that wait
    std::map<ThreadId, broker::StoredThread> threads{};

    // The kind of that bundle, loaded once. Errors: unknown_kind  its bundle is not here; those of
    // Kind::load and of the store.
    Result<std::shared_ptr<const workflow::Kind>> kind(const Digest& digest);
    std::map<Digest, std::shared_ptr<const workflow::Kind>> kinds{};

    // Null where there is no such leaf, or none that could be read.
    [[nodiscard]] const Leaf* leaf(LeafIndex index) const;
    [[nodiscard]] std::string name(broker::ChannelId channel) const;
    [[nodiscard]] std::string name(const broker::LaneKey& lane) const;
    [[nodiscard]] std::string name(const broker::Place& place) const;
};

// Each fills what the later ones need, in this order.
Result<void> check_logs(Facts& facts);       // logs.cc
Result<void> check_directory(Facts& facts);  // logs.cc
Result<void> check_envelopes(Facts& facts);  // envelopes.cc
Result<void> check_lanes(Facts& facts);      // lanes.cc
Result<void> check_cursors(Facts& facts);    // lanes.cc
Result<void> check_held(Facts& facts);       // envelopes.cc
Result<void> check_answers(Facts& facts);    // envelopes.cc
Result<void> check_chunks(Facts& facts);     // chunks.cc
Result<void> check_threads(Facts& facts);    // threads.cc
Result<void> check_timers(Facts& facts);     // threads.cc
Result<void> check_registers(Facts& facts);  // registers.cc
Result<void> check_rings(Facts& facts);      // registers.cc
Result<void> check_members(Facts& facts);    // registers.cc
Result<void> check_days(Facts& facts);       // days.cc

}  // namespace relais::fsck
