// The guard of connections on virtual time: real sockets of the loopback, whose traffic is told by
// the test. Who is above a bound is ended, with its code; nobody else is.
#include "broker/connections/connection_guard.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <deque>

namespace relais::broker {
namespace {

using Moment = ConnectionGuard::Moment;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr GuardLimits kLimits{
    .strangers_max = 4,
    .first_within = seconds(20),
    .messages_are_trust = true,
    .stranger_bytes_max = 100,
    .unfinished_bytes_max = 1000,
    .waiting_bytes_max = 10'000,
    .unread_bytes_max = 5000,
    .unread_bytes_all_max = 8000,
};

constexpr std::size_t kSmall[] = {20};
constexpr std::size_t kLarge[] = {858};  // 900 bytes on the wire

// A listener of the loopback and both ends of the connections made to it.
class Loopback {
public:
    Loopback() : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
        address_.sin_family = AF_INET;
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ::bind(listener_, reinterpret_cast<sockaddr*>(&address_), sizeof address_);
        ::listen(listener_, 64);
        socklen_t size = sizeof address_;
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address_), &size);
    }
    ~Loopback() {
        for (const auto& [server, client] : pairs_) {
            ::close(server);
            ::close(client);
        }
        ::close(listener_);
    }
    Loopback(const Loopback&) = delete;
    Loopback& operator=(const Loopback&) = delete;

    // The end that the broker would have. `from`: the last byte of the address it comes from.
    int connect(std::uint8_t from = 1) {
        const int client = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in source{};
        source.sin_family = AF_INET;
        source.sin_addr.s_addr = htonl(0x7f000000U + from);
        ::bind(client, reinterpret_cast<sockaddr*>(&source), sizeof source);
        ::connect(client, reinterpret_cast<sockaddr*>(&address_), sizeof address_);
        pairs_.emplace_back(::accept(listener_, nullptr, nullptr), client);
        return pairs_.back().first;
    }
    void send(int server, std::size_t bytes) {
        const std::string text(bytes, 'x');
        EXPECT_EQ(::send(client_of(server), text.data(), bytes, 0), static_cast<ssize_t>(bytes));
    }
    // Whether the other end sees the end of the connection; it waits for what is on the way.
    bool ended(int server) {
        char byte = 0;
        return ::recv(client_of(server), &byte, 1, 0) == 0;
    }
    void close(int server) {
        for (auto pair = pairs_.begin(); pair != pairs_.end(); ++pair) {
            if (pair->first != server) continue;
            ::close(pair->first);
            ::close(pair->second);
            pairs_.erase(pair);
            return;
        }
    }

private:
    [[nodiscard]] int client_of(int server) const {
        for (const auto& pair : pairs_) {
            if (pair.first == server) return pair.second;
        }
        return -1;
    }
    int listener_;
    sockaddr_in address_{};
    std::deque<std::pair<int, int>> pairs_;
};

class GuardTest : public testing::Test {
protected:
    int connect(std::uint8_t from = 1) {
        const int made = loopback_.connect(from);
        guard_.accepted(made, now_);
        return made;
    }
    // A connection that has said its first message.
    int known(std::uint8_t from = 1) {
        const int made = connect(from);
        EXPECT_TRUE(guard_.received(made, kSmall, now_));
        look();
        return made;
    }
    // One turn of the router: all that came was read, then the guard looks.
    std::map<int, ErrorCode> look(milliseconds after = milliseconds(60), bool drained = true) {
        now_ += after;
        if (drained) guard_.drained();
        std::map<int, ErrorCode> ends;
        for (const auto& end : guard_.look(now_)) ends[end.descriptor] = end.code;
        return ends;
    }
    using Ends = std::map<int, ErrorCode>;

    Loopback loopback_;
    std::map<int, Traffic> traffic_;
    Moment now_{};
    ConnectionGuard guard_{kLimits, [this](const PeerSocket& socket) {
                               return std::optional(traffic_[socket.descriptor()]);
                           }};
};

TEST_F(GuardTest, AStrangerThatStaysSilentIsEndedAtItsTimeAndNotBefore) {
    const int silent = connect();
    const int spoke = known();
    EXPECT_EQ(look(seconds(20) - milliseconds(60)), Ends{});
    EXPECT_EQ(look(milliseconds(60)), (Ends{{silent, ErrorCode::timed_out}}));
    EXPECT_TRUE(loopback_.ended(silent));
    EXPECT_FALSE(guard_.ended(spoke));
    EXPECT_EQ(look(seconds(3600)), Ends{}) << "once told, and only of the silent one";
}

