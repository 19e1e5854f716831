// indicators_row.cc: the figures of a domain with a million threads: how fast they are counted, and
// in how much memory. Each measure is in a process of its own, whose memory nothing else has used.
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "schemas/compiler/compiler.h"
#include "tests/bench/row_list.h"
#include "tests/process/support/must.h"
#include "tests/support/folder.h"
#include "tests/support/printers.h"
#include "tools/indicators/read.h"

namespace relais::bench {

namespace {

using test::fail_test;
using test::must;

constexpr std::size_t kAtOnce = 10'000;  // threads of one transaction
constexpr double kMebi = 1 << 20;
constexpr WallTime kSeptember{1'788'220'800'000};  // 2026-09-01
constexpr std::int64_t kMonthMs = 30LL * 24 * 3600 * 1000;

struct Measured {
    double seconds = 0;
    double bytes = 0;  // of memory above what the process began with
};

// What `work` measures in a child of this process.
template <typename Work>
Measured in_child(Work work) {
    int ends[2];
    if (::pipe(ends) != 0) fail_test("no pipe");
    const pid_t child = ::fork();
    if (child < 0) fail_test("no process");
    if (child == 0) {
        const Measured done = work();
        const bool told = ::write(ends[1], &done, sizeof done) == sizeof done;
        ::_exit(told ? 0 : 1);
    }
    Measured done;
    const bool read = ::read(ends[0], &done, sizeof done) == sizeof done;
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(ends[0]);
    ::close(ends[1]);
    if (!read || status != 0) fail_test("the measuring process failed");
    return done;
}

double status_bytes(const std::string& name) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(name)) return std::stod(line.substr(name.size())) * 1024;
    }
    return 0;
}

double seconds_since(std::chrono::steady_clock::time_point begun) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

// An admission as most go: called, received, an opinion, an offer, chosen, admitted.
broker::StoredThread thread_of(const workflow::Kind& kind, std::uint64_t number) {
    broker::StoredThread stored{
        {.id = {}, .kind = kind.digest, .state = 0, .opener = test::address("cabinet@indre")},
        0,
        {}};
    // Rising, as the ids of real threads.
    for (std::size_t i = 0; i < 8; ++i) {
        stored.thread.id.bytes[i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
    }
    for (const char* ward : {"geriatrie.ch-valmont@indre", "cardiologie.ch-valmont@indre"}) {
        stored.thread.parties.push_back({test::address(ward), 0, 1});
    }
    WallTime at{kSeptember.ms + static_cast<std::int64_t>(number * 7919) % kMonthMs};
    for (const char* act : {"call", "receive", "opinion", "offer", "choose", "admitted"}) {
        indicators::Step step;
        step.index = kind.act(act).value();
        step.trigger =
            kind.acts[step.index].opens ? indicators::Trigger::opened : indicators::Trigger::act;
        step.called = 2;
        step.at = at;
        if (kind.acts[step.index].opens) {
            step.publics = {{1, static_cast<std::int64_t>(1 + number % 4)}};
        }
        at = at + std::chrono::seconds(number % 5000);
        stored.history.push_back(std::move(step));
    }
    return stored;
}

std::unique_ptr<broker::SqliteStore> open(const std::string& path, Database::Mode mode) {
    return must(broker::SqliteStore::open(path, {mode, "", ""}));
}

Measured fill(const std::string& path, std::size_t threads) {
    const auto store = open(path, Database::Mode::create);
    const Bytes bundle = must(compiler::compile_kind(RELAIS_SOURCE_DIR "/schemas/kinds/admission"));
    const workflow::Kind kind = must(workflow::Kind::load(bundle));
    must(store->begin());
    must(store->put_bundle(kind.digest, bundle));
    for (std::size_t number = 0; number < threads; ++number) {
        must(store->put_thread(thread_of(kind, number)));
        if (number % kAtOnce != kAtOnce - 1) continue;
        must(store->commit());
        must(store->begin());
    }
    must(store->commit());
    return {};
}

Measured count(const std::string& path, std::size_t threads) {
    const double before = status_bytes("VmRSS:");
    const auto begun = std::chrono::steady_clock::now();
    const auto store = open(path, Database::Mode::read_only);
    const WallTime now = kSeptember + Milliseconds(3 * kMonthMs);
    const auto report = must(indicators::read_figures(
        *store, {indicators::Month{2026, 9}, indicators::Month{2026, 10}}, now));
    const auto& months = report.figures.front().months;
    if (months[0].count + months[1].count != threads) fail_test("not every thread was counted");
    return {seconds_since(begun), status_bytes("VmHWM:") - before};
}

// Every row of the table, and nothing done with it.
Measured walk(const std::string& path) {
    const auto begun = std::chrono::steady_clock::now();
    sqlite3* database = nullptr;
    sqlite3_stmt* query = nullptr;
    sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READONLY, nullptr);
    sqlite3_prepare_v2(database, "SELECT id, record FROM thread ORDER BY id", -1, &query, nullptr);
    std::size_t bytes = 0;
    while (sqlite3_step(query) == SQLITE_ROW) {
        bytes += static_cast<std::size_t>(sqlite3_column_bytes(query, 1));
    }
    sqlite3_finalize(query);
    sqlite3_close(database);
    if (bytes == 0) fail_test("no threads");
    return {seconds_since(begun), 0};
}

std::vector<Figure> measure_indicators(const Effort& effort) {
    Figure speed{"indicators", "threads counted into every figure of their kind",
                 "/s",         "rows of the same table, read by SQLite alone",
                 Target::none, 0};
    Figure memory{"indicators-memory",
                  "the most that takes, above what the process began with",
                  "MiB",
                  "for a hundredth of the threads",
                  Target::value_at_most,
                  32};
    const std::size_t many = effort.of(1'000'000, 2000);
    const test::TestFolder folder;
    const std::string large = (folder.path() / "large.db").string();
    const std::string small = (folder.path() / "small.db").string();
    progress("storing " + std::to_string(many) + " threads");
    in_child([&] { return fill(large, many); });
    in_child([&] { return fill(small, many / 100); });
    for (int run = 0; run < effort.runs; ++run) {
        const double bare = in_child([&] { return walk(large); }).seconds;
        const Measured all = in_child([&] { return count(large, many); });
        const Measured few = in_child([&] { return count(small, many / 100); });
        const auto threads = static_cast<double>(many);
        speed.samples.push_back({threads / all.seconds, threads / bare});
        memory.samples.push_back({all.bytes / kMebi, few.bytes / kMebi});
        tell_run(speed);
        tell_run(memory);
    }
    return {std::move(speed), std::move(memory)};
}

}  // namespace

std::vector<Row> indicator_rows() {
    return {
        {"indicators", "the figures of a million threads: speed, and memory", measure_indicators}};
}

}  // namespace relais::bench
