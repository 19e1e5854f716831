// sync.h: the protocol of a station, without its socket: frames and time in, frames out. What is
// received is stored before it is acknowledged; what is to be sent is sent in order, again after
// every break, under the same ids, until the broker has answered.
//
// Its owner opens a store transaction around receive() and flush(), commits, and only then sends
// what take_frames() gives. Confined to one thread.
#pragma once

#include <deque>
#include <map>
#include <set>

#include "clients/station/store/chunk_shelf.h"
#include "clients/station/sync/identity.h"
#include "clients/station/sync/judge.h"
#include "clients/station/sync/waiting_line.h"
#include "clients/station/sync/witnessing.h"
#include "core/base/time.h"

namespace relais::station {

inline constexpr const char* kSoftware = "relais-station " RELAIS_VERSION;

// What the owner is told, beside what the store shows.
struct SyncEvents {
    std::size_t received = 0;  // entries stored
    std::size_t answered = 0;  // envelopes accepted or refused
    std::size_t chunks = 0;    // of attachments, sent or received
    std::size_t cosigned = 0;  // heads
    std::size_t suspect = 0;   // entries that show the broker at fault, kept as evidence
    bool directory_changed = false;
    std::optional<ErrorCode> put_off;  // something to be sent was refused for now, and why
    std::optional<ErrorCode> cut;      // the broker ended the session, and why
    std::optional<Error> alarm;        // the broker contradicts itself or the rules: stop using it

    // What happened after it, too.
    void add(SyncEvents later);
};

// A word about a message that the broker will never take: whoever said it is to be told.
struct RefusedMark {
    MessageId message;
    Word word;
    ErrorCode code;
};

class Sync {
public:
    struct Parts {
        StationStore& store;
        const Identity& identity;
        StationKeys& keys;
        Replica& replica;
        KindShelf& kinds;
        Keyring& keyring;
        Judge& judge;
        const Verifier& verifier;
        ChunkShelf* chunks = nullptr;  // null: attachments neither go nor come
    };
    explicit Sync(const Parts& parts)
        : parts_(parts), witnessing_(parts_.store, parts_.identity, parts_.keys, parts_.replica) {}

    // The connection stands: what was under way before is forgotten, and begun again.
    void connected();
    void disconnected();

    // The wall clock, for what is signed with a time and kept with one. Said before the others.
    void tell_time(WallTime wall) {
        wall_ = wall;
        parts_.judge.tell_time(wall);
    }
    // Whether this station cosigns the heads of the logs, as it has told the broker.
    [[nodiscard]] bool witnessing() const { return witnessing_.following(); }

    // Within a transaction. Errors: the store's alone; a broker that misbehaves is an alarm.
    Result<void> receive(ByteView frame);
    // Acknowledges what was stored and sends what waits. Within a transaction.
    Result<void> flush(BootTime now);
    std::vector<Bytes> take_frames();
    SyncEvents take_events();
    // Since the last call.
    std::vector<RefusedMark> take_refused_marks() { return std::exchange(refused_marks_, {}); }
    // Messages erased since the last call: once that is committed, their chunks are to go.
    std::vector<MessageId> take_erased() { return std::exchange(erased_, {}); }

    // Welcomed, the directory complete as of then, every mailbox attached.
    [[nodiscard]] bool ready() const;
    // Ready, what the mailboxes held is here, and nothing waits for an answer: neither requests nor
    // envelopes nor marks. Attachments that are being fetched do not count: they take their time.
    [[nodiscard]] Result<bool> idle();
    [[nodiscard]] const std::optional<wire::Welcome>& welcome() const { return welcome_; }
    [[nodiscard]] std::vector<Address> mailboxes() const;

