#include "broker/store/sqlite_store.h"

#include <utility>

#include "broker/store/schema.h"

namespace relais::broker {

namespace {

constexpr std::size_t kExtendedBelow = 8 * 1024;  // bytes of a pack; a lane's are rewritten more
constexpr std::size_t kLaneExtendedBelow = 2 * 1024;
constexpr std::size_t kRowsKept = 4096;
constexpr std::size_t kThreadsKept = 1024;

constexpr PackedRows::Statements kEnvelopes{
    "SELECT count, bytes FROM envelope WHERE key = ?",
    "SELECT key, count FROM envelope WHERE key BETWEEN ? AND ? ORDER BY key DESC LIMIT 1",
    "SELECT key, count FROM envelope WHERE key BETWEEN ? AND ? ORDER BY key LIMIT 1",
    "INSERT OR REPLACE INTO envelope (key, count, bytes) VALUES (?, ?, ?)",
    "DELETE FROM envelope WHERE key = ?"};
constexpr PackedRows::Statements kLog{
    "SELECT count, bytes FROM log WHERE key = ?",
    "SELECT key, count FROM log WHERE key BETWEEN ? AND ? ORDER BY key DESC LIMIT 1",
    "SELECT key, count FROM log WHERE key BETWEEN ? AND ? ORDER BY key LIMIT 1",
    "INSERT OR REPLACE INTO log (key, count, bytes) VALUES (?, ?, ?)",
    "DELETE FROM log WHERE key = ?"};
constexpr PackedRows::Statements kLeaves{
    "SELECT count, bytes FROM audit_leaf WHERE key = ?",
    "SELECT key, count FROM audit_leaf WHERE key BETWEEN ? AND ? ORDER BY key DESC LIMIT 1",
    "SELECT key, count FROM audit_leaf WHERE key BETWEEN ? AND ? ORDER BY key LIMIT 1",
    "INSERT OR REPLACE INTO audit_leaf (key, count, bytes) VALUES (?, ?, ?)",
    "DELETE FROM audit_leaf WHERE key = ?"};

}  // namespace

SqliteStore::SqliteStore(Database database, const std::string& path,
                         const std::string& ballast_path)
    : database_(std::move(database)),
      ballast_(ballast_path),
      envelopes_(database_, kEnvelopes, kExtendedBelow),
      log_(database_, kLog, kLaneExtendedBelow),
      leaves_(database_, kLeaves, kExtendedBelow),
      ends_(database_),
      remembered_(0),
      counters_(kRowsKept),
      threads_(kThreadsKept),
      chunks_(database_),
      days_(database_),
      audit_tiles_(*this, wire::LogName::audit),
      directory_tiles_(*this, wire::LogName::directory),
      erased_bytes_(path) {}

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::string& path,
                                                       const Options& options) {
    const Database::Options how{options.mode, options.vfs, options.durable};
    auto opened = Database::open(path, how);
    if (opened.code() == ErrorCode::storage_full && !options.ballast_path.empty()) {
        Ballast(options.ballast_path).release();  // even to open it takes room
        opened = Database::open(path, how);
    }
    RELAIS_ASSIGN(Database database, std::move(opened));
    RELAIS_ASSIGN(const std::uint64_t version,
                  schema_version(database, path, store_migrations().size()));
    if (options.mode != Database::Mode::create && version == 0) {
        return fail(ErrorCode::corrupt, path + " is empty");
    }
    if (options.mode != Database::Mode::read_only) {
        RELAIS_TRY(migrate(database, path, store_migrations()));
        RELAIS_TRY(database.sync());
    }
    std::unique_ptr<SqliteStore> store(
        new SqliteStore(std::move(database), path, options.ballast_path));
    store->ballast_.restore();
    return store;
}

Result<void> SqliteStore::begin() { return database_.begin(); }

Result<void> SqliteStore::commit() {
    RELAIS_TRY(flush());
    RELAIS_TRY(database_.commit());
    erased_bytes_.committed(database_);
    return {};
}

