// threads.cc: threads, timers and held key boxes.
#include "broker/store/record_codec.h"
#include "broker/store/sqlite_store.h"

namespace relais::broker {

Result<std::optional<StoredThread>> SqliteStore::thread(const ThreadId& id) {
    if (const StoredThread* known = threads_.find(id)) return std::optional(*known);
    Query query = database_.query("SELECT record FROM thread WHERE id = ?");
    RELAIS_ASSIGN(const bool found, query.bind(id.view()).row());
    if (!found) return std::optional<StoredThread>();
    RELAIS_ASSIGN(StoredThread thread, decode_thread(id, query.blob(0)));
    threads_.keep(id, thread);
    return std::optional<StoredThread>(std::move(thread));
}

Result<void> SqliteStore::put_thread(StoredThread thread) {
    const ThreadId id = thread.thread.id;
    threads_.put(id, std::move(thread));
    return {};
}

Result<void> SqliteStore::flush_threads() {
    return threads_.flush([this](const ThreadId& id, const StoredThread& thread) {
        Query query = database_.query("INSERT OR REPLACE INTO thread (id, record) VALUES (?, ?)");
        const Bytes record = encode_thread(thread);
        return query.bind(id.view()).bind(record).run();
    });
}

Result<void> SqliteStore::add_member_step(const ThreadId& thread, ChannelId channel,
                                          const indicators::MemberStep& step) {
    Query known =
        database_.query("SELECT count(*) FROM member_step WHERE thread = ? AND channel = ?");
    RELAIS_TRY(known.bind(thread.view()).bind(channel).row());
    const std::uint64_t steps = known.number(0);
    if (steps >= indicators::kMemberStepsMax) return {};
    Query query = database_.query(
        "INSERT INTO member_step (thread, channel, step, record) VALUES (?, ?, ?, ?)");
    const Bytes record = encode_member_step(step);
    return query.bind(thread.view()).bind(channel).bind(steps).bind(record).run();
}

Result<std::set<ChannelId>> SqliteStore::members_acted(const ThreadId& thread,
                                                       std::uint32_t after) {
    Query query = database_.query("SELECT channel, record FROM member_step WHERE thread = ?");
    query.bind(thread.view());
    std::set<ChannelId> acted;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return acted;
        RELAIS_ASSIGN(const auto step, decode_member_step(query.blob(1)));
        if (step.after >= after) acted.insert(static_cast<ChannelId>(query.number(0)));
    }
}

Result<void> SqliteStore::add_timer(const Timer& timer) {
    if (timer.kind == TimerKind::envelope_end) return ends_.add(timer.at, timer.envelope);
    Query query = database_.query("INSERT OR REPLACE INTO timer (at, kind, key) VALUES (?, ?, ?)");
    const Bytes key = encode_timer_key(timer);
    return query.bind(timer.at.ms).bind(static_cast<int>(timer.kind)).bind(key).run();
}

Result<void> SqliteStore::remove_timer(const Timer& timer) {
    if (timer.kind == TimerKind::envelope_end) return ends_.remove(timer.at, timer.envelope);
    Query query = database_.query("DELETE FROM timer WHERE at = ? AND kind = ? AND key = ?");
    const Bytes key = encode_timer_key(timer);
    return query.bind(timer.at.ms).bind(static_cast<int>(timer.kind)).bind(key).run();
}

Result<std::optional<Timer>> SqliteStore::first_timer(TimerKind kind) {
    if (kind == TimerKind::envelope_end) return ends_.first();
    Query query =
        database_.query("SELECT at, key FROM timer WHERE kind = ? ORDER BY at, key LIMIT 1");
    RELAIS_ASSIGN(const bool found, query.bind(static_cast<int>(kind)).row());
    if (!found) return std::optional<Timer>();
    RELAIS_ASSIGN(Timer timer, decode_timer({query.integer(0)}, kind, query.blob(1)));
    return std::optional<Timer>(timer);
}

