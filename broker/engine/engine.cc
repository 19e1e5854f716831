// engine.cc: the step: inputs, timers, commit, then what may be said.
#include "broker/engine/engine.h"

#include <algorithm>

#include "broker/engine/reading.h"
#include "core/base/limits.h"

namespace relais::broker {

namespace {

constexpr Milliseconds kTimeSavedEvery{1000};
// Also where nothing happens: what was not saved for longer looks, after a crash, like a stop.
constexpr Milliseconds kTimeSavedAtLeastEvery = std::chrono::minutes(30);
constexpr Milliseconds kCountsFlushedEvery = std::chrono::minutes(1);
constexpr Milliseconds kErasedBytesTriedEvery{2000};
constexpr Milliseconds kSuspicionLookedAtEvery = std::chrono::minutes(1);
constexpr std::size_t kTimersPerStep = 256;

// What makes the store grow, and can wait when the disk is full; and the question whether it has
// to, since a broker that takes in nothing new is not well.
bool can_wait(const Request& request) {
    return std::holds_alternative<wire::Probe>(request) ||
           std::holds_alternative<Submission>(request) ||
           std::holds_alternative<wire::PublishBundle>(request) ||
           std::holds_alternative<wire::OpenInvitation>(request) ||
           std::holds_alternative<wire::Enrol>(request) ||
           std::holds_alternative<ChunkPut>(request) ||
           std::holds_alternative<wire::FetchChunk>(request);  // a leaf for each
}

// What the process says, and nobody asked.
bool is_report(const Request& request) {
    return std::holds_alternative<Disconnected>(request) ||
           std::holds_alternative<KeysRefused>(request) ||
           std::holds_alternative<ChunksFound>(request) || std::holds_alternative<Rung>(request);
}

// Refused for now without a leaf of their own: questions whose answer is "not yet" are none.
bool counts_as_refusal(const Request& request) {
    return std::holds_alternative<wire::PublishBundle>(request) ||
           std::holds_alternative<wire::OpenInvitation>(request) ||
           std::holds_alternative<wire::Enrol>(request) ||
           std::holds_alternative<wire::Attach>(request) ||
           std::holds_alternative<ChunkPut>(request) ||
           std::holds_alternative<ChunkStored>(request) ||
           std::holds_alternative<wire::AppendEntries>(request);
}

bool comes_before_hello(const Request& request) {
    return is_report(request) || std::holds_alternative<Malformed>(request) ||
           std::holds_alternative<ChunkStored>(request) ||
           std::holds_alternative<wire::Hello>(request);
}

// What only a session has: an order, subscriptions, a place in the directory.
bool acts_on_session(const Request& request) {
    return std::holds_alternative<Submission>(request) ||
           std::holds_alternative<wire::Attach>(request) ||
           std::holds_alternative<Acknowledgement>(request) ||
           std::holds_alternative<Marking>(request) ||
           std::holds_alternative<wire::FollowDirectory>(request) ||
           std::holds_alternative<ChunkPut>(request) ||
           std::holds_alternative<wire::AskChunks>(request) ||
           std::holds_alternative<wire::FetchChunk>(request) ||
           std::holds_alternative<wire::OfferAgain>(request) ||
           std::holds_alternative<wire::FollowCheckpoints>(request) ||
           std::holds_alternative<wire::Cosign>(request) ||
           std::holds_alternative<wire::FetchRegister>(request) ||
           std::holds_alternative<DayStating>(request);
}

merkle::VerifierKey log_key(const Name& domain, const char* log, const Ed25519Public& key) {
    return merkle::VerifierKey::make(domain.text() + "/" + log, merkle::NoteKeyType::ed25519, key)
        .value();
}

constexpr std::string_view kRequestNames[] = {"Malformed",
                                              "Disconnected",
                                              "KeysRefused",
                                              "Hello",
                                              "Submit",
                                              "Attach",
                                              "Acknowledge",
                                              "MarkEntry",
                                              "FollowDirectory",
                                              "AppendEntries",
                                              "PublishBundle",
                                              "FetchBundle",
                                              "FetchProof",
                                              "FetchConsistency",
                                              "OpenInvitation",
                                              "FetchProposals",
                                              "DecideProposal",
                                              "AskStatus",
                                              "Probe",
                                              "FetchLeaves",
                                              "FetchCheckpoints",
                                              "Administer",
                                              "Enrol",
                                              "EnrolmentStatus",
                                              "PutChunk",
                                              "ChunkStored",
                                              "ChunksFound",
                                              "AskChunks",
                                              "FetchChunk",
                                              "OfferAgain",
                                              "FollowCheckpoints",
                                              "Cosign",
                                              "FetchRegister",
                                              "Rung",
                                              "StateDay"};
static_assert(std::size(kRequestNames) == std::variant_size_v<Request>);

}  // namespace

std::string_view request_name(const Request& request) { return kRequestNames[request.index()]; }

Engine::Engine(Store& store, Random& random, const Verifier& verifier, const EngineKeys& keys,
               SharedDirectory& directory, const EngineOptions& options)
    : options_(options),
      store_(store),
      random_(random),
      time_(TimeKeeper::start({})),
      audit_log_(store, wire::LogName::audit,
                 log_key(options.domain, "audit", keys.audit_log_public), keys.audit_log),
      directory_log_(store, wire::LogName::directory,
                     log_key(options.domain, "directory", keys.directory_log_public),
                     keys.directory_log),
      broker_signer_(keys.broker, directory),
      auditor_(audit_log_, random, time_),
      mailboxes_(store),
      kinds_(store),
      days_(store, time_),
      parts_{store,          random,   verifier,   broker_signer_, directory,    time_, audit_log_,
             directory_log_, auditor_, mailboxes_, kinds_,         incarnation_, days_},
      registers_(parts_),
      rings_(parts_),
      threads_(parts_, registers_, rings_),
      absences_(parts_, threads_),
      chunks_(parts_, options.chunks),
      submissions_(parts_, threads_, registers_, chunks_, erasures_, restoration_,
                   options.submissions),
      sessions_(store, mailboxes_, incarnation_),
      receipts_(parts_, sessions_, rings_),
      reckoner_(parts_),
      day_desk_(parts_, sessions_, reckoner_),
      directory_keeper_(parts_),
      erasures_(parts_, chunks_),
      restoration_(parts_, directory_keeper_, erasures_),
      enrolment_(parts_),
      witness_desk_(parts_, sessions_) {}

Result<Engine::Step> Engine::step(std::vector<Input> inputs, const ClockReading& now) {
    if (!store_.has_reserve()) store_.restore_ballast();
    Result<void> done = run_step(inputs, now, !store_.has_reserve());
    if (done.code() == ErrorCode::storage_full) {
        store_.release_ballast();
        RELAIS_TRY(load(now));
        done = run_step(inputs, now, true);
    }
    if (!done.ok()) return done.error();
    ++counts_.steps;
    forget_erased_bytes();
    broker_signer_.keep();
    auditor_.keep();
    chunks_.keep();
    if (auto removed = chunks_.take_removed(); !removed.empty()) {
        outputs_.push_back(RemoveChunks{std::move(removed)});
    }
    sessions_.keep();
    for (const auto& action : std::exchange(after_commit_, {})) action();
    for (Ring& ring : rings_.take_calls()) outputs_.push_back(std::move(ring));
    for (Bytes& said : erasures_.take_said()) outputs_.push_back(Erased{std::move(said)});
    for (const Sessions::ToCut& cut : sessions_.take_cuts()) {
        send(cut.id, 0, wire::Cut{cut.told});
        outputs_.push_back(CutSession{cut.id});
    }
    const Reading reading(store_);
    RELAIS_ASSIGN(
        const bool more_directory,
        sessions_.pump_directory(parts_.state().size(), directory_log_.checkpoint(), outputs_));
    RELAIS_ASSIGN(const bool more_entries,
                  sessions_.pump(mailboxes_.take_grown(), parts_.state().size(), outputs_));
    RELAIS_TRY(witness_desk_.pump(outputs_));
    if (invitations_told_ != enrolment_.any_open()) {
        invitations_told_ = enrolment_.any_open();
        outputs_.push_back(InvitationsOpen{invitations_told_});
    }
    return Step{std::exchange(outputs_, {}), more_entries || more_directory};
}

Result<void> Engine::run_step(std::vector<Input>& inputs, const ClockReading& now, bool essential) {
    outputs_.clear();
    after_commit_.clear();
    greeted_.clear();
    attached_.clear();
    counts_before_ = counts_;
    RELAIS_TRY(store_.begin());
    Result<void> done = advance_time(now);
    for (auto input = inputs.begin(); done.ok() && input != inputs.end(); ++input) {
        done = take(*input, essential);
    }
    if (done.ok()) done = run_timers();
    if (done.ok()) done = absences_.call_in();
    if (done.ok()) done = rings_.call_due();  // of what the timers left
    if (done.ok()) done = chunks_.remove_abandoned();
    if (done.ok()) done = turn_day();
    if (done.ok()) done = commit_step();
    if (!done.ok()) undo_step();
    return done;
}

// Who reads the store for long, as a backup does, holds them back: they go once it has ended.
void Engine::forget_erased_bytes() {
    if (!store_.keeps_erased_bytes() || time_.time() < erased_bytes_at_) return;
    store_.forget_erased_bytes();
    erased_bytes_at_ = time_.time() + kErasedBytesTriedEvery;
}

// What load() does not read again. A session that began has lost its leaf: it begins again. A
// mailbox that was made may get another channel.
void Engine::undo_step() {
    store_.rollback();
    for (const SessionId session : greeted_) sessions_.close(session);
    for (const auto& [session, channel] : attached_) sessions_.detach(session, channel);
    submissions_.roll_back();
    auditor_.roll_back();
    chunks_.roll_back();
    erasures_.forget_said();
    rings_.forget_calls();
    absences_.look_again();
    reckoner_.roll_back();
    sessions_.roll_back();
    counts_ = counts_before_;
}

Result<void> Engine::commit_step() {
    RELAIS_TRY(enrolment_.expire());
    RELAIS_TRY(witness_desk_.look());
    RELAIS_TRY(checkpoint_if_due());
    RELAIS_TRY(auditor_.save(store_));
    if (time_.time() - time_saved_at_ >= kTimeSavedEvery) {
        RELAIS_TRY(store_.set_time(time_.record()));
        after_commit_.push_back([this, at = time_.time()] { time_saved_at_ = at; });
    }
    return store_.commit();
}

Result<void> Engine::turn_day() {
    RELAIS_ASSIGN(const auto turned, day_desk_.turn());
    if (turned) after_commit_.push_back([this, day = *turned] { day_desk_.turned(day); });
    return reckoner_.go_on();
}

Result<void> Engine::advance_time(const ClockReading& now) {
    time_.advance(now);
    const bool suspect = time_.suspect();
    if (suspect == suspicion_told_) return {};
    RELAIS_TRY(auditor_.record(leaf_of(suspect ? Event::clock_suspected : Event::clock_trusted)));
    RELAIS_TRY(store_.set_time(time_.record()));
    if (!suspect) RELAIS_TRY(reckoner_.interrupted());
    after_commit_.push_back([this, suspect] { suspicion_told_ = suspect; });
    return {};
}

Result<void> Engine::checkpoint_if_due() {
    // A directory entry is signed at once; the leaf that tells of it is under a head as early, so
    // that what is exported of a broker that was killed never looks altered.
    const bool directory_grew = std::ranges::any_of(
        outputs_, [](const Output& one) { return std::holds_alternative<KeysChanged>(one); });
    if (time_.time() < checkpoint_at_ && !directory_grew) return {};
    RELAIS_TRY(auditor_.flush_counts(false));
    if (audit_log_.size() == audit_log_.checkpoint_size()) return {};
    RELAIS_TRY(audit_log_.sign_checkpoint());
    after_commit_.push_back(
        [this, next = time_.time() + limits::kCheckpointEvery] { checkpoint_at_ = next; });
    store_.restore_ballast();
    return {};
}

// While the clock is suspect only reminders go on: nothing is ended. After a restore the clocks of
// threads that the backup held wait for the acts that had stopped them.
Result<std::optional<Timer>> Engine::first_to_run(TimerKind kind) {
    if (time_.suspect() && kind != TimerKind::clock_half) return std::optional<Timer>();
    RELAIS_ASSIGN(auto timer, store_.first_timer(kind));
    const bool of_thread = kind == TimerKind::clock_half || kind == TimerKind::clock_end;
    const auto until = of_thread ? restoration_.clocks_wait_until() : std::nullopt;
    while (until && timer && timer->at < *until) {
        RELAIS_ASSIGN(const auto stored, store_.thread(timer->thread));
        if (!stored || !restoration_.in_backup(stored->thread)) break;
        RELAIS_ASSIGN(timer, store_.next_timer(*timer));
    }
    return timer;
}

Result<std::optional<Timer>> Engine::due_timer() {
    constexpr TimerKind kAll[] = {TimerKind::clock_half, TimerKind::clock_end,
                                  TimerKind::envelope_end, TimerKind::forget};
    std::optional<Timer> first;
    for (const TimerKind kind : kAll) {
        RELAIS_ASSIGN(const auto timer, first_to_run(kind));
        if (timer && timer->at <= time_.time() && (!first || timer->at < first->at)) {
            first = timer;
        }
    }
    return first;
}

Result<void> Engine::run_timers() {
    for (std::size_t i = 0; i < kTimersPerStep; ++i) {
        RELAIS_ASSIGN(const auto timer, due_timer());
        if (!timer) return {};
        RELAIS_TRY(store_.remove_timer(*timer));
        RELAIS_TRY(run_timer(*timer));
    }
    return {};
}

Result<void> Engine::run_timer(const Timer& timer) {
    switch (timer.kind) {
        case TimerKind::clock_end: return threads_.end_clock(timer);
        case TimerKind::clock_half: return threads_.remind(timer);
        case TimerKind::envelope_end: {
            RELAIS_ASSIGN(const auto places, submissions_.end_envelope(timer.envelope));
            for (const Place& place : places) sessions_.expired(place);
            return {};
        }
        case TimerKind::forget: return store_.forget(timer.message, timer.station);
    }
    return fail(ErrorCode::corrupt, "timer kind");
}

Result<std::optional<Milliseconds>> Engine::next_wake(const ClockReading& now) {
    const Reading reading(store_);
    std::optional<EngineTime> at;
    const auto sooner = [&](EngineTime time) {
        if (!at || time < *at) at = time;
    };
    for (const TimerKind kind : {TimerKind::clock_half, TimerKind::clock_end,
                                 TimerKind::envelope_end, TimerKind::forget}) {
        RELAIS_ASSIGN(const auto timer, first_to_run(kind));
        if (timer) sooner(timer->at);
    }
    if (const auto until = restoration_.clocks_wait_until()) sooner(*until);
    RELAIS_ASSIGN(const auto ring, rings_.next());
    if (ring) sooner(*ring);
    if (const auto call = absences_.next()) sooner(*call);
    if (!time_.suspect()) {
        RELAIS_ASSIGN(const auto abandoned, chunks_.first_abandoned());
        if (abandoned) sooner(*abandoned);
    }
    sooner(time_saved_at_ + kTimeSavedAtLeastEvery);
    if (audit_log_.size() != audit_log_.checkpoint_size()) sooner(checkpoint_at_);
    if (store_.keeps_erased_bytes()) sooner(erased_bytes_at_);
    if (auditor_.has_counts()) sooner(time_.time() + kCountsFlushedEvery);
    if (time_.suspect()) sooner(time_.time() + kSuspicionLookedAtEvery);
    if (const auto turn = day_desk_.next()) sooner(*turn);
    RELAIS_ASSIGN(const auto reckoning, reckoner_.next());
    if (reckoning) sooner(*reckoning);
    if (const auto end = enrolment_.first_end()) sooner(*end);
    if (const auto next = witness_desk_.next()) sooner(*next);
    if (!at) return std::optional<Milliseconds>();
    const Milliseconds since = now.boot - time_.record().reading.boot;
    return std::optional(std::max(*at - time_.time() - since, Milliseconds(0)));
}

Session* Engine::session_of(const Input& input) {
    return input.principal == Principal::station ? sessions_.find(input.session) : nullptr;
}

Session& Engine::own_session(const Input& input) {
    Session* const session = session_of(input);
    RELAIS_CHECK(session != nullptr);
    return *session;
}

void Engine::send(SessionId session, std::uint64_t number, wire::Body body) {
    outputs_.push_back(SendFrame{session, {number, std::move(body)}});
}

Result<void> Engine::take(Input& input, bool essential) {
    const bool report = is_report(input.request);
    const bool own = report || std::holds_alternative<ChunkStored>(input.request);
    if (input.principal == Principal::station && !own) {
        const auto* station = parts_.state().station(input.station);
        if (station == nullptr || parts_.state().suspended(station->organisation)) {
            // Nothing is said to a key that was revoked: the frame is dropped, the connection cut.
            auditor_.count_refusals(input.station, ErrorCode::revoked, 1);
            outputs_.push_back(CutSession{input.session});
            return {};
        }
    }
    const bool needed = input.principal == Principal::station ? !comes_before_hello(input.request)
                                                              : acts_on_session(input.request);
    if (needed && session_of(input) == nullptr) {
        return answer(input, fail(ErrorCode::forbidden, "say Hello first"));
    }
    if (essential && can_wait(input.request)) {
        const auto* submission = std::get_if<Submission>(&input.request);
        Session* session = session_of(input);
        if (submission != nullptr && session != nullptr) {
            note_stall(*session, *submission, Retry::later);
            auditor_.count_refusals(input.station, ErrorCode::storage_full, 1);
        }
        return answer(input, fail(ErrorCode::storage_full));
    }
    auto body = decide(input);
    if (!body.ok() && fails_step(body.code())) return body.error();
    if (report || (body.ok() && !*body)) return {};
    return answer(input, body.ok() ? Result<wire::Body>(**std::move(body)) : body.error());
}

Result<std::optional<wire::Body>> Engine::decide(Input& input) {
    return std::visit(
        [&](auto& request) -> Result<std::optional<wire::Body>> {
            using Each = std::decay_t<decltype(request)>;
            if constexpr (std::is_same_v<Each, ChunkPut> ||
                          std::is_same_v<Each, wire::FetchChunk>) {
                return take_chunk(input, request);
            } else {
                auto body = handle(input, request);
                if (!body.ok()) return body.error();
                return std::optional<wire::Body>(std::move(body).value());
            }
        },
        input.request);
}

Result<void> Engine::answer(const Input& input, Result<wire::Body> body) {
    if (body.ok()) {
        if (std::holds_alternative<wire::Refusal>(*body)) ++counts_.refused;
        send(input.session, input.number, std::move(body).value());
        return {};
    }
    const Error& error = body.error();
    const ErrorInfo& info = error_info(error.code);
    if (info.retry == Retry::never) {
        Leaf leaf = leaf_of(Event::request_refused);
        if (input.principal == Principal::station) leaf.station = input.station;
        leaf.code = error.code;
        leaf.subject = std::string(request_name(input.request));
        RELAIS_TRY(auditor_.refuse(std::move(leaf)));
    } else if (counts_as_refusal(input.request)) {
        const bool known = input.principal == Principal::station;
        auditor_.count_refusals(known ? std::optional(input.station) : std::nullopt, error.code, 1);
    }
    ++counts_.refused;
    send(input.session, input.number,
         wire::Refusal{error.code, info.retry, error.detail.substr(0, limits::kDetailBytesMax),
                       std::nullopt});
    return {};
}

// Sessions give what their stations may have now, and no more.
Result<void> Engine::directory_changed() {
    for (const StationId& station : sessions_.follow(parts_.state())) {
        Leaf leaf = leaf_of(Event::station_cut);
        leaf.station = station;
        RELAIS_TRY(auditor_.record(std::move(leaf)));
    }
    outputs_.push_back(KeysChanged{});
    return {};
}

EngineCounts Engine::counts() const {
    EngineCounts counts = counts_;
    counts.undelivered = mailboxes_.undelivered();
    counts.sessions = sessions_.all().size();
    counts.leaves = audit_log_.size();
    counts.directory_entries = directory_log_.size();
    counts.witnesses = witness_desk_.counts();
    const directory::Domain* domain = broker_signer_.named();
    if (domain != nullptr) counts.broker_key_until = domain->broker_key_until;
    return counts;
}

}  // namespace relais::broker
