#include "broker/engine/sessions.h"

#include <algorithm>

#include "core/base/limits.h"

namespace relais::broker {

namespace {

constexpr std::size_t kPumpEntries = 512;  // of one call, all sessions together
constexpr std::size_t kPumpEntriesOfSession =
    64;  // so that one session does not hold up the others
constexpr std::size_t kReadBytesMax = 2 << 20;
constexpr std::size_t kEntryOverheadBytes = 512;  // of a delivery: its box, signature, receipt
constexpr std::size_t kDirectoryBytesPerFrame = 512 * 1024;

std::size_t size_of(const ChannelEntry& entry) {
    if (const auto* notice = std::get_if<NoticeEntry>(&entry)) return notice->statement.size();
    if (const auto* mark = std::get_if<MarkedEntry>(&entry)) return mark->statement.size();
    return sizeof(Tombstone);
}

bool allowed(const StationId& id, const directory::DirectoryState& state) {
    const auto* station = state.station(id);
    return station != nullptr && !state.suspended(station->organisation);
}

}  // namespace

bool Session::full() const {
    return in_flight_bytes >= limits::kInFlightBytesMax ||
           in_flight_entries >= limits::kInFlightEntriesMax;
}

Sessions::Sessions(Store& store, Mailboxes& mailboxes, const Incarnation& incarnation)
    : store_(store), mailboxes_(mailboxes), incarnation_(incarnation) {}

void Sessions::open(SessionId id, const StationId& station) {
    if (const auto known = by_station_.find(station); known != by_station_.end()) {
        if (known->second == id) return;
        to_cut_.push_back({known->second, ErrorCode::superseded});
        close(known->second);
    }
    sessions_.emplace(id, Session{id, station, {}, std::nullopt, 0, 0, {}, {}});
    by_station_[station] = id;
}

std::vector<Sessions::ToCut> Sessions::take_cuts() { return std::exchange(to_cut_, {}); }

std::vector<StationId> Sessions::follow(const directory::DirectoryState& state) {
    std::vector<ToCut> over;
    for (auto& [id, session] : sessions_) {
        const auto* station = state.station(session.station);
        if (!allowed(session.station, state)) {
            over.push_back({id, station == nullptr ? ErrorCode::revoked : ErrorCode::suspended});
            cuts_unsaid_.insert(session.station);
            continue;
        }
        std::vector<ChannelId> left;
        for (const auto& [channel, subscription] : session.subscriptions) {
            if (!state.serves(*station, mailboxes_.by_channel(channel).address)) {
                left.push_back(channel);
            }
        }
        for (const ChannelId channel : left) unsubscribe(session, channel);
    }
    for (const ToCut& cut : over) {
        to_cut_.push_back(cut);
        close(cut.id);
    }
    std::vector<StationId> closed;
    for (const StationId& station : cuts_unsaid_) {
        if (!allowed(station, state)) closed.push_back(station);
    }
    cuts_said_.merge(cuts_unsaid_);
    cuts_unsaid_.clear();
    return closed;
}

void Sessions::keep() {
    cuts_said_.clear();
    cuts_unsaid_.clear();
}

void Sessions::roll_back() {
    forget_read();  // the number of an envelope that was undone is given to another
    cuts_unsaid_.merge(cuts_said_);
    cuts_said_.clear();
}

void Sessions::close(SessionId id) {
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return;
    for (const auto& [channel, subscription] : found->second.subscriptions) {
        subscribers_[channel].erase(id);
    }
    by_station_.erase(found->second.station);
    ready_.erase(id);
    sessions_.erase(found);
}

Session* Sessions::find(SessionId id) {
    const auto found = sessions_.find(id);
    return found == sessions_.end() ? nullptr : &found->second;
}

void Sessions::release_flight(Session& session, LaneFlow& flow) {
    for (const EntryInfo& entry : flow.in_flight) session.in_flight_bytes -= entry.bytes;
    session.in_flight_entries -= flow.in_flight.size();
    flow.in_flight.clear();
}

void Sessions::unsubscribe(Session& session, ChannelId channel) {
    for (LaneFlow& flow : session.subscriptions[channel].lanes) release_flight(session, flow);
    session.subscriptions.erase(channel);
    subscribers_[channel].erase(session.id);
}

void Sessions::detach(SessionId id, ChannelId channel) {
    Session* const session = find(id);
    if (session != nullptr && session->subscriptions.contains(channel)) {
        unsubscribe(*session, channel);
    }
}

void Sessions::subscribe(Session& session, const Mailbox& mailbox, const wire::Attach& attach) {
    Subscription& subscription = session.subscriptions[mailbox.channel];
    for (const Lane lane : kLanesByUrgency) {
        const wire::LaneCursor& cursor = attach.lanes[static_cast<std::size_t>(lane)];
        LaneFlow& flow = subscription.lane(lane);
        release_flight(session, flow);
        flow = {.next = cursor.next,
                .acknowledged = {cursor.next.value - 1},
                .credit = std::min(cursor.credit, limits::kCreditEntriesMax),
                .in_flight = {}};
    }
    subscribers_[mailbox.channel].insert(session.id);
    ready_.insert(session.id);
}

void Sessions::follow_directory(Session& session, DirectorySize from) {
    session.directory_next = from;
}

void Sessions::acknowledged(Session& session, ChannelId channel, Lane lane, ChannelSeq last) {
    const auto found = session.subscriptions.find(channel);
    if (found == session.subscriptions.end()) return;
    LaneFlow& flow = found->second.lane(lane);
    while (flow.acknowledged < last && !flow.in_flight.empty()) {
        session.in_flight_bytes -= flow.in_flight.front().bytes;
        --session.in_flight_entries;
        flow.in_flight.pop_front();
        flow.acknowledged = flow.acknowledged.next();
    }
    ready_.insert(session.id);
}

void Sessions::expired(const Place& place) {
    forget_read();  // nothing of what is over stays in memory
    const auto subscribed = subscribers_.find(place.channel);
    if (subscribed == subscribers_.end()) return;
    for (const SessionId id : subscribed->second) {
        LaneFlow& flow = sessions_.at(id).subscriptions.at(place.channel).lane(place.lane);
        if (place.seq <= flow.acknowledged || place.seq >= flow.next) continue;
        flow.in_flight[place.seq.value - flow.acknowledged.value - 1].message.reset();
    }
}

Result<std::vector<EntryInfo>> Sessions::infos(const Session& session, const Mailbox& mailbox,
                                               Lane lane, ChannelSeq first, ChannelSeq last) {
    const std::size_t count = last.value - first.value + 1;
    std::vector<EntryInfo> infos;
    const auto found = session.subscriptions.find(mailbox.channel);
    if (found != session.subscriptions.end()) {
        const LaneFlow& flow = found->second.lanes[static_cast<std::size_t>(lane)];
        if (first > flow.acknowledged && last < flow.next) {
            const auto begin =
                flow.in_flight.begin() +
                static_cast<std::ptrdiff_t>(first.value - flow.acknowledged.value - 1);
            infos.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
            return infos;
        }
    }
    if (session.differs.contains({mailbox.channel, lane})) return fail(ErrorCode::digest_mismatch);
    RELAIS_ASSIGN(const auto records, store_.read_log({mailbox.channel, lane, first}, count));
    if (records.size() != count) return fail(ErrorCode::corrupt, "a log entry is missing");
    for (const auto& [place, record] : records) {
        RELAIS_ASSIGN(Loaded loaded, load(record));
        infos.push_back(loaded.info);
    }
    return infos;
}

Result<Sessions::Loaded> Sessions::load(const LogRecord& record) {
    if (const auto* ref = std::get_if<EnvelopeRef>(&record)) return load_envelope(*ref);
    ChannelEntry entry = Tombstone{};
    if (const auto* notice = std::get_if<NoticeEntry>(&record)) entry = *notice;
    if (const auto* mark = std::get_if<MarkedEntry>(&record)) entry = *mark;
    if (const auto* stone = std::get_if<Tombstone>(&record)) entry = *stone;
    EntryInfo info{entry_digest(entry), size_of(entry), std::nullopt, 0};
    return Loaded{std::move(entry), info};
}

void Sessions::forget_read() {
    read_.clear();
    read_bytes_ = 0;
}

Result<const Sessions::Read*> Sessions::read_envelope(EnvelopeNumber number) {
    const auto known = read_.find(number);
    if (known != read_.end()) return &known->second;
    RELAIS_ASSIGN(StoredEnvelope stored, store_.envelope(number));
    RELAIS_ASSIGN(Envelope envelope, Envelope::parse(std::move(stored.bytes)));
    if (read_bytes_ >= kReadBytesMax) forget_read();
    read_bytes_ += envelope.bytes().size();
    return &read_.emplace(number, Read{std::move(envelope), stored.accepted}).first->second;
}

Result<Sessions::Loaded> Sessions::load_envelope(const EnvelopeRef& ref) {
    RELAIS_ASSIGN(const Read* const read, read_envelope(ref.number));
    const Envelope& envelope = read->envelope;
    if (ref.position >= envelope.boxes().size()) return fail(ErrorCode::corrupt, "box position");
    // What this reader gets: of the boxes, its own.
    const std::size_t bytes = envelope.header_bytes().size() + envelope.content().size() +
                              envelope.chunks().size() * Digest::kSize + kEntryOverheadBytes;
    EntryInfo info{envelope.digest(), bytes, std::nullopt, 0};
    if (ref.position != 0) {
        info.message = envelope.header().id;
        const Mailbox* sender = mailboxes_.find(envelope.header().from);
        info.sender = sender == nullptr ? 0 : sender->channel;
    }
    return Loaded{EnvelopeEntry{envelope.signed_header(),
                                to_bytes(envelope.content()),
                                envelope.boxes()[ref.position],
                                read->accepted,
                                ref.old_epoch,
                                {envelope.chunks().begin(), envelope.chunks().end()}},
                  info};
}

Result<bool> Sessions::pump(const std::set<ChannelId>& grown, DirectorySize size,
                            std::vector<Output>& outputs) {
    for (const ChannelId channel : grown) {
        const auto found = subscribers_.find(channel);
        if (found != subscribers_.end()) ready_.insert(found->second.begin(), found->second.end());
    }
    // Round the ready sessions, from the one after the last that was served.
    std::vector<SessionId> order(ready_.upper_bound(last_served_), ready_.end());
    order.insert(order.end(), ready_.begin(), ready_.upper_bound(last_served_));
    std::size_t budget = kPumpEntries;
    for (const SessionId id : order) {
        if (budget == 0) break;
        last_served_ = id;
        Session& session = *find(id);
        if (session.directory_next && *session.directory_next < size) continue;
        RELAIS_ASSIGN(const std::size_t sent,
                      pump_session(session, std::min(budget, kPumpEntriesOfSession), outputs));
        budget -= sent;
        if (!ready(session)) ready_.erase(id);
    }
    return !ready_.empty();
}

// Whether some lane has an entry to send, room in its credit and bytes in flight to spare.
bool Sessions::ready(const Session& session) {
    if (session.full()) return false;
    return std::ranges::any_of(session.subscriptions, [&](const auto& item) {
        const Mailbox& mailbox = mailboxes_.by_channel(item.first);
        return std::ranges::any_of(kLanesByUrgency, [&](Lane lane) {
            const LaneFlow& flow = item.second.lanes[static_cast<std::size_t>(lane)];
            return flow.next <= mailbox.lane(lane).last && flow.in_flight.size() < flow.credit;
        });
    });
}

Result<std::size_t> Sessions::pump_session(Session& session, std::size_t budget,
                                           std::vector<Output>& outputs) {
    std::size_t sent = 0;
    for (const Lane lane : kLanesByUrgency) {
        for (const auto& [channel, subscription] : session.subscriptions) {
            RELAIS_ASSIGN(const std::size_t more,
                          pump_lane(session, channel, lane, budget - sent, outputs));
            sent += more;
        }
    }
    return sent;
}

Result<std::size_t> Sessions::pump_lane(Session& session, ChannelId channel, Lane lane,
                                        std::size_t budget, std::vector<Output>& outputs) {
    const Mailbox& mailbox = mailboxes_.by_channel(channel);
    LaneFlow& flow = session.subscriptions[channel].lane(lane);
    const std::size_t room =
        flow.credit - std::min<std::size_t>(flow.credit, flow.in_flight.size());
    const std::size_t wanted = std::min(budget, room);
    if (wanted == 0 || flow.next > mailbox.lane(lane).last) return std::size_t{0};
    RELAIS_ASSIGN(const auto records, store_.read_log({channel, lane, flow.next}, wanted));
    std::size_t sent = 0;
    for (const auto& [place, record] : records) {
        if (session.full()) break;
        if (place.seq != flow.next) return fail(ErrorCode::corrupt, "a log entry is missing");
        RELAIS_ASSIGN(Loaded loaded, load(record));
        session.in_flight_bytes += loaded.info.bytes;
        ++session.in_flight_entries;
        flow.in_flight.push_back(loaded.info);
        flow.next = flow.next.next();
        outputs.push_back(SendFrame{session.id,
                                    {0, wire::Delivery{mailbox.address, incarnation_, lane,
                                                       place.seq, std::move(loaded.entry)}}});
        ++sent;
    }
    return sent;
}

Result<bool> Sessions::pump_directory(DirectorySize size, const std::string& checkpoint,
                                      std::vector<Output>& outputs) {
    bool more = false;
    for (auto& [id, session] : sessions_) {
        if (!session.directory_next || *session.directory_next >= size) continue;
        const std::uint64_t from = session.directory_next->value;
        RELAIS_ASSIGN(auto entries, store_.read_leaves(wire::LogName::directory, from,
                                                       limits::kEntriesPerFrameMax));
        std::size_t bytes = 0;
        std::size_t count = 0;
        while (count < entries.size() && bytes < kDirectoryBytesPerFrame) {
            bytes += entries[count++].size();
        }
        entries.resize(count);
        session.directory_next = DirectorySize{from + count};
        const bool complete = *session.directory_next == size;
        outputs.push_back(SendFrame{
            id,
            {0, wire::DirectoryEntries{{from}, std::move(entries), complete ? checkpoint : ""}}});
        more = more || !complete;
    }
    return more;
}

}  // namespace relais::broker
