// store.h: the port to what a domain keeps. Everything between begin() and commit() becomes durable
// together or not at all. SQLite implements it (broker/store); nothing else in the broker knows
// SQL.
//
// One writer: all calls from the engine's thread. Errors of every call: storage_full (the
// transaction can only be rolled back), io_failed and corrupt (the process stops).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "broker/engine/chunk_records.h"
#include "broker/engine/day_records.h"
#include "broker/engine/remembered.h"
#include "broker/engine/ring_records.h"
#include "core/base/time.h"
#include "core/merkle/tiles.h"
#include "schemas/indicators/history.h"
#include "schemas/wire/channel_entry.h"
#include "schemas/wire/frame.h"
#include "schemas/workflow/thread.h"

namespace relais::broker {

// Named value of a store that was put back from a backup, until its first start: one byte, then the
// last head known of the audit log, a signed note, or nothing.
inline constexpr const char* kRestoringValue = "restoring";

// A place in a mailbox's lane.
struct Place {
    ChannelId channel;
    Lane lane;
    ChannelSeq seq;
    auto operator<=>(const Place&) const = default;
};

struct StoredEnvelope {
    Bytes bytes;
    Accepted accepted;
    std::vector<Place> places;  // where it stands, to be found at its expiry
};

// What stands at a place: a reference to an envelope and the box to show, or an entry of its own.
struct EnvelopeRef {
    EnvelopeNumber number;
    std::uint16_t position;  // of the reader's key box
    bool old_epoch;
};
using LogRecord = std::variant<EnvelopeRef, NoticeEntry, MarkedEntry, Tombstone>;

// A clock of a thread that runs.
struct RunningClock {
    workflow::ClockIndex clock;
    std::optional<std::size_t> party;
    EngineTime end;
    std::optional<EngineTime> half;  // when to remind; none, or done
};

struct StoredThread {
    workflow::Thread thread;
    EnvelopeNumber last_change = 0;  // the act that decided the present state
    std::vector<RunningClock> clocks;
    // What figures are counted from, acts of members apart; see indicators::kStepsMax. Behind it,
    // what each party said last of the length of a clock.
    indicators::History history{};
};

enum class TimerKind : std::uint8_t { clock_end = 1, clock_half = 2, envelope_end = 3, forget = 4 };
// Its fields together are its identity.
struct Timer {
    EngineTime at{};
    TimerKind kind{};
    ThreadId thread{};  // clocks
    workflow::ClockIndex clock = 0;
    std::optional<std::size_t> party{};
    EnvelopeNumber envelope = 0;  // envelope_end
    MessageId message{};          // forget
    StationId station{};          // forget
};

// A key box that waits for its condition.
struct HeldBox {
    ThreadId thread;
    Release condition;
    ChannelId channel;
    EnvelopeNumber number;
    std::uint16_t position;
    Lane lane;
    bool old_epoch;
};

// A message that was erased, by its header digest; the broker's signed notice says so.
struct StoredErasure {
    std::uint64_t number = 0;  // from 1, in the order of erasure
    Digest header;
    MessageId message;
    Bytes statement;
};

struct StoredInvitation {
    Locator locator;
    wire::InvitationPurpose purpose;
    std::string organisation;  // whose station opened it; empty: a registrar of the domain
    EngineTime expires;
    bool used = false;  // a proposal was approved
};
struct StoredProposal {
    Locator locator;
    Digest digest;  // SHA-256 of the payload
    Bytes payload;
    Digest mac;
    bool decided = false;
    bool approved = false;
    Digest answer_mac;
};

// What an act set in a register. Registers are named "<kind>/<name>".
struct RegisterRecord {
    std::string key;
    std::int64_t value;
    Accepted accepted;
    SignedHeader act;
};

// What the time keeper needs to go on after a restart, its doubts included (time_keeper.h).
struct TimeRecord {
    EngineTime engine;
    ClockReading reading;
    Milliseconds trusted_offset{0};  // wall minus boot
    bool suspect = false;
    std::optional<WallTime> behind{};
    Milliseconds leap{0};
};

class Store {
public:
    virtual ~Store() = default;

