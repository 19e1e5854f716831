// outbox.cc: counters, envelopes and marks on their way out.
#include "clients/station/store/ids.h"
#include "clients/station/store/station_store.h"

namespace relais::station {

namespace {

constexpr const char* kOutgoingAll =
    "SELECT serial, message, thread, state, code, sealed, receipt, noted FROM outgoing ORDER BY "
    "serial";
constexpr const char* kOutgoingQueued =
    "SELECT serial, message, thread, state, code, sealed, receipt, noted FROM outgoing"
    " WHERE state = 0 AND serial > ? ORDER BY serial LIMIT ?";
constexpr const char* kOutgoingOfThread =
    "SELECT serial, message, thread, state, code, sealed, receipt, noted FROM outgoing"
    " WHERE thread = ? ORDER BY serial";
constexpr const char* kOutgoingIds = "SELECT message FROM outgoing ORDER BY serial";
constexpr const char* kOutgoingIdsWith =
    "SELECT message FROM outgoing WHERE state = ? ORDER BY serial";
constexpr const char* kOutgoingOne =
    "SELECT serial, message, thread, state, code, sealed, receipt, noted FROM outgoing"
    " WHERE message = ?";

Bytes serial_key(std::uint64_t serial) {
    Bytes key;
    append_u64(key, serial);
    return key;
}

}  // namespace

Result<std::uint64_t> StationStore::take_counter(const Address& mailbox, Lane lane) {
    const Bytes tag = sealer_.tag(mailbox.text());
    std::uint64_t next = 1;
    {
        Query query = database_.query("SELECT value FROM counter WHERE mailbox = ? AND lane = ?");
        RELAIS_ASSIGN(const bool found, query.bind(tag).bind(static_cast<int>(lane)).row());
        if (found) next = query.number(0) + 1;
    }
    Query query =
        database_.query("INSERT OR REPLACE INTO counter (mailbox, lane, value) VALUES (?, ?, ?)");
    RELAIS_TRY(query.bind(tag).bind(static_cast<int>(lane)).bind(next).run());
    return next;
}

Result<void> StationStore::pass_counter(const Address& mailbox, Lane lane, std::uint64_t taken) {
    Query query = database_.query(
        "INSERT INTO counter (mailbox, lane, value) VALUES (?, ?, ?)"
        " ON CONFLICT (mailbox, lane) DO UPDATE SET value = max(value, excluded.value)");
    const Bytes tag = sealer_.tag(mailbox.text());
    return query.bind(tag).bind(static_cast<int>(lane)).bind(taken).run();
}

Result<void> StationStore::queue(const MessageId& message, const ThreadId& thread,
                                 ByteView envelope) {
    Query query = database_.query(
        "INSERT INTO outgoing (message, thread, state, sealed) VALUES (?, ?, 0, ?)");
    const Bytes sealed = sealer_.seal("outgoing", message.view(), envelope);
    return query.bind(message.view()).bind(thread.view()).bind(sealed).run();
}

Result<void> StationStore::set_envelope(const MessageId& message, ByteView envelope) {
    Query query = database_.query("UPDATE outgoing SET sealed = ? WHERE message = ?");
    const Bytes sealed = sealer_.seal("outgoing", message.view(), envelope);
    return query.bind(sealed).bind(message.view()).run();
}

Result<void> StationStore::set_outcome(const MessageId& message, SendState state, ErrorCode code,
                                       const wire::Frame& answer) {
    Query query =
        database_.query("UPDATE outgoing SET state = ?, code = ?, receipt = ? WHERE message = ?");
    const Bytes sealed = sealer_.seal("receipt", message.view(), wire::encode_frame(answer));
    query.bind(static_cast<int>(state)).bind(static_cast<int>(code)).bind(sealed);
    return query.bind(message.view()).run();
}

Result<void> StationStore::set_accepted(const MessageId& message, const wire::Receipt& receipt) {
    return set_outcome(message, SendState::accepted, ErrorCode::ok, {0, receipt});
}

Result<void> StationStore::set_refused(const MessageId& message, const wire::Refusal& refusal) {
    return set_outcome(message, SendState::refused, refusal.code, {0, refusal});
}

Result<void> StationStore::note_refused(const MessageId& message) {
    Query query = database_.query(
        "UPDATE outgoing SET noted = 1"
        " WHERE message = ? AND (state = 2 OR (state = 1 AND code <> 0))");
    return query.bind(message.view()).run();
}

Result<std::size_t> StationStore::count_refused_unnoted() {
    Query query = database_.query("SELECT COUNT(*) FROM outgoing WHERE state = ? AND noted = 0");
    RELAIS_TRY(query.bind(static_cast<int>(SendState::refused)).row());
    return std::size_t{query.number(0)};
}

Result<void> StationStore::offer_again() {
    return database_.query("UPDATE outgoing SET state = 0 WHERE state = 1").run();
}

Result<std::vector<StoredOutgoing>> StationStore::read_outgoing(Query& query) {
    std::vector<StoredOutgoing> list;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return list;
        if (query.blob(1).size() != MessageId::kSize || query.blob(2).size() != ThreadId::kSize) {
            return fail(ErrorCode::corrupt, "outgoing");
        }
        StoredOutgoing item;
        item.serial = query.number(0);
        item.message = MessageId::from(query.blob(1));
        item.thread = ThreadId::from(query.blob(2));
        item.state = static_cast<SendState>(query.integer(3));
        item.code = error_from_number(static_cast<std::uint16_t>(query.integer(4)));
        RELAIS_ASSIGN(item.envelope, sealer_.open("outgoing", item.message.view(), query.blob(5)));
        if (!query.is_null(6)) {
            RELAIS_ASSIGN(const Bytes answer,
                          sealer_.open("receipt", item.message.view(), query.blob(6)));
            RELAIS_ASSIGN(wire::Frame frame, wire::parse_frame(answer));
            if (auto* receipt = std::get_if<wire::Receipt>(&frame.body)) item.receipt = *receipt;
            if (auto* refusal = std::get_if<wire::Refusal>(&frame.body)) item.refusal = *refusal;
        }
        item.noted = query.integer(7) != 0;
        list.push_back(std::move(item));
    }
}

