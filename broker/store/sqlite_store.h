// sqlite_store.h: the Store port on SQLite: WAL, synchronous=FULL, one connection that writes.
// What a transaction writes is kept in memory until its commit and written there in few rows, so
// that a large step costs little more than its bytes.
#pragma once

#include <bitset>
#include <memory>
#include <string>
#include <tuple>

#include "broker/engine/store.h"
#include "broker/store/ballast.h"
#include "broker/store/chunk_table.h"
#include "broker/store/day_table.h"
#include "broker/store/envelope_ends.h"
#include "broker/store/packed_rows.h"
#include "broker/store/write_behind.h"
#include "core/database/database.h"
#include "core/database/erased_bytes.h"

namespace relais::broker {

// The tag of a remembered answer; a whole digest in rows of former versions. Errors: corrupt.
Result<EnvelopeTag> tag_at(ByteView stored);

class SqliteStore final : public Store {
public:
    struct Options {
        Database::Mode mode = Database::Mode::create;
        std::string vfs;           // of a test
        std::string ballast_path;  // empty: no ballast
        Database::Durable durable = Database::Durable::at_commit;
    };

    // Opens, and migrates forward after a copy. Errors: those of Database::open and migrate;
    // corrupt  also for a file without tables, which Mode::create alone makes a store of.
    static Result<std::unique_ptr<SqliteStore>> open(const std::string& path,
                                                     const Options& options);

    Result<void> begin() override;
    Result<void> commit() override;
    // As Database::sync().
    Result<void> sync() { return database_.sync(); }
    void rollback() override;
    void begin_reading() override { database_.begin_reading(); }
    void end_reading() override { database_.end_reading(); }
    void release_ballast() override;
    void restore_ballast() override;
    [[nodiscard]] bool has_reserve() const override;
    [[nodiscard]] bool keeps_erased_bytes() const override { return erased_bytes_.kept(); }
    void forget_erased_bytes() override { erased_bytes_.forget(database_); }

    Result<std::optional<Bytes>> value(const std::string& name) override;
    Result<void> set_value(const std::string& name, ByteView bytes) override;
    Result<std::optional<TimeRecord>> time() override;
    Result<void> set_time(const TimeRecord& record) override;

    Result<std::map<Address, ChannelId>> channels() override;
    Result<ChannelId> add_channel(const Address& mailbox) override;
    Result<ChannelSeq> last_seq(ChannelId channel, Lane lane) override;
    Result<void> put_log(const Place& place, const LogRecord& record) override;
    Result<std::vector<std::pair<Place, LogRecord>>> read_log(const Place& place,
                                                              std::size_t count) override;

    Result<EnvelopeNumber> add_envelope(ByteView bytes, const Accepted& accepted,
                                        const std::vector<Place>& places) override;
    Result<StoredEnvelope> envelope(EnvelopeNumber number) override;
    Result<std::vector<Place>> places(EnvelopeNumber number) override;
    Result<void> set_places(EnvelopeNumber number, const std::vector<Place>& places) override;
    Result<void> remove_envelope(EnvelopeNumber number) override;
    ChunkRecords& chunks() override { return chunks_; }
    DayRecords& days() override { return days_; }

    Result<void> erase_envelope(EnvelopeNumber number) override;
    Result<void> put_erasure(const StoredErasure& erasure) override;
    Result<bool> has_erasure(const Digest& header) override;
    Result<std::vector<StoredErasure>> erasures(std::uint64_t after, std::size_t count) override;

    Result<std::optional<Remembered>> remembered(const MessageId& id,
                                                 const StationId& station) override;
    Result<void> remember(const MessageId& id, const StationId& station,
                          const Remembered& answer) override;
    Result<void> forget(const MessageId& id, const StationId& station) override;
    Result<std::vector<EnvelopeNumber>> envelopes_of(const MessageId& id) override;

    Result<std::uint64_t> counter(const StationId& station, ChannelId channel, Lane lane) override;
    Result<void> set_counter(const StationId& station, ChannelId channel, Lane lane,
                             std::uint64_t value) override;
    Result<ChannelSeq> cursor(ChannelId channel, const StationId& station, Lane lane) override;
    Result<ChannelSeq> furthest_cursor(ChannelId channel, Lane lane) override;
    Result<void> set_cursor(ChannelId channel, const StationId& station, Lane lane,
                            ChannelSeq seq) override;

