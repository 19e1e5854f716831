// inbox.cc: lanes, received entries, counters seen.
#include <algorithm>

#include "clients/station/store/ids.h"
#include "clients/station/store/station_store.h"

namespace relais::station {

namespace {

int lane_number(Lane lane) { return static_cast<int>(lane); }

// What a sealed entry is bound to: its place.
Bytes place_key(ByteView tag, ByteView incarnation, std::int64_t lane, std::uint64_t seq) {
    Bytes key = to_bytes(tag);
    append(key, incarnation);
    key.push_back(static_cast<std::uint8_t>(lane));
    append_u64(key, seq);
    return key;
}

template <typename Id>
std::optional<Id> optional_id(ByteView bytes) {
    if (bytes.size() != Id::kSize) return std::nullopt;
    return Id::from(bytes);
}

void bind_optional(Query& query, const std::optional<ByteView>& view) {
    if (view)
        query.bind(*view);
    else
        query.bind_null();
}

constexpr const char* kEntriesAfter =
    "SELECT serial, mailbox, incarnation, lane, seq, digest, thread, message, status, sealed"
    " FROM entry WHERE serial > ? ORDER BY serial LIMIT ?";
constexpr const char* kEntriesOfThread =
    "SELECT serial, mailbox, incarnation, lane, seq, digest, thread, message, status, sealed"
    " FROM entry WHERE thread = ? ORDER BY serial";
constexpr const char* kEntriesOfMessage =
    "SELECT serial, mailbox, incarnation, lane, seq, digest, thread, message, status, sealed"
    " FROM entry WHERE message = ? ORDER BY serial";
constexpr const char* kEntriesDelivered =
    "SELECT serial, mailbox, incarnation, lane, seq, digest, thread, message, status, sealed"
    " FROM entry WHERE serial IN (SELECT serial FROM delivered WHERE message = ?) ORDER BY serial";
constexpr const char* kReckonings =
    "SELECT serial, mailbox, incarnation, lane, seq, digest, thread, message, status, sealed"
    " FROM entry WHERE serial IN (SELECT serial FROM reckoning ORDER BY serial DESC LIMIT ?)"
    " ORDER BY serial";
constexpr const char* kEntriesWith =
    "SELECT serial, mailbox, incarnation, lane, seq, digest, thread, message, status, sealed"
    " FROM entry WHERE status = ? AND status <> 0 AND serial > ? ORDER BY serial LIMIT ?";

}  // namespace

Result<ChannelSeq> StationStore::next_seq(const Address& mailbox, Lane lane) {
    Query query = database_.query("SELECT next FROM lane WHERE mailbox = ? AND lane = ?");
    const Bytes tag = sealer_.tag(mailbox.text());
    RELAIS_ASSIGN(const bool found, query.bind(tag).bind(lane_number(lane)).row());
    return ChannelSeq{found ? query.number(0) : 1};
}

Result<void> StationStore::set_next_seq(const Address& mailbox, Lane lane, ChannelSeq next) {
    Query query =
        database_.query("INSERT OR REPLACE INTO lane (mailbox, lane, next) VALUES (?, ?, ?)");
    const Bytes tag = sealer_.tag(mailbox.text());
    return query.bind(tag).bind(lane_number(lane)).bind(next.value).run();
}

Result<void> StationStore::restart_lanes() { return database_.query("DELETE FROM lane").run(); }

Result<std::uint64_t> StationStore::add_entry(const StoredEntry& entry) {
    Query query = database_.query(
        "INSERT INTO entry (mailbox, incarnation, lane, seq, digest, type, thread, message, status,"
        " sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    const wire::Delivery& delivery = entry.delivery;
    const Bytes tag = sealer_.tag(delivery.mailbox.text());
    const Bytes key =
        place_key(tag, delivery.incarnation.view(), lane_number(delivery.lane), delivery.seq.value);
    const Bytes sealed = sealer_.seal("entry", key, wire::encode_frame({0, delivery}));
    query.bind(tag).bind(delivery.incarnation.view()).bind(lane_number(delivery.lane));
    query.bind(delivery.seq.value).bind(entry.digest.view());
    query.bind(static_cast<int>(delivery.entry.index()));
    bind_optional(query, entry.thread ? std::optional(entry.thread->view()) : std::nullopt);
    bind_optional(query, entry.message ? std::optional(entry.message->view()) : std::nullopt);
    query.bind(static_cast<int>(entry.status)).bind(sealed);
    RELAIS_TRY(query.run());
    return static_cast<std::uint64_t>(database_.last_row());
}

Result<void> StationStore::add_reckoning(std::uint64_t serial) {
    Query query = database_.query("INSERT OR IGNORE INTO reckoning (serial) VALUES (?)");
    return query.bind(serial).run();
}

Result<std::vector<StoredEntry>> StationStore::reckonings(std::size_t count) {
    Query query = database_.query(kReckonings);
    query.bind(count);
    return read_entries(query);
}

// A tombstone in the entry's place, under its digest.
Result<void> StationStore::bury(const StoredEntry& entry) {
    wire::Delivery delivery = entry.delivery;
    delivery.entry = Tombstone{entry.digest, entry.message};
    const Bytes tag = sealer_.tag(delivery.mailbox.text());
    const Bytes key =
        place_key(tag, delivery.incarnation.view(), lane_number(delivery.lane), delivery.seq.value);
    const Bytes sealed = sealer_.seal("entry", key, wire::encode_frame({0, delivery}));
    Query query =
        database_.query("UPDATE entry SET type = ?, status = 0, sealed = ? WHERE serial = ?");
    return query.bind(static_cast<int>(delivery.entry.index()))
        .bind(sealed)
        .bind(entry.serial)
        .run();
}

Result<void> StationStore::set_status(std::uint64_t serial, ErrorCode status) {
    Query query = database_.query("UPDATE entry SET status = ? WHERE serial = ?");
    return query.bind(static_cast<int>(status)).bind(serial).run();
}

Result<StoredEntry> StationStore::read_entry(const Query& query) {
    const Bytes key = place_key(query.blob(1), query.blob(2), query.integer(3), query.number(4));
    RELAIS_ASSIGN(const Bytes plain, sealer_.open("entry", key, query.blob(9)));
    RELAIS_ASSIGN(wire::Frame frame, wire::parse_frame(plain));
    auto* delivery = std::get_if<wire::Delivery>(&frame.body);
    if (delivery == nullptr || query.blob(5).size() != Digest::kSize) {
        return fail(ErrorCode::corrupt, "entry");
    }
    return StoredEntry{query.number(0),
                       std::move(*delivery),
                       Digest::from(query.blob(5)),
                       optional_id<ThreadId>(query.blob(6)),
                       optional_id<MessageId>(query.blob(7)),
                       error_from_number(static_cast<std::uint16_t>(query.integer(8)))};
}

Result<std::vector<StoredEntry>> StationStore::read_entries(Query& query) {
    std::vector<StoredEntry> entries;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return entries;
        RELAIS_ASSIGN(StoredEntry entry, read_entry(query));
        entries.push_back(std::move(entry));
    }
}

Result<std::vector<StoredEntry>> StationStore::entries(std::uint64_t after, std::size_t count) {
    Query query = database_.query(kEntriesAfter);
    query.bind(after).bind(count);
    return read_entries(query);
}

Result<std::vector<StoredEntry>> StationStore::entries_of_thread(const ThreadId& thread) {
    Query query = database_.query(kEntriesOfThread);
    query.bind(thread.view());
    return read_entries(query);
}

Result<std::optional<StoredEntry>> StationStore::first_envelope(
    const ThreadId& thread, std::span<const ErrorCode> verdicts) {
    Query query = database_.query(kEntriesOfThread);
    query.bind(thread.view());
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return std::optional<StoredEntry>();
        RELAIS_ASSIGN(StoredEntry entry, read_entry(query));
        const bool wanted = std::ranges::find(verdicts, entry.status) != verdicts.end();
        if (wanted && std::holds_alternative<EnvelopeEntry>(entry.delivery.entry)) {
            return std::optional(std::move(entry));
        }
    }
}

