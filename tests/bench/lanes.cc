// lanes.cc: an urgent act while the same station is being handed a long routine queue.
#include <atomic>
#include <thread>

#include "tests/bench/paced.h"
#include "tests/bench/row_list.h"

namespace relais::bench {

namespace {

constexpr double kUrgentRate = 100;

// What else goes on beside an urgent act. An attachment under way belongs here too (see
// docs/performance.md): a Background that puts or gets 20 MiB in chunks until it is told to stop.
using Background = std::function<void(const BrokerProcess&, Domain&, const std::atomic<bool>& over)>;

const std::vector<Background>& backgrounds() {
    static const std::vector<Background> all;
    return all;
}

Delays urgent_acts(const BrokerProcess& broker, Domain& domain, const Seat& post,
                   std::size_t count) {
    return send_paced(broker, domain, domain.producers[0], post, Lane::urgent,
                      {kUrgentRate, count, Arrivals::even});
}

Delays under_load(const BrokerProcess& broker, Domain& domain, const Seat& post,
                  std::size_t count) {
    std::atomic<bool> over = false;
    Failures failures;
    std::vector<std::thread> threads;
    for (const Background& background : backgrounds()) {
        threads.emplace_back([&] { failures.keep([&] { background(broker, domain, over); }); });
    }
    Delays delays;
    failures.keep([&] { delays = urgent_acts(broker, domain, post, count); });
    over = true;
    for (std::thread& thread : threads) thread.join();
    failures.tell();
    return delays;
}

// The post's own queue is what loads it: its station takes up the routine lane when it attaches.
std::vector<Figure> measure(const Effort& effort) {
    Figure p99{"urgent-p99",
               "urgent act while 100,000 routine messages queue for the same station, 99th "
               "percentile",
               "ms", "urgent act alone", Target::ratio_at_most, 3};
    Figure p50{"urgent-p50", "the same, median", "ms", "urgent act alone", Target::none, 0};
    p99.remark = "no attachment is under way: not built when this was written";
    const std::size_t routine = effort.of(100'000, 500);
    const std::size_t count = effort.of(500, 20);
    Domain domain({.producers = 2, .posts = effort.runs + 1});
    std::vector<std::size_t> posts;
    for (std::size_t i = 0; i < static_cast<std::size_t>(effort.runs); ++i) posts.push_back(i);
    progress("storing " + std::to_string(routine * posts.size()) + " messages");
    fill(domain, posts, routine, Lane::routine);
    const BrokerProcess broker(domain);
    for (const std::size_t post : posts) {
        const Delays alone = urgent_acts(broker, domain, domain.posts.back(), count);
        const Delays loaded = under_load(broker, domain, domain.posts[post], count);
        p99.samples.push_back(
            {percentile(loaded.seconds, 0.99) * 1e3, percentile(alone.seconds, 0.99) * 1e3});
        p50.samples.push_back(
            {percentile(loaded.seconds, 0.5) * 1e3, percentile(alone.seconds, 0.5) * 1e3});
        tell_run(p99);
    }
    return {std::move(p99), std::move(p50)};
}

}  // namespace

std::vector<Row> lane_rows() {
    return {{"lanes", "an urgent act while 100,000 routine messages are handed out", measure}};
}

}  // namespace relais::bench
