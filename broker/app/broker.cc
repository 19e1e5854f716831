#include "broker/app/broker.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <thread>

#include "broker/keys/key_files.h"
#include "broker/server/engine_loop.h"
#include "broker/server/http.h"
#include "broker/store/sqlite_store.h"
#include "core/base/system.h"
#include "core/files/files.h"
#include "core/files/lock.h"

namespace relais::broker {

namespace {

unsigned worker_count(const Config& config) {
    return config.workers != 0 ? config.workers : std::max(1U, std::thread::hardware_concurrency());
}

// No core file of a process that holds keys; as many descriptors as the system lets it have.
void harden_process() {
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
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

Result<std::unique_ptr<SqliteStore>> open_store(const Config& config) {
    return SqliteStore::open(
        config.database().string(),
        {.mode = Database::Mode::create, .vfs = "", .ballast_path = config.ballast().string()});
}

// What the log says once everything listens; a script waits for this line.
void log_started(const Config& config, Log& log, const Router& router, int http_port) {
    log.write(
        LogLevel::info, "started",
        {{"domain", config.domain},
         LogField::configured("broker", router.endpoint()),
         LogField::configured("http", config.http_address + ":" + std::to_string(http_port))});
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

}  // namespace

Result<void> run_broker(const Config& config, const RunOptions& options, Log& log) {
    harden_process();
    const sigset_t signals = stop_signals();
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread: they inherit it
    RELAIS_TRY(make_private_folder(config.data));
    RELAIS_ASSIGN(const FileLock lock, FileLock::take(config.lock()));
    RELAIS_ASSIGN(BrokerKeys keys, read_keys(config.keys_folder()));
    RELAIS_ASSIGN(const auto store, open_store(config));

    SystemRandom random;
    SystemClock clock;
    const P256Verifier verifier;
    SharedDirectory directory(directory::DirectoryState(config.domain, config.authority));
    Engine engine(
        *store, random, verifier,
        {keys.broker, keys.directory_log, keys.audit_log, keys.directory_log.public_key(),
         keys.audit_log.public_key()},
        directory,
        {config.domain, config.authority, {config.undelivered_max}, options.after_restore});
    RELAIS_TRY(engine.open(clock.read()));

    const Checks checks(directory, verifier);
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
    EngineLoop loop(engine, clock, pipeline, *router, sockets, enrolment);
    loop.on_change([&log](const auto& before, const auto& now) { log_change(log, before, now); });
    RELAIS_ASSIGN(const auto pages, HttpPages::start({config.http_address, config.http_port},
                                                     config.socket().string(),
                                                     keys.broker.public_key(), loop, pipeline));
    const StopOnSignal stop(loop);
    log_started(config, log, *router, pages->port());
    const Result<void> ended = loop.run();
    log.write(LogLevel::info, "stopped", {{"domain", config.domain}});
    return ended;
}

}  // namespace relais::broker
