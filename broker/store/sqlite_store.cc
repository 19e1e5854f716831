#include "broker/store/sqlite_store.h"

#include "broker/store/schema.h"

namespace relais::broker {

SqliteStore::SqliteStore(Database database, const std::string& ballast_path)
    : database_(std::move(database)),
      ballast_(ballast_path),
      audit_tiles_(*this, wire::LogName::audit),
      directory_tiles_(*this, wire::LogName::directory) {}

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::string& path,
                                                       const Options& options) {
    RELAIS_ASSIGN(Database database, Database::open(path, {options.mode, options.vfs}));
    RELAIS_ASSIGN(const std::uint64_t version, schema_version(database));
    if (options.mode != Database::Mode::create && version == 0) {
        return fail(ErrorCode::corrupt, path + " is empty");
    }
    if (options.mode != Database::Mode::read_only) {
        RELAIS_TRY(migrate(database, path, store_migrations()));
    }
    std::unique_ptr<SqliteStore> store(new SqliteStore(std::move(database), options.ballast_path));
    store->ballast_.restore();
    return store;
}

Result<void> SqliteStore::begin() { return database_.begin(); }
Result<void> SqliteStore::commit() { return database_.commit(); }
void SqliteStore::rollback() { database_.rollback(); }
void SqliteStore::release_ballast() { ballast_.release(); }
void SqliteStore::restore_ballast() { ballast_.restore(); }

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

Result<void> SqliteStore::put_bundle(const Digest& digest, ByteView bytes) {
    Query query = database_.query("INSERT OR IGNORE INTO bundle (digest, bytes) VALUES (?, ?)");
    return query.bind(digest.view()).bind(bytes).run();
}

}  // namespace relais::broker
