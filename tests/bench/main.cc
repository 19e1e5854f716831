// main.cc: relais-bench: what the whole does, each figure beside what the machine itself can do,
// measured within the same minute. Figures, not verdicts: nothing here passes or fails.
#include <algorithm>
#include <cstdio>
#include <exception>

#include "tests/bench/load.h"
#include "tests/bench/references.h"

namespace {

double median_of(std::vector<double> values) {
    std::ranges::nth_element(values, values.begin() + static_cast<long>(values.size() / 2));
    return values[values.size() / 2];
}

double at(std::vector<double>& sorted, double share) {
    return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

template <typename Measure>
double median_of_runs(int runs, Measure measure) {
    std::vector<double> values;
    for (int i = 0; i < runs; ++i) values.push_back(measure());
    return median_of(values);
}

void run() {
    relais::bench::Load load;
    constexpr int kRuns = 3;
    const double rows = median_of_runs(
        kRuns, [&] { return relais::bench::sqlite_rows_per_second(load.folder(), 25'600); });
    const double checks =
        median_of_runs(kRuns, [] { return relais::bench::verifications_per_second(10'000); });
    const double flush = relais::bench::flush_seconds(load.folder(), 200);
    std::printf("reference  SQLite, rows of 1 KiB, batches of 256   %10.0f /s\n", rows);
    std::printf("reference  P-256 verifications, all processors     %10.0f /s\n", checks);
    std::printf("reference  write of 4 KiB and fdatasync, median    %10.0f us\n", flush * 1e6);
    for (const auto& [window, count] : {std::pair{1, 500}, {64, 8000}, {1024, 16000}}) {
        const double rate = median_of_runs(kRuns, [&] {
            return load.submits_per_second(count, static_cast<std::size_t>(window));
        });
        std::printf(
            "submits    window %-5d                             %10.0f /s   %.2f of SQLite, "
            "%.2f of the verifications\n",
            window, rate, rate / rows, rate / checks);
        std::fflush(stdout);
    }
    auto delays = load.seconds_to_delivery(1500, 500);
    std::ranges::sort(delays);
    std::printf("latency    submit to stored by the ward, 500 /s    p50 %.2f ms  p99 %.2f ms\n",
                at(delays, 0.5) * 1e3, at(delays, 0.99) * 1e3);
}

}  // namespace

int main() {
    try {
        run();
        return 0;
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "relais-bench: %s\n", failure.what());
        return 1;
    }
}
