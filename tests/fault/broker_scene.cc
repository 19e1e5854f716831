#include "tests/fault/broker_scene.h"

#include <algorithm>
#include <cerrno>

#include "broker/store/listing.h"
#include "core/base/contexts.h"
#include "core/codecs/codecs.h"
#include "core/merkle/tree.h"
#include "tools/fsck/check.h"

namespace relais::broker {

namespace {

constexpr std::size_t kThreads = 4;
constexpr int kSides[] = {-1, 0, 1};
using What = Exchange::What;
constexpr const char* kNotDone = "sending again fails";

BenchOptions bench_options(const test::WatchedDisk& disk, std::uint64_t seed) {
    BenchOptions options;
    options.seed = seed;
    options.database = disk.file("relais.db");
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
                               What::deliver,   What::again,  What::act,     What::pass,
                               What::directory, What::probe,  What::revoke,  What::checkpoint,
                               What::restart,   What::deliver};
    constexpr What kThen[] = {What::act,     What::act,     What::act,     What::act,
                              What::deliver, What::deliver, What::deliver, What::pass,
                              What::again,   What::pass,    What::probe,   What::directory};
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
        case What::deliver: return deliver(exchange);
        case What::pass: return pass(exchange.time);
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

// A thread is opened with its deposit, in one step; otherwise an act that may pass, mostly.
void BrokerScene::make_act(Exchange& exchange) {
    AdmissionCase& thread = threads_[exchange.thread];
    if (const auto stored = thread.stored(); !stored) {
        exchange.envelopes = {thread.make(exchange.side, "call"),
                              thread.make(exchange.side, "deposit")};
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
    std::vector<Input> inputs;
    std::vector<std::uint64_t> numbers;
    for (const Bytes& envelope : exchange.envelopes) {
        inputs.push_back(bench.input(session, wire::Submit{envelope}));
        numbers.push_back(inputs.back().number);
    }
    RELAIS_TRY(bench.try_step(std::move(inputs)));
    for (const std::uint64_t number : numbers) {
        const auto body = bench.take_answer(session, number);
        if (!body) return fail(ErrorCode::unreachable, "no answer");
        if (const auto* receipt = std::get_if<wire::Receipt>(&*body)) {
            tell(Told::Receipt{station(exchange.side).id, *receipt});
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
    return bench.sqlite().database().execute("PRAGMA wal_autocheckpoint = 60");
}

Result<std::string> BrokerScene::reopen() {
    RELAIS_TRY(bench.open_store());
    return test::contents_of(bench.sqlite().database());
}

void BrokerScene::close() {
    disk_.die();
    bench.end_process();
}

std::string BrokerScene::fsck() {
    const auto report = fsck::check_store(bench.sqlite());
    if (!report.ok()) return "fsck: " + report.error().describe();
    return report->problems.empty() ? "" : "fsck: " + report->problems.front().describe();
}

// Whether the store keeps what was told.
std::string BrokerScene::unkept(const Told& told, const std::vector<Bytes>& leaves) {
    SqliteStore& store = bench.sqlite();
    if (const auto* receipt = std::get_if<Told::Receipt>(&told.what)) {
        const Accepted& accepted = receipt->receipt.accepted;
        const bool there = accepted.leaf.value < leaves.size() &&
                           merkle::leaf_hash(leaves[accepted.leaf.value]) == accepted.leaf_hash;
        return there ? "" : "a receipt's leaf is lost";
    }
    if (const auto* cursor = std::get_if<Told::Cursor>(&told.what)) {
        const auto channels = store.channels().value();
        const auto channel = channels.find(cursor->mailbox);
        const bool there =
            channel != channels.end() &&
            store.cursor(channel->second, cursor->station, cursor->lane).value() >= cursor->last;
        return there ? "" : "an acknowledgement is lost";
    }
    if (const auto* directory = std::get_if<Told::Directory>(&told.what)) {
        const bool there = store.log_size(wire::LogName::directory).value() >= directory->size;
        return there ? "" : "directory entries are lost";
    }
    const MessageId message = std::get<Told::Mark>(told.what).message;
    const auto there = std::ranges::count_if(leaves, [&](const Bytes& bytes) {
        const Leaf leaf = parse_leaf(bytes).value();
        return leaf.event == Event::opened && leaf.message == message;
    });
    return there == 1 ? "" : "a mark is lost, or doubled";
}

std::string BrokerScene::unkept(std::size_t changes) {
    SqliteStore& store = bench.sqlite();
    const auto leaves = bench.raw_leaves();
    for (const Told& told : told_) {
        if (told.changes > changes) break;
        if (std::string wrong = unkept(told, leaves); !wrong.empty()) return wrong;
    }
    for (const Told& told : told_again_) {
        if (std::string wrong = unkept(told, leaves); !wrong.empty()) return wrong;
    }
    StoreListing listing(store);
    listing.begin().value();
    const auto answers = listing.remembered().value();
    // Marks are remembered too, under an id of their own bytes.
    const auto of_nobody = std::ranges::count_if(
        answers, [&](const RememberedRow& row) { return !sent_.contains(row.id); });
    if (static_cast<std::size_t>(of_nobody) > marked_.size()) return "answers to what nobody sent";
    return "";
}

std::string BrokerScene::same_receipt(const wire::Receipt& receipt, std::size_t changes) const {
    for (const Told& told : told_) {
        const auto* before = std::get_if<Told::Receipt>(&told.what);
        if (before == nullptr || told.changes > changes) continue;
        if (before->receipt.id == receipt.id &&
            before->receipt.accepted.leaf_hash != receipt.accepted.leaf_hash) {
            return "accepted twice";
        }
    }
    return "";
}

// D2: what was under way is done again, and once more. Whoever had a receipt has the same again.
std::string BrokerScene::repeated(const Exchange& exchange, std::size_t changes) {
    const auto session = connect(exchange.side, station(exchange.side));
    if (!session.ok()) return kNotDone;
    for (const Bytes& envelope : exchange.envelopes) {
        const auto first = ask(bench.input(*session, wire::Submit{envelope}));
        const auto second = ask(bench.input(*session, wire::Submit{envelope}));
        if (!first.ok() || !second.ok()) return kNotDone;
        if (code_of(*first) != code_of(*second)) return "two answers to one envelope";
        const auto* one = std::get_if<wire::Receipt>(&*first);
        if (one == nullptr) continue;
        const auto* other = std::get_if<wire::Receipt>(&*second);
        if (other == nullptr || !other->duplicate ||
            one->accepted.leaf_hash != other->accepted.leaf_hash) {
            return "sent again, and not the same answer";
        }
        if (std::string wrong = same_receipt(*one, changes); !wrong.empty()) return wrong;
    }
    return "";
}

// A thread that nobody saw yet: called, delivered to a ward, answered.
std::string BrokerScene::goes_on() {
    for (const int side : {AdmissionCase::kOpener, 0}) {
        const auto session = connect(side, station(side));
        if (!session.ok()) return "connecting: " + session.error().describe();
    }
    AdmissionCase fresh = threads_.back().sibling();
    constexpr std::pair<int, const char*> kActs[] = {{-1, "call"}, {-1, "deposit"}, {0, "offer"}};
    for (const auto& [side, act] : kActs) {
        const auto body = ask(fresh.input(side, fresh.make(side, act)));
        if (!body.ok()) return "a new thread: " + body.error().describe();
        if (!std::holds_alternative<wire::Receipt>(*body)) {
            return std::string(act) + " is refused: " + std::string(error_name(code_of(*body)));
        }
    }
    Exchange taken{.what = What::deliver, .side = 0};
    const auto done = deliver(taken);
    return done.ok() ? "" : done.error().describe();
}

const Exchange* BrokerScene::under_way(std::size_t changes) const {
    const Exchange* last = nullptr;
    for (const Exchange& each : exchanges_) {
        if (each.changes <= changes) last = &each;
    }
    return last;
}

test::Files BrokerScene::end_well() {
    bench.engine().close(bench.now).value();
    bench.end_process();
    return disk_.held();
}

// Whatever it answers: nothing that contradicts what was said before, and no crash.
std::string BrokerScene::contradicts() {
    for (const Exchange& each : exchanges_) {
        if (each.what != What::act) continue;
        std::string wrong = repeated(each, exchanges_.back().changes);
        if (wrong == kNotDone) break;
        if (!wrong.empty()) return wrong;
    }
    goes_on();
    return "";
}

Damage BrokerScene::look_at_damage(const test::Files& files, const std::string& contents) {
    disk_.hold(files);
    phase_ = Phase::judge;
    Damage damage;
    Result<void> begun = bench.open_store();
    if (begun.ok()) {
        const auto now = test::contents_of(bench.sqlite().database());
        damage.contents = now.ok() ? *now : "";
        damage.harmless = damage.contents == contents;
        damage.found = fsck();
        bench.now = exchanges_.back().until;
        begun = bench.try_restart();
    }
    if (begun.ok()) damage.wrong = contradicts();
    damage.refused = begun.code();
    close();
    return damage;
}

std::string BrokerScene::judge(std::size_t changes) {
    phase_ = Phase::judge;
    return judge_now(changes);
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

std::string BrokerScene::judge_now(std::size_t changes) {
    const Exchange* exchange = under_way(changes);
    std::string wrong = unkept(changes);
    if (wrong.empty() && exchange != nullptr) wrong = fsck();
    if (!wrong.empty()) return wrong;
    bench.now = exchange == nullptr ? begun_ : exchange->until;
    const auto started = bench.try_restart();
    if (!started.ok()) return "does not start: " + started.error().describe();
    if (exchange != nullptr) wrong = repeated(*exchange, changes);
    if (!wrong.empty()) return wrong;
    // The power may have gone before the domain had its kind and its directory.
    const auto bundle = ask(bench.operator_input(wire::PublishBundle{admission_bundle()}));
    if (!bundle.ok()) return "publishing: " + bundle.error().describe();
    const auto published = bench.try_publish_directory();
    if (!published.ok()) return "publishing: " + published.error().describe();
    wrong = goes_on();
    return wrong.empty() ? fsck() : wrong;
}

}  // namespace relais::broker
