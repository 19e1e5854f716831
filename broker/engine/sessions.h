// sessions.h: connected stations and what flows to them: deliveries by credit, lane by lane, the
// most pressing first, in order from each cursor; and new directory entries to those who follow it.
// Memory: bounded by the credit of each session, whatever waits in the mailboxes (D6).
#pragma once

#include <deque>
#include <map>
#include <set>

#include "broker/engine/commands.h"
#include "broker/engine/mailboxes.h"
#include "schemas/directory/state.h"
#include "schemas/envelope/envelope.h"

namespace relais::broker {

// What the engine keeps of an entry on its way to a station, and needs when it is acknowledged.
struct EntryInfo {
    Digest digest;
    std::size_t bytes = 0;
    std::optional<MessageId> message;  // of an envelope that someone else sent to this mailbox
    ChannelId sender = 0;              // its sender's mailbox
};

struct LaneFlow {
    ChannelSeq next;          // to send
    ChannelSeq acknowledged;  // in this session; in_flight starts after it
    std::uint32_t credit = 0;
    std::deque<EntryInfo> in_flight;
};

struct Subscription {
    std::array<LaneFlow, kLanes> lanes;
    [[nodiscard]] LaneFlow& lane(Lane l) { return lanes[static_cast<std::size_t>(l)]; }
};

struct Session {
    SessionId id;
    StationId station;
    std::map<ChannelId, Subscription> subscriptions;
    std::optional<DirectorySize> directory_next;  // absent: does not follow
    std::size_t in_flight_bytes = 0;
    std::size_t in_flight_entries = 0;

    // Where an envelope was refused for now: its counter towards a mailbox in a lane. Those behind
    // it wait until it comes again, so that they arrive in their order.
    std::map<std::pair<Address, Lane>, std::uint64_t> stalled;

    // Lanes of mailboxes where the station said that it holds other entries than there are: what is
    // said of them is not compared with the store again. An honest station says it once.
    std::set<std::pair<ChannelId, Lane>> differs;

    [[nodiscard]] bool full() const;
};

class Sessions {
public:
    Sessions(Store& store, Mailboxes& mailboxes, const Incarnation& incarnation);

    // A station has one session: the older one is closed, and cut after the commit.
    void open(SessionId id, const StationId& station);
    void close(SessionId id);
    // Sessions to cut since the last call, and why. They outlive a step that is tried again: what
    // closed them is done only once.
    struct ToCut {
        SessionId id;
        ErrorCode told;  // its last word to the station
    };
    std::vector<ToCut> take_cuts();
    // Closes the sessions of stations that are no more, and ends subscriptions to mailboxes that a
    // station no longer serves. Returns the stations that were closed, and those of a step that
    // was rolled back, which has to say them again.
    std::vector<StationId> follow(const directory::DirectoryState& state);
    // The step was committed; or it was not.
    void keep();
    void roll_back();
    [[nodiscard]] Session* find(SessionId id);
    [[nodiscard]] const std::map<SessionId, Session>& all() const { return sessions_; }

    void subscribe(Session& session, const Mailbox& mailbox, const wire::Attach& attach);
    // Undoes it, where it was done.
    void detach(SessionId id, ChannelId channel);
    void follow_directory(Session& session, DirectorySize from);
    // The envelope at this place is over: acknowledging it later tells nobody.
    void expired(const Place& place);
    // Takes entries up to `last` off the session's flight, which makes room for others.
    void acknowledged(Session& session, ChannelId channel, Lane lane, ChannelSeq last);

    // Of entries first..last, from what is in flight or else from the store. Requires that they are
    // in the mailbox. Errors: digest_mismatch  others were said to be there before, in this
    // session.
    Result<std::vector<EntryInfo>> infos(const Session& session, const Mailbox& mailbox, Lane lane,
                                         ChannelSeq first, ChannelSeq last);

    // After a commit: sends what credit allows, a bounded amount. True where more is ready. A
    // session that follows the directory, which has `size` entries, is given all of them first:
    // what it is sent may be signed by a key that the last of them names.
    Result<bool> pump(const std::set<ChannelId>& grown, DirectorySize size,
                      std::vector<Output>& outputs);
    Result<bool> pump_directory(DirectorySize size, const std::string& checkpoint,
                                std::vector<Output>& outputs);

private:
    void unsubscribe(Session& session, ChannelId channel);
    static void release_flight(Session& session, LaneFlow& flow);
    Result<std::size_t> pump_session(Session& session, std::size_t budget,
                                     std::vector<Output>& outputs);
    Result<std::size_t> pump_lane(Session& session, ChannelId channel, Lane lane,
                                  std::size_t budget, std::vector<Output>& outputs);
    struct Loaded {
        ChannelEntry entry;
        EntryInfo info;
    };
    Result<Loaded> load(const LogRecord& record);
    Result<Loaded> load_envelope(const EnvelopeRef& ref);
    // Envelopes read lately: one that goes to many mailboxes is read and parsed once.
    struct Read {
        Envelope envelope;
        Accepted accepted;
    };
    Result<const Read*> read_envelope(EnvelopeNumber number);
    void forget_read();
    [[nodiscard]] bool ready(const Session& session);

    Store& store_;
    Mailboxes& mailboxes_;
    const Incarnation& incarnation_;
    std::map<SessionId, Session> sessions_;
    std::map<StationId, SessionId> by_station_;
    std::map<ChannelId, std::set<SessionId>> subscribers_;
    std::vector<ToCut> to_cut_;
    std::set<StationId> cuts_unsaid_;  // closed by the step under way: without a leaf yet,
    std::set<StationId> cuts_said_;    // and with one
    std::set<SessionId> ready_;        // may have something to send
    SessionId last_served_ = 0;        // the next pump begins after it
    std::map<EnvelopeNumber, Read> read_;
    std::size_t read_bytes_ = 0;
};

}  // namespace relais::broker