    virtual Result<void> begin() = 0;
    // Durable when it returns. After an error nothing of the transaction is kept.
    virtual Result<void> commit() = 0;
    virtual void rollback() = 0;
    // Between transactions: what is read until end_reading() is of one state, and costs less.
    virtual void begin_reading() = 0;
    virtual void end_reading() = 0;
    // Gives back the space kept aside for a full disk, or takes it again where there is room.
    virtual void release_ballast() = 0;
    virtual void restore_ballast() = 0;
    // Whether that space is kept (or none ever is): while it is not, nothing new may be taken in.
    [[nodiscard]] virtual bool has_reserve() const { return true; }
    // Whether erased bytes may still be in some file because somebody reads it: until then
    // forget_erased_bytes(), which waits for nobody, is to be called again. Between transactions.
    [[nodiscard]] virtual bool keeps_erased_bytes() const { return false; }
    virtual void forget_erased_bytes() {}

    // Small named values: "domain", "incarnation", ...
    virtual Result<std::optional<Bytes>> value(const std::string& name) = 0;
    virtual Result<void> set_value(const std::string& name, ByteView bytes) = 0;
    virtual Result<std::optional<TimeRecord>> time() = 0;
    virtual Result<void> set_time(const TimeRecord& record) = 0;

    // Mailboxes and their logs.
    virtual Result<std::map<Address, ChannelId>> channels() = 0;
    virtual Result<ChannelId> add_channel(const Address& mailbox) = 0;
    // Last sequence of a lane; 0 where it is empty.
    virtual Result<ChannelSeq> last_seq(ChannelId channel, Lane lane) = 0;
    virtual Result<void> put_log(const Place& place, const LogRecord& record) = 0;  // also replaces
    // From `place` on, at most `count`, in order.
    virtual Result<std::vector<std::pair<Place, LogRecord>>> read_log(const Place& place,
                                                                      std::size_t count) = 0;

    virtual Result<EnvelopeNumber> add_envelope(ByteView bytes, const Accepted& accepted,
                                                const std::vector<Place>& places) = 0;
    // Errors: not_found.
    virtual Result<StoredEnvelope> envelope(EnvelopeNumber number) = 0;
    // None where there is no such envelope.
    virtual Result<std::vector<Place>> places(EnvelopeNumber number) = 0;
    virtual Result<void> set_places(EnvelopeNumber number, const std::vector<Place>& places) = 0;
    virtual Result<void> remove_envelope(EnvelopeNumber number) = 0;
    virtual ChunkRecords& chunks() = 0;
    virtual DayRecords& days() = 0;

    // Removes it and the timer of its end, and copies of the whole that an upgrade made. Nothing of
    // its bytes is left on the disk once the transaction is committed and keeps_erased_bytes() is
    // false.
    virtual Result<void> erase_envelope(EnvelopeNumber number) = 0;

    // Erasures, which are never forgotten. put: errors  already_exists.
    virtual Result<void> put_erasure(const StoredErasure& erasure) = 0;
    virtual Result<bool> has_erasure(const Digest& header) = 0;
    virtual Result<std::vector<StoredErasure>> erasures(std::uint64_t after, std::size_t count) = 0;

    virtual Result<std::optional<Remembered>> remembered(const MessageId& id,
                                                         const StationId& station) = 0;
    virtual Result<void> remember(const MessageId& id, const StationId& station,
                                  const Remembered& answer) = 0;
    virtual Result<void> forget(const MessageId& id, const StationId& station) = 0;
    // Numbers of the envelopes kept under this id, of whatever station.
    virtual Result<std::vector<EnvelopeNumber>> envelopes_of(const MessageId& id) = 0;

    // Last counter of a station towards a mailbox in a lane; 0 for none.
    virtual Result<std::uint64_t> counter(const StationId& station, ChannelId channel,
                                          Lane lane) = 0;
    virtual Result<void> set_counter(const StationId& station, ChannelId channel, Lane lane,
                                     std::uint64_t value) = 0;

    // How far a station has acknowledged a lane, and the furthest of any station.
    virtual Result<ChannelSeq> cursor(ChannelId channel, const StationId& station, Lane lane) = 0;
    virtual Result<ChannelSeq> furthest_cursor(ChannelId channel, Lane lane) = 0;
    virtual Result<void> set_cursor(ChannelId channel, const StationId& station, Lane lane,
                                    ChannelSeq seq) = 0;

    virtual Result<std::optional<StoredThread>> thread(const ThreadId& id) = 0;
    virtual Result<void> put_thread(StoredThread thread) = 0;
    // What the member whose mailbox is `channel` did; nothing is kept of one who has as many steps
    // as indicators::kMemberStepsMax.
    virtual Result<void> add_member_step(const ThreadId& thread, ChannelId channel,
                                         const indicators::MemberStep& step) = 0;

    // The mailboxes of members who did something in that thread once its course had so many steps.
    virtual Result<std::set<ChannelId>> members_acted(const ThreadId& thread,
                                                      std::uint32_t after) = 0;

