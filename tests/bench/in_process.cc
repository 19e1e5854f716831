#include "tests/bench/in_process.h"

#include <algorithm>
#include <future>

#include "core/base/limits.h"
#include "core/crypto/sha256.h"
#include "tests/bench/notes.h"

namespace relais::bench {

namespace {

using test::fail_test;
using test::must;

constexpr broker::SessionId kOperator = 1;
constexpr std::size_t kFillBatch = 512;
constexpr std::size_t kFillChunk = 16'384;

broker::Input operator_input(std::uint64_t number, broker::Request request) {
    broker::Input input;
    input.session = kOperator;
    input.principal = broker::Principal::registrar;
    input.number = number;
    input.request = std::move(request);
    return input;
}

std::vector<broker::Input> alone(broker::Input input) {
    std::vector<broker::Input> inputs;
    inputs.push_back(std::move(input));
    return inputs;
}

}  // namespace

InProcess::InProcess(Domain& domain) : domain_(domain) {
    store_ = must(
        broker::SqliteStore::open(domain.database().string(),
                                  {.mode = Database::Mode::create, .vfs = "", .ballast_path = ""}));
    directory_ = std::make_unique<broker::SharedDirectory>(
        directory::DirectoryState(domain.territory().domain(), domain.authority()));
    broker::BrokerKeys& keys = domain.keys();
    const test::TestKey& first = domain.territory().broker_key();
    own_keys_.hold(first->public_key(), *first);  // before the domain names its own
    own_keys_.hold(keys.broker.public_key(), keys.broker);
    engine_ = std::make_unique<broker::Engine>(
        *store_, random_, verifier_,
        broker::EngineKeys{own_keys_, keys.directory_log, keys.audit_log,
                           keys.directory_log.public_key(), keys.audit_log.public_key()},
        *directory_,
        broker::EngineOptions{domain.territory().domain(), domain.authority(), {}, false});
    must(engine_->open(clock_.read()));
    if (engine_->counts().directory_entries == 0) give_directory();
}

void InProcess::give_directory() {
    for (const Bytes& bundle : domain_.bundles()) {
        step(alone(operator_input(++last_number_, wire::PublishBundle{bundle})));
    }
    wire::AppendEntries append{{}};
    for (const auto& entry : domain_.territory().log()) {
        append.entries.push_back(entry.bytes);
        if (append.entries.size() < limits::kEntriesPerFrameMax) continue;
        step(alone(operator_input(++last_number_, std::exchange(append, {}))));
    }
    if (!append.entries.empty()) step(alone(operator_input(++last_number_, std::move(append))));
}

broker::SessionId InProcess::connect(const Seat& seat) {
    last_session_ += 2;
    broker::Input input;
    input.session = last_session_;
    input.station = seat.station;
    input.number = ++last_number_;
    input.request = wire::Hello{wire::kProtocolVersion, "bench"};
    step(alone(std::move(input)));
    return last_session_;
}

broker::Input InProcess::submission(broker::SessionId session, const Producer& producer,
                                    Bytes envelope) {
    broker::Input input = request(session, producer);
    const Digest digest = sha256(envelope);
    input.request = broker::Submission{
        Envelope::parse(std::move(envelope)), digest, {producer.doctor_key->public_key(), {}}};
    return input;
}

broker::Input InProcess::request(broker::SessionId session, const Producer& producer) {
    broker::Input input;
    input.session = session;
    input.station = producer.seat.station;
    input.number = ++last_number_;
    return input;
}

void InProcess::step(std::vector<broker::Input> inputs) {
    const auto done = must(engine_->step(std::move(inputs), clock_.read()));
    for (const broker::Output& output : done.outputs) {
        const auto* sent = std::get_if<broker::SendFrame>(&output);
        const auto* refusal =
            sent == nullptr ? nullptr : std::get_if<wire::Refusal>(&sent->frame.body);
        if (refusal == nullptr) continue;
        fail_test("refused: " + std::string(error_info(refusal->code).name) + " " +
                  refusal->detail);
    }
}

void InProcess::submit_all(std::vector<broker::Input> inputs, std::size_t batch) {
    for (std::size_t from = 0; from < inputs.size(); from += batch) {
        const auto begin = inputs.begin() + static_cast<std::ptrdiff_t>(from);
        const auto end =
            inputs.begin() + static_cast<std::ptrdiff_t>(std::min(from + batch, inputs.size()));
        step({std::make_move_iterator(begin), std::make_move_iterator(end)});
    }
}

void InProcess::close() {
    must(engine_->close(clock_.read()));
    engine_ = nullptr;
    store_ = nullptr;
}

namespace {

// The notes of one producer to one post: the next chunk is made while the engine takes this one.
void fill_from(InProcess& broker, Domain& domain, Producer& producer, const Address& post,
               std::size_t count, Lane lane) {
    const auto session = broker.connect(producer.seat);
    Correspondence to(domain, producer, {post}, lane);
    broker.step(alone(broker.submission(session, producer, to.opening())));
    const auto make = [&](std::size_t chunk) {
        return std::async(std::launch::async, [&, chunk] {
            std::vector<broker::Input> inputs;
            for (Bytes& envelope : to.notes(chunk, 0)) {
                inputs.push_back(broker.submission(session, producer, std::move(envelope)));
            }
            return inputs;
        });
    };
    auto next = make(std::min(count, kFillChunk));
    while (count != 0) {
        auto inputs = next.get();
        count -= inputs.size();
        if (count != 0) next = make(std::min(count, kFillChunk));
        broker.submit_all(std::move(inputs), kFillBatch);
    }
}

}  // namespace

void fill(Domain& domain, const std::vector<std::size_t>& posts, std::size_t each, Lane lane) {
    InProcess broker(domain);
    const std::size_t share = each / domain.producers.size();
    for (const std::size_t post : posts) {
        for (Producer& producer : domain.producers) {
            fill_from(broker, domain, producer, domain.posts[post].mailbox, share, lane);
        }
    }
    broker.close();
}

}  // namespace relais::bench