    // A request of the application; its number. The reply, once, when it has come.
    std::uint64_t ask(wire::Body request);
    std::optional<wire::Body> take_reply(std::uint64_t number);

private:
    struct Lanes {
        bool attached = false;
        std::array<ChannelSeq, kLanes> next;          // to be stored
        std::array<ChannelSeq, kLanes> acknowledged;  // the last that was said
        std::array<ChannelSeq, kLanes> backlog_end;   // the last when the mailbox was attached
    };
    struct SentEnvelope {
        MessageId message;
        std::uint64_t serial;
    };
    struct SentMark {
        std::uint64_t serial;
    };
    struct SentAttach {
        Address mailbox;
    };
    struct SentBundleFetch {
        Digest digest;
    };
    struct SentChunkQuestion {
        MessageId message;
    };
    struct SentChunk {  // up or down
        MessageId message;
        std::uint32_t index;
    };
    struct SentDay {
        Address mailbox;
        CivilDay day;
        std::uint64_t sent;
        std::uint64_t held;
    };
    struct SentAcknowledgement {
        Address mailbox;
        Lane lane;
        ChannelSeq first;
        ChannelSeq last;
        Digest root;  // of what this station holds there
    };
    // What a restored broker may lack, in the order in which it is offered.
    enum class Offer : std::uint8_t { entries, bundles, erasures, head };
    struct SentOffer {
        Offer offer;
    };
    struct SentFollow {};  // of checkpoints, as a witness
    struct SentCosign {};
    struct SentLoss {};   // what a restored log says that it lost
    struct SentOther {};  // whose reply changes nothing, refused or not
    struct SentByApplication {};
    using Sent = std::variant<SentEnvelope, SentMark, SentAttach, SentBundleFetch,
                              SentChunkQuestion, SentChunk, SentDay, SentAcknowledgement, SentOffer,
                              SentFollow, SentCosign, SentLoss, SentOther, SentByApplication>;

    // Chunks of one message that are on their way to the broker, or from it.
    struct Transfer {
        bool upload = false;
        std::vector<Digest> digests;
        std::vector<std::uint32_t> sizes;
        std::deque<std::uint32_t> missing;  // not under way yet
        std::size_t in_flight = 0;
        bool known = false;                // what is missing is known
        std::optional<Address> mailbox{};  // of a download: where the message stands,
        std::optional<Digest> header{};    // and which of those of its id it is
        [[nodiscard]] bool done() const { return known && missing.empty() && in_flight == 0; }
    };
    std::uint64_t send(wire::Body body, Sent sent);
    void raise(Error alarm);

    // sync_replies.cc: replies, by what was asked.
    Result<void> take(const wire::Frame& frame);
    Result<void> answered(const Sent& sent, std::uint64_t number, const wire::Body& body);
    Result<void> mark_answered(const SentMark& sent, const wire::Body& body);
    Result<void> envelope_answered(const SentEnvelope& sent, const wire::Body& body);
    Result<void> envelope_refused(const SentEnvelope& sent, const wire::Refusal& refusal);
    Result<void> refuse_finally(const MessageId& message, const wire::Refusal& refusal);
    Result<void> seal_again(const MessageId& message);
    Result<void> attached(const Address& mailbox, const wire::Body& body);
    Result<void> bundle_fetched(const Digest& digest, const wire::Body& body);
    Result<void> take(const wire::Welcome& welcome);
    Result<void> take(const wire::DirectoryEntries& entries);
    Result<void> take(const wire::Delivery& delivery);
    Result<void> note_fault(const StoredEntry& entry, const ChannelEntry& said);
    Result<void> follow_refused(const wire::Body& body);

    // sync_again.cc: after a restore of the broker.
    Result<bool> begin_offers();
    Result<void> offer_lacking(BootTime now);
    Result<void> make_offer(Offer offer);
    Result<void> offer_again(BootTime now);
    void send_offer(Offer offer, wire::Body body);
    Result<void> offer_entries(DirectorySize from);
    Result<void> offer_bundles(DirectorySize from);
    Result<void> offer_packs(DirectorySize from);
    Result<void> offer_erasures();
    Result<void> offer_head();
    Result<void> offer_answered(const SentOffer& sent, const wire::Body& body);
    Result<void> offers_made();
    [[nodiscard]] Result<std::string> head_to_offer();
    Result<void> begin_witnessing();
    Result<void> begin_witnessing_again(BootTime now);
    void witness_later_if_refused(const wire::Body& body);
    Result<void> loss_answered(const wire::Body& body);
    Result<bool> said_before_restore(const wire::Delivery& delivery);
    Result<bool> told_delivered(const MessageId& message, const std::string& mailbox);
    Result<ErrorCode> verdict_again(const StoredEntry& entry);
    Result<void> compare_with_held(const wire::Delivery& delivery);
    Result<void> acknowledgement_answered(const SentAcknowledgement& sent, const wire::Body& body);
    Result<void> other_than_held(const Address& mailbox, std::string held, std::string shown);
    Result<void> obey_erasure(const wire::Delivery& delivery);
    Result<void> bury_erased(StoredEntry& entry);
    Result<bool> is_over(const StoredOutgoing& item);

