// faulty_store.h: a Store that does what another one does until a test wants it to fail: at its
// n-th call, at its next commit, or at every write while the disk is full. Confined to one thread.
#pragma once

#include "broker/engine/store.h"

namespace relais::broker {

class FaultyStore final : public Store {
public:
    explicit FaultyStore(Store& inner) : inner_(inner) {}

    // The n-th call from now fails with `code` (1: the next one), commits and begins included.
    void fail_call(std::uint64_t n, ErrorCode code) {
        fail_in_ = n;
        failure_ = code;
        fired_ = false;
    }
    void fail_commits(ErrorCode code, int count = 1) {
        commit_failure_ = code;
        commits_to_fail_ = count;
    }
    // While the disk is full every write fails, until the ballast is released.
    void set_full(bool full) { full_ = full; }
    [[nodiscard]] bool fired() const { return fired_; }
    [[nodiscard]] bool ballast_held() const { return ballast_held_; }
    [[nodiscard]] std::uint64_t commits() const { return commits_; }
    // The most entries or leaves that one call asked for.
    [[nodiscard]] std::size_t most_asked() const { return most_asked_; }
    // How many whole bundles were read, and how often entries of some mailbox.
    [[nodiscard]] std::uint64_t bundles_read() const { return bundles_read_; }
    [[nodiscard]] std::uint64_t log_reads() const { return log_reads_; }

    Result<void> begin() override;
    Result<void> commit() override;
    void rollback() override { inner_.rollback(); }
    void begin_reading() override { inner_.begin_reading(); }
    void end_reading() override { inner_.end_reading(); }
    void release_ballast() override { ballast_held_ = false; }
    void restore_ballast() override { ballast_held_ = ballast_held_ || !full_; }
    [[nodiscard]] bool has_reserve() const override { return ballast_held_; }
    [[nodiscard]] bool keeps_erased_bytes() const override { return inner_.keeps_erased_bytes(); }
    void forget_erased_bytes() override { inner_.forget_erased_bytes(); }
    merkle::TileReader& tiles(wire::LogName log) override { return inner_.tiles(log); }

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

private:
    // The same faults, in the same count of calls.
    class FaultyChunks final : public ChunkRecords {
    public:
        explicit FaultyChunks(FaultyStore& store) : store_(store) {}
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
        FaultyStore& store_;
    };
    class FaultyDays final : public DayRecords {
    public:
        explicit FaultyDays(FaultyStore& store) : store_(store) {}
        Result<DayHeld> held(ChannelId channel, CivilDay day) override;
        Result<void> set_held(ChannelId channel, CivilDay day, const DayHeld& held) override;
        Result<std::uint64_t> sent(ChannelId channel, CivilDay day,
                                   const StationId& station) override;
        Result<void> set_sent(ChannelId channel, CivilDay day, const StationId& station,
                              std::uint64_t count) override;
        Result<std::optional<DayStated>> stated(ChannelId channel, CivilDay day,
                                                const StationId& station) override;
        Result<void> set_stated(ChannelId channel, CivilDay day, const StationId& station,
                                const DayStated& stated) override;
        Result<std::optional<CivilDay>> last_stated(ChannelId channel) override;
        Result<MailboxDays> days(ChannelId channel, CivilDay first, CivilDay last) override;
        Result<void> forget_days(ChannelId channel, CivilDay before) override;
        Result<std::optional<WallTime>> last_seen(ChannelId channel) override;
        Result<void> set_seen(ChannelId channel, const StationId& station, WallTime at) override;

    private:
        FaultyStore& store_;
    };
    std::optional<Error> hit();
    template <typename Call>
    auto read(Call call) -> decltype(call()) {
        if (auto failed = hit()) return *failed;
        return call();
    }
    template <typename Call>
    auto write(Call call) -> decltype(call()) {
        if (auto failed = hit()) return *failed;
        if (full_ && ballast_held_) return fail(ErrorCode::storage_full, "full, by the test");
        return call();
    }

    Store& inner_;
    FaultyChunks chunks_{*this};
    FaultyDays days_{*this};
    std::uint64_t fail_in_ = 0;  // 0: never
    ErrorCode failure_ = ErrorCode::ok;
    ErrorCode commit_failure_ = ErrorCode::ok;
    int commits_to_fail_ = 0;
    bool fired_ = false;
    bool full_ = false;
    bool ballast_held_ = true;
    std::uint64_t commits_ = 0;
    std::size_t most_asked_ = 0;
    std::uint64_t bundles_read_ = 0;
    std::uint64_t log_reads_ = 0;
};

}  // namespace relais::broker
