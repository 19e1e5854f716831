// erasure_journal.h: the notices of erasures, appended to a file that the operator keeps on another
// disk, one a line in base64: what a restore needs beside a backup so that nothing erased comes
// back. Best effort beside the store, which holds them all: what could not be written is written
// with the next erasure, or at the next start.
// Confined to one thread.
#pragma once

#include <filesystem>

#include "broker/engine/store.h"

namespace relais::broker {

class ErasureJournal {
public:
    // Empty path: none is kept. The store outlives it.
    ErasureJournal(std::filesystem::path path, Store& store)
        : path_(std::move(path)), store_(store) {}

    // Makes the file where there is none. Errors: those of files: a journal that was asked for and
    // cannot be kept is a mistake that shows at the start, not at a restore.
    Result<void> open();
    // What it says was erased, in its order; a line that a power cut spoilt says nothing. For a
    // restore. Errors: not_found; malformed  every line says nothing; those of files.
    [[nodiscard]] Result<std::vector<Bytes>> read() const;
    // Appends what the store knows and the file does not. Errors: those of files and of the store.
    Result<void> complete();
    // Of an erasure that the store holds. Durable when it returns, and with it what could not be
    // written before. Errors: as complete().
    Result<void> append(ByteView statement);

private:
    Result<void> append_missing();
    Result<void> write(const std::string& line);
    std::filesystem::path path_;
    Store& store_;
    bool behind_ = false;  // something could not be written
};

}  // namespace relais::broker
