#include "tests/bench/bare.h"

#include <sys/epoll.h>
#include <unistd.h>
#include <zmq.h>

#include <algorithm>
#include <optional>
#include <set>

#include "core/base/check.h"
#include "core/codecs/codecs.h"
#include "tests/bench/references.h"
#include "tests/process/support/must.h"

namespace relais::bench {

namespace {

using test::fail_test;
using test::must;
using SteadyClock = std::chrono::steady_clock;

constexpr int kHwm = 100'000;
constexpr std::chrono::seconds kSilence{60};

struct Part {
    zmq_msg_t raw;
    Part() { zmq_msg_init(&raw); }
    ~Part() { zmq_msg_close(&raw); }
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;
    [[nodiscard]] ByteView view() {
        return {static_cast<const std::uint8_t*>(zmq_msg_data(&raw)), zmq_msg_size(&raw)};
    }
};

void set_int(void* socket, int option, int value) {
    RELAIS_CHECK(zmq_setsockopt(socket, option, &value, sizeof value) == 0);
}
void set_bytes(void* socket, int option, ByteView bytes) {
    RELAIS_CHECK(zmq_setsockopt(socket, option, bytes.data(), bytes.size()) == 0);
}

void send_to(void* router, const std::string& peer, ByteView frame) {
    if (zmq_send(router, peer.data(), peer.size(), ZMQ_SNDMORE) < 0) return;  // it is gone
    zmq_send(router, frame.data(), frame.size(), 0);
}

std::string bound_endpoint(void* socket) {
    char text[256];
    std::size_t size = sizeof text;
    zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, text, &size);
    return text;
}

// What arrived to be kept and is not durable yet.
class Keeping {
public:
    Keeping(void* router, const std::filesystem::path& folder) : router_(router), table_(folder) {}

    void take(const std::string& sender, ByteView frame) {
        if (waiting_.empty()) table_.begin();
        table_.insert(frame);
        waiting_.push_back(sender);
        if (waiting_.size() == kBatch || !more_arrived()) settle();
    }
    void hand_out(const std::string& receiver) {
        table_.each([&](ByteView frame) { send_to(router_, receiver, frame); });
    }

private:
    static constexpr std::size_t kBatch = 256;
    static constexpr std::size_t kAnswer = 64;  // bytes, as an acceptance about has

    [[nodiscard]] bool more_arrived() const {
        int events = 0;
        std::size_t size = sizeof events;
        zmq_getsockopt(router_, ZMQ_EVENTS, &events, &size);
        return (events & ZMQ_POLLIN) != 0;
    }
    void settle() {
        table_.commit();
        const Bytes answer(kAnswer, 'a');
        for (const std::string& sender : waiting_) send_to(router_, sender, answer);
        waiting_.clear();
    }

    void* router_;
    RawTable table_;
    std::vector<std::string> waiting_;
};

}  // namespace

void run_bare_router(const std::filesystem::path& folder) {
    const CurveKeyPair keys = generate_curve_keys();
    void* context = zmq_ctx_new();
    zmq_ctx_set(context, ZMQ_MAX_SOCKETS, 65535);
    void* router = zmq_socket(context, ZMQ_ROUTER);
    set_int(router, ZMQ_CURVE_SERVER, 1);
    set_bytes(router, ZMQ_CURVE_SECRETKEY, keys.secret_key.expose());
    set_int(router, ZMQ_SNDHWM, kHwm);
    set_int(router, ZMQ_RCVHWM, kHwm);
    set_int(router, ZMQ_BACKLOG, 512);
    set_int(router, ZMQ_ROUTER_MANDATORY, 1);  // waits for a full peer, and drops nothing
    RELAIS_CHECK(zmq_bind(router, "tcp://127.0.0.1:*") == 0);
    std::optional<Keeping> keeping;
    if (!folder.empty()) keeping.emplace(router, folder);
    std::fprintf(stderr, "bare %s %s\n", hex(keys.public_key.view()).c_str(),
                 bound_endpoint(router).c_str());
    std::set<std::string> peers;
    for (;;) {
        Part id;
        if (zmq_msg_recv(&id.raw, router, 0) < 0) continue;
        Part frame;
        if (zmq_msg_recv(&frame.raw, router, 0) < 0) continue;
        const std::string sender(as_text(id.view()));
        peers.insert(sender);
        switch (frame.view().empty() ? 'e' : frame.view()[0]) {
            case 's': keeping.value().take(sender, frame.view()); break;
            case 'd': keeping.value().hand_out(sender); break;
            case 'b':
                for (const std::string& peer : peers) {
                    if (peer != sender) send_to(router, peer, frame.view());
                }
                break;
            default: send_to(router, sender, frame.view());
        }
    }
}

