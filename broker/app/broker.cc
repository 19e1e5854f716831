#include "broker/app/broker.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "broker/app/ringing_options.h"
#include "broker/keys/own_keys.h"
#include "broker/ringing/ringing.h"
#include "broker/server/engine_loop.h"
#include "broker/server/http.h"
#include "broker/store/erasure_journal.h"
#include "broker/store/sqlite_store.h"
#include "core/base/system.h"
#include "core/crypto/remembering_verifier.h"
#include "core/files/files.h"
#include "core/files/lock.h"

namespace relais::broker {

namespace {

// Of those that were found good: a bulk sender shows each of its own up to 256 times.
constexpr std::size_t kSignaturesRemembered = 1024;

unsigned worker_count(const Config& config) {
    return config.workers != 0 ? config.workers : std::max(1U, std::thread::hardware_concurrency());
}

// No more rights than it has; as many descriptors as the system lets it have.
void harden_process() {
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    ::umask(077);  // what it makes is its own
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &files);
    }
}

sigset_t stop_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    return signals;
}

// Waits for a stop signal on a thread of its own; ends without one when told to.
class StopOnSignal {
public:
    explicit StopOnSignal(EngineLoop& loop) {
        thread_ = std::thread([this, &loop] {
            const sigset_t signals = stop_signals();
            const timespec turn{0, 200'000'000};
            while (!over_) {
                if (::sigtimedwait(&signals, nullptr, &turn) > 0) loop.stop();
            }
        });
    }
    ~StopOnSignal() {
        over_ = true;
        thread_.join();
    }

private:
    std::atomic<bool> over_{false};
    std::thread thread_;
};

// Once the domain has a store, one that is missing or empty is a loss to be told: a new one would
// begin the domain's logs again, under the same keys, as if nothing had ever been acknowledged.
Result<std::unique_ptr<SqliteStore>> open_store(const Config& config) {
    std::error_code ignored;
    const bool before = std::filesystem::exists(config.begun(), ignored);
    RELAIS_ASSIGN(auto store, SqliteStore::open(config.database().string(),
                                                {.mode = before ? Database::Mode::existing
                                                                : Database::Mode::create,
                                                 .vfs = "",
                                                 .ballast_path = config.ballast().string(),
                                                 .durable = Database::Durable::at_sync}));
    if (!before) RELAIS_TRY(write_file(config.begun(), {}, 0600, Replace::yes));
    return store;
}

// What the log says once everything listens; a script waits for this line.
void log_started(const Config& config, Log& log, const Router& router, int http_port) {
    log.write(LogLevel::info, "started",
              {{"domain", config.domain},
               LogField::configured("broker", router.endpoint()),
               LogField::configured("http", config.http_endpoint(http_port))});
}

ChunkLimits chunk_limits(const Config& config) {
    constexpr std::uint64_t kMib = 1 << 20;
    return {config.attachment_mib * kMib, config.attachments_waiting_mib * kMib,
            config.attachments_kept_mib * kMib};
}

void log_change(Log& log, const EngineLoop::Standing& before, const EngineLoop::Standing& now) {
    if (now.room != before.room && now.room) log.write(LogLevel::info, "storage_available", {});
    if (now.room != before.room && !now.room) {
        log.write(LogLevel::error, "storage_full",
                  {{"refused", "new messages, until there is room"}});
    }
    if (now.clock_suspect != before.clock_suspect) {
        log.write(now.clock_suspect ? LogLevel::warning : LogLevel::info,
                  now.clock_suspect ? "clock_suspect" : "clock_trusted", {});
    }
}

std::string told_or(const std::string& told, const std::string& bound) {
    return told.empty() ? bound : told;
}

// The store holds every erasure: the journal is completed with the next, or at the next start.
void note(Log& log, const Result<void>& journal) {
    if (journal.ok()) return;
    log.write(LogLevel::error, "erasure journal", {{"error", journal.error()}});
}

}  // namespace

Result<void> run_broker(const Config& config, const RunOptions& options, Log& log) {
    harden_process();
    const sigset_t signals = stop_signals();
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread: they inherit it
    RELAIS_TRY(make_private_folder(config.data));
    RELAIS_ASSIGN(const FileLock lock, FileLock::take(config.lock()));
    RELAIS_ASSIGN(BrokerKeys keys, read_keys(config.keys_folder()));
    OwnKeyFiles own_keys(config.keys_folder(), keys);
    RELAIS_ASSIGN(auto rings, ringing_options(config));
    RELAIS_ASSIGN(const auto store, open_store(config));
    ErasureJournal journal(config.erasure_journal, *store);

    SystemRandom random;
    SystemClock clock;
    const P256Verifier verifier;
    SharedDirectory directory(directory::DirectoryState(config.domain, config.authority));
    Engine engine(*store, random, verifier,
                  {own_keys, keys.directory_log, keys.audit_log, keys.directory_log.public_key(),
                   keys.audit_log.public_key()},
                  directory,
                  {config.domain,
                   config.authority,
                   {config.undelivered_max},
                   options.after_restore,
                   chunk_limits(config),
                   [&journal] { return journal.read(); }});
    RELAIS_TRY(engine.open(clock.read()));
    RELAIS_TRY(journal.open());  // not before: a restore that makes it would have found it empty

    const RememberingVerifier remembering(verifier, kSignaturesRemembered);
    const Checks checks(directory, remembering);
    Pipeline pipeline(checks, worker_count(config));
    SessionNumbers numbers;
    LocalSockets sockets(numbers, pipeline);
    RELAIS_ASSIGN(const auto router, Router::start({config.listen_broker, config.sessions_max},
                                                   keys.curve, directory, numbers, pipeline));
    RELAIS_TRY(sockets.listen(config.socket()));
    EnrolmentProcess enrolment({options.enrolment_program, config.listen_enrolment},
                               keys.enrolment.secret_key, sockets);
    engine.announce(told_or(config.public_broker, router->endpoint()),
                    told_or(config.public_enrolment, config.listen_enrolment));
    RELAIS_ASSIGN(
        const auto chunks,
        ChunkFiles::start(
            config.chunks(), [&pipeline](Input input) { pipeline.push_ready(std::move(input)); },
            [&router](SendFrame frame) { router->outbox().put({std::move(frame)}); }));
    EngineLoop loop(
        engine, [&store] { return store->sync(); }, clock, pipeline, *router, sockets, enrolment,
        *chunks);
    loop.on_change([&log](const auto& before, const auto& now) { log_change(log, before, now); });
    RELAIS_ASSIGN(
        const auto pages,
        HttpPages::start({config.http_address, config.http_port, config.ringing.has_value()},
                         config.socket().string(), directory, loop, pipeline));
    Ringing ringing(std::move(rings), engine.broker_signer(),
                    [&pipeline](Input input) { pipeline.push_ready(std::move(input)); });
    loop.on_ring([&ringing](Ring ring) { ringing.put(std::move(ring)); });
    note(log, journal.complete());
    loop.on_erased([&](const Bytes& statement) { note(log, journal.append(statement)); });
    const StopOnSignal stop(loop);
    log_started(config, log, *router, pages->port());
    const Result<void> ended = loop.run();
    log.write(LogLevel::info, "stopped", {{"domain", config.domain}});
    return ended;
}

}  // namespace relais::broker
