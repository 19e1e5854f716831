// row_list.h: the rows of the table, file by file, and what their measures share.
#pragma once

#include <exception>
#include <mutex>

#include "tests/bench/figures.h"
#include "tests/bench/in_process.h"

namespace relais::bench {

[[nodiscard]] std::vector<Row> submit_rows();
[[nodiscard]] std::vector<Row> engine_rows();
[[nodiscard]] std::vector<Row> latency_rows();
[[nodiscard]] std::vector<Row> stored_rows();
[[nodiscard]] std::vector<Row> lane_rows();
[[nodiscard]] std::vector<Row> crowd_rows();
[[nodiscard]] std::vector<Row> part_rows();
[[nodiscard]] std::vector<Row> form_rows();
[[nodiscard]] std::vector<Row> audit_rows();
[[nodiscard]] std::vector<Row> indicator_rows();

// Says on standard error what the last run of a figure gave.
void tell_run(const Figure& figure);

// The first failure of several threads, told again where they are joined.
class Failures {
public:
    template <typename Work>
    void keep(Work work) {
        try {
            work();
        } catch (...) {
            const std::lock_guard lock(mutex_);
            if (!first_) first_ = std::current_exception();
        }
    }
    void tell() const {
        if (first_) std::rethrow_exception(first_);
    }

private:
    std::mutex mutex_;
    std::exception_ptr first_;
};

}  // namespace relais::bench