Result<std::vector<StoredOutgoing>> StationStore::queued(std::uint64_t after, std::size_t count) {
    Query query = database_.query(kOutgoingQueued);
    query.bind(after).bind(count);
    return read_outgoing(query);
}

Result<std::vector<StoredOutgoing>> StationStore::outgoing() {
    Query query = database_.query(kOutgoingAll);
    return read_outgoing(query);
}

Result<std::vector<MessageId>> StationStore::outgoing_ids(std::optional<SendState> state) {
    Query query = database_.query(state ? kOutgoingIdsWith : kOutgoingIds);
    if (state) query.bind(static_cast<int>(*state));
    return read_ids<MessageId>(query, "outgoing");
}

Result<std::size_t> StationStore::count_outgoing(SendState state) {
    Query query = database_.query("SELECT COUNT(*) FROM outgoing WHERE state = ?");
    RELAIS_TRY(query.bind(static_cast<int>(state)).row());
    return std::size_t{query.number(0)};
}

Result<std::vector<StoredOutgoing>> StationStore::outgoing_of_thread(const ThreadId& thread) {
    Query query = database_.query(kOutgoingOfThread);
    query.bind(thread.view());
    return read_outgoing(query);
}

Result<std::optional<StoredOutgoing>> StationStore::outgoing(const MessageId& message) {
    Query query = database_.query(kOutgoingOne);
    query.bind(message.view());
    RELAIS_ASSIGN(auto list, read_outgoing(query));
    if (list.empty()) return std::optional<StoredOutgoing>();
    return std::optional<StoredOutgoing>(std::move(list.front()));
}

Result<void> StationStore::queue_mark(const wire::MarkEntry& mark) {
    std::int64_t serial = 0;
    {
        Query query = database_.query("INSERT INTO outgoing_mark (sealed) VALUES (zeroblob(0))");
        RELAIS_TRY(query.run());
        serial = database_.last_row();
    }
    Query query = database_.query("UPDATE outgoing_mark SET sealed = ? WHERE serial = ?");
    const Bytes sealed =
        sealer_.seal("outgoing_mark", serial_key(static_cast<std::uint64_t>(serial)),
                     wire::encode_frame({0, mark}));
    return query.bind(sealed).bind(serial).run();
}

Result<std::vector<StoredMark>> StationStore::marks(std::uint64_t after, std::size_t count) {
    Query query = database_.query(
        "SELECT serial, sealed FROM outgoing_mark WHERE serial > ? ORDER BY serial LIMIT ?");
    query.bind(after).bind(count);
    std::vector<StoredMark> marks;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return marks;
        RELAIS_ASSIGN(const Bytes plain,
                      sealer_.open("outgoing_mark", serial_key(query.number(0)), query.blob(1)));
        RELAIS_ASSIGN(wire::Frame frame, wire::parse_frame(plain));
        auto* mark = std::get_if<wire::MarkEntry>(&frame.body);
        if (mark == nullptr) return fail(ErrorCode::corrupt, "outgoing mark");
        marks.push_back({query.number(0), std::move(*mark)});
    }
}

Result<void> StationStore::remove_mark(std::uint64_t serial) {
    Query query = database_.query("DELETE FROM outgoing_mark WHERE serial = ?");
    return query.bind(serial).run();
}

}  // namespace relais::station