    // Registers: entries in the order in which they were set, from 0.
    virtual Result<std::optional<RegisterRecord>> last_register_record(const std::string& name,
                                                                       const std::string& key) = 0;
    virtual Result<std::uint64_t> register_size(const std::string& name) = 0;
    virtual Result<void> add_register_record(const std::string& name,
                                             const RegisterRecord& record) = 0;
    virtual Result<std::vector<RegisterRecord>> register_records(const std::string& name,
                                                                 std::uint64_t from,
                                                                 std::size_t count) = 0;

    virtual Result<void> add_timer(const Timer& timer) = 0;
    virtual Result<void> remove_timer(const Timer& timer) = 0;
    // The earliest of a kind.
    virtual Result<std::optional<Timer>> first_timer(TimerKind kind) = 0;
    // The one after it, of its kind, which is one of clocks or `forget`.
    virtual Result<std::optional<Timer>> next_timer(const Timer& timer) = 0;

    virtual Result<void> put_ring(const StoredRing& ring) = 0;  // also replaces
    virtual Result<std::optional<StoredRing>> ring(const ThreadId& thread, ChannelId channel,
                                                   std::uint8_t step) = 0;
    virtual Result<std::vector<StoredRing>> rings_of(const ThreadId& thread, ChannelId channel) = 0;
    virtual Result<void> remove_ring(const StoredRing& ring) = 0;
    // The earliest that is planned.
    virtual Result<std::optional<StoredRing>> first_ring() = 0;
    // The earliest of a lane that waits and needs none of these.
    virtual Result<std::optional<StoredRing>> first_ring_waiting(Lane lane,
                                                                 const RingsSpent& spent) = 0;
    // None is under way, and none waits, any more: all are planned.
    virtual Result<void> interrupt_rings() = 0;

    virtual Result<void> hold_box(const HeldBox& box) = 0;
    virtual Result<std::vector<HeldBox>> held_boxes(const ThreadId& thread, Release condition,
                                                    ChannelId channel) = 0;
    // Of all mailboxes, by their numbers.
    virtual Result<std::vector<HeldBox>> held_boxes(const ThreadId& thread, Release condition) = 0;
    // Threads after `after` of which boxes of this mailbox wait for an absence, in their order.
    virtual Result<std::vector<ThreadId>> threads_awaiting_absence(ChannelId channel,
                                                                   const ThreadId& after,
                                                                   std::size_t count) = 0;
    virtual Result<void> remove_held(const HeldBox& box) = 0;
    virtual Result<void> remove_held_of(EnvelopeNumber number) = 0;

    // The two logs. `first` and `count` as positions from 0.
    virtual Result<void> append_leaf(wire::LogName log, std::uint64_t index, ByteView leaf) = 0;
    virtual Result<std::uint64_t> log_size(wire::LogName log) = 0;
    virtual Result<std::vector<Bytes>> read_leaves(wire::LogName log, std::uint64_t first,
                                                   std::size_t count) = 0;
    virtual Result<void> put_tile(wire::LogName log, const merkle::FullTile& tile) = 0;
    // Of full tiles only. Errors: not_found.
    virtual merkle::TileReader& tiles(wire::LogName log) = 0;
    virtual Result<void> put_checkpoint(wire::LogName log, std::uint64_t size,
                                        const std::string& note) = 0;
    virtual Result<std::string> last_checkpoint(wire::LogName log) = 0;  // empty: none yet
    virtual Result<std::vector<std::string>> checkpoints(wire::LogName log, std::uint64_t from_size,
                                                         std::size_t count) = 0;
    // When each directory entry was committed, in order.
    virtual Result<std::vector<EngineTime>> directory_times() = 0;
    virtual Result<void> put_directory_time(std::uint64_t index, EngineTime at) = 0;

    virtual Result<std::optional<Bytes>> bundle(const Digest& digest) = 0;
    virtual Result<bool> has_bundle(const Digest& digest) = 0;  // nothing of it is read
    virtual Result<void> put_bundle(const Digest& digest, ByteView bytes) = 0;

    virtual Result<void> put_invitation(const StoredInvitation& invitation) = 0;
    virtual Result<std::vector<StoredInvitation>> invitations() = 0;
    // With its proposals.
    virtual Result<void> remove_invitation(const Locator& locator) = 0;
    virtual Result<void> put_proposal(const StoredProposal& proposal) = 0;
    virtual Result<std::vector<StoredProposal>> proposals(const Locator& locator) = 0;
};

}  // namespace relais::broker
