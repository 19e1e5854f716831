// auditor.h: writes the leaves. Every event gets one, in the transaction of the event itself;
// floods of refusals are counted instead, so that an attacker cannot fill the disk with them.
#pragma once

#include <map>

#include "broker/engine/merkle_log.h"
#include "broker/engine/time_keeper.h"
#include "schemas/audit/leaf.h"

namespace relais::broker {

class Auditor {
public:
    Auditor(MerkleLog& log, Random& random, const TimeKeeper& time);

    // Gives the leaf its salt and time, and appends it.
    Result<LeafRef> record(Leaf leaf);
    // A refusal: a leaf of its own for the first few of a station and code in a minute, then
    // counted. The reference is absent where it was only counted.
    Result<std::optional<LeafRef>> refuse(Leaf leaf);
    // Adds to a count without a leaf of its own (refusals below the engine, such as unknown keys).
    void count_refusals(const std::optional<StationId>& station, ErrorCode code,
                        std::uint32_t count);
    // Writes the counts whose minute is over (or all). Within a transaction.
    Result<void> flush_counts(bool all);
    [[nodiscard]] bool has_counts() const;
    // Keeps the counts that have no leaf yet in the store, where they changed, so that a crash
    // loses none; and writes those that a former run left. Within a transaction.
    Result<void> save(Store& store);
    Result<void> recover(Store& store);
    // Every step is one of these: what was counted since the last of them stands, or is undone.
    void keep();
    void roll_back();

private:
    struct Window {
        EngineTime begun;
        std::uint32_t seen = 0;
        std::uint32_t counted = 0;
    };
    using Key = std::pair<StationId, ErrorCode>;
    Window& window(const std::optional<StationId>& station, ErrorCode code);
    void remember(const Key& key);
    Result<void> record_count(const Key& key, std::uint32_t count);
    Salt fresh_salt();

    MerkleLog& log_;
    Random& random_;
    const TimeKeeper& time_;
    std::map<Key, Window> windows_;
    std::map<Key, std::optional<Window>> undo_;  // as they were; absent: not there
    bool unsaved_ = false;                       // some count changed in this step
    std::array<std::uint8_t, 64 * Salt::kSize> salts_{};
    std::size_t salts_left_ = 0;
};

}  // namespace relais::broker
