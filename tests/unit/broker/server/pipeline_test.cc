// From frames to inputs: checked side by side on several threads, handed over in the order of their
// arrival, bounded; and nothing that was taken is lost at a stop.
#include "broker/server/pipeline.h"

#include <gtest/gtest.h>
#include <poll.h>

#include "broker/server/outbox.h"
#include "broker/server/session_numbers.h"
#include "core/base/limits.h"
#include "tests/support/envelopes.h"
#include "tests/support/printers.h"
#include "tests/support/small_territory.h"

namespace relais::broker {
namespace {

constexpr std::chrono::seconds kPatience{60};  // never waited out: what is awaited comes

class PipelineTest : public testing::Test {
protected:
    static Pipeline::Origin origin(SessionId session) {
        return {session, Principal::station, StationId{}};
    }
    static Bytes frame(std::uint64_t number) {
        return wire::encode_frame({number, wire::FetchProposals{}});
    }
    // A frame whose check costs a signature verification.
    Bytes costly(std::uint64_t number) {
        const Header header =
            test::make_header({.by = territory.doctor.id, .station = territory.practice_station.id},
                              territory.random());
        return wire::encode_frame(
            {number,
             wire::Submit{test::make_envelope(header, *territory.doctor.key, territory.random())}});
    }
    std::vector<Input> collect(Pipeline& pipeline, std::size_t count) {
        std::vector<Input> all;
        while (all.size() < count) {
            for (Input& input : pipeline.collect(kPatience)) all.push_back(std::move(input));
        }
        return all;
    }
    test::SmallTerritory territory;
    SharedDirectory directory{territory.state()};
    Checks checks{directory, territory.verifier()};
};

TEST_F(PipelineTest, FramesComeOutInTheOrderTheyCameWhateverTheirCost) {
    Pipeline pipeline(checks, 4);
    constexpr std::uint64_t kFrames = 400;
    for (std::uint64_t i = 1; i <= kFrames; ++i) {
        pipeline.push(origin(i % 7 + 1), i % 3 == 0 ? costly(i) : frame(i));
    }
    const auto inputs = collect(pipeline, kFrames);
    ASSERT_EQ(inputs.size(), kFrames);
    for (std::uint64_t i = 1; i <= kFrames; ++i) {
        EXPECT_EQ(inputs[i - 1].number, i);
        EXPECT_EQ(inputs[i - 1].session, i % 7 + 1);
    }
}

// A request of a few bytes may be answered by hundreds of thousands.
TEST_F(PipelineTest, FewRequestsThatAreAnsweredAtLengthGoInOneStep) {
    Pipeline pipeline(checks, 2);
    constexpr std::size_t kFrames = 200;
    for (std::size_t i = 1; i <= kFrames; ++i) pipeline.push(origin(i % 7 + 1), frame(i));
    std::size_t taken = 0;
    while (taken < kFrames) {
        const std::size_t step = pipeline.collect(kPatience).size();
        EXPECT_LE(step, limits::kBatchBytesMax / limits::kFrameBytesMax);
        taken += step;
    }
    EXPECT_EQ(taken, kFrames);
}

TEST_F(PipelineTest, SignaturesHaveBeenCheckedWithThePersonsKey) {
    Pipeline pipeline(checks, 2);
    pipeline.push(origin(1), costly(1));
    const auto inputs = collect(pipeline, 1);
    const auto& submission = std::get<Submission>(inputs[0].request);
    EXPECT_TRUE(submission.signature.verdict.ok());
    EXPECT_EQ(submission.signature.key, territory.doctor.key->public_key());
}

TEST_F(PipelineTest, WhatIsNoFrameIsHandedOverAsMalformedInItsPlace) {
    Pipeline pipeline(checks, 2);
    pipeline.push(origin(1), frame(1));
    pipeline.push(origin(1), Bytes{1, 2, 3});
    pipeline.push(origin(1), frame(3));
    const auto inputs = collect(pipeline, 3);
    EXPECT_TRUE(std::holds_alternative<wire::FetchProposals>(inputs[0].request));
    EXPECT_TRUE(std::holds_alternative<Malformed>(inputs[1].request));
    EXPECT_EQ(inputs[2].number, 3u);
}

TEST_F(PipelineTest, WhatNeedsNoCheckKeepsItsPlaceToo) {
    Pipeline pipeline(checks, 2);
    pipeline.push(origin(1), costly(1));
    pipeline.push_ready({1, Principal::station, {}, 0, Disconnected{}});
    pipeline.push(origin(2), frame(3));
    const auto inputs = collect(pipeline, 3);
    EXPECT_EQ(inputs[0].number, 1u);
    EXPECT_TRUE(std::holds_alternative<Disconnected>(inputs[1].request));
    EXPECT_EQ(inputs[2].number, 3u);
}

TEST_F(PipelineTest, ABatchIsBounded) {
    Pipeline pipeline(checks, 2);
    for (std::uint64_t i = 0; i < limits::kBatchFramesMax + 10; ++i) {
        pipeline.push_ready({1, Principal::station, {}, i, Disconnected{}});
    }
    EXPECT_EQ(pipeline.collect(kPatience).size(), limits::kBatchFramesMax);
    EXPECT_EQ(pipeline.collect(kPatience).size(), 10u);
}

TEST_F(PipelineTest, ItHasRoomForSoManyFramesAndAgainWhenTheyAreTaken) {
    Pipeline pipeline(checks, 1);
    for (std::size_t i = 0; i < limits::kPipelineFramesMax; ++i) {
        EXPECT_TRUE(pipeline.has_room());
        pipeline.push(origin(i % 7 + 1), Bytes{1});
    }
    EXPECT_FALSE(pipeline.has_room());
    collect(pipeline, 1);
    EXPECT_TRUE(pipeline.has_room());
}

TEST_F(PipelineTest, ItHasRoomForSoManyBytes) {
    Pipeline pipeline(checks, 1);
    const Bytes large(limits::kFrameBytesMax, 0);
    for (std::size_t bytes = 0; bytes < limits::kPipelineBytesMax; bytes += large.size()) {
        EXPECT_TRUE(pipeline.has_room());
        pipeline.push(origin(1), large);
    }
    EXPECT_FALSE(pipeline.has_room());
    while (pipeline.depth() > 0) pipeline.collect(kPatience);
    EXPECT_TRUE(pipeline.has_room());
}

TEST_F(PipelineTest, OfOneSessionSoManyFramesWaitAndNoMore) {
    Pipeline pipeline(checks, 1);
    for (std::uint64_t i = 1; i <= limits::kRequestsWaitingMax; ++i) {
        EXPECT_TRUE(pipeline.push(origin(1), frame(i)));
    }
    EXPECT_FALSE(pipeline.push(origin(1), frame(1)));
    EXPECT_TRUE(pipeline.push(origin(2), frame(1))) << "another's";
    EXPECT_EQ(collect(pipeline, limits::kRequestsWaitingMax + 1).size(),
              limits::kRequestsWaitingMax + 1);
    EXPECT_TRUE(pipeline.push(origin(1), frame(2)));
}

TEST_F(PipelineTest, AStopLosesNothingThatWasTakenAndTakesNoMore) {
    Pipeline pipeline(checks, 2);
    for (std::uint64_t i = 1; i <= 50; ++i) pipeline.push(origin(1), costly(i));
    pipeline.stop();
    pipeline.push(origin(1), frame(51));
    EXPECT_FALSE(pipeline.push_waiting(origin(1), frame(52)));
    EXPECT_EQ(collect(pipeline, 50).size(), 50u);
    EXPECT_EQ(pipeline.depth(), 0u);
}

TEST_F(PipelineTest, WhoWaitsForRoomGoesOnWhenThereIsSome) {
    Pipeline pipeline(checks, 1);
    for (std::size_t i = 0; i < limits::kPipelineFramesMax; ++i) {
        pipeline.push(origin(i % 7 + 3), Bytes{1});
    }
    std::thread producer([&] { EXPECT_TRUE(pipeline.push_waiting(origin(2), frame(77))); });
    const auto inputs = collect(pipeline, limits::kPipelineFramesMax + 1);
    producer.join();
    EXPECT_EQ(inputs.back().number, 77u);
}

TEST(OutboxTest, ItsDescriptorIsReadableWhileSomethingWaits) {
    Outbox outbox;
    pollfd poll{outbox.descriptor(), POLLIN, 0};
    EXPECT_EQ(::poll(&poll, 1, 0), 0);
    outbox.put({});
    EXPECT_EQ(::poll(&poll, 1, 0), 0) << "nothing was put";
    std::vector<Output> outputs;
    outputs.push_back(CutSession{3});
    outbox.put(std::move(outputs));
    outputs.clear();
    outputs.push_back(CutSession{4});
    outbox.put(std::move(outputs));
    EXPECT_EQ(::poll(&poll, 1, 0), 1);
    const auto taken = outbox.take();
    ASSERT_EQ(taken.size(), 2u);
    EXPECT_EQ(std::get<CutSession>(taken[0]).session, 3u);
    EXPECT_EQ(::poll(&poll, 1, 0), 0);
    outbox.wake();
    EXPECT_EQ(::poll(&poll, 1, 0), 1);
    EXPECT_TRUE(outbox.take().empty());
}

TEST(SessionNumbersTest, AreNeverUsedTwiceAndSayWhichTransport) {
    SessionNumbers numbers;
    std::set<SessionId> seen;
    for (int i = 0; i < 100; ++i) {
        const Transport transport = i % 2 == 0 ? Transport::router : Transport::local;
        const SessionId id = numbers.next(transport);
        EXPECT_NE(id, 0u);
        EXPECT_TRUE(seen.insert(id).second);
        EXPECT_EQ(SessionNumbers::transport_of(id), transport);
    }
}

}  // namespace
}  // namespace relais::broker
