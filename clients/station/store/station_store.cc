#include "clients/station/store/station_store.h"
#include "clients/station/store/ids.h"

#include "clients/station/store/schema.h"

namespace relais::station {

namespace {

Bytes number_key(std::uint64_t number) {
    Bytes key;
    append_u64(key, number);
    return key;
}

Bytes epoch_row(ByteView tag, EpochNumber number) {
    Bytes key = to_bytes(tag);
    append_u64(key, number.value);
    return key;
}

}  // namespace

Result<std::unique_ptr<StationStore>> StationStore::open(const std::string& path,
                                                         Database::Mode mode, RowSealer sealer) {
    RELAIS_ASSIGN(Database database, Database::open(path, {mode, ""}));
    RELAIS_ASSIGN(const std::uint64_t version,
                  schema_version(database, path, station_migrations().size()));
    if (mode != Database::Mode::create && version == 0) {
        return fail(ErrorCode::corrupt, path + " is empty");
    }
    if (mode != Database::Mode::read_only) {
        RELAIS_TRY(migrate(database, path, station_migrations()));
    }
    return std::unique_ptr<StationStore>(
        new StationStore(std::move(database), std::move(sealer), path));
}

Result<void> StationStore::begin() { return database_.begin(); }

Result<void> StationStore::commit() {
    RELAIS_TRY(database_.commit());
    erased_bytes_.committed(database_);
    erased_bytes_.forget(database_);  // what a reader kept, or a former process
    return {};
}

void StationStore::rollback() {
    erased_bytes_.rolled_back();
    database_.rollback();
}

Result<std::optional<Bytes>> StationStore::value(const std::string& name) {
    Query query = database_.query("SELECT sealed FROM value WHERE name = ?");
    RELAIS_ASSIGN(const bool found, query.bind(name).row());
    if (!found) return std::optional<Bytes>();
    RELAIS_ASSIGN(Bytes plain, sealer_.open("value", as_bytes(name), query.blob(0)));
    return std::optional<Bytes>(std::move(plain));
}

Result<void> StationStore::set_value(const std::string& name, ByteView bytes) {
    Query query = database_.query("INSERT OR REPLACE INTO value (name, sealed) VALUES (?, ?)");
    const Bytes sealed = sealer_.seal("value", as_bytes(name), bytes);
    return query.bind(name).bind(sealed).run();
}

Result<void> StationStore::add_directory_entry(std::uint64_t position, ByteView entry) {
    Query query = database_.query("INSERT INTO directory (position, sealed) VALUES (?, ?)");
    const Bytes sealed = sealer_.seal("directory", number_key(position), entry);
    return query.bind(position).bind(sealed).run();
}

Result<std::vector<Bytes>> StationStore::directory_entries(std::uint64_t position) {
    Query query = database_.query(
        "SELECT position, sealed FROM directory WHERE position >= ? ORDER BY position");
    query.bind(position);
    std::vector<Bytes> entries;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return entries;
        if (query.number(0) != position + entries.size()) {
            return fail(ErrorCode::corrupt, "directory entry missing");
        }
        RELAIS_ASSIGN(Bytes plain,
                      sealer_.open("directory", number_key(query.number(0)), query.blob(1)));
        entries.push_back(std::move(plain));
    }
}

Result<std::optional<Bytes>> StationStore::bundle(const Digest& digest) {
    Query query = database_.query("SELECT sealed FROM bundle WHERE digest = ?");
    RELAIS_ASSIGN(const bool found, query.bind(digest.view()).row());
    if (!found) return std::optional<Bytes>();
    RELAIS_ASSIGN(Bytes plain, sealer_.open("bundle", digest.view(), query.blob(0)));
    return std::optional<Bytes>(std::move(plain));
}

Result<bool> StationStore::has_bundle(const Digest& digest) {
    Query query = database_.query("SELECT 1 FROM bundle WHERE digest = ?");
    return query.bind(digest.view()).row();
}

Result<void> StationStore::add_bundle(const Digest& digest, ByteView bytes) {
    Query query = database_.query("INSERT OR IGNORE INTO bundle (digest, sealed) VALUES (?, ?)");
    const Bytes sealed = sealer_.seal("bundle", digest.view(), bytes);
    return query.bind(digest.view()).bind(sealed).run();
}

Result<std::optional<Secret>> StationStore::epoch_key(const Address& mailbox, EpochNumber number) {
    Query query = database_.query("SELECT sealed FROM epoch WHERE mailbox = ? AND number = ?");
    const Bytes tag = sealer_.tag(mailbox.text());
    RELAIS_ASSIGN(const bool found, query.bind(tag).bind(number.value).row());
    if (!found) return std::optional<Secret>();
    RELAIS_ASSIGN(Bytes plain, sealer_.open("epoch", epoch_row(tag, number), query.blob(0)));
    Secret scalar = Secret::copy_of(plain);
    wipe(plain);
    return std::optional<Secret>(std::move(scalar));
}

Result<void> StationStore::add_epoch_key(const Address& mailbox, EpochNumber number,
                                         const Secret& scalar) {
    Query query =
        database_.query("INSERT OR REPLACE INTO epoch (mailbox, number, sealed) VALUES (?, ?, ?)");
    const Bytes tag = sealer_.tag(mailbox.text());
    const Bytes sealed = sealer_.seal("epoch", epoch_row(tag, number), scalar.expose());
    return query.bind(tag).bind(number.value).bind(sealed).run();
}

Result<void> StationStore::put_draft(const MessageId& id, ByteView draft) {
    Query query = database_.query("INSERT OR REPLACE INTO draft (id, sealed) VALUES (?, ?)");
    const Bytes sealed = sealer_.seal("draft", id.view(), draft);
    return query.bind(id.view()).bind(sealed).run();
}

Result<std::optional<Bytes>> StationStore::draft(const MessageId& id) {
    Query query = database_.query("SELECT sealed FROM draft WHERE id = ?");
    RELAIS_ASSIGN(const bool found, query.bind(id.view()).row());
    if (!found) return std::optional<Bytes>();
    RELAIS_ASSIGN(Bytes plain, sealer_.open("draft", id.view(), query.blob(0)));
    return std::optional<Bytes>(std::move(plain));
}

Result<std::vector<MessageId>> StationStore::drafts() {
    Query query = database_.query("SELECT id FROM draft ORDER BY id");
    return read_ids<MessageId>(query, "draft");
}

Result<void> StationStore::remove_draft(const MessageId& id) {
    Query query = database_.query("DELETE FROM draft WHERE id = ?");
    return query.bind(id.view()).run();
}

}  // namespace relais::station
