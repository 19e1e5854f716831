// As many calls at once as the engine hands out: receivers that hang take the place of none.
#include "broker/ringing/ringing.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <stdexcept>

#include "core/base/limits.h"
#include "tests/support/engine/held_keys.h"
#include "tests/support/printers.h"

namespace relais::broker {
namespace {

using directory::RingWay;

// Accepts connections, and says nothing on any.
class MuteHost {
public:
    MuteHost() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const name = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(::bind(socket_, name, size), 0);
        EXPECT_EQ(::getsockname(socket_, name, &size), 0);
        port_ = ntohs(address.sin_port);
    }
    ~MuteHost() {
        for (const int each : accepted_) ::close(each);
        ::close(socket_);
    }
    MuteHost(const MuteHost&) = delete;
    MuteHost& operator=(const MuteHost&) = delete;
    void listen() const { ASSERT_EQ(::listen(socket_, 1024), 0); }
    // Waits until so many more have connected.
    void accept(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            accepted_.push_back(::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC));
        }
    }
    [[nodiscard]] std::string url() const {
        return "https://127.0.0.1:" + std::to_string(port_) + "/";
    }

private:
    int socket_;
    std::uint16_t port_ = 0;
    std::vector<int> accepted_;
};

class RingingTest : public testing::Test {
protected:
    static RingingOptions options() {
        return {.domain = Name::parse("essai").value(),
                .link = "",
                .ca = "",
                .allow = {"127.0.0.1"},
                .relay = "",
                .from = "",
                .tls = true,
                .user = ""};
    }
    static Ring ring(Lane lane, const std::string& to) {
        return {.thread = {},
                .message = {},
                .mailbox = Address::parse("geriatrie.ch@essai").value(),
                .step = static_cast<std::uint8_t>(lane),
                .attempt = 1,
                .way = RingWay::webhook,
                .to = to,
                .title = "Demande",
                .lane = lane,
                .urgency = "",
                .deadline = {},
                .zone = ""};
    }
    // The first outcome that is told.
    Rung first() {
        std::unique_lock lock(mutex);
        if (!changed.wait_for(lock, std::chrono::minutes(1), [&] { return !told.empty(); })) {
            throw std::runtime_error("nothing was told");
        }
        return told.front();
    }

    MuteHost mute;
    MuteHost closed;  // does not even listen
    OwnSigner own;
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<Rung> told;
    Ringing ringing{options(), own.signer, [&](Input input) {
                        const std::lock_guard lock(mutex);
                        told.push_back(std::get<Rung>(input.request));
                        changed.notify_all();
                    }};
};

TEST_F(RingingTest, ACrisisGoesAtOnceWhileAsManyRoutineCallsHangAsThereMayBe) {
    mute.listen();
    const auto routine = limits::kRingCallsMax[static_cast<std::size_t>(Lane::routine)];
    for (std::size_t i = 0; i < routine; ++i) ringing.put(ring(Lane::routine, mute.url()));
    mute.accept(routine);
    ringing.put(ring(Lane::crisis, closed.url()));
    const Rung rung = first();
    EXPECT_EQ(rung.step, static_cast<std::uint8_t>(Lane::crisis));
    EXPECT_EQ(rung.code, ErrorCode::unreachable);
}

TEST_F(RingingTest, OneMoreThanThereMayBeIsToldThatThereIsNoRoom) {
    mute.listen();
    const auto most = limits::kRingCallsMax[static_cast<std::size_t>(Lane::crisis)];
    for (std::size_t i = 0; i < most; ++i) ringing.put(ring(Lane::routine, mute.url()));
    ringing.put(ring(Lane::crisis, closed.url()));
    EXPECT_EQ(first().code, ErrorCode::quota_reached);
}

}  // namespace
}  // namespace relais::broker
