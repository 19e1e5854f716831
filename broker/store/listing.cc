#include "broker/store/listing.h"

#include "broker/store/chunk_table.h"
#include "broker/store/record_codec.h"

namespace relais::broker {

namespace {

Error corrupt_row(const char* what) { return fail(ErrorCode::corrupt, what); }

// One value for each row, made by `read`.
template <typename T, typename Read>
Result<std::vector<T>> collect(Query query, Read read) {
    std::vector<T> rows;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return rows;
        RELAIS_ASSIGN(T row, read(query));
        rows.push_back(std::move(row));
    }
}

template <typename Id>
Result<Id> id_at(const Query& query, int column, const char* what) {
    if (query.blob(column).size() != Id::kSize) return corrupt_row(what);
    return Id::from(query.blob(column));
}

Result<Lane> lane_at(const Query& query, int column) {
    if (query.number(column) >= kLanes) return corrupt_row("lane");
    return static_cast<Lane>(query.number(column));
}

Result<Timer> read_timer(const Query& query) {
    const auto kind = static_cast<TimerKind>(query.integer(0));
    if (kind < TimerKind::clock_end || kind > TimerKind::forget) return corrupt_row("timer kind");
    return decode_timer({query.integer(1)}, kind, query.blob(2));
}

Result<HeldBox> read_held(const Query& query) {
    RELAIS_ASSIGN(const ThreadId thread, id_at<ThreadId>(query, 0, "held box"));
    RELAIS_ASSIGN(const Lane lane, lane_at(query, 5));
    return HeldBox{thread,
                   static_cast<Release>(query.integer(1)),
                   static_cast<ChannelId>(query.number(2)),
                   query.number(3),
                   static_cast<std::uint16_t>(query.number(4)),
                   lane,
                   query.integer(6) != 0};
}

Result<RememberedRow> read_remembered(const Query& query) {
    RELAIS_ASSIGN(const MessageId id, id_at<MessageId>(query, 0, "remembered"));
    RELAIS_ASSIGN(const StationId station, id_at<StationId>(query, 1, "remembered"));
    RELAIS_ASSIGN(const EnvelopeTag tag, tag_at(query.blob(2)));
    return RememberedRow{id,
                         station,
                         {tag,
                          static_cast<ErrorCode>(query.integer(3)),
                          query.number(4),
                          {query.number(5)},
                          {query.integer(6)}}};
}

}  // namespace

Result<std::vector<std::string>> StoreListing::integrity() {
    RELAIS_ASSIGN(
        auto lines,
        collect<std::string>(database_.query("PRAGMA integrity_check"), [](const Query& query) {
            return Result<std::string>(std::string(query.text(0)));
        }));
    std::erase(lines, "ok");
    return lines;
}

Result<void> StoreListing::begin() {
    store_.forget_cached();
    return database_.execute("BEGIN");
}

Result<std::vector<EnvelopeNumber>> StoreListing::envelopes() {
    constexpr std::size_t kAtOnce = 256;
    std::vector<EnvelopeNumber> numbers;
    for (EnvelopeNumber from = 0;; from = numbers.back() + 1) {
        RELAIS_ASSIGN(const auto records, store_.envelopes_.read(0, from, kAtOnce));
        for (const PackedRows::Record& record : records) numbers.push_back(record.position);
        if (records.size() < kAtOnce) return numbers;
    }
}

Result<std::vector<ThreadId>> StoreListing::threads() {
    return collect<ThreadId>(
        database_.query("SELECT id FROM thread ORDER BY id"),
        [](const Query& query) { return id_at<ThreadId>(query, 0, "thread"); });
}

namespace {

// What members did, thread by thread, beside a walk over the threads in the same order.
class MemberSteps {
public:
    explicit MemberSteps(Database& database)
        : query_(database.query("SELECT thread, channel, record FROM member_step"
                                " ORDER BY thread, channel, step")) {}

