// fixture.h: a database in a folder of its own, and reading it in one line.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <string>

#include "core/database/database.h"
#include "tests/support/folder.h"
#include "tests/support/printers.h"

namespace relais {

class DatabaseTest : public testing::Test {
protected:
    [[nodiscard]] std::string path() const { return folder_.file("domain.db"); }
    [[nodiscard]] const test::TestFolder& folder() const { return folder_; }

    [[nodiscard]] Result<Database> open(Database::Mode mode) const {
        return Database::open(path(), {mode, ""});
    }
    [[nodiscard]] Database create() const {
        Database database = open(Database::Mode::create).value();
        database.execute("CREATE TABLE IF NOT EXISTS item (id INTEGER PRIMARY KEY, body BLOB);")
            .value();
        return database;
    }

    void write_file(const std::string& text) const {
        std::ofstream stream(path(), std::ios::binary);
        stream << text;
    }

    test::TestFolder folder_;
};

// The first column of the first row; -1 where there is none.
inline std::int64_t ask(Database& database, const char* sql) {
    Query query = database.query(sql);
    return query.row().value() ? query.integer(0) : -1;
}

inline std::int64_t items(Database& database) { return ask(database, "SELECT count(*) FROM item"); }

inline Result<void> add_item(Database& database, std::int64_t id, std::size_t bytes = 10) {
    const Bytes body(bytes, 7);
    Query query = database.query("INSERT INTO item (id, body) VALUES (?, ?)");
    return query.bind(id).bind(body).run();
}

}  // namespace relais
