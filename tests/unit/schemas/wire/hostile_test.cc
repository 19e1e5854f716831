// Frames that no honest peer makes: cut, flipped, random, or built to cost their reader more than
// they cost their maker. Each is an error or a value, never a crash. The same tests run under
// AddressSanitizer with the preset `asan`.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/base/limits.h"
#include "schemas/flat/flat.h"
#include "schemas/generated/wire_generated.h"
#include "schemas/wire/frame.h"
#include "tests/support/frames.h"
#include "tests/support/members.h"
#include "tests/support/printers.h"

namespace relais::wire {
namespace {

std::vector<Bytes> every_frame() {
    test::SeededRandom random(3);
    std::vector<Bytes> frames;
    for (const Body& body : sample_bodies(random)) frames.push_back(encode_frame({9, body}));
    for (const ChannelEntry& entry : sample_entries(random)) {
        frames.push_back(encode_frame({0, Delivery{test::address("cabinet@indre"),
                                                   random.make<Incarnation>(),
                                                   Lane::urgent,
                                                   {4},
                                                   entry}}));
    }
    return frames;
}

// Refused, or a value that can be written and read again: nothing half-checked comes through.
bool refused_or_whole(ByteView bytes) {
    const auto parsed = parse_frame(bytes);
    if (!parsed.ok()) return true;
    const auto again = parse_frame(encode_frame(*parsed));
    return again.ok() && test::same(*again, *parsed);
}

TEST(HostileFrames, ACutAnywhereIsRefusedUnlessPaddingAloneIsGone) {
    for (const Bytes& whole : every_frame()) {
        for (std::size_t size = 0; size < whole.size(); ++size) {
            const auto parsed = parse_frame(ByteView(whole).first(size));
            if (!parsed.ok()) continue;
            ASSERT_GT(size + sizeof(std::uint64_t), whole.size());
            ASSERT_TRUE(test::same(*parsed, parse_frame(whole).value()));
        }
    }
}

TEST(HostileFrames, AFlippedBitIsAnErrorOrAValue) {
    for (const Bytes& whole : every_frame()) {
        for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
            Bytes bad = whole;
            bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1U << (bit % 8)));
            ASSERT_TRUE(refused_or_whole(bad)) << bit;
        }
    }
}

TEST(HostileFrames, ManyFlipsAtOnceAreAnErrorOrAValue) {
    test::SeededRandom random(11);
    const std::vector<Bytes> frames = every_frame();
    for (int round = 0; round < 40'000; ++round) {
        Bytes bad = frames[random.below(frames.size())];
        for (std::uint64_t flips = 1 + random.below(12); flips > 0; --flips) {
            bad[random.below(bad.size())] ^= static_cast<std::uint8_t>(1U << random.below(8));
        }
        ASSERT_TRUE(refused_or_whole(bad)) << round;
    }
}

// Offsets and lengths replaced by values at the edges.
TEST(HostileFrames, ExtremeWordsAreAnErrorOrAValue) {
    for (const Bytes& whole : every_frame()) {
        for (std::size_t at = 0; at + 4 <= whole.size(); at += 4) {
            for (const std::uint32_t word :
                 {0U, 1U, 3U, 4U, 0x7FFFFFFFU, 0x80000000U, 0xFFFFFFFFU,
                  static_cast<std::uint32_t>(whole.size()), static_cast<std::uint32_t>(0U - at)}) {
                Bytes bad = whole;
                std::memcpy(bad.data() + at, &word, sizeof word);
                ASSERT_TRUE(refused_or_whole(bad)) << at;
            }
        }
    }
}

RC_GTEST_PROP(HostileFrames, RandomBytesAreNoFrame, (const std::vector<std::uint8_t>& noise)) {
    RC_ASSERT(!parse_frame(noise).ok());
}