    // Requires threads in their order. Errors: corrupt  also: of a thread that there is not.
    Result<std::vector<indicators::MemberStep>> of(const ThreadId& thread) {
        std::vector<indicators::MemberStep> steps;
        if (!begun_) RELAIS_TRY(next());
        while (more_) {
            RELAIS_ASSIGN(const ThreadId owner, id_at<ThreadId>(query_, 0, "member step"));
            if (owner > thread) break;
            if (owner != thread) return corrupt_row("member step without a thread");
            RELAIS_ASSIGN(auto step, decode_member_step(query_.blob(2)));
            step.step.member = query_.number(1);
            steps.push_back(std::move(step));
            RELAIS_TRY(next());
        }
        return steps;
    }
    // Errors: corrupt  steps are left.
    Result<void> finish() {
        if (!begun_) RELAIS_TRY(next());
        return more_ ? Result<void>(corrupt_row("member step without a thread")) : Result<void>();
    }

private:
    Result<void> next() {
        begun_ = true;
        RELAIS_ASSIGN(more_, query_.row());
        return {};
    }

    Query query_;
    bool begun_ = false;
    bool more_ = false;
};

}  // namespace

Result<void> StoreListing::each_thread(
    const std::function<Result<void>(const StoredThread&)>& take) {
    MemberSteps members(database_);
    Query query = database_.query("SELECT id, record FROM thread ORDER BY id");
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return members.finish();
        RELAIS_ASSIGN(const ThreadId id, id_at<ThreadId>(query, 0, "thread"));
        RELAIS_ASSIGN(StoredThread thread, decode_thread(id, query.blob(1)));
        RELAIS_ASSIGN(auto steps, members.of(id));
        if (thread.history.size() > indicators::kStepsMax) {
            thread.history.resize(indicators::kStepsMax);  // what is behind counts in no figure
        }
        thread.history = indicators::whole(std::move(thread.history), std::move(steps));
        RELAIS_TRY(take(thread));
    }
}

Result<void> StoreListing::each_register_entry(
    const std::string& name,
    const std::function<Result<void>(const std::string&, std::int64_t, WallTime)>& take) {
    Query query = database_.query(
        "SELECT key, value, record FROM register_entry WHERE name = ? ORDER BY key, position");
    query.bind(name);
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return {};
        RELAIS_ASSIGN(const RegisterRecord record, decode_register_record(query.blob(2)));
        RELAIS_TRY(take(std::string(query.text(0)), query.integer(1), record.accepted.time));
    }
}

Result<std::vector<std::pair<std::string, std::uint64_t>>> StoreListing::registers() {
    using Counted = std::pair<std::string, std::uint64_t>;
    return collect<Counted>(
        database_.query("SELECT name, COUNT(*) FROM register_entry GROUP BY name ORDER BY name"),
        [](const Query& query) -> Result<Counted> {
            return Counted{std::string(query.text(0)), query.number(1)};
        });
}

Result<std::vector<StoreListing::RingRow>> StoreListing::rings() {
    return collect<RingRow>(
        database_.query("SELECT thread, channel, step, number FROM ring ORDER BY thread, channel,"
                        " step"),
        [](const Query& query) -> Result<RingRow> {
            RELAIS_ASSIGN(const ThreadId thread, id_at<ThreadId>(query, 0, "ring"));
            return RingRow{thread, static_cast<ChannelId>(query.number(1)), query.number(2),
                           query.number(3)};
        });
}

Result<std::vector<std::pair<ThreadId, ChannelId>>> StoreListing::members() {
    using Member = std::pair<ThreadId, ChannelId>;
    return collect<Member>(
        database_.query(
            "SELECT DISTINCT thread, channel FROM member_step ORDER BY thread, channel"),
        [](const Query& query) -> Result<Member> {
            RELAIS_ASSIGN(const ThreadId thread, id_at<ThreadId>(query, 0, "member step"));
            return Member{thread, static_cast<ChannelId>(query.number(1))};
        });
}

