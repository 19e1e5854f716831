// engine_load.cc: beginning and ending a run.
#include "broker/engine/engine.h"

namespace relais::broker {

// A broker starts on a full disk as it goes on there: on its reserve.
Result<void> Engine::open(const ClockReading& now) {
    Result<void> done = try_open(now);
    if (done.code() != ErrorCode::storage_full) return done;
    store_.release_ballast();
    return try_open(now);
}

Result<void> Engine::try_open(const ClockReading& now) {
    RELAIS_ASSIGN(const auto domain, store_.value("domain"));
    if (!domain) RELAIS_TRY(begin_domain(now));
    RELAIS_TRY(load(now));
    if (!begun_) RELAIS_TRY(try_begin(now));
    return begun_by_restore_ ? purge_expired() : Result<void>{};
}

Result<void> Engine::try_begin(const ClockReading& now) {
    RELAIS_ASSIGN(const auto marked, store_.value(kRestoringValue));
    std::optional<std::string> restored;  // the head to cite
    if (marked && !marked->empty()) restored = std::string(as_text(*marked).substr(1));
    if (options_.new_incarnation && !restored) restored.emplace();
    if (restored) time_.trust(now);  // else what expired meanwhile would be delivered first
    RELAIS_TRY(store_.begin());
    Result<void> done = begin_run(restored);
    if (done.ok()) done = store_.commit();
    if (!done.ok()) {
        store_.rollback();
        return done;
    }
    begun_ = true;
    begun_by_restore_ = restored.has_value();
    return {};
}

Result<void> Engine::begin_run(const std::optional<std::string>& restored) {
    Result<void> done = auditor_.recover(store_);
    if (done.ok()) done = rings_.resume();
    if (done.ok()) done = begin_days(restored.has_value());
    if (done.ok() && restored) {
        incarnation_ = random_.make<Incarnation>();
        done = store_.set_value("incarnation", incarnation_.view());
        if (done.ok()) done = enter_erasures();
        if (done.ok()) done = restoration_.begin(*restored);
        if (done.ok()) done = store_.set_value(kRestoringValue, {});
    }
    if (done.ok()) {
        const auto leaf = auditor_.record(leaf_of(Event::broker_started));
        if (!leaf.ok()) done = leaf.error();
    }
    if (done.ok() && time_.suspect()) {
        const auto leaf = auditor_.record(leaf_of(Event::clock_suspected));
        if (!leaf.ok()) done = leaf.error();
    }
    suspicion_told_ = time_.suspect();
    return done.ok() ? store_.set_time(time_.record()) : done;
}

// The backup lacks what was erased since; whoever restored it may have forgotten, or had no way, to
// say what that was.
Result<void> Engine::enter_erasures() {
    if (!options_.erasures_beside) return {};
    RELAIS_ASSIGN(const auto statements, options_.erasures_beside());
    for (const Bytes& statement : statements) {
        const Result<void> entered = erasures_.enter(statement);
        if (!entered.ok() && !fails_step(entered.code())) {
            return fail(entered.code(), "journal of erasures: " + entered.error().detail);
        }
        RELAIS_TRY(entered);
    }
    return {};
}

// Days that a former version, or what was lost with a disk, did not count whole are not compared.
Result<void> Engine::begin_days(bool restored) {
    RELAIS_ASSIGN(const bool counts, days_.counts());
    if (counts && !restored) return reckoner_.resumed(stopped_at_);
    RELAIS_TRY(days_.begin_with(days_.today() + 1));
    return reckoner_.begin_with(days_.today() + 1);
}

// Envelopes that a backup held and that are over by now are gone before anything is delivered.
Result<void> Engine::purge_expired() {
    for (;;) {
        RELAIS_ASSIGN(const auto due, due_timer());
        if (!due) return {};
        RELAIS_TRY(store_.begin());
        Result<void> done = run_timers();
        if (done.ok()) done = store_.commit();
        if (done.ok()) continue;
        store_.rollback();
        return done;
    }
}

void Engine::announce(std::string endpoint, std::string enrolment_endpoint) {
    endpoint_ = std::move(endpoint);
    enrolment_endpoint_ = std::move(enrolment_endpoint);
}

Result<void> Engine::begin_domain(const ClockReading& now) {
    time_ = TimeKeeper::start(now);
    RELAIS_TRY(store_.begin());
    Result<void> done = store_.set_value("domain", as_bytes(options_.domain.text()));
    if (done.ok()) done = store_.set_value("authority", options_.authority.view());
    if (done.ok()) {
        done = store_.set_value("incarnation", random_.make<Incarnation>().view());
    }
    if (done.ok()) done = store_.set_time(time_.record());
    if (done.ok()) done = days_.begin_with(days_.today());
    if (done.ok()) done = reckoner_.begin_with(days_.today());
    if (done.ok()) done = store_.commit();
    if (!done.ok()) store_.rollback();
    return done;
}

Result<void> Engine::load_identity() {
    RELAIS_ASSIGN(const auto domain, store_.value("domain"));
    RELAIS_ASSIGN(const auto authority, store_.value("authority"));
    RELAIS_ASSIGN(const auto incarnation, store_.value("incarnation"));
    if (!domain || !authority || !incarnation || incarnation->size() != Incarnation::kSize) {
        return fail(ErrorCode::corrupt, "identity of the domain");
    }
    if (as_text(*domain) != options_.domain.text() ||
        !bytes_equal(*authority, options_.authority.view())) {
        return fail(ErrorCode::wrong_domain,
                    "this data folder belongs to " + std::string(as_text(*domain)));
    }
    incarnation_ = Incarnation::from(*incarnation);
    return {};
}

// Everything that the engine keeps in memory, from the store.
Result<void> Engine::load(const ClockReading& now) {
    RELAIS_TRY(load_identity());
    RELAIS_ASSIGN(const auto time, store_.time());
    if (!time) return fail(ErrorCode::corrupt, "time record");
    stopped_at_ = time->reading.wall;
    if (counts_.steps == 0) time_ = TimeKeeper::resume(*time, now);
    RELAIS_TRY(restoration_.load());
    RELAIS_TRY(audit_log_.load());
    RELAIS_TRY(directory_log_.load());
    RELAIS_TRY(mailboxes_.load());
    kinds_.forget_all();
    RELAIS_TRY(directory_keeper_.load(options_.domain, options_.authority));
    if (parts_.state().domain() != nullptr && broker_signer_.named() == nullptr) {
        return fail(ErrorCode::wrong_domain, "no broker key that the directory names is here");
    }
    RELAIS_TRY(enrolment_.load());
    witness_desk_.begin();
    return {};
}

Result<void> Engine::close(const ClockReading& now) {
    Result<void> done = try_close(now);
    if (done.code() != ErrorCode::storage_full) return done;
    auditor_.roll_back();
    store_.release_ballast();
    RELAIS_TRY(load(now));
    return try_close(now);
}

Result<void> Engine::try_close(const ClockReading& now) {
    RELAIS_TRY(store_.begin());
    time_.advance(now);
    Result<void> done = auditor_.flush_counts(true);
    if (done.ok()) done = auditor_.save(store_);
    if (done.ok()) {
        const auto leaf = auditor_.record(leaf_of(Event::broker_stopped));
        if (!leaf.ok()) done = leaf.error();
    }
    if (done.ok()) done = audit_log_.sign_checkpoint();
    if (done.ok()) done = store_.set_time(time_.record());
    if (done.ok()) done = store_.commit();
    if (!done.ok()) store_.rollback();
    return done;
}

}  // namespace relais::broker