// A frame at an odd address is read all the same.
TEST(HostileFrames, AFrameNeedsNoAlignment) {
    for (const Bytes& whole : every_frame()) {
        for (std::size_t shift = 1; shift < 8; ++shift) {
            Bytes shifted(shift);
            append(shifted, whole);
            const auto parsed = parse_frame(ByteView(shifted).subspan(shift));
            ASSERT_TRUE(parsed.ok());
            ASSERT_TRUE(test::same(*parsed, parse_frame(whole).value()));
        }
    }
}

template <typename Offset>
Bytes frame_of(flatbuffers::FlatBufferBuilder& builder, fb::Body type, Offset body) {
    builder.Finish(fb::CreateFrame(builder, 1, type, body.Union()));
    return to_bytes(flat::finished(builder));
}

// Each further offset to a table that is there already costs four bytes: the budget of tables
// counts it.
TEST(HostileFrames, SharedTablesAreCountedEachTimeTheyAreMet) {
    flatbuffers::FlatBufferBuilder builder;
    const fb::Uuid locator;
    const fb::Digest mac;
    const auto payload = builder.CreateVector(Bytes(1000));
    const auto item = fb::CreateProposal(builder, &locator, payload, &mac);
    const std::vector<flatbuffers::Offset<fb::Proposal>> items(limits::kTablesMax, item);
    const auto proposals = fb::CreateProposals(builder, builder.CreateVector(items));
    const Bytes frame = frame_of(builder, fb::Body::Proposals, proposals);
    EXPECT_LT(frame.size(), 20'000U);
    EXPECT_EQ(parse_frame(frame).code(), ErrorCode::malformed);
}

// 250,000 offsets to one text of 48 KB would read as 12 GB.
TEST(HostileFrames, SharedTextsAreRefusedBeforeTheyAreCopied) {
    flatbuffers::FlatBufferBuilder builder;
    const auto note = builder.CreateString(std::string(48'000, 'n'));
    const std::vector<flatbuffers::Offset<flatbuffers::String>> notes(250'000, note);
    const auto checkpoints = fb::CreateCheckpoints(builder, builder.CreateVector(notes));
    const Bytes frame = frame_of(builder, fb::Body::Checkpoints, checkpoints);
    ASSERT_LE(frame.size(), limits::kFrameBytesMax + 0U + 4096U);
    EXPECT_EQ(parse_frame(frame).code(), ErrorCode::too_large);
}

TEST(HostileFrames, SharedEntriesAreRefusedBeyondTheirNumber) {
    flatbuffers::FlatBufferBuilder builder;
    const auto entry = fb::CreateSignedBytes(builder, builder.CreateVector(Bytes(30'000)));
    const std::vector<flatbuffers::Offset<fb::SignedBytes>> entries(2000, entry);
    const auto append = fb::CreateAppendEntries(builder, builder.CreateVector(entries));
    const Bytes frame = frame_of(builder, fb::Body::AppendEntries, append);
    EXPECT_EQ(parse_frame(frame).code(), ErrorCode::too_large);
}

// Within their number they would still read as 8 MB from 33 KB, while a frame waits as 33 KB.
TEST(HostileFrames, EntriesThatShareTheirBytesAreRefused) {
    for (const std::size_t count : {std::size_t{1}, std::size_t{2}, limits::kEntriesPerFrameMax}) {
        flatbuffers::FlatBufferBuilder builder;
        const auto shared = fb::CreateSignedBytes(builder, builder.CreateVector(Bytes(30'000)));
        const std::vector<flatbuffers::Offset<fb::SignedBytes>> entries(count, shared);
        const auto append = fb::CreateAppendEntries(builder, builder.CreateVector(entries));
        const Bytes frame = frame_of(builder, fb::Body::AppendEntries, append);
        EXPECT_EQ(parse_frame(frame).code(), count == 1 ? ErrorCode::ok : ErrorCode::malformed)
            << count;
    }
}

}  // namespace
}  // namespace relais::wire
