// references.h: what the machine itself can do, measured in the same run as what Relais does on it.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>

#include "core/base/bytes.h"

struct sqlite3;
struct sqlite3_stmt;

namespace relais::bench {

// SQLite alone, as R has it: one table of rows, WAL, synchronous=FULL. Made anew, gone with it.
class RawTable {
public:
    explicit RawTable(const std::filesystem::path& folder);
    ~RawTable();
    RawTable(const RawTable&) = delete;
    RawTable& operator=(const RawTable&) = delete;

    void begin();
    void insert(ByteView row);
    void commit();
    // Every row, in the order of insertion.
    void each(const std::function<void(ByteView)>& take);

private:
    void run(const char* sql);

    std::filesystem::path path_;
    sqlite3* database_ = nullptr;
    sqlite3_stmt* insert_ = nullptr;
};

// Rows of 1 KiB a second into SQLite, in transactions of 256: WAL, synchronous=FULL.
double sqlite_rows_per_second(const std::filesystem::path& folder, int rows);
// The same in a process of its own, each of whose flushes takes that much longer.
double sqlite_rows_per_second_in_child(const std::filesystem::path& folder, int rows,
                                       std::chrono::microseconds flush_added);
// P-256 signatures a second verified on all processors, by OpenSSL alone.
double verifications_per_second(int per_thread);
// Seconds of one, alone.
double verification_seconds(int times);
// Seconds of one write of 4 KiB with its fdatasync: the median.
double flush_seconds(const std::filesystem::path& folder, int times);

}  // namespace relais::bench