    Result<std::optional<StoredThread>> thread(const ThreadId& id) override;
    Result<void> put_thread(StoredThread thread) override;
    Result<void> add_member_step(const ThreadId& thread, ChannelId channel,
                                 const indicators::MemberStep& step) override;
    Result<std::set<ChannelId>> members_acted(const ThreadId& thread, std::uint32_t after) override;
    Result<std::optional<RegisterRecord>> last_register_record(const std::string& name,
                                                               const std::string& key) override;
    Result<std::uint64_t> register_size(const std::string& name) override;
    Result<void> add_register_record(const std::string& name,
                                     const RegisterRecord& record) override;
    Result<std::vector<RegisterRecord>> register_records(const std::string& name,
                                                         std::uint64_t from,
                                                         std::size_t count) override;
    Result<void> add_timer(const Timer& timer) override;
    Result<void> remove_timer(const Timer& timer) override;
    Result<std::optional<Timer>> first_timer(TimerKind kind) override;
    Result<std::optional<Timer>> next_timer(const Timer& timer) override;
    Result<void> put_ring(const StoredRing& ring) override;
    Result<std::optional<StoredRing>> ring(const ThreadId& thread, ChannelId channel,
                                           std::uint8_t step) override;
    Result<std::vector<StoredRing>> rings_of(const ThreadId& thread, ChannelId channel) override;
    Result<void> remove_ring(const StoredRing& ring) override;
    Result<std::optional<StoredRing>> first_ring() override;
    Result<std::optional<StoredRing>> first_ring_waiting(Lane lane,
                                                         const RingsSpent& spent) override;
    Result<void> interrupt_rings() override;
    Result<void> hold_box(const HeldBox& box) override;
    Result<std::vector<HeldBox>> held_boxes(const ThreadId& thread, Release condition,
                                            ChannelId channel) override;
    Result<std::vector<HeldBox>> held_boxes(const ThreadId& thread, Release condition) override;
    Result<std::vector<ThreadId>> threads_awaiting_absence(ChannelId channel, const ThreadId& after,
                                                           std::size_t count) override;
    Result<void> remove_held(const HeldBox& box) override;
    Result<void> remove_held_of(EnvelopeNumber number) override;

    Result<void> append_leaf(wire::LogName log, std::uint64_t index, ByteView leaf) override;
    Result<std::uint64_t> log_size(wire::LogName log) override;
    Result<std::vector<Bytes>> read_leaves(wire::LogName log, std::uint64_t first,
                                           std::size_t count) override;
    Result<void> put_tile(wire::LogName log, const merkle::FullTile& tile) override;
    merkle::TileReader& tiles(wire::LogName log) override;
    Result<void> put_checkpoint(wire::LogName log, std::uint64_t size,
                                const std::string& note) override;
    Result<std::string> last_checkpoint(wire::LogName log) override;
    Result<std::vector<std::string>> checkpoints(wire::LogName log, std::uint64_t from_size,
                                                 std::size_t count) override;
    Result<std::vector<EngineTime>> directory_times() override;
    Result<void> put_directory_time(std::uint64_t index, EngineTime at) override;

    Result<std::optional<Bytes>> bundle(const Digest& digest) override;
    Result<bool> has_bundle(const Digest& digest) override;
    Result<void> put_bundle(const Digest& digest, ByteView bytes) override;
    Result<void> put_invitation(const StoredInvitation& invitation) override;
    Result<std::vector<StoredInvitation>> invitations() override;
    Result<void> remove_invitation(const Locator& locator) override;
    Result<void> put_proposal(const StoredProposal& proposal) override;
    Result<std::vector<StoredProposal>> proposals(const Locator& locator) override;

    // For checkers that walk every table in read-only mode (tools/fsck).
    [[nodiscard]] Database& database() { return database_; }
    // Before looking at what another connection committed.
    void forget_cached();

private:
    friend class StoreListing;
    class Tiles final : public merkle::TileReader {
    public:
        Tiles(SqliteStore& store, wire::LogName log) : store_(store), log_(log) {}
        Result<std::vector<Digest>> tile(unsigned level, std::uint64_t index,
                                         std::size_t width) override;

    private:
        SqliteStore& store_;
        wire::LogName log_;
    };

    SqliteStore(Database database, const std::string& path, const std::string& ballast_path);
    // Writes what the transaction has kept back.
    Result<void> flush();
    Result<void> flush_remembered();
    Result<void> flush_counters();
    Result<void> flush_threads();
    Result<void> write_remembered(const MessageId& id, const StationId& station,
                                  const Remembered& answer);
    // With their own positions, gaps and all.
    Result<std::vector<PackedRows::Record>> leaf_records(wire::LogName log, std::uint64_t first,
                                                         std::size_t count);

    // One bit for the first two bytes of each header that was erased: every message is asked for,
    // hardly one was.
    using ErasedHeaders = std::bitset<1 << 16>;
    static std::size_t erased_bit(ByteView header) {
        return std::size_t{header[0]} << 8 | header[1];
    }
    Result<void> load_erased_headers();

    using CounterKey = std::tuple<StationId, ChannelId, Lane>;

    Database database_;
    Ballast ballast_;
    PackedRows envelopes_;
    PackedRows log_;
    PackedRows leaves_;
    EnvelopeEnds ends_;
    WriteBehind<std::pair<MessageId, StationId>, Remembered> remembered_;
    WriteBehind<CounterKey, std::uint64_t> counters_;
    WriteBehind<ThreadId, StoredThread> threads_;
    ChunkTable chunks_;
    DayTable days_;
    Tiles audit_tiles_;
    Tiles directory_tiles_;
    std::unique_ptr<ErasedHeaders> erased_headers_;  // null: not read yet
    relais::ErasedBytes erased_bytes_;
};

}  // namespace relais::broker
