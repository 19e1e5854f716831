#include "broker/server/http.h"

#include <httplib.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

#include "broker/local_client/local_client.h"
#include "core/base/contexts.h"
#include "core/crypto/p256.h"
#include "schemas/workflow/broker_word.h"

namespace relais::broker {

namespace {

constexpr std::chrono::seconds kProbePatience{2};
constexpr std::chrono::milliseconds kUntilItRuns{1};
constexpr std::chrono::seconds kSilence{1};  // of a connection, before it is closed
constexpr int kThreads = 8;
constexpr std::size_t kConnectionsWaitingMax = 16;
constexpr auto kEnded = std::future_status::ready;

// Connections, on a few threads. Where many wait none is accepted: the rest waits in the system's
// own list, which is short.
class BoundedPool final : public httplib::TaskQueue {
public:
    BoundedPool() {
        for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this] { work(); });
    }
    void enqueue(std::function<void()> connection) override {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [this] { return waiting_.size() < kConnectionsWaitingMax; });
        waiting_.push_back(std::move(connection));
        filled_.notify_one();
    }
    // What waits is still served.
    void shutdown() override {
        {
            const std::lock_guard lock(mutex_);
            stopped_ = true;
        }
        filled_.notify_all();
        for (std::thread& thread : threads_) thread.join();
    }

private:
    void work() {
        for (;;) {
            std::function<void()> connection;
            {
                std::unique_lock lock(mutex_);
                filled_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
                if (waiting_.empty()) return;
                connection = std::move(waiting_.front());
                waiting_.pop_front();
                room_.notify_one();
            }
            connection();
        }
    }

    std::mutex mutex_;
    std::condition_variable filled_;
    std::condition_variable room_;
    std::deque<std::function<void()>> waiting_;
    std::vector<std::thread> threads_;
    bool stopped_ = false;
};

// When the last head was witnessed as the domain asks, 0 where none was: its age is time() less it.
double witnessed_at(const WitnessCounts::Log& log) {
    return log.at ? static_cast<double>(log.at->ms) / 1000.0 : 0.0;
}

std::string metrics_text(const EngineLoop& loop, const Pipeline& pipeline, bool rings) {
    const EngineCounts counts = loop.counts();
    const EngineLoop::StepTimes times = loop.step_times();
    prometheus::Registry registry;
    const auto counter = [&](const char* name, const char* help, double value) {
        prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add({}).Increment(
            value);
    };
    const auto gauge = [&](const char* name, const char* help, double value) {
        prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({}).Set(value);
    };
    const auto number = [](std::uint64_t value) { return static_cast<double>(value); };
    counter("relais_accepted_total", "Envelopes accepted", number(counts.accepted));
    counter("relais_refused_total", "Requests refused", number(counts.refused));
    counter("relais_duplicates_total", "Envelopes sent again", number(counts.duplicates));
    counter("relais_acknowledged_total", "Entries held by a station", number(counts.acknowledged));
    counter("relais_rings_total", "Mails and webhooks that told of something waiting",
            number(counts.rung));
    counter("relais_ring_failures_total", "Attempts to tell that failed",
            number(counts.ring_failures));
    gauge("relais_ringing_off", "1 where no unit is rung, for want of configuration",
          rings ? 0 : 1);
    counter("relais_steps_total", "Engine steps, each one transaction", number(times.count));
    counter("relais_step_seconds_total", "Time spent in engine steps", times.seconds);
    gauge("relais_undelivered", "Entries that no station holds yet", number(counts.undelivered));
    gauge("relais_sessions", "Stations connected", number(counts.sessions));
    gauge("relais_audit_leaves", "Leaves of the audit log", number(counts.leaves));
    gauge("relais_directory_entries", "Entries of the directory", number(counts.directory_entries));
    gauge("relais_broker_key_until_timestamp_seconds",
          "When the broker's key ends: then stations take nothing from it",
          static_cast<double>(counts.broker_key_until.ms) / 1000);
    const EngineLoop::Standing standing = loop.standing();
    gauge("relais_storage_full", "1 while new messages are refused for want of room",
          standing.room ? 0 : 1);
    gauge("relais_clock_suspect", "1 while nothing expires since the clock is doubted",
          standing.clock_suspect ? 1 : 0);
    gauge("relais_pipeline_frames", "Frames between socket and engine", number(pipeline.depth()));
    const WitnessCounts& witnesses = counts.witnesses;
    gauge("relais_witnesses_following", "Witnesses connected", number(witnesses.following));
    gauge("relais_audit_witnessed_timestamp_seconds",
          "When the last head of the audit log was witnessed as asked",
          witnessed_at(witnesses.audit));
    gauge("relais_directory_witnessed_timestamp_seconds",
          "When the last head of the directory was witnessed as asked",
          witnessed_at(witnesses.directory));
    gauge("relais_witnesses_late", "Logs whose heads wait for witnesses for too long",
          (witnesses.audit.late ? 1 : 0) + (witnesses.directory.late ? 1 : 0));
    return prometheus::TextSerializer().Serialize(registry.Collect());
}

}  // namespace