Result<std::vector<LaneKey>> StoreListing::lanes() {
    RELAIS_ASSIGN(const auto owners, store_.log_.owners());
    std::vector<LaneKey> lanes;
    for (const PackedRows::Owner owner : owners) {
        if (owner % 4 >= kLanes) return corrupt_row("lane");
        lanes.push_back({owner / 4, static_cast<Lane>(owner % 4)});
    }
    return lanes;
}

Result<std::vector<Timer>> StoreListing::timers() {
    RELAIS_ASSIGN(auto timers, collect<Timer>(database_.query("SELECT kind, at, key FROM timer"
                                                              " ORDER BY kind, at, key"),
                                              read_timer));
    RELAIS_ASSIGN(const auto ends, store_.ends_.all());
    timers.insert(timers.end(), ends.begin(), ends.end());
    return timers;
}

Result<std::vector<HeldBox>> StoreListing::held() {
    return collect<HeldBox>(
        database_.query("SELECT thread, condition, channel, number, position, lane, old_epoch"
                        " FROM held ORDER BY thread, condition, channel, number"),
        read_held);
}

Result<std::vector<RememberedRow>> StoreListing::remembered() {
    return collect<RememberedRow>(
        database_.query("SELECT id, station, digest, code, number, leaf, forget_at FROM remembered"
                        " ORDER BY id, station"),
        read_remembered);
}

Result<std::vector<CursorRow>> StoreListing::cursor_rows(const char* sql) {
    return collect<CursorRow>(database_.query(sql), [](const Query& query) -> Result<CursorRow> {
        RELAIS_ASSIGN(const Lane lane, lane_at(query, 1));
        RELAIS_ASSIGN(const StationId station, id_at<StationId>(query, 2, "cursor"));
        return CursorRow{static_cast<ChannelId>(query.number(0)), lane, station, query.number(3)};
    });
}

Result<std::vector<CursorRow>> StoreListing::cursors() {
    return cursor_rows(
        "SELECT channel, lane, station, seq FROM cursor ORDER BY channel, lane, station");
}

Result<std::vector<CursorRow>> StoreListing::counters() {
    return cursor_rows(
        "SELECT channel, lane, station, value FROM counter ORDER BY channel, lane, station");
}

Result<std::vector<Digest>> StoreListing::bundles() {
    return collect<Digest>(database_.query("SELECT digest FROM bundle ORDER BY digest"),
                           [](const Query& query) { return id_at<Digest>(query, 0, "bundle"); });
}

Result<std::vector<HeadRow>> StoreListing::heads(wire::LogName log) {
    Query query = database_.query("SELECT size, note FROM checkpoint WHERE log = ? ORDER BY size");
    query.bind(static_cast<int>(log));
    return collect<HeadRow>(std::move(query), [](const Query& row) {
        return Result<HeadRow>(HeadRow{row.number(0), std::string(row.text(1))});
    });
}

Result<std::vector<std::pair<std::uint64_t, Bytes>>> StoreListing::leaves(wire::LogName log,
                                                                          std::uint64_t first,
                                                                          std::size_t count) {
    RELAIS_ASSIGN(auto records, store_.leaf_records(log, first, count));
    std::vector<std::pair<std::uint64_t, Bytes>> leaves;
    for (auto& [position, bytes] : records) leaves.emplace_back(position, std::move(bytes));
    return leaves;
}

Result<std::set<Digest>> chunks_named(const std::filesystem::path& database) {
    RELAIS_ASSIGN(const auto store,
                  SqliteStore::open(database.string(), {Database::Mode::read_only, "", ""}));
    RELAIS_ASSIGN(const auto rows, list_chunks(store->database()));
    std::set<Digest> named;
    for (const ChunkRow& row : rows) named.insert(row.chunk.digest);
    return named;
}

}  // namespace relais::broker
