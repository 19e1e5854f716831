// lanes.cc: an urgent act while the same station is being handed a long routine queue, and another
// station uploads attachments.
#include <atomic>
#include <cstdio>
#include <cstring>
#include <thread>

#include "core/base/limits.h"
#include "core/crypto/sha256.h"
#include "tests/bench/paced.h"
#include "tests/bench/row_list.h"

namespace relais::bench {

namespace {

constexpr double kUrgentRate = 100;
constexpr std::size_t kAttachmentChunks = (20 << 20) / limits::kChunkBytes;
constexpr std::size_t kAttachments = 12;    // as much as one station may have uploaded and not sent
constexpr std::size_t kChunksInFlight = 4;  // as a station has
constexpr std::chrono::milliseconds kLaneStep{5};

// Attachments of 20 MiB, one after the other, as a station uploads them: a chunk is written and
// synced before it is answered. The bytes stand for sealed ones: a broker cannot tell.
class Upload {
public:
    Upload(const BrokerProcess& broker, const Seat& seat) : peer_(broker, seat) {}

    void run(const std::atomic<bool>& over) {
        while (!over && put_ < kAttachments * kAttachmentChunks) {
            while (peer_.waiting() < kChunksInFlight) put_next();
            peer_.turn(kLaneStep);
        }
        peer_.settle();
    }
    [[nodiscard]] std::size_t put() const { return put_; }

private:
    void put_next() {
        std::memcpy(bytes_.data(), &put_, sizeof put_);  // each chunk is another
        ++put_;
        peer_.ask(wire::PutChunk{sha256(bytes_), bytes_});
    }

    Peer peer_;
    test::SeededRandom random_{20};
    Bytes bytes_ = random_.bytes(limits::kChunkSealedBytesMax);
    std::size_t put_ = 0;
};

Delays urgent_acts(const BrokerProcess& broker, Domain& domain, const Seat& post,
                   std::size_t count) {
    return send_paced(broker, domain, domain.producers[0], post, Lane::urgent,
                      {kUrgentRate, count, Arrivals::even});
}

struct Loaded {
    Delays delays;
    std::size_t chunks = 0;  // uploaded meanwhile
};

Loaded under_load(const BrokerProcess& broker, Domain& domain, const Seat& uploader,
                  const Seat& post, std::size_t count) {
    std::atomic<bool> over = false;
    Failures failures;
    Loaded loaded;
    std::thread attachment([&] {
        failures.keep([&] {
            Upload upload(broker, uploader);
            upload.run(over);
            loaded.chunks = upload.put();
        });
    });
    failures.keep([&] { loaded.delays = urgent_acts(broker, domain, post, count); });
    over = true;
    attachment.join();
    failures.tell();
    return loaded;
}

// The post's own queue is what loads it: its station takes up the routine lane when it attaches.
std::vector<Figure> measure_lanes(const Effort& effort) {
    Figure p99{"urgent-p99",
               "urgent act while 100,000 routine messages queue for the same station and 20 MiB "
               "attachments are uploaded, 99th percentile",
               "ms",
               "urgent act alone",
               Target::ratio_at_most,
               3};
    Figure p50{"urgent-p50", "the same, median", "ms", "urgent act alone", Target::none, 0};
    const std::size_t routine = effort.of(100'000, 500);
    const std::size_t count = effort.of(500, 20);
    Domain domain({.producers = 2, .posts = 2 * effort.runs + 1});
    std::vector<std::size_t> posts;
    for (std::size_t i = 0; i < static_cast<std::size_t>(effort.runs); ++i) posts.push_back(i);
    progress("storing " + std::to_string(routine * posts.size()) + " messages");
    fill(domain, posts, routine, Lane::routine);
    const BrokerProcess broker(domain);
    double chunks = 0;
    double seconds = 0;
    for (const std::size_t post : posts) {
        const Delays alone = urgent_acts(broker, domain, domain.posts.back(), count);
        const auto begun = SteadyClock::now();
        const Loaded loaded = under_load(broker, domain, domain.posts[posts.size() + post],
                                         domain.posts[post], count);
        chunks += static_cast<double>(loaded.chunks);
        seconds += seconds_since(begun);
        p99.samples.push_back(
            {percentile(loaded.delays.seconds, 0.99) * 1e3, percentile(alone.seconds, 0.99) * 1e3});
        p50.samples.push_back(
            {percentile(loaded.delays.seconds, 0.5) * 1e3, percentile(alone.seconds, 0.5) * 1e3});
        tell_run(p99);
    }
    char text[80];
    std::snprintf(text, sizeof text, "%.1f MiB of chunks a second meanwhile",
                  chunks * limits::kChunkBytes / (1 << 20) / seconds);
    p99.remark = text;
    return {std::move(p99), std::move(p50)};
}

}  // namespace

std::vector<Row> lane_rows() {
    return {{"lanes",
             "an urgent act while 100,000 routine messages are handed out and attachments come",
             measure_lanes}};
}

}  // namespace relais::bench
