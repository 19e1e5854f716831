// The server's parts end whenever they are told to, whatever they wait for: a process that can do
// no more has to end, so that a restart recovers.
#include <gtest/gtest.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/server/http.h"
#include "core/base/limits.h"
#include "core/base/system.h"
#include "tests/support/engine/engine_bench.h"
#include "tests/support/folder.h"
#include "tests/support/printers.h"

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

TEST_F(EndTest, PagesEndEvenBeforeTheyListen) {
    Pipeline pipeline(checks, 1);
    const test::TestFolder folder;
    LocalSockets sockets(numbers, pipeline);
    const CurveKeyPair keys = generate_curve_keys();
    const auto router =
        Router::start({"tcp://127.0.0.1:*"}, keys, bench.directory(), numbers, pipeline).value();
    EnrolmentProcess enrolment({}, keys.secret_key, sockets);
    const auto chunks = ChunkFiles::start(
                            folder.path() / "chunks", [](Input) {}, [](SendFrame) {})
                            .value();
    SystemClock clock;
    EngineLoop loop(
        bench.engine(), []() -> Result<void> { return {}; }, clock, pipeline, *router, sockets,
        enrolment, *chunks);
    for (int i = 0; i < 20; ++i) {
        const auto pages =
            HttpPages::start({}, (folder.path() / "socket").string(),
                             bench.territory.doctor.key->public_key(), loop, pipeline);
        ASSERT_TRUE(pages.ok());
        EXPECT_GT((*pages)->port(), 0);
    }
}

}  // namespace
}  // namespace relais::broker