Result<std::vector<StoredEntry>> StationStore::entries_of_message(const MessageId& message) {
    Query query = database_.query(kEntriesOfMessage);
    query.bind(message.view());
    return read_entries(query);
}

Result<std::vector<StoredEntry>> StationStore::entries_with(ErrorCode status, std::size_t count,
                                                            std::uint64_t after) {
    Query query = database_.query(kEntriesWith);
    query.bind(static_cast<int>(status)).bind(after).bind(count);
    return read_entries(query);
}

Result<void> StationStore::add_delivered(const MessageId& message, std::uint64_t serial) {
    Query query =
        database_.query("INSERT OR IGNORE INTO delivered (message, serial) VALUES (?, ?)");
    return query.bind(message.view()).bind(serial).run();
}

Result<std::vector<StoredEntry>> StationStore::delivered_notices(const MessageId& message) {
    Query query = database_.query(kEntriesDelivered);
    query.bind(message.view());
    return read_entries(query);
}

Result<std::vector<ThreadId>> StationStore::threads() {
    Query query = database_.query(
        "SELECT thread FROM entry WHERE thread IS NOT NULL UNION SELECT thread FROM outgoing");
    return read_ids<ThreadId>(query, "thread");
}

Result<std::vector<Digest>> StationStore::digests(const Address& mailbox,
                                                  const Incarnation& incarnation, Lane lane,
                                                  ChannelSeq first, ChannelSeq last) {
    Query query = database_.query(
        "SELECT digest FROM entry WHERE mailbox = ? AND incarnation = ? AND lane = ?"
        " AND seq >= ? AND seq <= ? ORDER BY seq");
    const Bytes tag = sealer_.tag(mailbox.text());
    query.bind(tag).bind(incarnation.view()).bind(lane_number(lane));
    query.bind(first.value).bind(last.value);
    std::vector<Digest> digests;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) break;
        digests.push_back(Digest::from(query.blob(0)));
    }
    if (digests.size() != last.value - first.value + 1) {
        return fail(ErrorCode::wrong_position, mailbox.text());
    }
    return digests;
}

