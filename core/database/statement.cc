// statement.cc: Query of database.h: values bound, rows read, errors of SQLite told as ours.
#include "core/database/state.h"

namespace relais {

namespace {

sqlite3_stmt* raw(void* statement) { return static_cast<sqlite3_stmt*>(statement); }

}  // namespace

Query::Query(Database& database, void* statement) : database_(&database), statement_(statement) {
    if (statement_ != nullptr) RELAIS_CHECK(sqlite3_stmt_busy(raw(statement_)) == 0);
}

Query::Query(Query&& other) noexcept
    : database_(other.database_),
      statement_(std::exchange(other.statement_, nullptr)),
      next_parameter_(other.next_parameter_) {}

Query::~Query() {
    if (statement_ == nullptr) return;
    sqlite3_reset(raw(statement_));
    sqlite3_clear_bindings(raw(statement_));
}

// Binding fails only for a parameter that is not there: our own mistake, unless preparing failed.
Query& Query::bind(std::int64_t value) {
    const int code = sqlite3_bind_int64(raw(statement_), next_parameter_++, value);
    RELAIS_CHECK(code == SQLITE_OK || statement_ == nullptr);
    return *this;
}

Query& Query::bind(std::uint64_t value) {
    RELAIS_CHECK(value <= INT64_MAX);
    return bind(static_cast<std::int64_t>(value));
}

Query& Query::bind(ByteView blob) {
    // A null pointer would bind NULL instead of an empty blob.
    const void* data = blob.empty() ? static_cast<const void*>("") : blob.data();
    const int code =
        sqlite3_bind_blob64(raw(statement_), next_parameter_++, data, blob.size(), SQLITE_STATIC);
    RELAIS_CHECK(code == SQLITE_OK || statement_ == nullptr);
    return *this;
}

Query& Query::bind(std::string_view text) {
    const char* data = text.empty() ? "" : text.data();
    const int code = sqlite3_bind_text64(raw(statement_), next_parameter_++, data, text.size(),
                                         SQLITE_STATIC, SQLITE_UTF8);
    RELAIS_CHECK(code == SQLITE_OK || statement_ == nullptr);
    return *this;
}

Query& Query::bind_null() {
    const int code = sqlite3_bind_null(raw(statement_), next_parameter_++);
    RELAIS_CHECK(code == SQLITE_OK || statement_ == nullptr);
    return *this;
}

Result<bool> Query::row() {
    sqlite3* handle = database_->state_->handle;
    if (statement_ == nullptr) return database_error(handle, sqlite3_errcode(handle));
    const int code = sqlite3_step(raw(statement_));
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return database_error(handle, code);
}

Result<void> Query::run() {
    RELAIS_ASSIGN(const bool more, row());
    RELAIS_CHECK(!more);
    return {};
}

std::int64_t Query::integer(int column) const {
    return sqlite3_column_int64(raw(statement_), column);
}

std::uint64_t Query::number(int column) const {
    const std::int64_t value = integer(column);
    return value < 0 ? 0 : static_cast<std::uint64_t>(value);
}

ByteView Query::blob(int column) const {
    const void* data = sqlite3_column_blob(raw(statement_), column);
    const int size = sqlite3_column_bytes(raw(statement_), column);
    return {static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)};
}

std::string_view Query::text(int column) const { return as_text(blob(column)); }

bool Query::is_null(int column) const {
    return sqlite3_column_type(raw(statement_), column) == SQLITE_NULL;
}

}  // namespace relais
