// erasures.cc: what was erased on order: the list that outlives the messages, and the removal of
// their bytes from every file.
#include "broker/store/sqlite_store.h"

namespace relais::broker {

Result<void> SqliteStore::erase_envelope(EnvelopeNumber number) {
    RELAIS_TRY(remove_envelope(number));
    RELAIS_TRY(erased_bytes_.erased());
    return ends_.remove(number);
}

Result<void> SqliteStore::put_erasure(const StoredErasure& erasure) {
    Query query =
        database_.query("INSERT INTO erasure (header, message, statement) VALUES (?, ?, ?)");
    query.bind(erasure.header.view()).bind(erasure.message.view()).bind(erasure.statement);
    erased_headers_ = nullptr;
    return query.run();
}

Result<void> SqliteStore::load_erased_headers() {
    auto headers = std::make_unique<ErasedHeaders>();
    Query query = database_.query("SELECT header FROM erasure");
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) break;
        if (query.blob(0).size() != Digest::kSize) return fail(ErrorCode::corrupt, "erasure");
        headers->set(erased_bit(query.blob(0)));
    }
    erased_headers_ = std::move(headers);
    return {};
}

Result<bool> SqliteStore::has_erasure(const Digest& header) {
    if (erased_headers_ == nullptr) RELAIS_TRY(load_erased_headers());
    if (!erased_headers_->test(erased_bit(header.view()))) return false;
    Query query = database_.query("SELECT 1 FROM erasure WHERE header = ?");
    return query.bind(header.view()).row();
}

Result<std::vector<StoredErasure>> SqliteStore::erasures(std::uint64_t after, std::size_t count) {
    Query query = database_.query(
        "SELECT number, header, message, statement FROM erasure WHERE number > ?"
        " ORDER BY number LIMIT ?");
    query.bind(after).bind(count);
    std::vector<StoredErasure> list;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return list;
        if (query.blob(1).size() != Digest::kSize || query.blob(2).size() != MessageId::kSize) {
            return fail(ErrorCode::corrupt, "erasure");
        }
        list.push_back({query.number(0), Digest::from(query.blob(1)),
                        MessageId::from(query.blob(2)), to_bytes(query.blob(3))});
    }
}

}  // namespace relais::broker