Result<std::vector<std::pair<ChannelSeq, ErrorCode>>> StationStore::refused(
    const Address& mailbox, const Incarnation& incarnation, Lane lane, ChannelSeq first,
    ChannelSeq last) {
    Query query = database_.query(
        "SELECT seq, status FROM entry WHERE mailbox = ? AND incarnation = ? AND lane = ?"
        " AND seq >= ? AND seq <= ? AND status <> 0 ORDER BY seq");
    const Bytes tag = sealer_.tag(mailbox.text());
    query.bind(tag).bind(incarnation.view()).bind(lane_number(lane));
    query.bind(first.value).bind(last.value);
    std::vector<std::pair<ChannelSeq, ErrorCode>> found;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return found;
        found.emplace_back(ChannelSeq{static_cast<std::uint64_t>(query.integer(0))},
                           error_from_number(static_cast<std::uint16_t>(query.integer(1))));
    }
}

Result<bool> StationStore::has_digest(const Address& mailbox, const Digest& digest,
                                      std::uint64_t beside) {
    Query query = database_.query(
        "SELECT 1 FROM entry WHERE mailbox = ? AND digest = ? AND serial <> ? LIMIT 1");
    const Bytes tag = sealer_.tag(mailbox.text());
    return query.bind(tag).bind(digest.view()).bind(beside).row();
}

Result<bool> StationStore::has_digest(const Address& mailbox, const Digest& digest,
                                      const Incarnation& incarnation) {
    Query query = database_.query(
        "SELECT 1 FROM entry WHERE mailbox = ? AND digest = ? AND incarnation = ? LIMIT 1");
    const Bytes tag = sealer_.tag(mailbox.text());
    return query.bind(tag).bind(digest.view()).bind(incarnation.view()).row();
}

Result<std::uint64_t> StationStore::last_serial() {
    Query query = database_.query("SELECT MAX(serial) FROM entry");
    RELAIS_TRY(query.row());
    return query.number(0);
}

Result<StationStore::Seen> StationStore::seen(const StationId& station, const std::string& sequence,
                                              Lane lane) {
    Query query = database_.query(
        "SELECT counter, digest FROM seen WHERE station = ? AND mailbox = ? AND lane = ?");
    const Bytes tag = sealer_.tag(sequence);
    query.bind(station.view()).bind(tag).bind(lane_number(lane));
    RELAIS_ASSIGN(const bool found, query.row());
    if (!found) return Seen{};
    if (query.blob(1).size() != Digest::kSize) return fail(ErrorCode::corrupt, "seen");
    return Seen{query.number(0), Digest::from(query.blob(1))};
}

Result<void> StationStore::set_seen(const StationId& station, const std::string& sequence,
                                    Lane lane, const Seen& seen) {
    Query query = database_.query(
        "INSERT OR REPLACE INTO seen (station, mailbox, lane, counter, digest)"
        " VALUES (?, ?, ?, ?, ?)");
    const Bytes tag = sealer_.tag(sequence);
    query.bind(station.view()).bind(tag).bind(lane_number(lane));
    return query.bind(seen.counter).bind(seen.digest.view()).run();
}

}  // namespace relais::station