TEST_F(GuardTest, OfTooManyStrangersTheOldestOfTheLargestCrowdGoes) {
    const int alone = connect(9);
    const int first = connect(1);
    const int second = connect(1);
    connect(1);
    EXPECT_EQ(look(), Ends{});
    connect(1);
    EXPECT_EQ(look(), (Ends{{first, ErrorCode::busy}}));
    connect(9);
    EXPECT_EQ(look(), (Ends{{second, ErrorCode::busy}}));
    EXPECT_FALSE(guard_.ended(alone));
    EXPECT_EQ(guard_.strangers(), 4U);
}

TEST_F(GuardTest, OneThatHasSpokenIsNoStrangerAndKeepsItsPlace) {
    std::vector<int> spoken;
    for (int i = 0; i < 10; ++i) spoken.push_back(known());
    EXPECT_EQ(guard_.strangers(), 0U);
    for (int i = 0; i < 10; ++i) connect();
    for (const auto& [descriptor, code] : look()) {
        EXPECT_EQ(std::ranges::count(spoken, descriptor), 0);
        EXPECT_EQ(code, ErrorCode::busy);
    }
}

TEST_F(GuardTest, BeyondAllThatThereMayBeANewOneGoes) {
    guard_.set_connections_max(3);
    for (int i = 0; i < 3; ++i) known();
    const int fourth = connect();
    EXPECT_EQ(look(), (Ends{{fourth, ErrorCode::busy}}));
}

TEST_F(GuardTest, AMessageThatDoesNotEndIsEndedAtItsBound) {
    const int peer = known();
    traffic_[peer].taken = 1000;
    look();
    EXPECT_EQ(look(), Ends{}) << "at the bound";
    traffic_[peer].taken = 1100;
    EXPECT_EQ(look(), Ends{}) << "it may have become a message in the meantime";
    EXPECT_EQ(look(), (Ends{{peer, ErrorCode::over_budget}}));
    EXPECT_FALSE(guard_.received(peer, kSmall, now_))
        << "and what it had on the way counts no more";
}

TEST_F(GuardTest, AStrangersFirstMessageHasALowerBound) {
    const int peer = connect();
    traffic_[peer].taken = 200;
    look();
    EXPECT_EQ(look(), (Ends{{peer, ErrorCode::over_budget}}));
}

TEST_F(GuardTest, WhatCannotBeReadNowIsNotHeldAgainstItsSender) {
    const int peer = known();
    traffic_[peer].taken = 9000;
    for (int i = 0; i < 50; ++i) EXPECT_EQ(look(milliseconds(60), false), Ends{});
    traffic_[peer].taken = 11'100;
    EXPECT_EQ(look(milliseconds(60), false), (Ends{{peer, ErrorCode::over_budget}}))
        << "more than whole messages that wait could be";
}

TEST_F(GuardTest, WhoSendsMuchInWholeMessagesIsNeverEnded) {
    const int peer = known();
    for (int i = 1; i < 100; ++i) {
        traffic_[peer].taken += 900;
        EXPECT_TRUE(guard_.received(peer, kLarge, now_));
        EXPECT_EQ(look(), Ends{});
    }
}

TEST_F(GuardTest, ABurstOfWholeMessagesIsNoMessageThatDoesNotEnd) {
    const int peer = known();
    for (int i = 0; i < 100; ++i) {
        traffic_[peer].taken += 900;
        EXPECT_TRUE(guard_.received(peer, kLarge, now_));
    }
    for (int i = 0; i < 5; ++i) EXPECT_EQ(look(), Ends{}) << "and then it is quiet";
    traffic_[peer].taken += 1200;
    look();
    EXPECT_EQ(look(), (Ends{{peer, ErrorCode::over_budget}})) << "nor does it pay for one";
}

