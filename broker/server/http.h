// http.h: two pages for those who watch over the broker: /health and /metrics (Prometheus text
// format). On its own address, 127.0.0.1 unless configured; neither says anything of content or
// persons.
//
// Healthy means that the broker can accept, commit and sign: the page sends a probe through the
// local socket, the pipeline, the engine and a commit, and verifies the signature that comes back.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "broker/server/engine_loop.h"

namespace relais::broker {

struct HttpOptions {
    std::string address = "127.0.0.1";
    int port = 0;        // 0: any
    bool rings = false;  // units are rung (the section [ringing])
};

class HttpPages {
public:
    // `socket_path`: of the operator's socket. `directory` has to outlive the pages, and says which
    // signatures are the broker's. Errors: io_failed.
    static Result<std::unique_ptr<HttpPages>> start(const HttpOptions& options,
                                                    const std::string& socket_path,
                                                    const SharedDirectory& directory,
                                                    const EngineLoop& loop,
                                                    const Pipeline& pipeline);
    ~HttpPages();
    [[nodiscard]] int port() const;

private:
    struct State;
    explicit HttpPages(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// Whether a probe through the socket is answered within two seconds with a good signature.
// Errors: unreachable, timed_out, bad_signature, or what the broker answered.
Result<void> probe_broker(const std::string& socket_path, const SharedDirectory& directory);

}  // namespace relais::broker
