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

#include "clients/station/sync/identity.h"
#include "clients/station/sync/judge.h"
#include "core/base/time.h"

namespace relais::station {

// What the owner is told, beside what the store shows.
struct SyncEvents {
    std::size_t received = 0;  // entries stored
    std::size_t answered = 0;  // envelopes accepted or refused
    bool directory_changed = false;
    std::optional<ErrorCode> cut;  // the broker ended the session, and why
    std::optional<Error> alarm;    // the broker contradicts itself or the rules: stop using it
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
    };
    explicit Sync(const Parts& parts) : parts_(parts) {}

    // The connection stands: what was under way before is forgotten, and begun again.
    void connected();
    void disconnected();

    // Within a transaction. Errors: the store's alone; a broker that misbehaves is an alarm.
    Result<void> receive(ByteView frame);
    // Acknowledges what was stored and sends what waits. Within a transaction.
    Result<void> flush(BootTime now);
    std::vector<Bytes> take_frames();
    SyncEvents take_events();

    // Welcomed, the directory complete as of then, every mailbox attached.
    [[nodiscard]] bool ready() const;
    // Ready, what the mailboxes held is here, and nothing waits for an answer: neither requests nor
    // envelopes nor marks.
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
    struct SentOther {};  // whose reply changes nothing, refused or not
    struct SentByApplication {};
    using Sent = std::variant<SentEnvelope, SentMark, SentAttach, SentBundleFetch, SentOther,
                              SentByApplication>;

    std::uint64_t send(wire::Body body, Sent sent);
    void raise(Error alarm);

    // sync_replies.cc: replies, by what was asked.
    Result<void> take(const wire::Frame& frame);
    Result<void> answered(const Sent& sent, std::uint64_t number, const wire::Body& body);
    Result<void> envelope_answered(const SentEnvelope& sent, const wire::Body& body);
    Result<void> envelope_refused(const SentEnvelope& sent, const wire::Refusal& refusal);
    Result<void> seal_again(const MessageId& message);
    Result<void> attached(const Address& mailbox, const wire::Body& body);
    Result<void> bundle_fetched(const Digest& digest, const wire::Body& body);
    Result<void> take(const wire::Welcome& welcome);
    Result<void> take(const wire::DirectoryEntries& entries);
    Result<void> take(const wire::Delivery& delivery);

    // What an entry is about, where it says; adds to `delivered` the messages that it calls
    // delivered.
    Result<void> note_subject(StoredEntry& entry, std::vector<MessageId>& delivered);
    Result<void> note_mark(StoredEntry& entry, const MarkedEntry& mark);
    [[nodiscard]] bool caught_up() const;

    Result<void> after_directory();
    Result<void> judge_waiting();
    Result<void> judge_again(const StoredEntry& entry);
    void fetch_missing_bundles();
    Result<void> attach_mailboxes();
    Result<void> acknowledge(const Address& mailbox, Lanes& lanes, Lane lane);
    Result<void> send_envelopes(BootTime now);
    Result<void> send_marks();

    Parts parts_;
    bool connected_ = false;
    std::optional<wire::Welcome> welcome_;
    std::map<Address, Lanes> lanes_;
    std::set<Digest> bundles_asked_;
    std::uint64_t last_number_ = 0;
    std::map<std::uint64_t, Sent> sent_;
    std::map<std::uint64_t, wire::Body> replies_;
    std::deque<Bytes> frames_;
    SyncEvents events_;

    std::uint64_t last_envelope_ = 0;  // serial of the last envelope sent in this connection
    std::size_t envelopes_in_flight_ = 0;
    std::optional<BootTime> resend_at_;  // after a refusal for now
    bool resend_wanted_ = false;
    std::uint64_t last_mark_ = 0;
};

}  // namespace relais::station
