// submits.cc: how many submits a second a broker acknowledges: durable, checked, audited.
#include "tests/bench/submits.h"

#include <barrier>
#include <cmath>
#include <thread>

#include "core/base/limits.h"
#include "tests/bench/bare.h"
#include "tests/bench/notes.h"
#include "tests/bench/references.h"
#include "tests/bench/row_list.h"

namespace relais::bench {

namespace {

constexpr std::size_t kWindow = 1024;  // of all producers together
constexpr std::chrono::microseconds kSlowFlush{2000};
constexpr std::chrono::microseconds kGather{200};
constexpr int kReferenceRows = 51'200;
constexpr int kReferenceChecks = 10'000;  // a thread

// The frames of one producer, made beforehand.
std::vector<Bytes> frames_of(Peer& peer, const Domain& domain, Producer& producer, const Seat& post,
                             const Load& load) {
    const std::size_t count = load.messages / domain.producers.size();
    Correspondence to(domain, producer, {post.mailbox}, Lane::urgent);
    peer.ask(wire::Submit{to.opening()});
    peer.settle();
    auto envelopes =
        load.message == Message::note ? to.notes(count, load.signed_at_once) : to.cases(count);
    std::vector<Bytes> frames;
    for (Bytes& envelope : envelopes)
        frames.push_back(peer.encode(wire::Submit{std::move(envelope)}));
    return frames;
}

void send_all(Peer& peer, const std::vector<Bytes>& frames, std::size_t window) {
    for (const Bytes& frame : frames) {
        peer.send(frame);
        if (peer.waiting() < window) continue;
        // Answers come by the batch: to wake for each would be a load of its own.
        while (peer.waiting() > window * 3 / 4) {
            std::this_thread::sleep_for(kGather);
            peer.turn(std::chrono::milliseconds(20));
        }
    }
    peer.settle();
}

}  // namespace

Submitted submit(const BrokerProcess& broker, Domain& domain, const Seat& post, const Load& load) {
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
    const CpuShare cpu(broker);
    start.arrive_and_wait();
    const auto begun = SteadyClock::now();
    for (std::thread& thread : threads) thread.join();
    const double seconds = seconds_since(begun);
    failures.tell();
    const std::size_t count = frames[0].size() * frames.size();
    return {static_cast<double>(count) / seconds, cpu.told(broker, count), frames[0][0].size()};
}

namespace {

// One of the four producers of the bare router: as send_all, of frames that are all the same.
void send_bare(const BareRouter& router, std::size_t bytes, std::size_t count, std::size_t window) {
    const CurveKeyPair key = generate_curve_keys();
    Crowd one(router.endpoint(), router.curve(), {&key});
    std::size_t answered = 0;
    one.on_frame = [&](std::size_t, ByteView) { ++answered; };
    const Bytes frame(bytes, 's');
    for (std::size_t sent = 1; sent <= count; ++sent) {
        one.send(0, frame);
        if (sent - answered < window) continue;
        one.until([&] {
            std::this_thread::sleep_for(kGather);
            one.turn(std::chrono::milliseconds(0));
            return sent - answered <= window * 3 / 4;
        });
    }
    one.until([&] { return answered == count; });
}

// What is left of a broker without rules, checks, routing and audit: its frames a second.
double bare_stored_per_second(const std::filesystem::path& folder, std::size_t bytes,
                              std::size_t count, std::size_t producers) {
    const BareRouter router(folder);
    Failures failures;
    std::vector<std::thread> threads;
    const auto begun = SteadyClock::now();
    for (std::size_t i = 0; i < producers; ++i) {
        threads.emplace_back([&] {
            failures.keep(
                [&] { send_bare(router, bytes, count / producers, kWindow / producers); });
        });
    }
    for (std::thread& thread : threads) thread.join();
    failures.tell();
    return static_cast<double>(count) / seconds_since(begun);
}

std::vector<Figure> run_submits(const Effort& effort, Figure figure, const Load& load,
                                std::chrono::microseconds flush,
                                const std::function<double(const Domain&)>& reference) {
    Domain domain({.producers = 4, .posts = 1});
    InProcess(domain).close();
    const BrokerProcess broker(domain, flush);
    for (int run = 0; run < effort.runs; ++run) {
        Sample sample;
        sample.reference = reference(domain);
        const Submitted done = submit(broker, domain, domain.posts[0], load);
        sample.value = done.per_second;
        figure.remark = done.cpu;
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
    const Load load{Message::note, limits::kBatchSignedMax, effort.of(100'000, 2048)};
    Figure bulk{"bulk",
                "acknowledged submits, 256 headers signed at once",
                "/s",
                "R",
                Target::ratio_at_least,
                0.45};
    Figure bare{"bare-bulk",  "frames as large, into a bare CURVE router over SQLite",
                "/s",         "R",
                Target::none, 0};
    Domain domain({.producers = 4, .posts = 1});
    InProcess(domain).close();
    const BrokerProcess broker(domain);
    const auto reference = rows_of(effort);
    for (int run = 0; run < effort.runs; ++run) {
        const double rows = reference(domain);
        const Submitted done = submit(broker, domain, domain.posts[0], load);
        bulk.remark = done.cpu;
        bulk.samples.push_back({done.per_second, rows});
        tell_run(bulk);
        bare.samples.push_back({bare_stored_per_second(domain.folder(), done.frame_bytes,
                                                       load.messages, domain.producers.size()),
                                rows});
        tell_run(bare);
    }
    return {std::move(bulk), std::move(bare)};
}

std::vector<Figure> measure_slow_disk(const Effort& effort) {
    auto figures = run_submits(
        effort,
        {"slow-disk", "the same, each flush 2 ms longer", "/s", "R", Target::ratio_at_least, 0.35},
        {Message::note, limits::kBatchSignedMax, effort.of(100'000, 2048)}, kSlowFlush,
        rows_of(effort));
    const test::TestFolder folder;
    const double slow = sqlite_rows_per_second_in_child(
        folder.path(), static_cast<int>(effort.of(kReferenceRows, 2560)), kSlowFlush);
    figures[0].remark += "; R under the same flushes: " + std::to_string(std::lround(slow)) + "/s";
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
