// The pages for those who watch over the broker, while others hold connections and say nothing.
#include <gtest/gtest.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/printers.h"
#include "tests/unit/broker/server/running_parts.h"

namespace relais::broker {
namespace {

// Connected, and silent until its end.
class Silent {
public:
    explicit Silent(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    }
    ~Silent() { ::close(socket_); }
    Silent(const Silent&) = delete;
    Silent& operator=(const Silent&) = delete;

private:
    int socket_;
};

// Two threads that wait five seconds for each took a minute.
TEST(Pages, AnswerWhileManyConnectionsSayNothing) {
    constexpr int kConnections = 24;
    constexpr time_t kPatienceSeconds = 30;
    RunningParts parts;
    const auto pages = parts.start_pages().value();
    std::vector<std::unique_ptr<Silent>> silent;
    for (int i = 0; i < kConnections; ++i)
        silent.push_back(std::make_unique<Silent>(pages->port()));
    httplib::Client client("127.0.0.1", pages->port());
    client.set_connection_timeout(kPatienceSeconds);
    client.set_read_timeout(kPatienceSeconds);
    const auto page = client.Get("/metrics");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->status, 200);
}

}  // namespace
}  // namespace relais::broker