Result<void> SqliteStore::flush() {
    RELAIS_TRY(envelopes_.flush());
    RELAIS_TRY(log_.flush());
    RELAIS_TRY(leaves_.flush());
    RELAIS_TRY(ends_.flush());
    RELAIS_TRY(flush_remembered());
    RELAIS_TRY(flush_counters());
    RELAIS_TRY(days_.flush());
    return flush_threads();
}

void SqliteStore::rollback() {
    erased_bytes_.rolled_back();
    forget_cached();
    database_.rollback();
}

void SqliteStore::forget_cached() {
    envelopes_.forget();
    log_.forget();
    leaves_.forget();
    ends_.forget();
    remembered_.forget();
    counters_.forget();
    threads_.forget();
    days_.forget();
    erased_headers_ = nullptr;
}

void SqliteStore::release_ballast() { ballast_.release(); }
void SqliteStore::restore_ballast() { ballast_.restore(); }
bool SqliteStore::has_reserve() const { return ballast_.held() || !ballast_.wanted(); }

Result<std::optional<Bytes>> SqliteStore::value(const std::string& name) {
    Query query = database_.query("SELECT bytes FROM value WHERE name = ?");
    RELAIS_ASSIGN(const bool found, query.bind(name).row());
    if (!found) return std::optional<Bytes>();
    return std::optional<Bytes>(to_bytes(query.blob(0)));
}

Result<void> SqliteStore::set_value(const std::string& name, ByteView bytes) {
    Query query = database_.query("INSERT OR REPLACE INTO value (name, bytes) VALUES (?, ?)");
    return query.bind(name).bind(bytes).run();
}

Result<std::optional<TimeRecord>> SqliteStore::time() {
    constexpr std::size_t kTimeBytes = 7 * 8 + Salt::kSize;
    RELAIS_ASSIGN(const auto bytes, value("time"));
    if (!bytes) return std::optional<TimeRecord>();
    if (bytes->size() != kTimeBytes) return fail(ErrorCode::corrupt, "time record");
    const ByteView view = *bytes;
    const auto at = [&](std::size_t i) {
        return static_cast<std::int64_t>(read_u64(view.subspan(8 * i)));
    };
    TimeRecord record{{at(0)}, {{at(1)}, {at(2)}, Salt::from(view.subspan(7 * 8))}};
    record.trusted_offset = Milliseconds(at(3));
    record.suspect = (at(4) & 1) != 0;
    if ((at(4) & 2) != 0) record.behind = WallTime{at(5)};
    record.leap = Milliseconds(at(6));
    return std::optional(record);
}

Result<void> SqliteStore::set_time(const TimeRecord& record) {
    Bytes bytes;
    append_u64(bytes, static_cast<std::uint64_t>(record.engine.ms));
    append_u64(bytes, static_cast<std::uint64_t>(record.reading.wall.ms));
    append_u64(bytes, static_cast<std::uint64_t>(record.reading.boot.ms));
    append_u64(bytes, static_cast<std::uint64_t>(record.trusted_offset.count()));
    append_u64(bytes, (record.suspect ? 1U : 0U) | (record.behind ? 2U : 0U));
    append_u64(bytes, static_cast<std::uint64_t>(record.behind.value_or(WallTime{}).ms));
    append_u64(bytes, static_cast<std::uint64_t>(record.leap.count()));
    append(bytes, record.reading.boot_id.view());
    return set_value("time", bytes);
}

Result<std::optional<Bytes>> SqliteStore::bundle(const Digest& digest) {
    Query query = database_.query("SELECT bytes FROM bundle WHERE digest = ?");
    RELAIS_ASSIGN(const bool found, query.bind(digest.view()).row());
    if (!found) return std::optional<Bytes>();
    return std::optional<Bytes>(to_bytes(query.blob(0)));
}

Result<bool> SqliteStore::has_bundle(const Digest& digest) {
    Query query = database_.query("SELECT 1 FROM bundle WHERE digest = ?");
    return query.bind(digest.view()).row();
}

Result<void> SqliteStore::put_bundle(const Digest& digest, ByteView bytes) {
    Query query = database_.query("INSERT OR IGNORE INTO bundle (digest, bytes) VALUES (?, ?)");
    return query.bind(digest.view()).bind(bytes).run();
}

}  // namespace relais::broker
