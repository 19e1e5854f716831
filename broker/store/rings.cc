// rings.cc: the steps of ringing that are still to come, or under way.
#include "broker/store/sqlite_store.h"

namespace relais::broker {

namespace {

constexpr const char* kPut =
    "INSERT OR REPLACE INTO ring (thread, channel, step, message, number, lane, clock, party,"
    " ends_at, due_at, attempts, under_way, receiver, organisation) VALUES (?, ?, ?, ?, ?, ?, ?, "
    "?, ?,"
    " ?, ?, ?, ?, ?)";
constexpr const char* kOne =
    "SELECT thread, channel, step, message, number, lane, clock, party, ends_at, due_at, attempts,"
    " under_way, receiver, organisation FROM ring WHERE thread = ? AND channel = ? AND step = ?";
constexpr const char* kOfMailbox =
    "SELECT thread, channel, step, message, number, lane, clock, party, ends_at, due_at, attempts,"
    " under_way, receiver, organisation FROM ring WHERE thread = ? AND channel = ? ORDER BY step";
constexpr const char* kFirst =
    "SELECT thread, channel, step, message, number, lane, clock, party, ends_at, due_at, attempts,"
    " under_way, receiver, organisation FROM ring WHERE under_way = 0"
    " ORDER BY due_at, thread, channel, step LIMIT 1";
constexpr const char* kFirstWaiting =
    "SELECT thread, channel, step, message, number, lane, clock, party, ends_at, due_at, attempts,"
    " under_way, receiver, organisation FROM ring INDEXED BY ring_waiting"
    " WHERE under_way = 2 AND lane = ?1 AND instr(?2, char(10) || receiver || char(10)) = 0"
    " AND instr(?3, char(10) || organisation || char(10)) = 0"
    " ORDER BY due_at, receiver, organisation, thread, channel, step LIMIT 1";

// A line each, for the query to look in.
std::string in_lines_of_their_own(const std::vector<std::string>& names) {
    std::string lines = "\n";
    for (const std::string& name : names) lines += name + "\n";
    return lines;
}

template <typename Id>
Result<Id> id_in(Query& query, int column) {
    const ByteView bytes = query.blob(column);
    if (bytes.size() != Id::kSize) return fail(ErrorCode::corrupt, "ring");
    return Id::from(bytes);
}

Result<StoredRing> read_ring(Query& query) {
    RELAIS_ASSIGN(const ThreadId thread, id_in<ThreadId>(query, 0));
    RELAIS_ASSIGN(const MessageId message, id_in<MessageId>(query, 3));
    const std::uint64_t stage = query.number(11);
    const bool known =
        query.number(5) < kLanes && stage <= static_cast<std::uint64_t>(RingStage::waiting);
    if (!known) return fail(ErrorCode::corrupt, "ring");
    StoredRing ring{.thread = thread,
                    .channel = static_cast<ChannelId>(query.number(1)),
                    .step = static_cast<std::uint8_t>(query.number(2)),
                    .message = message,
                    .number = query.number(4),
                    .lane = static_cast<Lane>(query.number(5)),
                    .clock = static_cast<workflow::ClockIndex>(query.number(6)),
                    .party = std::nullopt,
                    .end = {query.integer(8)},
                    .due = {query.integer(9)},
                    .attempts = static_cast<std::uint8_t>(query.number(10)),
                    .stage = static_cast<RingStage>(stage),
                    .receiver = std::string(query.text(12)),
                    .organisation = std::string(query.text(13))};
    if (query.integer(7) >= 0) ring.party = static_cast<std::size_t>(query.integer(7));
    return ring;
}

Result<std::optional<StoredRing>> read_one(Query& query) {
    RELAIS_ASSIGN(const bool found, query.row());
    if (!found) return std::optional<StoredRing>();
    RELAIS_ASSIGN(StoredRing ring, read_ring(query));
    return std::optional(ring);
}

}  // namespace

Result<void> SqliteStore::put_ring(const StoredRing& ring) {
    Query query = database_.query(kPut);
    query.bind(ring.thread.view()).bind(ring.channel).bind(int{ring.step});
    query.bind(ring.message.view()).bind(ring.number).bind(static_cast<int>(ring.lane));
    query.bind(int{ring.clock}).bind(ring.party ? static_cast<std::int64_t>(*ring.party) : -1);
    query.bind(ring.end.ms).bind(ring.due.ms).bind(int{ring.attempts});
    return query.bind(static_cast<int>(ring.stage))
        .bind(ring.receiver)
        .bind(ring.organisation)
        .run();
}

Result<std::optional<StoredRing>> SqliteStore::ring(const ThreadId& thread, ChannelId channel,
                                                    std::uint8_t step) {
    Query query = database_.query(kOne);
    query.bind(thread.view()).bind(channel).bind(int{step});
    return read_one(query);
}

Result<std::vector<StoredRing>> SqliteStore::rings_of(const ThreadId& thread, ChannelId channel) {
    Query query = database_.query(kOfMailbox);
    query.bind(thread.view()).bind(channel);
    std::vector<StoredRing> rings;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return rings;
        RELAIS_ASSIGN(StoredRing ring, read_ring(query));
        rings.push_back(ring);
    }
}

Result<void> SqliteStore::remove_ring(const StoredRing& ring) {
    Query query = database_.query("DELETE FROM ring WHERE thread = ? AND channel = ? AND step = ?");
    return query.bind(ring.thread.view()).bind(ring.channel).bind(int{ring.step}).run();
}

Result<std::optional<StoredRing>> SqliteStore::first_ring() {
    Query query = database_.query(kFirst);
    return read_one(query);
}

Result<std::optional<StoredRing>> SqliteStore::first_ring_waiting(Lane lane,
                                                                  const RingsSpent& spent) {
    const std::string receivers = in_lines_of_their_own(spent.receivers);
    const std::string organisations = in_lines_of_their_own(spent.organisations);
    Query query = database_.query(kFirstWaiting);
    query.bind(static_cast<int>(lane)).bind(receivers).bind(organisations);
    return read_one(query);
}

Result<void> SqliteStore::interrupt_rings() {
    return database_.query("UPDATE ring SET under_way = 0 WHERE under_way IN (1, 2)").run();
}

}  // namespace relais::broker