Result<void> probe_broker(const std::string& socket_path, const SharedDirectory& directory) {
    RELAIS_ASSIGN(LocalClient client, LocalClient::connect(socket_path));
    RELAIS_ASSIGN(const wire::Body body, client.ask(wire::Probe{}, kProbePatience));
    const auto* probed = std::get_if<wire::Probed>(&body);
    if (probed == nullptr) return fail(ErrorCode::malformed, "not the answer to a probe");
    const Bytes message = signed_message(contexts::kHealth, probed->time);
    return directory.read([&](const directory::DirectoryState& state) -> Result<void> {
        RELAIS_TRY(
            workflow::check_broker_signature(state, P256Verifier(1), message, probed->signature));
        return {};
    });
}

struct HttpPages::State {
    httplib::Server server;
    std::future<bool> serving;
    int port = 0;

    // Before it runs a server takes no notice of a stop, and it may be stopped only once.
    ~State() {
        if (!serving.valid()) return;
        while (!server.is_running() && serving.wait_for(kUntilItRuns) != kEnded) {
        }
        server.stop();
        serving.wait();
    }
};

HttpPages::HttpPages(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpPages::~HttpPages() = default;
int HttpPages::port() const { return state_->port; }

Result<std::unique_ptr<HttpPages>> HttpPages::start(const HttpOptions& options,
                                                    const std::string& socket_path,
                                                    const SharedDirectory& directory,
                                                    const EngineLoop& loop,
                                                    const Pipeline& pipeline) {
    auto state = std::make_unique<State>();
    httplib::Server& server = state->server;
    server.new_task_queue = [] { return new BoundedPool; };
    server.set_keep_alive_max_count(1);
    server.set_keep_alive_timeout(kSilence.count());  // until the first byte, too
    server.set_read_timeout(kSilence);
    server.set_write_timeout(kSilence);
    server.set_payload_max_length(1024);
    server.Get("/health",
               [socket_path, &directory](const httplib::Request&, httplib::Response& response) {
                   const auto probed = probe_broker(socket_path, directory);
                   response.status = probed.ok() ? 200 : 503;
                   response.set_content(probed.ok() ? "ok\n" : probed.error().describe() + "\n",
                                        "text/plain; charset=utf-8");
               });
    server.Get("/metrics", [&loop, &pipeline, rings = options.rings](const httplib::Request&,
                                                                     httplib::Response& response) {
        response.set_content(metrics_text(loop, pipeline, rings), "text/plain; version=0.0.4");
    });
    state->port = options.port == 0 ? server.bind_to_any_port(options.address.c_str())
                  : server.bind_to_port(options.address.c_str(), options.port) ? options.port
                                                                               : -1;
    if (state->port <= 0) {
        return fail(ErrorCode::io_failed,
                    options.address + ":" + std::to_string(options.port) + " cannot be bound");
    }
    state->serving =
        std::async(std::launch::async, [&server] { return server.listen_after_bind(); });
    return std::unique_ptr<HttpPages>(new HttpPages(std::move(state)));
}

}  // namespace relais::broker
