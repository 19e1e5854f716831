// submits.cc: how many submits a second a broker acknowledges: durable, checked, audited.
#include "tests/bench/submits.h"

#include <barrier>
#include <cmath>
#include <thread>

#include "core/base/limits.h"
#include "tests/bench/notes.h"
#include "tests/bench/references.h"
#include "tests/bench/row_list.h"

namespace relais::bench {

namespace {

constexpr std::size_t kWindow = 1024;  // of all producers together
constexpr std::chrono::microseconds kSlowFlush{2000};
constexpr int kReferenceRows = 51'200;
constexpr int kReferenceChecks = 10'000;  // a thread

// The frames of one producer, made beforehand.
std::vector<Bytes> frames_of(Peer& peer, const Domain& domain, Producer& producer,
                             const Seat& post, const Load& load) {
    const std::size_t count = load.messages / domain.producers.size();
    Correspondence to(domain, producer, {post.mailbox}, Lane::urgent);
    peer.ask(wire::Submit{to.opening()});
    peer.settle();
    auto envelopes = load.message == Message::note ? to.notes(count, load.signed_at_once)
                                                   : to.cases(count);
    std::vector<Bytes> frames;
    for (Bytes& envelope : envelopes) frames.push_back(peer.encode(wire::Submit{std::move(envelope)}));
    return frames;
}

void send_all(Peer& peer, const std::vector<Bytes>& frames, std::size_t window) {
    for (const Bytes& frame : frames) {
        peer.send(frame);
        while (peer.waiting() >= window) peer.turn(std::chrono::milliseconds(20));
    }
    peer.settle();
}

}  // namespace

double submits_per_second(const BrokerProcess& broker, Domain& domain, const Seat& post,
                          const Load& load) {
    const std::size_t window = kWindow / domain.producers.size();
    std::vector<std::unique_ptr<Peer>> peers;
    std::vector<std::vector<Bytes>> frames;
    for (Producer& producer : domain.producers) {
        peers.push_back(std::make_unique<Peer>(broker, producer.seat));
        frames.push_back(frames_of(*peers.back(), domain, producer, post, load));
    }
    std::barrier start(static_cast<std::ptrdiff_t>(peers.size()) + 1);
    std::vector<std::thread> threads;
    Failures failures;
    for (std::size_t i = 0; i < peers.size(); ++i) {
        threads.emplace_back([&, i] {
            start.arrive_and_wait();
            failures.keep([&] { send_all(*peers[i], frames[i], window); });
        });
    }
    start.arrive_and_wait();
    const auto begun = SteadyClock::now();
    for (std::thread& thread : threads) thread.join();
    const double seconds = seconds_since(begun);
    failures.tell();
    return static_cast<double>(frames[0].size() * frames.size()) / seconds;
}

namespace {

std::vector<Figure> run_submits(const Effort& effort, Figure figure, const Load& load,
                                std::chrono::microseconds flush,
                                const std::function<double(const Domain&)>& reference) {
    Domain domain({.producers = 4, .posts = 1});
    InProcess(domain).close();
    const BrokerProcess broker(domain, flush);
    for (int run = 0; run < effort.runs; ++run) {
        Sample sample;
        sample.reference = reference(domain);
        sample.value = submits_per_second(broker, domain, domain.posts[0], load);
        figure.samples.push_back(sample);
        tell_run(figure);
    }
    return {std::move(figure)};
}

double checks(const Domain&) { return verifications_per_second(kReferenceChecks); }

std::function<double(const Domain&)> rows_of(const Effort& effort) {
    const int rows = static_cast<int>(effort.of(kReferenceRows, 2560));
    return [rows](const Domain& domain) { return sqlite_rows_per_second(domain.folder(), rows); };
}

std::vector<Figure> measure_single(const Effort& effort) {
    return run_submits(effort,
                       {"submits", "acknowledged submits, each signed alone", "/s",
                        "P-256 verifications, all cores", Target::ratio_at_least, 0.5},
                       {Message::note, 1, effort.of(40'000, 400)}, {}, checks);
}

std::vector<Figure> measure_cases(const Effort& effort) {
    return run_submits(effort,
                       {"cases", "the same, each opening an admission with its clocks", "/s",
                        "P-256 verifications, all cores", Target::none, 0},
                       {Message::admission, 1, effort.of(40'000, 400)}, {}, checks);
}

std::vector<Figure> measure_bulk(const Effort& effort) {
    return run_submits(effort,
                       {"bulk", "acknowledged submits, 256 headers signed at once", "/s", "R",
                        Target::ratio_at_least, 0.45},
                       {Message::note, limits::kBatchSignedMax, effort.of(100'000, 2048)}, {},
                       rows_of(effort));
}

std::vector<Figure> measure_slow_disk(const Effort& effort) {
    auto figures = run_submits(effort,
                               {"slow-disk", "the same, each flush 2 ms longer", "/s", "R",
                                Target::ratio_at_least, 0.35},
                               {Message::note, limits::kBatchSignedMax,
                                effort.of(100'000, 2048)},
                               kSlowFlush, rows_of(effort));
    const test::TestFolder folder;
    const double slow = sqlite_rows_per_second_in_child(
        folder.path(), static_cast<int>(effort.of(kReferenceRows, 2560)), kSlowFlush);
    figures[0].remark = "R under the same flushes: " + std::to_string(std::lround(slow)) + "/s";
    return figures;
}

}  // namespace

std::vector<Row> submit_rows() {
    return {{"submits", "four producers, window 1,024, each message signed alone", measure_single},
            {"cases", "four producers that open admissions", measure_cases},
            {"bulk", "four bulk producers, 256 headers under one signature", measure_bulk},
            {"slow-disk", "the same with 2 ms added to each flush", measure_slow_disk}};
}

}  // namespace relais::bench
