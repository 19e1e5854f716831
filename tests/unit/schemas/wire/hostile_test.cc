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

using Entries = flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<fb::SignedBytes>>>;

// `count` times one entry of 30,000 bytes.
Entries shared_entries(flatbuffers::FlatBufferBuilder& builder, std::size_t count) {
    const auto entry = fb::CreateSignedBytes(builder, builder.CreateVector(Bytes(30'000)));
    return builder.CreateVector(std::vector(count, entry));
}

// Within their number they would still read as 8 MB from 33 KB, while a frame waits as 33 KB.
TEST(HostileFrames, EntriesThatShareTheirBytesAreRefused) {
    for (const std::size_t count : {std::size_t{1}, std::size_t{2}, limits::kEntriesPerFrameMax}) {
        const ErrorCode expected = count == 1 ? ErrorCode::ok : ErrorCode::malformed;
        flatbuffers::FlatBufferBuilder append;
        const auto appended = fb::CreateAppendEntries(append, shared_entries(append, count));
        EXPECT_EQ(parse_frame(frame_of(append, fb::Body::AppendEntries, appended)).code(), expected)
            << count;
        flatbuffers::FlatBufferBuilder leaves;
        const auto answered = fb::CreateLeaves(leaves, 0, shared_entries(leaves, count));
        EXPECT_EQ(parse_frame(frame_of(leaves, fb::Body::Leaves, answered)).code(), expected);
        flatbuffers::FlatBufferBuilder push;
        const auto pushed = fb::CreateDirectoryEntries(push, 0, shared_entries(push, count));
        EXPECT_EQ(parse_frame(frame_of(push, fb::Body::DirectoryEntries, pushed)).code(), expected);
    }
}

// Two lists of one frame, and the notes beside them: one sum over them all.
TEST(HostileFrames, ListsThatShareTheirBytesWithEachOtherAreRefused) {
    const auto code_of = [](std::size_t entries, std::size_t erasures, bool note) {
        flatbuffers::FlatBufferBuilder builder;
        const auto text = builder.CreateString(std::string(30'000, 'n'));
        const auto entry = fb::CreateSignedBytes(
            builder, flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>>(text.o));
        const auto first = builder.CreateVector(std::vector(entries, entry));
        const auto second = builder.CreateVector(std::vector(erasures, entry));
        const auto said = note ? text : flatbuffers::Offset<flatbuffers::String>();
        const auto offer = fb::CreateOfferAgain(builder, 0, first, said, 0, second);
        return parse_frame(frame_of(builder, fb::Body::OfferAgain, offer)).code();
    };
    EXPECT_EQ(code_of(1, 0, false), ErrorCode::ok);
    EXPECT_EQ(code_of(0, 1, false), ErrorCode::ok);
    EXPECT_EQ(code_of(1, 1, false), ErrorCode::malformed);
    EXPECT_EQ(code_of(1, 0, true), ErrorCode::malformed);
    EXPECT_EQ(code_of(256, 256, false), ErrorCode::malformed);
}

TEST(HostileFrames, TextsAndPayloadsThatShareTheirBytesAreRefused) {
    for (const std::size_t count : {std::size_t{1}, std::size_t{2}, limits::kEntriesPerFrameMax}) {
        const ErrorCode expected = count == 1 ? ErrorCode::ok : ErrorCode::malformed;
        flatbuffers::FlatBufferBuilder notes;
        const auto note = notes.CreateString(std::string(60'000, 'n'));
        const auto checkpoints =
            fb::CreateCheckpoints(notes, notes.CreateVector(std::vector(count, note)));
        EXPECT_EQ(parse_frame(frame_of(notes, fb::Body::Checkpoints, checkpoints)).code(), expected)
            << count;
        flatbuffers::FlatBufferBuilder waiting;
        const fb::Uuid locator;
        const fb::Digest mac;
        const auto proposal =
            fb::CreateProposal(waiting, &locator, waiting.CreateVector(Bytes(60'000)), &mac);
        const auto proposals =
            fb::CreateProposals(waiting, waiting.CreateVector(std::vector(count, proposal)));
        EXPECT_EQ(parse_frame(frame_of(waiting, fb::Body::Proposals, proposals)).code(), expected)
            << count;
    }
}

}  // namespace
}  // namespace relais::wire
