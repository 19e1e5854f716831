// engine_row.cc: the engine and its store alone, in this process: submissions that were checked
// before, batch by batch; and what of a submission's way the rules of its kind take.
#include "broker/engine/checks.h"
#include "core/crypto/p256.h"
#include "schemas/workflow/permission.h"
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

std::vector<Figure> measure_engine(const Effort& effort) {
    Figure figure{"engine",
                  "engine and store alone, commands already verified",
                  "/s",
                  "R",
                  Target::ratio_at_least,
                  0.6};
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

// What decides whether an act is one that its kind, its thread and its signer allow.
void judge(const directory::DirectoryState& directory, const workflow::Kind& kind,
           const Envelope& envelope) {
    const Header& header = envelope.header();
    const DirectorySize at = directory.size();
    const workflow::ActIndex index = *kind.act(header.act);
    const workflow::Act& act = kind.acts[index];
    test::must(workflow::check_shape(kind, act, header));
    test::must(workflow::check_signer(directory, kind, act, header, at, header.time));
    std::vector<Address> parties;
    for (const Recipient& recipient : header.to) parties.push_back(recipient.mailbox);
    if (!workflow::required_fallbacks(directory, kind, act, header.from, parties, at).empty()) {
        test::fail_test("the posts declare no fallback");
    }
    const auto input = workflow::act_input(directory, kind, index, header, envelope.digest(), at,
                                           header.time, nullptr);
    test::must(workflow::open_thread(kind, header.thread, input, nullptr));
}

// Of openings of the kind `admission`, each its own thread, one thread of the machine for all:
// their whole way, and their rules alone. Microseconds an act.
Sample time_rules(Domain& domain, std::size_t count) {
    InProcess broker(domain);
    const P256Verifier verifier;
    broker::SharedDirectory shared(domain.territory().state());
    const broker::Checks checks(shared, verifier);
    Producer& producer = domain.producers[0];
    const auto session = broker.connect(producer.seat);
    const auto kind = test::must(workflow::Kind::load(domain.admission_bundle()));
    const auto envelopes =
        Correspondence(domain, producer, {domain.posts[0].mailbox}, Lane::urgent).cases(count);

    const auto whole = SteadyClock::now();
    std::vector<broker::Input> inputs;
    for (const Bytes& envelope : envelopes) {
        broker::Input input = broker.request(session, producer);
        input.request = checks.check(wire::Submit{envelope});
        inputs.push_back(std::move(input));
    }
    broker.submit_all(std::move(inputs), kBatch);
    const double way = seconds_since(whole);

    std::vector<Envelope> parsed;
    for (const Bytes& envelope : envelopes) parsed.push_back(test::must(Envelope::parse(envelope)));
    const auto rules = SteadyClock::now();
    for (const Envelope& envelope : parsed) judge(domain.territory().state(), kind, envelope);
    const double judged = seconds_since(rules);
    broker.close();
    return {judged * 1e6 / static_cast<double>(count), way * 1e6 / static_cast<double>(count)};
}

std::vector<Figure> measure_rules(const Effort& effort) {
    Figure figure{"transitions",
                  "whether the kind, the thread and the signer allow an act",
                  "us",
                  "its whole way: parsed, verified, judged, written, audited",
                  Target::ratio_at_most,
                  0.1};
    Domain domain({.producers = 1, .posts = 1});
    for (int run = 0; run < effort.runs; ++run) {
        figure.samples.push_back(time_rules(domain, effort.of(10'240, 512)));
        tell_run(figure);
    }
    return {std::move(figure)};
}

}  // namespace

std::vector<Row> engine_rows() {
    return {
        {"engine", "the engine and its store alone, in process, batches of 256", measure_engine},
        {"transitions", "what of an act's way its kind's rules take", measure_rules}};
}

}  // namespace relais::bench