Result<std::optional<Timer>> SqliteStore::next_timer(const Timer& timer) {
    Query query = database_.query(
        "SELECT at, key FROM timer WHERE kind = ? AND (at, key) > (?, ?)"
        " ORDER BY at, key LIMIT 1");
    const Bytes key = encode_timer_key(timer);
    query.bind(static_cast<int>(timer.kind)).bind(timer.at.ms).bind(key);
    RELAIS_ASSIGN(const bool found, query.row());
    if (!found) return std::optional<Timer>();
    RELAIS_ASSIGN(Timer next, decode_timer({query.integer(0)}, timer.kind, query.blob(1)));
    return std::optional<Timer>(next);
}

Result<void> SqliteStore::hold_box(const HeldBox& box) {
    Query query = database_.query(
        "INSERT INTO held (thread, condition, channel, number, position, lane, old_epoch)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)");
    query.bind(box.thread.view()).bind(static_cast<int>(box.condition)).bind(box.channel);
    query.bind(box.number).bind(int{box.position}).bind(static_cast<int>(box.lane));
    return query.bind(box.old_epoch).run();
}

Result<std::vector<HeldBox>> SqliteStore::held_boxes(const ThreadId& thread, Release condition,
                                                     ChannelId channel) {
    Query query = database_.query(
        "SELECT number, position, lane, old_epoch FROM held"
        " WHERE thread = ? AND condition = ? AND channel = ? ORDER BY number");
    query.bind(thread.view()).bind(static_cast<int>(condition)).bind(channel);
    std::vector<HeldBox> boxes;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return boxes;
        if (query.number(2) >= kLanes) return fail(ErrorCode::corrupt, "held box");
        boxes.push_back({thread, condition, channel, query.number(0),
                         static_cast<std::uint16_t>(query.number(1)),
                         static_cast<Lane>(query.number(2)), query.integer(3) != 0});
    }
}

Result<std::vector<HeldBox>> SqliteStore::held_boxes(const ThreadId& thread, Release condition) {
    Query query = database_.query(
        "SELECT channel, number, position, lane, old_epoch FROM held"
        " WHERE thread = ? AND condition = ? ORDER BY channel, number");
    query.bind(thread.view()).bind(static_cast<int>(condition));
    std::vector<HeldBox> boxes;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return boxes;
        if (query.number(3) >= kLanes) return fail(ErrorCode::corrupt, "held box");
        boxes.push_back({thread, condition, static_cast<ChannelId>(query.number(0)),
                         query.number(1), static_cast<std::uint16_t>(query.number(2)),
                         static_cast<Lane>(query.number(3)), query.integer(4) != 0});
    }
}

Result<std::vector<ThreadId>> SqliteStore::threads_awaiting_absence(ChannelId channel,
                                                                    const ThreadId& after,
                                                                    std::size_t count) {
    static_assert(static_cast<int>(Release::absence) == 3);  // as the index has it
    Query query = database_.query(
        "SELECT DISTINCT thread FROM held WHERE condition = 3 AND channel = ? AND thread > ?"
        " ORDER BY thread LIMIT ?");
    query.bind(channel).bind(after.view()).bind(static_cast<std::int64_t>(count));
    std::vector<ThreadId> threads;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return threads;
        const ByteView id = query.blob(0);
        if (id.size() != ThreadId{}.view().size()) return fail(ErrorCode::corrupt, "held box");
        threads.push_back(ThreadId::from(id));
    }
}

Result<void> SqliteStore::remove_held(const HeldBox& box) {
    Query query = database_.query(
        "DELETE FROM held WHERE thread = ? AND condition = ? AND channel = ? AND number = ?");
    query.bind(box.thread.view()).bind(static_cast<int>(box.condition)).bind(box.channel);
    return query.bind(box.number).run();
}

Result<void> SqliteStore::remove_held_of(EnvelopeNumber number) {
    Query query = database_.query("DELETE FROM held WHERE number = ?");
    return query.bind(number).run();
}

}  // namespace relais::broker
