// erasure_journal.h: the notices of erasures, appended to a file that the operator keeps on another
// disk, one a line in base64: what a restore needs beside a backup so that nothing erased comes
// back. Best effort beside the store, which holds them all: a start writes what is missing.
// Confined to one thread.
#pragma once

#include <filesystem>

#include "broker/engine/store.h"

namespace relais::broker {

class ErasureJournal {
public:
    // Empty: none is kept.
    explicit ErasureJournal(std::filesystem::path path) : path_(std::move(path)) {}

    // Makes the file where there is none, and appends what the store knows and the file does not.
    // Errors: those of files and of the store.
    Result<void> complete(Store& store);
    // Durable when it returns. Errors: those of files.
    Result<void> append(ByteView statement);

private:
    Result<void> write(const std::string& line);
    std::filesystem::path path_;
};

}  // namespace relais::broker