    // sync_days.cc: what each day came to.
    Result<void> count_held(const wire::Delivery& delivery, const Digest& digest);
    Result<void> count_sent(const MessageId& message, const wire::Receipt& receipt);
    Result<void> count(const Address& mailbox, WallTime accepted, bool sent);
    Result<void> begin_days(const Address& mailbox, bool fresh);
    Result<void> begin_days_anew(CivilDay day);
    Result<void> state_days(BootTime now);
    Result<bool> state_days_of(const Address& mailbox, CivilDay first, CivilDay last);
    Result<void> day_answered(const SentDay& sent, const wire::Body& body);

    Result<void> follow_directory();
    // What an entry is about, where it says; adds to `delivered` the messages that it calls
    // delivered.
    Result<void> note_subject(StoredEntry& entry, std::vector<MessageId>& delivered);
    Result<void> note_mark(StoredEntry& entry, const MarkedEntry& mark);
    [[nodiscard]] bool caught_up() const;

    Result<void> after_directory();
    Result<void> judge_waiting();
    Result<void> judge_waiting(ErrorCode code);
    Result<void> judge_again(const StoredEntry& entry);
    Result<void> send_cosignatures(BootTime now);
    Result<void> fetch_missing_bundles();
    Result<void> fetch_missing_parts();
    Result<void> fetch_bundle(const Digest& digest);
    Result<void> attach_mailboxes();
    Result<void> acknowledge(const Address& mailbox, Lanes& lanes, Lane lane);

    // sync_envelopes.cc: envelopes and marks.
    Result<void> send_envelopes(BootTime now);
    Result<void> send_queued(const StoredOutgoing& item, HeldUp& held_up);
    Result<Went> go(const Waiting& waiting);
    void submit(const StoredOutgoing& item);
    Result<void> put_off(const SentEnvelope& sent);
    Result<void> send_marks(BootTime now);

    // sync_chunks.cc: attachments.
    [[nodiscard]] bool is_download(const Sent& sent) const;
    Result<void> move_chunks(BootTime now);
    Result<void> begin_downloads();
    Result<void> begin_download(const MessageId& message);
    Result<void> go_on(const MessageId& message, Transfer& transfer);
    Result<bool> chunks_are_there(const StoredOutgoing& item);
    Result<void> chunk_question_answered(const MessageId& message, const wire::Body& body);
    Result<void> chunk_answered(const SentChunk& sent, const wire::Body& body);
    Result<void> chunk_refused(const SentChunk& sent, const wire::Refusal& refusal);
    Result<void> chunk_arrived(const SentChunk& sent, const wire::Chunk& chunk);
    Result<void> finish_download(const MessageId& message, const Transfer& transfer);
    Result<void> end_download(const StoredAttachment& attachment);

    Parts parts_;
    Witnessing witnessing_;
    WallTime wall_{};
    bool connected_ = false;
    std::optional<wire::Welcome> welcome_;
    std::map<Address, Lanes> lanes_;
    std::set<Digest> bundles_asked_;
    std::uint64_t last_number_ = 0;
    std::map<std::uint64_t, Sent> sent_;
    std::map<std::uint64_t, wire::Body> replies_;
    std::deque<Bytes> frames_;
    SyncEvents events_;
    std::vector<RefusedMark> refused_marks_;
    std::vector<MessageId> erased_;
    std::size_t offers_pending_ = 0;
    std::set<Offer> offers_put_off_;  // refused for now
    std::optional<BootTime> offers_at_{};
    std::optional<BootTime> lacking_at_{};  // when what lacked another's acts is offered again
    bool following_ = false;                // the directory, from which all else follows
    bool loss_asked_ = false;               // in this connection, and not to be asked again for now
    bool witnessing_wanted_ = false;        // again: it was refused for now, or got out of step
    std::optional<BootTime> witnessing_at_{};
    std::uint64_t last_envelope_ = 0;  // serial of the last envelope sent in this connection
    std::size_t envelopes_in_flight_ = 0;
    WaitingLine line_;
    std::uint64_t last_mark_ = 0;
    std::vector<std::uint64_t> marks_put_off_;  // their serials
    std::optional<BootTime> marks_at_{};        // when those are due
    std::deque<std::uint64_t> marks_due_;       // to be sent again
    std::optional<CivilDay> days_settled_;      // all days before it are stated
    std::set<std::pair<Address, CivilDay>> days_in_flight_;
    bool days_pause_ = false;            // the broker said: later
    std::optional<BootTime> days_at_{};  // when to go on
    std::map<MessageId, Transfer> transfers_;
    std::size_t chunks_in_flight_ = 0;
    bool chunks_pause_ = false;            // the broker said: later
    std::optional<BootTime> chunks_at_{};  // when to go on
};

}  // namespace relais::station
