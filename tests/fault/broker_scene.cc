#include "tests/fault/broker_scene.h"

#include <algorithm>
#include <cerrno>

#include "core/base/contexts.h"
#include "core/crypto/sha256.h"
#include "schemas/envelope/attachments.h"

namespace relais::broker {

namespace {

constexpr std::size_t kThreads = 4;
constexpr int kSides[] = {-1, 0, 1};
using What = Exchange::What;
constexpr std::size_t kChunkBytes[] = {4096 + 16, 4096 + 16, 8192 + 16};

BenchOptions bench_options(const test::WatchedDisk& disk, std::uint64_t seed) {
    BenchOptions options;
    options.seed = seed;
    options.database = disk.file("relais.db");
    options.chunk_folder = disk.file("chunks");
    return options;
}

}  // namespace

BrokerScene::BrokerScene(test::WatchedDisk& disk, std::uint64_t seed)
    : bench((disk.hold({}), bench_options(disk, seed))), disk_(disk), random_(seed + 7) {
    for (std::size_t i = 0; i < kThreads; ++i) threads_.emplace_back(bench);
    test::SmallTerritory& territory = bench.territory;
    spare_ = territory.add_station(territory.practice, {territory.secretary.id}, {""});
    auto body = territory.domain_body();  // vouches for the heads that the bench signs
    body.audit_log = bench.audit_key();
    body.directory_log = Ed25519Key::from_seed(Secret::copy_of(Bytes(32, 1))).value().public_key();
    territory.append("", *territory.authority(), body);
    publish().value();
    begun_ = bench.now;
}

const test::TestStation& BrokerScene::station(int side) const {
    if (side == AdmissionCase::kOpener) return bench.territory.practice_station;
    return side == 0 ? bench.territory.geriatrics_station : bench.territory.cardiology_station;
}

test::Recorded BrokerScene::recorded() const {
    return {disk_.before(), disk_.changes(), acknowledged_};
}

void BrokerScene::tell(decltype(Told::what) what) {
    if (phase_ == Phase::again) told_again_.push_back({0, std::move(what)});
    if (phase_ != Phase::record) return;
    told_.push_back({disk_.changes().size(), std::move(what)});
    acknowledged_.push_back(disk_.changes().size());
}

void BrokerScene::work(std::size_t exchanges) {
    // Small, so that the database is checkpointed, and its log begun again, many times.
    bench.sqlite().database().execute("PRAGMA wal_autocheckpoint = 60").value();
    for (std::size_t i = 0; i < exchanges; ++i) {
        exchanges_.push_back(draw());
        Exchange& exchange = exchanges_.back();
        exchange.at = bench.now;
        exchange.changes = disk_.changes().size();
        run(exchange).value();
        exchange.until = bench.now;
    }
}

void BrokerScene::lose_a_sync() {
    disk_.fail_next("fdatasync", EIO);
    const auto refused = ask(bench.operator_input(wire::Probe{}));
    RELAIS_CHECK(!refused.ok() && disk_.fired());
    disk_.die();
    bench.end_process();
    disk_.revive();
    restart(false).value();
}

// The first exchanges are one of each; the others as they come.
Exchange BrokerScene::draw() {
    constexpr What kFirst[] = {What::act,       What::act,    What::deliver, What::act,
                               What::erase,     What::again,  What::upload,  What::pass,
                               What::directory, What::probe,  What::revoke,  What::checkpoint,
                               What::restart,   What::deliver};
    constexpr What kThen[] = {What::act,     What::act,     What::act,     What::act,
                              What::deliver, What::deliver, What::deliver, What::pass,
                              What::again,   What::pass,    What::probe,   What::directory,
                              What::upload,  What::erase};
    constexpr What kRare[] = {What::restart, What::clean_restart, What::checkpoint};
    constexpr Milliseconds kTimes[] = {std::chrono::minutes(25), std::chrono::hours(3),
                                       std::chrono::hours(5), std::chrono::hours(24 * 15)};
    Exchange exchange;
    const std::size_t done = exchanges_.size();
    exchange.what = done < std::size(kFirst) ? kFirst[done]
                    : random_.one_in(8)      ? kRare[random_.below(std::size(kRare))]
                                             : kThen[random_.below(std::size(kThen))];
    exchange.thread = done < 3 ? 0 : threads_.size() - 1 - random_.below(kThreads);
    if (threads_[exchange.thread].over()) {
        threads_.emplace_back(bench);
        exchange.thread = threads_.size() - 1;
    }
    exchange.side = kSides[random_.below(3)];
    if (exchange.what == What::upload) exchange.chunks = make_chunks(1 + random_.below(2));
    if (exchange.what == What::erase) exchange.message = to_be_erased();
    exchange.time = kTimes[random_.below(std::size(kTimes))];
    if (exchange.what == What::again) {
        std::vector<const Exchange*> acts;
        for (const Exchange& each : exchanges_) {
            if (each.what == What::act && !each.envelopes.empty()) acts.push_back(&each);
        }
        exchange = *acts[random_.below(acts.size())];
        exchange.what = What::again;
    }
    return exchange;
}

Result<wire::Body> BrokerScene::ask(Input input) {
    const SessionId session = input.session;
    const std::uint64_t number = input.number;
    RELAIS_TRY(bench.try_step(together(std::move(input))));
    auto body = bench.take_answer(session, number);
    if (!body) return fail(ErrorCode::unreachable, "no answer");
    return *std::move(body);
}

Result<SessionId> BrokerScene::connect(int side, const test::TestStation& station) {
    const SessionId session = bench.dial(station);
    RELAIS_ASSIGN(const wire::Body welcome,
                  ask(bench.input(session, wire::Hello{wire::kProtocolVersion, "test"})));
    if (!std::holds_alternative<wire::Welcome>(welcome)) {
        return fail(code_of(welcome), "Hello is refused");
    }
    for (AdmissionCase& thread : threads_) thread.speak_through(side, session);
    return session;
}

Result<void> BrokerScene::run(Exchange& exchange) {
    switch (exchange.what) {
        case What::act:
        case What::again: return send(exchange);
        case What::upload: return upload(exchange);
        case What::deliver: return deliver(exchange);
        case What::pass: return pass(exchange.time);
        case What::erase: return erase(exchange);
        case What::directory:
            if (phase_ == Phase::record) bench.territory.add_person(bench.territory.hospital);
            return publish();
        case What::revoke:
            if (!std::exchange(revoked_, true)) bench.territory.revoke(*spare_);
            return publish();
        case What::probe: {
            RELAIS_ASSIGN(const auto body, ask(bench.operator_input(wire::Probe{})));
            if (std::holds_alternative<wire::Probed>(body)) return {};
            return fail(code_of(body), "Probe is refused");
        }
        case What::restart: return restart(false);
        case What::clean_restart: return restart(true);
        case What::checkpoint:
            return bench.sqlite().database().execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    return {};
}

std::vector<Bytes> BrokerScene::make_chunks(std::size_t count) {
    std::vector<Bytes> chunks(count);
    for (Bytes& chunk : chunks) {
        chunk = random_.bytes(kChunkBytes[random_.below(std::size(kChunkBytes))]);
    }
    return chunks;
}

// Of what a station had a receipt for: first the deposit with its attachments.
std::optional<MessageId> BrokerScene::to_be_erased() {
    if (erased_.empty() && !attached_.empty())
        return *erased_.insert(attached_.begin()->first).first;
    std::vector<MessageId> left;
    for (const Told& told : told_) {
        const auto* receipt = std::get_if<Told::Receipt>(&told.what);
        if (receipt != nullptr && !erased_.contains(receipt->receipt.id)) {
            left.push_back(receipt->receipt.id);
        }
    }
    if (left.empty()) return std::nullopt;
    return *erased_.insert(left[random_.below(left.size())]).first;
}

void BrokerScene::make_opening(Exchange& exchange) {
    AdmissionCase& thread = threads_[exchange.thread];
    exchange.envelopes = {thread.make(exchange.side, "call")};  // its counter comes first
    Header deposit = thread.make_header(exchange.side, "deposit");
    exchange.chunks = make_chunks(attached_.empty() ? 2 : random_.below(4));
    std::vector<Digest> digests;
    ChunkSummary summary{static_cast<std::uint32_t>(exchange.chunks.size()), 0, {}};
    for (const Bytes& chunk : exchange.chunks) {
        digests.push_back(sha256(chunk));
        summary.bytes += chunk.size();
    }
    if (!digests.empty()) {
        summary.root = chunks_root(digests);
        deposit.chunks = summary;
        attached_[deposit.id] = digests;
    }
    exchange.envelopes.push_back(test::make_envelope(deposit, *thread.person(exchange.side).key,
                                                     bench.random, Release::chosen, digests));
}

// A thread is opened with its deposit, in one step; otherwise an act that may pass, mostly.
void BrokerScene::make_act(Exchange& exchange) {
    AdmissionCase& thread = threads_[exchange.thread];
    if (const auto stored = thread.stored(); !stored) {
        make_opening(exchange);
    } else {
        const auto& kind = admission_kind();
        std::string act = kind.acts[random_.below(kind.acts.size())].name;
        const auto possible = workflow::possible_acts(
            kind, stored->thread, test::address(AdmissionCase::mailbox(exchange.side)));
        if (!possible.empty() && !random_.one_in(6)) {
            act = kind.acts[possible[random_.below(possible.size())]].name;
        }
        const int to = static_cast<int>(random_.below(2));
        exchange.envelopes = {thread.make(exchange.side, act, to)};
    }
    for (const Bytes& envelope : exchange.envelopes) {
        sent_.insert(Envelope::parse(envelope).value().header().id);
    }
}

Result<void> BrokerScene::send(Exchange& exchange) {
    if (exchange.envelopes.empty() && !threads_[exchange.thread].stored()) {
        exchange.side = AdmissionCase::kOpener;
    }
    RELAIS_ASSIGN(const SessionId session, connect(exchange.side, station(exchange.side)));
    if (exchange.envelopes.empty()) make_act(exchange);
    RELAIS_ASSIGN(const bool uploaded, upload(session, exchange.chunks));
    if (!uploaded) return {};
    // Each a step of its own, made durable together, as under load.
    std::vector<std::vector<Input>> steps;
    std::vector<std::uint64_t> numbers;
    for (const Bytes& envelope : exchange.envelopes) {
        steps.push_back(together(bench.input(session, wire::Submit{envelope})));
        numbers.push_back(steps.back().front().number);
    }
    RELAIS_TRY(bench.try_steps(std::move(steps)));
    const bool opening = exchange.what == What::act && exchange.envelopes.size() > 1;
    for (const std::uint64_t number : numbers) {
        const auto body = bench.take_answer(session, number);
        if (!body) return fail(ErrorCode::unreachable, "no answer");
        const auto* receipt = std::get_if<wire::Receipt>(&*body);
        if (receipt != nullptr) tell(Told::Receipt{station(exchange.side).id, *receipt});
        // Else the campaign would be about less than it says.
        RELAIS_CHECK(receipt != nullptr || !opening || phase_ != Phase::record);
    }
    return {};
}

// Whether all of them were taken: a station sends nothing that refers to others.
Result<bool> BrokerScene::upload(SessionId session, const std::vector<Bytes>& chunks) {
    for (const Bytes& chunk : chunks) {
        const Digest digest = sha256(chunk);
        Input put = bench.input(session, wire::PutChunk{digest, chunk});
        const std::uint64_t number = put.number;
        RELAIS_TRY(bench.try_step(together(std::move(put))));
        if (!bench.chunks_to_write.empty()) RELAIS_TRY(bench.try_write_chunks());
        const auto body = bench.take_answer(session, number);
        if (!body) return fail(ErrorCode::unreachable, "no answer");
        const bool taken = std::holds_alternative<wire::Done>(*body);
        RELAIS_CHECK(taken || phase_ != Phase::record);
        if (!taken) return false;
        tell(Told::Chunk{digest});
    }
    return true;
}

Result<void> BrokerScene::upload(const Exchange& exchange) {
    RELAIS_ASSIGN(const SessionId session,
                  connect(AdmissionCase::kOpener, station(AdmissionCase::kOpener)));
    RELAIS_TRY(upload(session, exchange.chunks));
    return {};
}

Result<void> BrokerScene::erase(const Exchange& exchange) {
    if (!exchange.message) return {};
    RELAIS_ASSIGN(
        const wire::Body body,
        ask(bench.operator_input(wire::Administer{
            wire::Command::erase, std::nullopt, exchange.message, wire::ErasureReason::request})));
    if (std::holds_alternative<wire::Done>(body)) tell(Told::Erased{*exchange.message});
    return {};
}

// Whatever a reader is given of an attachment is what was sent.
Result<void> BrokerScene::fetch(SessionId session, const std::vector<wire::Delivery>& deliveries) {
    for (const wire::Delivery& delivery : deliveries) {
        const auto* entry = std::get_if<EnvelopeEntry>(&delivery.entry);
        if (entry == nullptr) continue;
        const MessageId message = parse_header(entry->header.bytes)->id;
        const auto attached = attached_.find(message);
        if (attached == attached_.end()) continue;
        for (const Digest& digest : attached->second) {
            RELAIS_ASSIGN(
                const wire::Body body,
                ask(bench.input(session, wire::FetchChunk{delivery.mailbox, message, digest})));
            const auto* chunk = std::get_if<wire::Chunk>(&body);
            if (chunk == nullptr) return fail(code_of(body), "an attachment is refused");
            RELAIS_CHECK(sha256(chunk->bytes) == digest);
        }
    }
    return {};
}

Result<void> BrokerScene::deliver(Exchange& exchange) {
    const test::TestStation& reader = station(exchange.side);
    RELAIS_ASSIGN(const SessionId session, connect(exchange.side, reader));
    const Address mailbox = test::address(AdmissionCase::mailbox(exchange.side));
    wire::Attach attach{mailbox, std::nullopt, {}};
    attach.lanes.fill({{1}, 0});
    RELAIS_ASSIGN(const wire::Body now, ask(bench.input(session, attach)));
    const auto* attached = std::get_if<wire::Attached>(&now);
    if (attached == nullptr) return fail(code_of(now), "Attach is refused");
    const auto& ends = attached->lanes;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        attach.lanes[lane] = {{ends[lane].acknowledged.value + 1}, 64};
    }
    RELAIS_TRY(ask(bench.input(session, attach)));
    const auto deliveries = bench.take_deliveries(session);
    for (const Lane lane : kLanesByUrgency) {
        std::vector<wire::Delivery> of_lane;
        std::ranges::copy_if(deliveries, std::back_inserter(of_lane),
                             [&](const auto& each) { return each.lane == lane; });
        if (of_lane.empty()) continue;
        if (exchange.side == 0) RELAIS_TRY(mark(session, of_lane));
        RELAIS_TRY(fetch(session, of_lane));
        RELAIS_ASSIGN(const wire::Body body, ask(bench.acknowledgement(session, of_lane)));
        if (!std::holds_alternative<wire::Done>(body)) {
            return fail(code_of(body), "an acknowledgement is refused");
        }
        tell(Told::Cursor{reader.id, mailbox, lane, of_lane.back().seq});
    }
    return {};
}

// The first envelope among them is opened by the ward's doctor.
Result<void> BrokerScene::mark(SessionId session, const std::vector<wire::Delivery>& deliveries) {
    for (const wire::Delivery& delivery : deliveries) {
        const auto* entry = std::get_if<EnvelopeEntry>(&delivery.entry);
        if (entry == nullptr) continue;
        const Digest digest = header_digest(entry->header.bytes);
        const MessageId message = parse_header(entry->header.bytes)->id;
        const auto& station = bench.territory.geriatrics_station;
        const auto& person = bench.territory.geriatrician;
        const Bytes said = encode_mark(
            {person.id, delivery.mailbox, message, digest, Word::opened, test::kTestTime});
        const Bytes seen = encode_opened(
            {station.id, delivery.mailbox, message, digest, Word::opened, test::kTestTime});
        marked_.insert(message);
        RELAIS_ASSIGN(
            const wire::Body body,
            ask(bench.input(
                session,
                wire::MarkEntry{
                    encode_statement(make_statement(contexts::kMark, said, *person.key)),
                    encode_statement(make_statement(contexts::kOpened, seen, *station.signing))})));
        if (std::holds_alternative<wire::Done>(body)) tell(Told::Mark{message});
        return {};
    }
    return {};
}

Result<void> BrokerScene::pass(Milliseconds time) {
    const BootTime until = bench.now.boot + time;
    for (;;) {
        RELAIS_ASSIGN(const auto wake, bench.engine().next_wake(bench.now));
        const Milliseconds left = until - bench.now.boot;
        if (!wake || *wake > left) {
            bench.pass(left);
            return {};
        }
        bench.pass(*wake);
        RELAIS_TRY(bench.try_step());
    }
}

Result<void> BrokerScene::publish() {
    RELAIS_TRY(bench.try_publish_directory());
    tell(Told::Directory{bench.territory.log().size()});
    return {};
}

Result<void> BrokerScene::restart(bool clean) {
    if (clean) RELAIS_TRY(bench.engine().close(bench.now));
    RELAIS_TRY(bench.try_reopen());
    RELAIS_TRY(bench.try_sweep());
    return bench.sqlite().database().execute("PRAGMA wal_autocheckpoint = 60");
}

Result<std::string> BrokerScene::reopen() {
    RELAIS_TRY(bench.open_store());
    if (const std::string wrong = unread_chunk(); !wrong.empty()) {
        return fail(ErrorCode::corrupt, wrong);
    }
    return test::contents_of(bench.sqlite().database());
}

void BrokerScene::close() {
    disk_.die();
    bench.end_process();
}

test::Files BrokerScene::end_well() {
    bench.engine().close(bench.now).value();
    bench.end_process();
    return disk_.held();
}

// The disk as it was, and a process on it that has said nothing yet.
Result<void> BrokerScene::begin_again(const Exchange& exchange, const Failing& failing) {
    bench.now = exchange.at;
    told_again_.clear();
    phase_ = Phase::again;
    if (failing.whole) disk_.fail_call(failing.call, failing.error);
    RELAIS_TRY(bench.try_reopen());
    RELAIS_TRY(bench.sqlite().database().execute("PRAGMA wal_autocheckpoint = 20"));
    if (!failing.whole) disk_.fail_call(failing.call, failing.error);
    return {};
}

BrokerScene::Failed BrokerScene::fail_in(const test::Recorded& recorded, const Exchange& exchange,
                                         const Failing& failing) {
    if (image_of_.first != exchange.changes) {
        test::DiskImage image(recorded.before);
        for (std::size_t i = 0; i < exchange.changes; ++i) image.apply(recorded.changes[i]);
        image_of_ = {exchange.changes, image.after_power_cut(0)};
    }
    disk_.hold(image_of_.second);
    Exchange again = exchange;
    Result<void> done = begin_again(exchange, failing);
    if (done.ok()) done = run(again);
    Failed failed{disk_.fired(), ""};
    if (!done.ok() && !failed.fired) failed.wrong = "fails by itself: " + done.error().describe();
    const std::string where = disk_.failed();
    const test::Files left = failing.cut ? disk_.image().after_power_cut(*failing.cut)
                                         : disk_.image().after_power_cut(0);
    close();
    disk_.hold(left);
    const auto contents = reopen();
    if (!contents.ok()) failed.wrong = "does not open: " + contents.error().describe();
    if (failed.wrong.empty()) failed.wrong = judge(exchange.changes);
    if (!failed.wrong.empty()) failed.wrong += " (failed: " + where + ")";
    close();
    told_again_.clear();
    return failed;
}

}  // namespace relais::broker
