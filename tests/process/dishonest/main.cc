// main.cc: relais-dishonest-broker: the real broker's parts with a liar between engine and sockets.
// Same arguments and folder as relais-broker; which lie is told stands in <data>/lies. Of the tests
// alone; one thread beside those of its parts.
#include <signal.h>

#include <iostream>
#include <thread>

#include "broker/config/config.h"
#include "broker/engine/engine.h"
#include "broker/keys/own_keys.h"
#include "broker/server/enrolment_process.h"
#include "broker/server/router.h"
#include "broker/store/sqlite_store.h"
#include "core/base/system.h"
#include "core/files/lock.h"
#include "tests/process/dishonest/lies.h"

namespace relais::dishonest {
namespace {

using namespace broker;

volatile sig_atomic_t g_stop = 0;

void stop(int) { g_stop = 1; }

void dispatch(std::vector<Output> outputs, Router& router, LocalSockets& sockets) {
    std::vector<Output> to_router;
    std::vector<Output> to_local;
    for (Output& output : outputs) {
        SessionId session = 0;
        if (const auto* frame = std::get_if<SendFrame>(&output)) session = frame->session;
        if (const auto* cut = std::get_if<CutSession>(&output)) session = cut->session;
        if (session == 0) continue;
        const bool far = SessionNumbers::transport_of(session) == Transport::router;
        (far ? to_router : to_local).push_back(std::move(output));
    }
    router.outbox().put(std::move(to_router));
    sockets.put(std::move(to_local));
}

Result<void> run(const std::string& config_path) {
    RELAIS_ASSIGN(const Config config, read_config(config_path));
    RELAIS_ASSIGN(const FileLock lock, FileLock::take(config.lock()));
    RELAIS_ASSIGN(BrokerKeys keys, read_keys(config.keys_folder()));
    OwnKeyFiles own_keys(config.keys_folder(), keys);
    RELAIS_ASSIGN(const auto store, SqliteStore::open(config.database().string(),
                                                      {.mode = Database::Mode::create,
                                                       .vfs = "",
                                                       .ballast_path = config.ballast().string()}));
    SystemRandom random;
    SystemClock clock;
    const P256Verifier verifier;
    SharedDirectory directory(directory::DirectoryState(config.domain, config.authority));
    Engine engine(*store, random, verifier,
                  {own_keys, keys.directory_log, keys.audit_log, keys.directory_log.public_key(),
                   keys.audit_log.public_key()},
                  directory, {config.domain, config.authority, {config.undelivered_max}, false});
    Lies lies(config.data / "lies", *store, {config.domain, keys.audit_log, keys.directory_log});
    RELAIS_TRY(lies.begin());
    RELAIS_TRY(engine.open(clock.read()));
    const Checks checks(directory, verifier);
    Pipeline pipeline(checks, 1);
    SessionNumbers numbers;
    LocalSockets sockets(numbers, pipeline);
    RELAIS_ASSIGN(const auto router, Router::start({config.listen_broker, config.sessions_max},
                                                   keys.curve, directory, numbers, pipeline));
    RELAIS_TRY(sockets.listen(config.socket()));
    engine.announce(router->endpoint(), "");
    std::cerr << "started dishonest http=none" << std::endl;
    bool more = true;
    while (g_stop == 0) {
        const auto patience = more ? Milliseconds(0) : Milliseconds(100);
        std::vector<Input> inputs = pipeline.collect(patience);
        lies.listen(inputs);
        RELAIS_ASSIGN(Engine::Step step, engine.step(std::move(inputs), clock.read()));
        more = step.more;
        dispatch(lies.tell(std::move(step.outputs)), *router, sockets);
    }
    router->stop_reading();
    pipeline.stop();
    return engine.close(clock.read());
}

}  // namespace
}  // namespace relais::dishonest

int main(int argc, char** argv) {
    if (argc != 3 || std::string(argv[1]) != "--config") return 2;
    ::signal(SIGTERM, relais::dishonest::stop);
    const auto ended = relais::dishonest::run(argv[2]);
    if (!ended.ok()) std::cerr << ended.error().describe() << "\n";
    return ended.ok() ? 0 : 1;
}
