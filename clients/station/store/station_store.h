// station_store.h: what a station keeps: its replica of the directory, what it received (exactly
// once, in order), what it has to send, drafts. Rows are sealed (rows.h). Confined to one thread;
// other processes of the station read and queue beside it, through SQLite's locks.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "clients/station/store/rows.h"
#include "core/database/database.h"
#include "core/database/erased_bytes.h"
#include "schemas/wire/frame.h"

namespace relais::station {

// An entry as it was delivered. `status` is `ok` once judged valid; a code that can pass
// (not_granted, ahead_of_directory, unknown_kind) while it waits for something; otherwise why it is
// not valid.
struct StoredEntry {
    std::uint64_t serial = 0;  // the embedding application's cursor: rises, never used again
    wire::Delivery delivery;
    Digest digest;
    std::optional<ThreadId> thread;
    std::optional<MessageId> message;
    ErrorCode status = ErrorCode::ok;
};

enum class SendState : std::uint8_t {
    queued = 0,    // not answered yet: it will be sent, or sent again, under the same id
    accepted = 1,  // the broker has it, durably: `receipt`
    refused = 2,   // finally: `code`
};

struct StoredOutgoing {
    std::uint64_t serial = 0;
    MessageId message;
    ThreadId thread;
    SendState state = SendState::queued;
    ErrorCode code = ErrorCode::ok;
    Bytes envelope;
    std::optional<wire::Receipt> receipt;
    std::optional<wire::Refusal> refusal;
    bool noted = false;  // a refusal that somebody here has seen
};

struct StoredMark {
    std::uint64_t serial = 0;
    wire::MarkEntry mark;
};

// One day of a mailbox as this station counts it, and what was said about it.
enum class DayState : std::uint8_t {
    open = 0,         // not stated yet
    answered = 1,     // stated: the broker counts `counted_*`
    not_compared = 2  // the broker does not compare that day
};
struct StoredDay {
    CivilDay day;
    std::uint64_t sent = 0;
    std::uint64_t held = 0;
    DayState state = DayState::open;
    std::uint64_t stated_sent = 0;
    std::uint64_t stated_held = 0;
    std::uint64_t counted_sent = 0;
    std::uint64_t counted_held = 0;
};

// Why sealed chunks of a message are in the station's folder, or are to come.
enum class AttachmentState : std::uint8_t {
    outgoing = 1,  // all are here; they go before their envelope, and are kept some days after it
    wanted = 2,    // somebody asked for them
    here = 3,      // all are here
    gone = 4,      // they were asked for, and the broker no longer has them
};
struct StoredAttachment {
    MessageId message;
    AttachmentState state;
    std::vector<std::uint32_t> sizes;  // of the sealed chunks
    // Of the envelope whose chunks they are: others can have made one with the same id. None for
    // what is sent, and in rows of before.
    std::optional<Digest> header{};
    [[nodiscard]] bool of(const Digest& digest) const { return !header || *header == digest; }
};

class StationStore {
public:
    // Errors: those of Database::open and migrate.
    static Result<std::unique_ptr<StationStore>> open(const std::string& path, Database::Mode mode,
                                                      RowSealer sealer);

    Result<void> begin();
    Result<void> commit();
    void rollback();

    Result<std::optional<Bytes>> value(const std::string& name);
    Result<void> set_value(const std::string& name, ByteView bytes);

    Result<void> add_directory_entry(std::uint64_t position, ByteView entry);
    // From `position` on.
    Result<std::vector<Bytes>> directory_entries(std::uint64_t position);

    Result<std::optional<Bytes>> bundle(const Digest& digest);
    Result<bool> has_bundle(const Digest& digest);
    Result<void> add_bundle(const Digest& digest, ByteView bytes);

    Result<std::optional<Secret>> epoch_key(const Address& mailbox, EpochNumber number);
    Result<void> add_epoch_key(const Address& mailbox, EpochNumber number, const Secret& scalar);

    // The next sequence to receive; 1 at first. A new incarnation begins again at 1.
    Result<ChannelSeq> next_seq(const Address& mailbox, Lane lane);
    Result<void> set_next_seq(const Address& mailbox, Lane lane, ChannelSeq next);
    Result<void> restart_lanes();

    // Gives the serial. Errors: already_exists  that place is filled.
    Result<std::uint64_t> add_entry(const StoredEntry& entry);
    Result<void> set_status(std::uint64_t serial, ErrorCode status);
    // Above `after`, at most `count`, in order.
    Result<std::vector<StoredEntry>> entries(std::uint64_t after, std::size_t count);
    Result<std::vector<StoredEntry>> entries_of_thread(const ThreadId& thread);
    // The first envelope of the thread with one of these verdicts; none where there is none.
    Result<std::optional<StoredEntry>> first_envelope(const ThreadId& thread,
                                                      std::span<const ErrorCode> verdicts);
    Result<std::vector<StoredEntry>> entries_of_message(const MessageId& message);
    Result<std::vector<StoredEntry>> entries_with(ErrorCode status, std::size_t count,
                                                  std::uint64_t after = 0);
    // Notes that the entry is a notice of this message's delivery; and the entries that are.
    Result<void> add_delivered(const MessageId& message, std::uint64_t serial);
    Result<std::vector<StoredEntry>> delivered_notices(const MessageId& message);
    // Every thread with an entry or something on its way.
    Result<std::vector<ThreadId>> threads();
    // Digests of the places first..last of the present incarnation, for an acknowledgement.
    // Those of them that are refused, by place, with their verdict.
    Result<std::vector<std::pair<ChannelSeq, ErrorCode>>> refused(const Address& mailbox,
                                                                  const Incarnation& incarnation,
                                                                  Lane lane, ChannelSeq first,
                                                                  ChannelSeq last);
    Result<std::vector<Digest>> digests(const Address& mailbox, const Incarnation& incarnation,
                                        Lane lane, ChannelSeq first, ChannelSeq last);
    // Whether an entry of this digest is in the mailbox already (after a restore of the broker), in
    // another row than `beside`.
    Result<bool> has_digest(const Address& mailbox, const Digest& digest, std::uint64_t beside = 0);
    // The same, of one incarnation: the broker shows it a second time.
    Result<bool> has_digest(const Address& mailbox, const Digest& digest,
                            const Incarnation& incarnation);
    Result<std::uint64_t> last_serial();

