// erased_bytes.h: that erased rows leave no bytes in any file of a database: overwritten in the
// pages (secure_delete); gone from the write-ahead log, which is emptied after the commit, or as
// soon as nobody reads it; and from the copies that upgrades made, which go whole, before the
// commit, so that no end of the process leaves them. Confined to the database's thread.
#pragma once

#include <string>

#include "core/database/database.h"

namespace relais {

class ErasedBytes {
public:
    // Of the database at `path`; its log may hold bytes that a former process erased.
    explicit ErasedBytes(std::string path) : path_(std::move(path)) {}

    // Something was erased in the transaction under way. Errors: io_failed.
    Result<void> erased();
    // How the transaction ended.
    void committed(Database& database);
    void rolled_back() { erased_ = false; }

    // Whether the log may still hold what was erased; empties it where nobody reads it. A disk that
    // fails meanwhile fails the next commit too: that one is told.
    [[nodiscard]] bool kept() const { return log_to_empty_; }
    void forget(Database& database);

private:
    std::string path_;
    bool erased_ = false;  // in the transaction under way
    bool log_to_empty_ = true;
};

}  // namespace relais
