// engine_row.cc: the engine and its store alone, in this process: submissions that were checked
// before, batch by batch.
#include "tests/bench/notes.h"
#include "tests/bench/peer.h"
#include "tests/bench/references.h"
#include "tests/bench/row_list.h"

namespace relais::bench {

namespace {

constexpr std::size_t kBatch = 256;  // as R's

double engine_per_second(Domain& domain, std::size_t messages) {
    InProcess broker(domain);
    std::vector<broker::Input> inputs;
    for (Producer& producer : domain.producers) {
        const auto session = broker.connect(producer.seat);
        Correspondence to(domain, producer, {domain.posts[0].mailbox}, Lane::urgent);
        std::vector<broker::Input> opening;
        opening.push_back(broker.submission(session, producer, to.opening()));
        broker.step(std::move(opening));
        for (Bytes& envelope : to.notes(messages / domain.producers.size(), 0)) {
            inputs.push_back(broker.submission(session, producer, std::move(envelope)));
        }
    }
    const auto count = static_cast<double>(inputs.size());
    const auto begun = SteadyClock::now();
    broker.submit_all(std::move(inputs), kBatch);
    const double rate = count / seconds_since(begun);
    broker.close();
    return rate;
}

std::vector<Figure> measure(const Effort& effort) {
    Figure figure{"engine", "engine and store alone, commands already verified", "/s", "R",
                  Target::ratio_at_least, 0.6};
    Domain domain({.producers = 4, .posts = 1});
    const auto rows = static_cast<int>(effort.of(51'200, 2560));
    for (int run = 0; run < effort.runs; ++run) {
        Sample sample;
        sample.reference = sqlite_rows_per_second(domain.folder(), rows);
        sample.value = engine_per_second(domain, effort.of(51'200, 1024));
        figure.samples.push_back(sample);
        tell_run(figure);
    }
    return {std::move(figure)};
}

}  // namespace

std::vector<Row> engine_rows() {
    return {{"engine", "the engine and its store alone, in process, batches of 256", measure}};
}

}  // namespace relais::bench
