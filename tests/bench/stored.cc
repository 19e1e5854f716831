// stored.cc: what a million stored messages cost: to start on after a kill, in memory, to hand out,
// and on the disk.
#include <sqlite3.h>

#include <cmath>
#include <cstdio>

#include "tests/bench/bare.h"
#include "tests/bench/notes.h"
#include "tests/bench/references.h"
#include "tests/bench/row_list.h"
#include "tests/bench/submits.h"

namespace relais::bench {

namespace {

constexpr std::size_t kMailboxes = 5;  // a million in all, each small enough for one mailbox
constexpr std::size_t kEach = 200'000;
constexpr double kMiB = 1 << 20;

// The domain with a million messages, made once for the rows that begin from it.
Domain& million(const Effort& effort) {
    static std::unique_ptr<Domain> domain;
    if (domain) return *domain;
    const std::size_t each = effort.of(kEach, 1000);
    const std::size_t mailboxes = effort.of(kMailboxes, 1);
    progress("storing " + std::to_string(each * mailboxes) + " messages");
    const auto begun = SteadyClock::now();
    domain = std::make_unique<Domain>(DomainSize{4, static_cast<int>(mailboxes) + 1});
    std::vector<std::size_t> posts;
    for (std::size_t i = 0; i < mailboxes; ++i) posts.push_back(i);
    fill(*domain, posts, each, Lane::routine);
    char text[80];
    std::snprintf(text, sizeof text, "stored in %.0f s", seconds_since(begun));
    progress(text);
    return *domain;
}

// A start to the first Welcome, and the memory it then takes.
struct Start {
    double seconds;
    double resident;
};

// Kills a broker that has taken some messages, then starts it again.
Start start_after_kill(Domain& domain, const Effort& effort) {
    {
        BrokerProcess broker(domain);
        const Load load{Message::note, 256, effort.of(4096, 256)};
        submit(broker, domain, domain.posts.back(), load);
        broker.kill();
    }
    const auto begun = SteadyClock::now();
    const BrokerProcess broker(domain);
    const Peer welcome(broker, domain.producers[0].seat);
    return {seconds_since(begun), static_cast<double>(broker.resident_bytes())};
}

std::vector<Figure> measure_ready(const Effort& effort) {
    Figure ready{"ready",
                 "from its start to a station's welcome, after kill -9 with a million",
                 "s",
                 "with no message",
                 Target::value_at_most,
                 0.5};
    Figure memory{"memory", "resident then", "MiB", "with no message", Target::none, 0};
    Figure above{
        "memory-above", "above that of an empty broker", "MiB", "", Target::value_at_most, 64};
    Domain empty({.producers = 4, .posts = static_cast<int>(effort.of(kMailboxes, 1)) + 1});
    InProcess(empty).close();
    Domain& full = million(effort);
    for (int run = 0; run < effort.runs; ++run) {
        const Start light = start_after_kill(empty, effort);
        const Start heavy = start_after_kill(full, effort);
        ready.samples.push_back({heavy.seconds, light.seconds});
        memory.samples.push_back({heavy.resident / kMiB, light.resident / kMiB});
        above.samples.push_back({(heavy.resident - light.resident) / kMiB, 0});
        tell_run(ready);
        tell_run(memory);
    }
    return {std::move(ready), std::move(memory), std::move(above)};
}

struct Drained {
    double per_second;
    std::size_t frame_bytes;
};

Drained drain(const BrokerProcess& broker, const Seat& post, std::size_t count) {
    Reader reader(broker, post);
    std::size_t bytes = 0;
    reader.on_delivery = [&](const wire::Delivery& delivery) {
        if (bytes == 0) bytes = wire::encode_frame({0, delivery}).size();
    };
    const auto begun = SteadyClock::now();
    reader.attach();
    while (reader.delivered() < count) reader.turn(std::chrono::milliseconds(20));
    return {static_cast<double>(count) / seconds_since(begun), bytes};
}

// The same from a bare router that reads its frames from SQLite and waits for no acknowledgement.
double bare_drain_per_second(const std::filesystem::path& folder, std::size_t bytes,
                             std::size_t count) {
    constexpr std::size_t kWindow = 1024;
    const BareRouter router(folder);
    const CurveKeyPair key = generate_curve_keys();
    Crowd one(router.endpoint(), router.curve(), {&key});
    std::size_t arrived = 0;
    one.on_frame = [&](std::size_t, ByteView) { ++arrived; };
    const Bytes frame(bytes, 's');
    for (std::size_t sent = 1; sent <= count; ++sent) {
        one.send(0, frame);
        if (sent - arrived >= kWindow) one.until([&] { return arrived == sent; });
    }
    one.until([&] { return arrived == count; });
    const auto begun = SteadyClock::now();
    one.send(0, Bytes(1, 'd'));
    one.until([&] { return arrived == 2 * count; });
    return static_cast<double>(count) / seconds_since(begun);
}

std::vector<Figure> measure_drain(const Effort& effort) {
    Figure figure{"drain",
                  "200,000 stored messages to one station, acknowledged by 64",
                  "/s",
                  "R",
                  Target::ratio_at_least,
                  0.8};
    Figure bare{"bare-drain", "as many from a bare CURVE router over SQLite, unacknowledged",
                "/s",         "R",
                Target::none, 0};
    Domain& domain = million(effort);
    const BrokerProcess broker(domain);
    const double before = static_cast<double>(broker.resident_bytes());
    const auto rows = static_cast<int>(effort.of(51'200, 2560));
    const auto runs =
        std::min<std::size_t>(static_cast<std::size_t>(effort.runs), domain.posts.size() - 1);
    for (std::size_t run = 0; run < runs; ++run) {
        Sample sample;
        sample.reference = sqlite_rows_per_second(domain.folder(), rows);
        const CpuShare cpu(broker);
        const std::size_t count = effort.of(kEach, 1000);
        const Drained drained = drain(broker, domain.posts[run], count);
        sample.value = drained.per_second;
        figure.remark = cpu.told(broker, count);
        figure.samples.push_back(sample);
        tell_run(figure);
        bare.samples.push_back(
            {bare_drain_per_second(domain.folder(), drained.frame_bytes, count), sample.reference});
        tell_run(bare);
    }
    const double most = static_cast<double>(broker.resident_bytes("VmHWM:"));
    figure.remark += "; memory grew by " + std::to_string(std::lround((most - before) / kMiB)) +
                     " MiB meanwhile";
    return {std::move(figure), std::move(bare)};
}

// Bytes of each table and index, where this SQLite can tell.
std::string biggest_tables(const Domain& domain, std::size_t messages) {
    sqlite3* database = nullptr;
    std::string text;
    sqlite3_stmt* query = nullptr;
    if (sqlite3_open_v2(domain.database().c_str(), &database, SQLITE_OPEN_READONLY, nullptr) ==
            SQLITE_OK &&
        sqlite3_prepare_v2(database,
                           "SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC "
                           "LIMIT 7",
                           -1, &query, nullptr) == SQLITE_OK) {
        while (sqlite3_step(query) == SQLITE_ROW) {
            const double bytes = sqlite3_column_double(query, 1) / static_cast<double>(messages);
            text += (text.empty() ? "by table: " : ", ") +
                    std::string(reinterpret_cast<const char*>(sqlite3_column_text(query, 0))) +
                    " " + std::to_string(std::lround(bytes));
        }
    }
    sqlite3_finalize(query);
    sqlite3_close(database);
    return text;
}

std::vector<Figure> measure_disk(const Effort& effort) {
    Figure figure{"disk",
                  "bytes of the database for each message of 1 KiB",
                  "bytes",
                  "its padded content",
                  Target::ratio_at_most,
                  2.2};
    const std::size_t messages = effort.of(50'000, 1000);
    Domain domain({.producers = 4, .posts = 1});
    InProcess(domain).close();
    const auto before = domain.bytes_on_disk();
    fill(domain, {0}, messages, Lane::routine);
    const auto after = domain.bytes_on_disk();
    figure.samples.push_back({static_cast<double>(after - before) / static_cast<double>(messages),
                              static_cast<double>(kPaddedBytes)});
    tell_run(figure);
    figure.remark = biggest_tables(domain, messages);
    return {std::move(figure)};
}

}  // namespace

std::vector<Row> stored_rows() {
    return {{"ready", "start after kill -9 with 1,000,000 messages, and memory", measure_ready},
            {"drain", "200,000 stored messages to one station", measure_drain},
            {"disk", "bytes on the disk for a message", measure_disk}};
}

}  // namespace relais::bench
