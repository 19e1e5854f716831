// A station that asks more than may wait is ended, and the audit hears of it under its name.
#include <gtest/gtest.h>

#include "clients/station/link/link.h"
#include "core/base/limits.h"
#include "tests/support/printers.h"
#include "tests/unit/broker/server/running_parts.h"

namespace relais::broker {
namespace {

constexpr std::chrono::seconds kGuard{60};

TEST(Flood, WhoHasTooManyRequestsWaitingIsEndedAndCounted) {
    RunningParts parts;  // nobody collects: all that comes waits
    auto& territory = parts.bench.territory;
    const CurveKeyPair own = generate_curve_keys();
    auto body = territory.station_body({territory.doctor.id}, {""});
    body.curve = own.public_key;
    territory.append(territory.practice.name.text(), *territory.practice.authority, body);
    parts.bench.publish_directory();

    const auto link =
        station::Link::open(parts.router->endpoint(), parts.keys.public_key, own).value();
    const Bytes frame = wire::encode_frame({1, wire::FetchProposals{}});
    const auto until = std::chrono::steady_clock::now() + kGuard;
    std::size_t sent = 0;
    const auto in_time = [&] { return std::chrono::steady_clock::now() < until; };
    while (parts.pipeline.depth() <= limits::kRequestsWaitingMax && in_time()) {
        const auto arrived = link->wait(std::chrono::milliseconds(1));
        ASSERT_FALSE(arrived.refused);
        while (sent < limits::kRequestsWaitingMax + 10 && link->send(frame)) ++sent;
    }
    std::size_t requests = 0;
    std::vector<Input> counted;
    while (counted.empty() && in_time()) {
        for (Input& input : parts.pipeline.collect(std::chrono::milliseconds(10))) {
            if (std::holds_alternative<KeysRefused>(input.request)) {
                counted.push_back(std::move(input));
            } else {
                ++requests;
            }
        }
    }
    ASSERT_EQ(counted.size(), 1U);
    EXPECT_EQ(counted[0].station, body.id);
    EXPECT_EQ(std::get<KeysRefused>(counted[0].request).code, ErrorCode::quota_reached);
    EXPECT_EQ(std::get<KeysRefused>(counted[0].request).count, 1U);
    EXPECT_EQ(requests, limits::kRequestsWaitingMax);
}

}  // namespace
}  // namespace relais::broker
