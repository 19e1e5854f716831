#include "tests/support/engine/engine_bench.h"

#include <algorithm>
#include <cstdio>

#include "core/base/contexts.h"
#include "core/crypto/sha256.h"
#include "core/merkle/tree.h"
#include "schemas/compiler/compiler.h"

namespace relais::broker {

namespace {

constexpr SessionId kOperatorSession = 1'000'001;
constexpr SessionId kStrangerSession = 1'000'003;

Ed25519Key ed25519_key(std::uint8_t fill) {
    return Ed25519Key::from_seed(Secret::copy_of(Bytes(32, fill))).value();
}

directory::DirectoryState empty_directory(const test::TestTerritory& territory) {
    return {territory.domain(), fingerprint(territory.authority()->public_key())};
}

template <typename T>
T must(Result<T> result) {
    if (!result.ok()) std::fprintf(stderr, "%s\n", result.error().describe().c_str());
    return std::move(result).value();
}
void must(const Result<void>& result) {
    if (!result.ok()) std::fprintf(stderr, "%s\n", result.error().describe().c_str());
    result.value();
}

}  // namespace

Lane first_lane(const workflow::Act& act) {
    for (const Lane lane : kLanesByUrgency) {
        if ((act.lanes >> static_cast<int>(lane) & 1) != 0) return lane;
    }
    return Lane::routine;
}

const Bytes& admission_bundle() {
    static const Bytes bundle =
        must(compiler::compile_kind(RELAIS_SOURCE_DIR "/schemas/kinds/admission"));
    return bundle;
}

const workflow::Kind& admission_kind() {
    static const workflow::Kind kind = must(workflow::Kind::load(admission_bundle()));
    return kind;
}

Signature StillSigner::sign(ByteView message) {
    const Digest once = sha256(message);
    Bytes both = to_bytes(once.view());
    append(both, sha256(once.view()).view());
    return Signature::from(both);
}

EngineBench::EngineBench(const BenchOptions& options)
    : shared_territory(options.territory
                           ? options.territory
                           : std::make_shared<test::SmallTerritory>(
                                 std::vector<std::string>{"admission"}, options.seed)),
      territory(*shared_territory),
      random(options.seed + 1000),
      now{test::kTestTime, {1'000'000}, random.make<Salt>()},
      options_(options),
      engine_random_(options.seed + 2000),
      directory_log_(ed25519_key(1)),
      audit_log_(ed25519_key(2)) {
    Signer& notices =
        options_.still_notices ? static_cast<Signer&>(still_) : *territory.broker_key();
    own_keys.hold(territory.broker_key()->public_key(), notices);
    must(open_store());
    must(try_restart());
    if (!options.settled) return;
    step(together(operator_input(wire::PublishBundle{admission_bundle()})));
    if (!options.territory) {
        territory.publish_kind(territory.cpts, "admission", 1, admission_kind().digest);
    }
    publish_directory();
}

std::unique_ptr<Engine> EngineBench::make_engine(bool new_incarnation) {
    directory_ = std::make_unique<SharedDirectory>(empty_directory(territory));
    const EngineKeys keys{own_keys, directory_log_, audit_log_, directory_log_.public_key(),
                          audit_log_.public_key()};
    return std::make_unique<Engine>(
        *faulty_, engine_random_, territory.verifier(), keys, *directory_,
        EngineOptions{territory.domain(), fingerprint(territory.authority()->public_key()),
                      options_.limits, new_incarnation, options_.chunks, options_.erasures_beside});
}

void EngineBench::pass(Milliseconds time) {
    now.wall = now.wall + time;
    now.boot = now.boot + time;
}

void EngineBench::reboot(Milliseconds took) {
    now.wall = now.wall + took;
    now.boot = {5'000};
    now.boot_id = random.make<Salt>();
}

Result<void> EngineBench::try_restart(bool new_incarnation) {
    engine_.reset();
    answers_.clear();
    pushes_.clear();
    stations_.clear();
    engine_ = make_engine(new_incarnation);
    RELAIS_TRY(engine_->open(now));
    RELAIS_ASSIGN(published_, sqlite_->log_size(wire::LogName::directory));
    return {};
}

Result<void> EngineBench::open_store() {
    RELAIS_ASSIGN(sqlite_,
                  SqliteStore::open(options_.database, {.mode = Database::Mode::create,
                                                        .vfs = "",
                                                        .ballast_path = options_.ballast,
                                                        .durable = Database::Durable::at_sync}));
    faulty_ = std::make_unique<FaultyStore>(*sqlite_);
    if (options_.chunk_folder.empty()) return {};
    RELAIS_ASSIGN(ChunkFolder folder, ChunkFolder::open(options_.chunk_folder));
    chunk_folder_ = std::move(folder);
    return {};
}

void EngineBench::end_process() {
    chunks_to_write.clear();
    engine_.reset();
    faulty_.reset();
    sqlite_.reset();
}

Result<void> EngineBench::try_reopen() {
    end_process();
    RELAIS_TRY(open_store());
    return try_restart();
}

void EngineBench::restart(bool new_incarnation) { must(try_restart(new_incarnation)); }

Result<void> EngineBench::try_step(std::vector<Input> inputs) {
    std::vector<std::vector<Input>> steps;
    steps.push_back(std::move(inputs));
    return try_steps(std::move(steps));
}

Result<void> EngineBench::try_steps(std::vector<std::vector<Input>> steps) {
    std::vector<Output> outputs;
    for (std::vector<Input>& inputs : steps) {
        RELAIS_ASSIGN(Engine::Step step, engine_->step(std::move(inputs), now));
        std::ranges::move(step.outputs, std::back_inserter(outputs));
    }
    RELAIS_TRY(sqlite_->sync());
    collect(std::move(outputs));
    return {};
}

void EngineBench::step(std::vector<Input> inputs) { must(try_step(std::move(inputs))); }

void EngineBench::settle() {
    for (bool more = true; more;) {
        Engine::Step step = must(engine_->step({}, now));
        more = step.more;
        must(sqlite_->sync());
        collect(std::move(step.outputs));
    }
}

void EngineBench::idle(Milliseconds time) {
    const BootTime until = now.boot + time;
    for (;;) {
        const auto wake = must(engine_->next_wake(now));
        const Milliseconds left = until - now.boot;
        if (!wake || *wake > left) return pass(left);
        pass(*wake);
        step();
    }
}

void EngineBench::collect(std::vector<Output> outputs) {
    outputs_seen_ += outputs.size();
    for (Output& output : outputs) {
        if (auto* sent = std::get_if<SendFrame>(&output)) {
            const Bytes bytes = wire::encode_frame(sent->frame);
            Bytes said = to_bytes(transcript_.view());
            append_u64(said, sent->session);
            append(said, ByteView(bytes));
            transcript_ = sha256(said);
            wire::Frame frame = must(wire::parse_frame(bytes));  // as a station would read it
            if (frame.number == 0) {
                pushes_[sent->session].push_back(std::move(frame.body));
            } else {
                answers_.insert_or_assign({sent->session, frame.number}, std::move(frame.body));
            }
        }
        if (auto* store = std::get_if<StoreChunk>(&output)) {
            chunks_to_write.push_back(std::move(*store));
        }
        if (auto* ring = std::get_if<Ring>(&output)) rings.push_back(std::move(*ring));
        if (const auto* wanted = std::get_if<SendChunk>(&output)) carry_out(*wanted);
        if (const auto* removed = std::get_if<RemoveChunks>(&output)) carry_out(*removed);
        if (const auto* cut = std::get_if<CutSession>(&output)) cut_.insert(cut->session);
        if (const auto* open = std::get_if<InvitationsOpen>(&output)) {
            invitations_open_ = open->open;
        }
    }
}

void EngineBench::carry_out(const SendChunk& wanted) {
    wire::Body body = wire::Refusal{ErrorCode::corrupt, Retry::never, "chunk", std::nullopt};
    if (!chunk_folder_) {
        body = wire::Chunk{wanted.digest, chunk_files.at(wanted.digest)};
    } else if (auto bytes = read_chunk(options_.chunk_folder, wanted.digest); bytes.ok()) {
        body = wire::Chunk{wanted.digest, *std::move(bytes)};
    }
    answers_.insert_or_assign({wanted.session, wanted.number}, std::move(body));
}

void EngineBench::carry_out(const RemoveChunks& removed) {
    for (const Digest& digest : removed.digests) {
        chunk_files.erase(digest);
        if (chunk_folder_) chunk_folder_->remove(digest);
    }
}

ErrorCode EngineBench::write(StoreChunk& chunk) {
    if (chunk_folder_) return chunk_folder_->write(chunk.digest, chunk.bytes).code();
    chunk_files[chunk.digest] = std::move(chunk.bytes);
    return ErrorCode::ok;
}

void EngineBench::write_chunks(ErrorCode outcome) {
    if (outcome == ErrorCode::ok) return must(try_write_chunks());
    std::vector<Input> done;
    for (const StoreChunk& chunk : std::exchange(chunks_to_write, {})) {
        done.push_back({chunk.session, Principal::station, chunk.station, chunk.number,
                        ChunkStored{chunk.digest, outcome}});
    }
    step(std::move(done));
}

Result<void> EngineBench::try_write_chunks() {
    std::vector<Input> done;
    for (StoreChunk& chunk : std::exchange(chunks_to_write, {})) {
        done.push_back({chunk.session, Principal::station, chunk.station, chunk.number,
                        ChunkStored{chunk.digest, write(chunk)}});
    }
    return try_step(std::move(done));
}

Result<void> EngineBench::try_sweep() {
    ChunksFound found;
    chunk_folder_->sweep([&](const Digest& digest) { found.digests.push_back(digest); });
    return try_step(together(Input{0, Principal::registrar, {}, 0, std::move(found)}));
}

wire::Body EngineBench::upload(SessionId session, const Bytes& chunk) {
    Input put = input(session, wire::PutChunk{sha256(chunk), chunk});
    const std::uint64_t number = put.number;
    step(together(std::move(put)));
    if (!chunks_to_write.empty()) write_chunks();
    return answer(session, number);
}

Input EngineBench::outcome(const Ring& ring, ErrorCode code) {
    return {0,
            Principal::registrar,
            {},
            0,
            Rung{ring.thread, ring.message, ring.mailbox, ring.step, ring.attempt, ring.way, code}};
}

std::vector<Ring> EngineBench::answer_rings(ErrorCode code) {
    std::vector<Ring> made = std::exchange(rings, {});
    std::vector<Input> outcomes;
    for (const Ring& ring : made) outcomes.push_back(outcome(ring, code));
    step(std::move(outcomes));
    return made;
}

void EngineBench::declare_rings(const test::TestUnit& unit, std::vector<directory::RingStep> steps,
                                calendar::Hours hours) {
    directory::Unit body = unit.unit;
    body.rings = std::move(steps);
    body.hours = std::move(hours);
    const std::string organisation(unit.mailbox.organisation());
    territory.append(organisation, *territory.authority_of(organisation), body);
    publish_directory();
}

void EngineBench::publish_directory() { must(try_publish_directory()); }

Result<void> EngineBench::try_publish_directory() {
    wire::AppendEntries append{{}};
    for (std::size_t i = published_; i < territory.log().size(); ++i) {
        append.entries.push_back(territory.log()[i].bytes);
    }
    if (append.entries.empty()) return {};
    Input input = operator_input(std::move(append));
    const std::uint64_t number = input.number;
    RELAIS_TRY(try_step(together(std::move(input))));
    const wire::Body body = answer(kOperatorSession, number);
    if (const auto* refusal = std::get_if<wire::Refusal>(&body)) {
        return fail(refusal->code, "directory: " + refusal->detail);
    }
    published_ = territory.log().size();
    return {};
}

DirectoryHead EngineBench::directory_head() const {
    std::vector<Digest> hashes;
    for (std::size_t i = 0; i < published_; ++i) {
        hashes.push_back(merkle::leaf_hash(territory.log()[i].bytes));
    }
    return {{published_}, merkle::tree_root(hashes)};
}

SessionId EngineBench::dial(const test::TestStation& station) {
    last_session_ += 2;
    stations_[last_session_] = &station;
    return last_session_;
}

SessionId EngineBench::connect(const test::TestStation& station) {
    const SessionId session = dial(station);
    const wire::Body welcome = ask(session, wire::Hello{wire::kProtocolVersion, "test"});
    RELAIS_CHECK(std::holds_alternative<wire::Welcome>(welcome));
    return session;
}

void EngineBench::disconnect(SessionId session) {
    step(together(Input{session, Principal::station, station_of(session).id, 0, Disconnected{}}));
}

const test::TestStation& EngineBench::station_of(SessionId session) const {
    return *stations_.at(session);
}

Input EngineBench::input(SessionId session, wire::Body body) {
    const Bytes bytes = wire::encode_frame({++last_number_, std::move(body)});
    wire::Frame frame = must(wire::parse_frame(bytes));
    const Checks checks(*directory_, territory.verifier());
    return {session, Principal::station, station_of(session).id, frame.number,
            checks.check(std::move(frame.body))};
}

Input EngineBench::operator_input(wire::Body body) {
    const Checks checks(*directory_, territory.verifier());
    return {
        kOperatorSession, Principal::registrar, {}, ++last_number_, checks.check(std::move(body))};
}

Input EngineBench::stranger_input(wire::Body body) {
    const Checks checks(*directory_, territory.verifier());
    return {
        kStrangerSession, Principal::enrolment, {}, ++last_number_, checks.check(std::move(body))};
}

wire::Body EngineBench::ask(Input one) {
    const SessionId session = one.session;
    const std::uint64_t number = one.number;
    step(together(std::move(one)));
    return answer(session, number);
}

wire::Body EngineBench::answer(SessionId session, std::uint64_t number) {
    auto body = take_answer(session, number);
    RELAIS_CHECK(body.has_value());
    return *std::move(body);
}

std::optional<wire::Body> EngineBench::take_answer(SessionId session, std::uint64_t number) {
    const auto found = answers_.find({session, number});
    if (found == answers_.end()) return std::nullopt;
    wire::Body body = std::move(found->second);
    answers_.erase(found);
    return body;
}

wire::Body EngineBench::attach(SessionId session, const std::string& mailbox, std::uint32_t credit,
                               std::uint64_t next) {
    wire::Attach attach{test::address(mailbox), std::nullopt, {}};
    attach.lanes.fill({{1}, credit});
    attach.lanes[static_cast<std::size_t>(Lane::urgent)].next = {next};
    return ask(session, std::move(attach));
}

std::vector<wire::Body> EngineBench::take_pushes(SessionId session) {
    return std::exchange(pushes_[session], {});
}

std::vector<wire::Delivery> EngineBench::take_deliveries(SessionId session) {
    std::vector<wire::Delivery> deliveries;
    for (wire::Body& body : take_pushes(session)) {
        if (auto* delivery = std::get_if<wire::Delivery>(&body)) {
            deliveries.push_back(std::move(*delivery));
        }
    }
    return deliveries;
}

Header EngineBench::header(SessionId session, test::HeaderDraft draft) {
    const test::TestStation& station = station_of(session);
    draft.station = station.id;
    draft.head = directory_head();
    Header header = test::make_header(draft, random);
    for (Recipient& recipient : header.to) {
        recipient.counter = next_counter(header, recipient.mailbox);
    }
    return header;
}

Bytes EngineBench::envelope(const Header& header, const test::TestPerson& signer, Release release,
                            std::span<const Address> readers) {
    return test::make_envelope(header, *signer.key, random, release, {}, readers);
}

Input EngineBench::acknowledgement(SessionId session,
                                   const std::vector<wire::Delivery>& deliveries) {
    std::vector<Digest> digests;
    for (const wire::Delivery& delivery : deliveries)
        digests.push_back(entry_digest(delivery.entry));
    const wire::Delivery& first = deliveries.front();
    const DeliveredStatement statement{station_of(session).id,
                                       first.mailbox,
                                       first.incarnation,
                                       first.lane,
                                       first.seq,
                                       deliveries.back().seq,
                                       merkle::tree_root(digests)};
    const Statement made = make_statement(contexts::kDelivered, encode_delivered(statement),
                                          *station_of(session).signing);
    return input(session, wire::Acknowledge{encode_statement(made)});
}

wire::Body EngineBench::acknowledge(SessionId session,
                                    const std::vector<wire::Delivery>& deliveries) {
    return ask(acknowledgement(session, deliveries));
}

std::vector<Bytes> EngineBench::raw_leaves(wire::LogName log) {
    const std::uint64_t size = must(sqlite_->log_size(log));
    return must(sqlite_->read_leaves(log, 0, size));
}

std::vector<Leaf> EngineBench::leaves() {
    std::vector<Leaf> leaves;
    for (const Bytes& bytes : raw_leaves()) leaves.push_back(must(parse_leaf(bytes)));
    return leaves;
}

std::size_t EngineBench::count_leaves(Event event, ErrorCode code) {
    const auto all = leaves();
    return static_cast<std::size_t>(std::ranges::count_if(
        all, [&](const Leaf& leaf) { return leaf.event == event && leaf.code == code; }));
}

std::vector<LogRecord> EngineBench::log_of(const std::string& mailbox, Lane lane) {
    const auto channels = must(sqlite_->channels());
    const auto channel = channels.find(test::address(mailbox));
    std::vector<LogRecord> records;
    if (channel == channels.end()) return records;
    for (auto& [place, record] : must(sqlite_->read_log({channel->second, lane, {1}}, 100'000))) {
        RELAIS_CHECK(place.seq.value == records.size() + 1);  // no gap, whatever the test asks
        records.push_back(std::move(record));
    }
    return records;
}

std::vector<Notice> EngineBench::notices_of(const std::string& mailbox, NoticeKind kind) {
    std::vector<Notice> notices;
    for (const Lane lane : kLanesByUrgency) {
        for (const LogRecord& record : log_of(mailbox, lane)) {
            const auto* entry = std::get_if<NoticeEntry>(&record);
            if (entry == nullptr) continue;
            Notice notice = must(parse_notice(must(parse_statement(entry->statement)).body));
            if (notice.kind == kind) notices.push_back(std::move(notice));
        }
    }
    return notices;
}

ErrorCode code_of(const wire::Body& body) {
    const auto* refusal = std::get_if<wire::Refusal>(&body);
    return refusal == nullptr ? ErrorCode::ok : refusal->code;
}

}  // namespace relais::broker
