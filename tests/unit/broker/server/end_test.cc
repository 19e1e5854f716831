// The server's parts end whenever they are told to, whatever they wait for: a process that can do
// no more has to end, so that a restart recovers.
#include <gtest/gtest.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/limits.h"
#include "tests/support/printers.h"
#include "tests/unit/broker/server/running_parts.h"

namespace relais::broker {
namespace {

class EndTest : public testing::Test {
protected:
    EngineBench bench;
    Checks checks{bench.directory(), bench.territory.verifier()};
    SessionNumbers numbers;
};

// As after a step that failed: frames wait, an operator has one more, and nobody collects.
TEST_F(EndTest, ASessionThatWaitsForRoomInThePipelineDoesNotHoldUpTheEnd) {
    Pipeline pipeline(checks, 1);
    for (std::size_t i = 0; i < limits::kPipelineFramesMax; ++i) {
        pipeline.push_ready({0, Principal::station, {}, 0, KeysRefused{1}});
    }
    ASSERT_FALSE(pipeline.has_room());
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    {
        LocalSockets sockets(numbers, pipeline);
        sockets.serve(ends[0], Principal::registrar);
        const Bytes frame = wire::encode_frame({1, wire::FetchProposals{}});
        Bytes said;
        append_u32(said, static_cast<std::uint32_t>(frame.size()));
        append(said, frame);
        ASSERT_EQ(::send(ends[1], said.data(), said.size(), 0), static_cast<ssize_t>(said.size()));
        for (int unread = 1; unread > 0;) ASSERT_EQ(::ioctl(ends[1], SIOCOUTQ, &unread), 0);
    }
    EXPECT_EQ(pipeline.depth(), limits::kPipelineFramesMax) << "its frame was not taken";
    ::close(ends[1]);
}

TEST(Pages, EndEvenBeforeTheyListen) {
    RunningParts parts;
    for (int i = 0; i < 20; ++i) {
        const auto pages = parts.start_pages();
        ASSERT_TRUE(pages.ok());
        EXPECT_GT((*pages)->port(), 0);
    }
}

}  // namespace
}  // namespace relais::broker
