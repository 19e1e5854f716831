// database.h: SQLite behind Result: one connection, prepared statements, transactions, migrations.
// The stores of broker and stations are written on it; no other module knows SQLite.
//
// A Database and its statements are confined to one thread at a time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace relais {

class Database;

// A prepared statement. Parameters are numbered from 1, columns from 0. Bound views must live until
// the statement is done with; a statement goes back to its start when the Query that used it dies.
class Query {
public:
    Query(Query&& other) noexcept;
    Query& operator=(Query&&) = delete;
    ~Query();

    Query& bind(std::int64_t value);
    Query& bind(std::uint64_t value);  // up to 2^63 - 1: SQLite's integers are signed
    Query& bind(std::uint32_t value) { return bind(std::int64_t{value}); }
    Query& bind(int value) { return bind(std::int64_t{value}); }
    Query& bind(bool value) { return bind(std::int64_t{value}); }
    Query& bind(ByteView blob);
    Query& bind(const Bytes& blob) { return bind(ByteView(blob)); }
    Query& bind(std::string_view text);
    Query& bind(const std::string& text) { return bind(std::string_view(text)); }
    Query& bind(const char*) = delete;
    Query& bind_null();

    // True while there is a row. Errors: storage_full, io_failed, corrupt, locked, already_exists
    // (a uniqueness rule alone), wrong_permissions (a write in read_only mode).
    Result<bool> row();
    // For a statement without rows.
    Result<void> run();

    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] std::uint64_t number(int column) const;   // negative values read as 0
    [[nodiscard]] ByteView blob(int column) const;          // valid until the next row
    [[nodiscard]] std::string_view text(int column) const;  // valid until the next row
    [[nodiscard]] bool is_null(int column) const;

private:
    friend class Database;
    Query(Database& database, void* statement);
    Database* database_;
    void* statement_;
    int next_parameter_ = 1;
};

class Database {
public:
    enum class Mode { create, existing, read_only };
    // When what was committed is durable: at once, or after the next sync(). Later commits never
    // outlast earlier ones.
    enum class Durable { at_commit, at_sync };
    struct Options {
        Mode mode = Mode::existing;
        std::string vfs;  // a VFS registered by a test; empty: the system's
        Durable durable = Durable::at_commit;
    };

    // Opens in WAL mode with synchronous=FULL (a commit is an fsync). ":memory:" for tests.
    // Errors: not_found; corrupt  not a database; io_failed; locked.
    static Result<Database> open(const std::string& path, const Options& options);

    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;
    ~Database();

    // A statement, prepared once for each text. Requires that no other Query on the same text
    // lives.
    Query query(const char* sql);
    // One or more statements without parameters or results.
    Result<void> execute(const std::string& sql);

    Result<void> begin();
    Result<void> commit();
    void rollback();
    // Between them, and outside a transaction, queries see one state and take the file's lock once
    // instead of once each. Where it cannot begin each takes its own, and says what is wrong.
    void begin_reading();
    void end_reading();

    // Durable::at_sync: makes all commits so far durable. From any thread, while another works.
    // Errors: io_failed, and from then on always: nothing may be said of what was committed since.
    Result<void> sync();

    // Copies what is in the write-ahead log into the database and empties the log's file, without
    // waiting for anybody. False where a reader still needs a part of the log: what could be copied
    // was. Outside of transactions. Errors: those of a query.
    Result<bool> empty_log();

    [[nodiscard]] std::int64_t last_row() const;
    // A consistent copy of the whole database, made durable. Errors: already_exists; io_failed;
    // storage_full. None leaves a file.
    Result<void> copy_to(const std::string& path);

private:
    friend class Query;
    struct State;
    explicit Database(std::unique_ptr<State> state);
    Result<void> leave_syncs(const std::string& path);
    std::unique_ptr<State> state_;
};

// The version that migrate() brought the schema to; 0 where nothing was made yet.
Result<std::uint64_t> schema_version(Database& database);
// The same. Errors: unsupported_version  above `newest`: a newer version of the program made it.
Result<std::uint64_t> schema_version(Database& database, const std::string& path,
                                     std::size_t newest);

// One step of a schema's history, from version n to n + 1 for the n-th in the list.
using Migration = std::function<Result<void>(Database&)>;

// Brings the schema to version migrations.size(), forward only, each step in a transaction of its
// own. Where there is something to migrate, the database is copied first to `<path>.v<old
// version>`, in place of the copy of an earlier attempt. Errors: unsupported_version  made by a
// newer version; those of copy_to, with nothing changed; and
//         those of the steps: what was done before the failed step stays, the copy too.
Result<void> migrate(Database& database, const std::string& path,
                     const std::vector<Migration>& migrations);
// Removes the copies that migrations left beside it, whatever their version. Errors: io_failed:
// some may be left.
Result<void> remove_copies(const std::string& path);

}  // namespace relais
