// running_parts.h: the parts of a broker's server beside its engine, as a process has them, for
// tests of the pages.
#pragma once

#include "broker/server/http.h"
#include "core/base/system.h"
#include "tests/support/engine/engine_bench.h"
#include "tests/support/folder.h"

namespace relais::broker {

struct RunningParts {
    Result<std::unique_ptr<HttpPages>> start_pages() {
        return HttpPages::start({}, (folder.path() / "socket").string(), bench.directory(), loop,
                                pipeline);
    }

    EngineBench bench;
    Checks checks{bench.directory(), bench.territory.verifier()};
    SessionNumbers numbers;
    Pipeline pipeline{checks, 1};
    test::TestFolder folder;
    LocalSockets sockets{numbers, pipeline};
    CurveKeyPair keys = generate_curve_keys();
    std::unique_ptr<Router> router =
        Router::start({"tcp://127.0.0.1:*"}, keys, bench.directory(), numbers, pipeline).value();
    EnrolmentProcess enrolment{{}, keys.secret_key, sockets};
    std::unique_ptr<ChunkFiles> chunks =
        ChunkFiles::start(
            folder.path() / "chunks", [](Input) {}, [](SendFrame) {})
            .value();
    SystemClock clock;
    EngineLoop loop{bench.engine(), []() -> Result<void> { return {}; },
                    clock,          pipeline,
                    *router,        sockets,
                    enrolment,      *chunks};
};

}  // namespace relais::broker