BareRouter::BareRouter(const std::filesystem::path& folder)
    : child_("/proc/self/exe",
             folder.empty()
                 ? std::vector<std::string>{"--bare-router"}
                 : std::vector<std::string>{"--bare-router", "--bare-folder", folder.string()}) {
    const auto line = child_.wait_for_line("bare ");
    if (!line) fail_test("the bare router did not start: " + child_.said());
    const std::size_t key = line->find("bare ") + 5;
    const std::size_t space = line->find(' ', key);
    curve_ = must(hex_from<CurvePublic>(line->substr(key, space - key)));
    endpoint_ = line->substr(space + 1);
}

Crowd::Crowd(const std::string& endpoint, const CurvePublic& server,
             const std::vector<const CurveKeyPair*>& keys)
    : context_(zmq_ctx_new()), ready_(::epoll_create1(EPOLL_CLOEXEC)) {
    zmq_ctx_set(context_, ZMQ_MAX_SOCKETS, 65535);
    for (const CurveKeyPair* key : keys) {
        void* socket = zmq_socket(context_, ZMQ_DEALER);
        if (socket == nullptr) fail_test("too few file descriptors for so many connections");
        set_bytes(socket, ZMQ_CURVE_SERVERKEY, server.view());
        set_bytes(socket, ZMQ_CURVE_PUBLICKEY, key->public_key.view());
        set_bytes(socket, ZMQ_CURVE_SECRETKEY, key->secret_key.expose());
        set_int(socket, ZMQ_SNDHWM, kHwm);
        set_int(socket, ZMQ_RCVHWM, kHwm);
        set_int(socket, ZMQ_LINGER, 0);
        RELAIS_CHECK(zmq_connect(socket, endpoint.c_str()) == 0);
        int descriptor = -1;
        std::size_t size = sizeof descriptor;
        zmq_getsockopt(socket, ZMQ_FD, &descriptor, &size);
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = sockets_.size();
        RELAIS_CHECK(::epoll_ctl(ready_, EPOLL_CTL_ADD, descriptor, &event) == 0);
        sockets_.push_back(socket);
    }
}

Crowd::~Crowd() {
    for (void* socket : sockets_) zmq_close(socket);
    ::close(ready_);
    zmq_ctx_term(context_);
}

// A command that is read while sending may announce a frame: then the descriptor stays quiet.
void Crowd::send(std::size_t who, ByteView frame) {
    if (zmq_send(sockets_[who], frame.data(), frame.size(), ZMQ_DONTWAIT) < 0) {
        fail_test("a connection takes no more");
    }
    drain(who);
}

void Crowd::drain(std::size_t who) {
    for (;;) {
        Part frame;
        if (zmq_msg_recv(&frame.raw, sockets_[who], ZMQ_DONTWAIT) < 0) return;
        heard_ = true;
        if (on_frame) on_frame(who, frame.view());
    }
}

void Crowd::turn(std::chrono::milliseconds patience) {
    epoll_event events[128];
    const int count =
        ::epoll_wait(ready_, events, std::size(events), static_cast<int>(patience.count()));
    for (int i = 0; i < count; ++i) drain(events[i].data.u64);
}

void Crowd::until(const std::function<bool()>& done) {
    auto last = SteadyClock::now();
    while (!done()) {
        heard_ = false;
        turn(std::chrono::milliseconds(100));
        if (heard_) last = SteadyClock::now();
        if (SteadyClock::now() - last > kSilence) fail_test("nothing arrives any more");
    }
}

double curve_round_trip_seconds(std::size_t bytes, int times) {
    const BareRouter router;
    const CurveKeyPair key = generate_curve_keys();
    Crowd one(router.endpoint(), router.curve(), {&key});
    int answered = 0;
    one.on_frame = [&](std::size_t, ByteView) { ++answered; };
    const Bytes frame(bytes, 'e');
    std::vector<double> all;
    for (int i = 0; i <= times; ++i) {
        const auto begun = SteadyClock::now();
        one.send(0, frame);
        one.until([&] { return answered > i; });
        // The first one connects.
        if (i != 0) {
            all.push_back(std::chrono::duration<double>(SteadyClock::now() - begun).count());
        }
    }
    std::ranges::nth_element(all, all.begin() + times / 2);
    return all[static_cast<std::size_t>(times) / 2];
}

}  // namespace relais::bench
