// listing.h: what a store holds, table by table, for checkers: keys and rows that the engine itself
// never walks. Reads only, in one view of the database that no later commit changes.
//
// The view is a read transaction: it neither blocks the one writer nor checkpoints. While it lasts
// the write-ahead log cannot start over, and grows by what is written meanwhile.
#pragma once

#include <filesystem>
#include <functional>
#include <set>

#include "broker/store/sqlite_store.h"

namespace relais::broker {

struct RememberedRow {
    MessageId id;
    StationId station;
    Remembered answer;
};
struct CursorRow {
    ChannelId channel;
    Lane lane;
    StationId station;
    std::uint64_t value;  // of a cursor: the last acknowledged; of a counter: the last used
};
struct LaneKey {
    ChannelId channel;
    Lane lane;
    auto operator<=>(const LaneKey&) const = default;
};

struct HeadRow {
    std::uint64_t size;
    std::string note;
};

class StoreListing {
public:
    explicit StoreListing(SqliteStore& store) : store_(store), database_(store.database()) {}

    // Fixes the view until this object's end. Errors: those of the database.
    Result<void> begin();
    ~StoreListing() { database_.rollback(); }
    StoreListing(const StoreListing&) = delete;
    StoreListing& operator=(const StoreListing&) = delete;

    // What SQLite's own check complains of; empty where it does not.
    Result<std::vector<std::string>> integrity();

    // Errors of all that follow: corrupt  a row of a wrong form; those of the database.
    Result<std::vector<EnvelopeNumber>> envelopes();
    Result<std::vector<ThreadId>> threads();
    // Each thread, by its id, and what members did in its history; memory does not grow with their
    // number. Ends at the first error of `take`, which must not ask the store for anything.
    Result<void> each_thread(const std::function<Result<void>(const StoredThread&)>& take);
    // Each entry of a register ("<kind>/<name>"), by key and then in the order in which they were
    // set; likewise.
    Result<void> each_register_entry(
        const std::string& name,
        const std::function<Result<void>(const std::string& key, std::int64_t value, WallTime at)>&
            take);
    // Names of the registers that have an entry, and how many each has.
    Result<std::vector<std::pair<std::string, std::uint64_t>>> registers();
    struct RingRow {
        ThreadId thread;
        ChannelId channel;
        std::uint64_t step;
        EnvelopeNumber number;
    };
    Result<std::vector<RingRow>> rings();
    // Threads in which members did something, and the mailbox of each.
    Result<std::vector<std::pair<ThreadId, ChannelId>>> members();
    // Every lane that has an entry.
    Result<std::vector<LaneKey>> lanes();
    Result<std::vector<Timer>> timers();
    Result<std::vector<HeldBox>> held();
    Result<std::vector<RememberedRow>> remembered();
    Result<std::vector<CursorRow>> cursors();
    Result<std::vector<CursorRow>> counters();
    Result<std::vector<Digest>> bundles();
    // Signed heads, by the size under which they are kept.
    Result<std::vector<HeadRow>> heads(wire::LogName log);
    // The leaves from `first` on with their own positions, gaps and all; at most `count`.
    Result<std::vector<std::pair<std::uint64_t, Bytes>>> leaves(wire::LogName log,
                                                                std::uint64_t first,
                                                                std::size_t count);

private:
    Result<std::vector<CursorRow>> cursor_rows(const char* sql);
    SqliteStore& store_;
    Database& database_;
};

// The chunks of attachments that the rows of that database name, in a view of its own.
Result<std::set<Digest>> chunks_named(const std::filesystem::path& database);

}  // namespace relais::broker