    // The last counter seen of a sequence of a station, and the header it came with. `sequence`:
    // the address of a mailbox of ours, or what names one of a group.
    struct Seen {
        std::uint64_t counter = 0;
        Digest digest;
    };
    Result<Seen> seen(const StationId& station, const std::string& sequence, Lane lane);
    Result<void> set_seen(const StationId& station, const std::string& sequence, Lane lane,
                          const Seen& seen);

    // The next counter towards a mailbox, taken.
    Result<std::uint64_t> take_counter(const Address& mailbox, Lane lane);
    // What was taken up to there is not taken again.
    Result<void> pass_counter(const Address& mailbox, Lane lane, std::uint64_t taken);

    Result<void> queue(const MessageId& message, const ThreadId& thread, ByteView envelope);
    Result<void> set_envelope(const MessageId& message, ByteView envelope);  // sealed again
    Result<void> set_accepted(const MessageId& message, const wire::Receipt& receipt);
    Result<void> set_refused(const MessageId& message, const wire::Refusal& refusal);
    // Somebody has read that it was refused, or not taken up again; nothing where it was not.
    Result<void> note_refused(const MessageId& message);
    Result<std::size_t> count_refused_unnoted();
    Result<std::size_t> count_not_taken_up_unnoted();
    // After a restore of the broker: what was accepted is sent again; it knows what it still has.
    Result<void> offer_again();
    // It was refused when it was offered again, and why: it stays accepted, as it was.
    Result<void> keep_accepted(const MessageId& message, ErrorCode code);
    // Those that lacked what others had not brought yet are sent again.
    Result<void> offer_lacking_again();

    // Erasures that the broker ordered. erase_message: tombstones take the places of what was
    // received under this header, what was sent is gone, and so is the row of its attachments.
    // After the commit their bytes are in no file of it; or after a later one, where one was read.
    Result<void> erase_message(const MessageId& message, const Digest& header);
    Result<void> add_erasure(const Digest& header, const Bytes& statement);
    Result<bool> has_erasure(const Digest& header);
    Result<std::vector<Bytes>> erasures();

    Result<std::vector<StoredOutgoing>> queued(std::uint64_t after, std::size_t count);
    Result<std::vector<StoredOutgoing>> outgoing();
    // Of those in that state, or of all, in order: their ids and how many, without opening any.
    Result<std::vector<MessageId>> outgoing_ids(std::optional<SendState> state = std::nullopt);
    Result<std::size_t> count_outgoing(SendState state);
    Result<std::vector<StoredOutgoing>> outgoing_of_thread(const ThreadId& thread);
    Result<std::optional<StoredOutgoing>> outgoing(const MessageId& message);

    Result<void> put_attachment(const StoredAttachment& attachment);
    Result<std::optional<StoredAttachment>> attachment(const MessageId& message);
    Result<std::vector<MessageId>> attachments_with(AttachmentState state);
    Result<void> remove_attachment(const MessageId& message);
    // Messages that have a row of attachments and no envelope, neither received nor sent.
    Result<std::vector<MessageId>> stray_attachments();

    Result<void> queue_mark(const wire::MarkEntry& mark);
    Result<std::vector<StoredMark>> marks(std::uint64_t after, std::size_t count);
    Result<void> remove_mark(std::uint64_t serial);

    // Days: zeros for one that nothing was counted or said of. days(): those alone that have a row.
    Result<StoredDay> day(const Address& mailbox, CivilDay day);
    Result<std::vector<StoredDay>> days(const Address& mailbox, CivilDay first, CivilDay last);
    Result<void> put_day(const Address& mailbox, const StoredDay& day);
    Result<void> forget_days(CivilDay before);
    // The first day of a mailbox that this station counts whole; absent where it never began.
    Result<std::optional<CivilDay>> counted_from(const Address& mailbox);
    Result<void> count_from(const Address& mailbox, CivilDay day);
    // Notes that the entry is a reckoning; and the last entries that are, oldest first.
    Result<void> add_reckoning(std::uint64_t serial);
    Result<std::vector<StoredEntry>> reckonings(std::size_t count);

    Result<void> put_draft(const MessageId& id, ByteView draft);
    Result<std::optional<Bytes>> draft(const MessageId& id);
    Result<std::vector<MessageId>> drafts();
    Result<void> remove_draft(const MessageId& id);

private:
    StationStore(Database database, RowSealer sealer, const std::string& path)
        : database_(std::move(database)), sealer_(std::move(sealer)), erased_bytes_(path) {}
    Result<void> bury(const StoredEntry& entry);
    Result<StoredEntry> read_entry(const Query& query);
    Result<std::vector<StoredEntry>> read_entries(Query& query);
    Result<std::vector<StoredOutgoing>> read_outgoing(Query& query);
    Result<void> set_outcome(const MessageId& message, SendState state, ErrorCode code,
                             const wire::Frame& answer);

    Database database_;
    RowSealer sealer_;
    ErasedBytes erased_bytes_;
};

}  // namespace relais::station
