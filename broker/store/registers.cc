// registers.cc: what acts have set in registers, every value of every key.
#include "broker/store/record_codec.h"
#include "broker/store/sqlite_store.h"

namespace relais::broker {

namespace {

// Of a row (key, value, record).
Result<RegisterRecord> register_record_of(Query& query) {
    RELAIS_ASSIGN(RegisterRecord record, decode_register_record(query.blob(2)));
    record.key = query.text(0);
    record.value = query.integer(1);
    return record;
}

}  // namespace

Result<std::optional<RegisterRecord>> SqliteStore::last_register_record(const std::string& name,
                                                                        const std::string& key) {
    Query query = database_.query(
        "SELECT key, value, record FROM register_entry WHERE name = ? AND key = ?"
        " ORDER BY position DESC LIMIT 1");
    RELAIS_ASSIGN(const bool found, query.bind(name).bind(key).row());
    if (!found) return std::optional<RegisterRecord>();
    RELAIS_ASSIGN(RegisterRecord record, register_record_of(query));
    return std::optional(std::move(record));
}

Result<std::uint64_t> SqliteStore::register_size(const std::string& name) {
    Query query =
        database_.query("SELECT coalesce(max(position) + 1, 0) FROM register_entry WHERE name = ?");
    RELAIS_TRY(query.bind(name).row());
    return query.number(0);
}

Result<void> SqliteStore::add_register_record(const std::string& name,
                                              const RegisterRecord& record) {
    RELAIS_ASSIGN(const std::uint64_t position, register_size(name));
    Query query = database_.query(
        "INSERT INTO register_entry (name, position, key, value, record) VALUES (?, ?, ?, ?, ?)");
    const Bytes encoded = encode_register_record(record);
    query.bind(name).bind(position).bind(record.key).bind(record.value);
    return query.bind(encoded).run();
}

Result<std::vector<RegisterRecord>> SqliteStore::register_records(const std::string& name,
                                                                  std::uint64_t from,
                                                                  std::size_t count) {
    Query query = database_.query(
        "SELECT key, value, record FROM register_entry WHERE name = ? AND position >= ?"
        " ORDER BY position LIMIT ?");
    query.bind(name).bind(from).bind(count);
    std::vector<RegisterRecord> records;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return records;
        RELAIS_ASSIGN(RegisterRecord record, register_record_of(query));
        records.push_back(std::move(record));
    }
}

}  // namespace relais::broker
