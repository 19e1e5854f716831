// Packs of small records, as a damaged database gives them: refused as corrupt, or read the same
// one by one and all together, and gone on from. The first byte says how many records the row says
// that it has.
#include "broker/store/packed_rows.h"
#include "tests/fuzz/target.h"

namespace relais::fuzz {

namespace {

using broker::PackedRows;

constexpr PackedRows::Statements kSql{
    "SELECT count, bytes FROM pack WHERE key = ?",
    "SELECT key, count FROM pack WHERE key BETWEEN ? AND ? ORDER BY key DESC LIMIT 1",
    "SELECT key, count FROM pack WHERE key BETWEEN ? AND ? ORDER BY key LIMIT 1",
    "INSERT OR REPLACE INTO pack (key, count, bytes) VALUES (?, ?, ?)",
    "DELETE FROM pack WHERE key = ?"};
constexpr PackedRows::Owner kOwner = 0;
constexpr PackedRows::Position kFirst = 1;

Database& database() {
    static Database all = [] {
        Database made = Database::open(":memory:", {Database::Mode::create, ""}).value();
        made.execute(
                "CREATE TABLE pack (key INTEGER PRIMARY KEY, count INTEGER NOT NULL,"
                " bytes BLOB NOT NULL)")
            .value();
        return made;
    }();
    return all;
}

void put(std::uint8_t count, ByteView bytes) {
    database().execute("DELETE FROM pack").value();
    Query query = database().query(kSql.put);
    query.bind(static_cast<std::int64_t>(kFirst)).bind(std::int64_t{count}).bind(bytes);
    query.run().value();
}

}  // namespace

bool accepts(ByteView input) {
    if (input.empty()) return false;
    const std::uint8_t count = input[0];
    put(count, input.subspan(1));
    PackedRows rows(database(), kSql, 100);
    const auto records = rows.read(kOwner, kFirst, std::size_t{count} + 1);
    if (!records.ok()) {
        RELAIS_CHECK(records.code() == ErrorCode::corrupt);
        return false;
    }
    std::size_t full = 0;
    for (PackedRows::Position at = kFirst; at < kFirst + count; ++at) {
        const auto one = rows.get(kOwner, at);
        RELAIS_CHECK(one.ok());
        if (one->empty()) continue;
        RELAIS_CHECK((*records)[full].position == at);
        RELAIS_CHECK(bytes_equal((*records)[full].bytes, *one));
        ++full;
    }
    RELAIS_CHECK(full == records->size());

    const Bytes next = {7};
    const auto end = rows.end(kOwner).value();
    RELAIS_CHECK(end.value_or(kFirst) == kFirst + count);
    RELAIS_CHECK(rows.append(kOwner, kFirst + count, next).ok());
    RELAIS_CHECK(rows.flush().ok());
    rows.forget();
    const auto again = rows.read(kOwner, kFirst, std::size_t{count} + 1);
    RELAIS_CHECK(again.ok() && again->size() == full + 1);
    for (std::size_t i = 0; i < full; ++i) {
        RELAIS_CHECK((*again)[i].bytes == (*records)[i].bytes);
    }
    RELAIS_CHECK(again->back().bytes == next);
    return true;
}

}  // namespace relais::fuzz
