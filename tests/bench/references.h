// references.h: what the machine itself can do, measured in the same run as what Relais does on it.
#pragma once

#include <chrono>
#include <filesystem>

namespace relais::bench {

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