TEST_F(GuardTest, HeartbeatsOfAQuietConnectionDoNotAddUp) {
    const int peer = known();
    for (int day = 0; day < 30; ++day) {
        traffic_[peer].taken += 86'400 / 15 * 100;
        traffic_[peer].received += 86'400 / 15 * 100;
        EXPECT_EQ(look(std::chrono::hours(24)), Ends{}) << "day " << day;
    }
    EXPECT_TRUE(guard_.said(peer, 4000));
    EXPECT_FALSE(guard_.said(peer, 1001)) << "nor do they pay for what is not read";
}

TEST_F(GuardTest, WhoReadsNothingIsEndedAtItsBound) {
    const int peer = known();
    EXPECT_TRUE(guard_.said(peer, 5000));
    EXPECT_EQ(look(), Ends{});
    traffic_[peer].received = 100;
    EXPECT_TRUE(guard_.said(peer, 100)) << "it is measured anew before it is judged";
    EXPECT_FALSE(guard_.said(peer, 1));
    EXPECT_EQ(look(), (Ends{{peer, ErrorCode::quota_reached}}));
    EXPECT_FALSE(guard_.said(peer, 1)) << "nothing more goes there";
}

TEST_F(GuardTest, OfAllThatIsUnreadTheGreatestGoes) {
    const int one = known();
    const int two = known();
    EXPECT_TRUE(guard_.said(one, 4500));
    EXPECT_TRUE(guard_.said(two, 3000));
    EXPECT_EQ(look(), Ends{});
    EXPECT_TRUE(guard_.said(two, 1000));
    EXPECT_EQ(look(), (Ends{{one, ErrorCode::quota_reached}}));
    EXPECT_EQ(look(), Ends{});
}

TEST_F(GuardTest, AnEndIsToldOnceThoughItsNewsCameTooEarly) {
    const int peer = known();
    guard_.disconnected(peer);  // libzmq tells before it closes
    EXPECT_EQ(guard_.connections(), 1U);
    EXPECT_EQ(look(), Ends{});
    loopback_.close(peer);
    EXPECT_EQ(look(), (Ends{{peer, ErrorCode::ok}}));
    guard_.disconnected(peer);
    EXPECT_EQ(look(), Ends{});
    EXPECT_EQ(guard_.connections(), 0U);
}

TEST_F(GuardTest, ADescriptorThatIsUsedAgainBeginsANewConnection) {
    const int peer = known();
    EXPECT_TRUE(guard_.said(peer, 4000));
    loopback_.close(peer);
    const int again = connect();
    ASSERT_EQ(again, peer);
    EXPECT_EQ(guard_.strangers(), 1U);
    EXPECT_TRUE(guard_.said(again, 4000));
    guard_.accepted(again, now_);  // the news after its first message
    EXPECT_TRUE(guard_.received(again, kSmall, now_));
    guard_.accepted(again, now_);
    EXPECT_EQ(guard_.strangers(), 0U);
}

TEST_F(GuardTest, WhereAnyKeyIsLetInAMessageIsNoTrust) {
    GuardLimits limits = kLimits;
    limits.messages_are_trust = false;
    ConnectionGuard guard(limits, [](const PeerSocket&) { return std::optional(Traffic{}); });
    for (int i = 0; i < 5; ++i) {
        const int made = loopback_.connect();
        guard.accepted(made, now_);
        EXPECT_TRUE(guard.received(made, kSmall, now_));
    }
    EXPECT_EQ(guard.look(now_ + seconds(1)).size(), 1U);
    EXPECT_EQ(guard.look(now_ + seconds(21)).size(), 4U) << "a conversation has its time";
}

// What the kernel says, without a stand-in.
TEST_F(GuardTest, TheKernelCountsWhatCameAndWhatNobodyHasReadYet) {
    const int peer = loopback_.connect();
    const auto socket = PeerSocket::of(peer);
    ASSERT_TRUE(socket);
    loopback_.send(peer, 300);
    char bytes[200];
    ASSERT_EQ(::recv(peer, bytes, sizeof bytes, MSG_WAITALL), 200);
    const auto traffic = socket->traffic();
    ASSERT_TRUE(traffic);
    EXPECT_EQ(traffic->taken, 200U);
    ASSERT_EQ(::send(peer, bytes, 50, 0), 50);
    while (socket->traffic()->received < 50) {
    }
    EXPECT_GE(socket->traffic()->received, 50U);
    loopback_.close(peer);
    EXPECT_FALSE(socket->traffic());
}

}  // namespace
}  // namespace relais::broker
