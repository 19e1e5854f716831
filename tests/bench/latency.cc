// latency.cc: from a submit to its delivery, at 500 a second and at half of what the broker can do.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <thread>

#include "tests/bench/bare.h"
#include "tests/bench/paced.h"
#include "tests/bench/references.h"
#include "tests/bench/row_list.h"
#include "tests/bench/submits.h"

namespace relais::bench {

namespace {

constexpr std::size_t kSubmitBytes = 2048;  // about what a frame with a note takes
constexpr double kSteadyRate = 500;

// One flush, one verification, one round trip: the least that a delivery has to wait for.
double least_seconds(const Domain& domain, const Effort& effort) {
    const int times = static_cast<int>(effort.of(300, 20));
    return flush_seconds(domain.folder(), times) + verification_seconds(times * 5) +
           curve_round_trip_seconds(kSubmitBytes, times);
}

Delays at_500(const BrokerProcess& broker, Domain& domain, const Effort& effort) {
    return send_paced(broker, domain, domain.producers[0], domain.posts[0], Lane::urgent,
                      {kSteadyRate, effort.of(5000, 50), Arrivals::even});
}

void add(Figure& figure, double value_seconds, double reference_seconds) {
    figure.samples.push_back({value_seconds * 1e3, reference_seconds * 1e3});
    tell_run(figure);
}

std::vector<Figure> measure_latency(const Effort& effort) {
    const std::string least = "a flush, a verification and a CURVE round trip";
    Figure p50{"latency-p50",
               "submit to delivered at 500/s, median",
               "ms",
               least,
               Target::ratio_at_most,
               3};
    Figure p99{"latency-p99",
               "submit to delivered at 500/s, 99th percentile",
               "ms",
               least,
               Target::ratio_at_most,
               10};
    Domain domain({.producers = 4, .posts = 1});
    InProcess(domain).close();
    const BrokerProcess broker(domain);
    for (int run = 0; run < effort.runs; ++run) {
        const double reference = least_seconds(domain, effort);
        const Delays delays = at_500(broker, domain, effort);
        add(p50, percentile(delays.seconds, 0.5), reference);
        add(p99, percentile(delays.seconds, 0.99), reference);
    }
    return {std::move(p50), std::move(p99)};
}

double mean(std::vector<double>::const_iterator from, std::vector<double>::const_iterator to) {
    double sum = 0;
    for (auto each = from; each != to; ++each) sum += *each;
    return from == to ? 0 : sum / static_cast<double>(to - from);
}

// Of the first and of the second half of the time.
struct Halves {
    double first;
    double second;
};
Halves halves_of(const std::vector<double>& samples) {
    const auto middle = samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2);
    return {mean(samples.begin(), middle), mean(middle, samples.end())};
}

// A queue that grows has more in the second half than any noise of the first explains.
bool grows(const Halves& halves) { return halves.second > 2 * halves.first + 64; }

std::string told(const char* what, const Halves& halves) {
    char text[120];
    std::snprintf(text, sizeof text, "%s %.1f then %.1f", what, halves.first, halves.second);
    return text;
}

std::vector<Figure> measure_half_load(const Effort& effort) {
    Figure p50{"half-load-p50",
               "the same at half of its own maximum, open loop, median",
               "ms",
               "itself at 500/s",
               Target::ratio_at_most,
               4};
    Figure p99{"half-load-p99",   "the same, 99th percentile", "ms",
               "itself at 500/s", Target::ratio_at_most,       4};
    Figure queue{"half-load-queue",
                 "whether the queue grew: 1 where it did",
                 "",
                 "",
                 Target::value_at_most,
                 0};
    Domain domain({.producers = 4, .posts = 2});
    InProcess(domain).close();
    const BrokerProcess broker(domain);
    const double most =
        submit(broker, domain, domain.posts[1], {Message::note, 1, effort.of(40'000, 400)})
            .per_second;
    const double rate = effort.quick ? kSteadyRate : most / 2;
    const auto count = effort.of(static_cast<std::size_t>(rate * 10), 50);
    std::string busy;
    for (int run = 0; run < effort.runs; ++run) {
        const Delays steady = at_500(broker, domain, effort);
        const CpuShare cpu(broker);
        const Delays delays = send_paced(broker, domain, domain.producers[0], domain.posts[0],
                                         Lane::urgent, {rate, count, Arrivals::random});
        busy = cpu.told(broker, count) + "; " +
               std::to_string(delays.acknowledgements * 100 / count) +
               " acknowledgements for 100 messages";
        add(p50, percentile(delays.seconds, 0.5), percentile(steady.seconds, 0.5));
        add(p99, percentile(delays.seconds, 0.99), percentile(steady.seconds, 0.99));
        const Halves on_the_way = halves_of(delays.on_the_way);
        const Halves waiting = halves_of(delays.frames_waiting);
        queue.samples.push_back({grows(on_the_way) || grows(waiting) ? 1.0 : 0.0, 0});
        queue.remark = "means of the two halves: " + told("messages on the way", on_the_way) +
                       ", " + told("frames waiting in the broker", waiting);
        progress(queue.remark);
    }
    p50.remark = "half is " + std::to_string(std::lround(rate)) + "/s; " + busy;
    return {std::move(p50), std::move(p99), std::move(queue)};
}

}  // namespace

std::vector<Row> latency_rows() {
    return {{"latency", "submit to delivered at 500 a second", measure_latency},
            {"half-load", "the same at half of its own maximum, in open loop", measure_half_load}};
}

}  // namespace relais::bench
