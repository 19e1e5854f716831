// Frames: every body comes back as it was written.
#include "schemas/wire/frame.h"

#include <gtest/gtest.h>

#include "schemas/envelope/statements.h"
#include "tests/support/envelopes.h"
#include "tests/support/frames.h"
#include "tests/support/members.h"
#include "tests/support/printers.h"

namespace relais::wire {
namespace {

TEST(Frames, EveryBodyComesBackAsItWasWritten) {
    test::SeededRandom random(1);
    const std::vector<Body> bodies = sample_bodies(random);
    ASSERT_EQ(bodies.size(), std::variant_size_v<Body>) << "a body without a sample";
    for (std::size_t i = 0; i < bodies.size(); ++i) {
        ASSERT_EQ(bodies[i].index(), i) << "samples stand in the order of the union";
        const Frame frame{i + 1000, bodies[i]};
        const auto parsed = parse_frame(encode_frame(frame));
        ASSERT_TRUE(parsed.ok()) << i << " " << parsed.error().describe();
        EXPECT_TRUE(test::same(*parsed, frame)) << i;
    }
}

TEST(Frames, EveryChannelEntryComesBackAsItWasWritten) {
    test::SeededRandom random(1);
    const std::vector<ChannelEntry> entries = sample_entries(random);
    ASSERT_EQ(entries.size(), std::variant_size_v<ChannelEntry>);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        ASSERT_EQ(entries[i].index(), i);
        const Frame frame{0, Delivery{test::address("cabinet@indre"),
                                      random.make<Incarnation>(),
                                      Lane::routine,
                                      {1},
                                      entries[i]}};
        const auto parsed = parse_frame(encode_frame(frame));
        ASSERT_TRUE(parsed.ok()) << i << " " << parsed.error().describe();
        EXPECT_TRUE(test::same(*parsed, frame)) << i;
    }
}

TEST(Frames, WhatIsOptionalComesBackAbsent) {
    test::SeededRandom random(1);
    const std::vector<Body> bodies = {
        Attach{test::address("cabinet@indre"), std::nullopt, {{{{1}, 1}, {{1}, 1}, {{1}, 1}}}},
        Administer{Command::trust_clock, std::nullopt},
        Refusal{ErrorCode::busy, Retry::later, "", std::nullopt},
        DirectoryEntries{{1}, {}, ""},
        Proof{{}, {0}, {}, ""},
        Leaves{0, {}},
        Checkpoints{},
        Proposals{},
        Delivery{test::address("cabinet@indre"),
                 random.make<Incarnation>(),
                 Lane::urgent,
                 {1},
                 Tombstone{random.make<Digest>(), std::nullopt}},
    };
    for (const Body& body : bodies) {
        const Frame frame{UINT64_MAX, body};
        const auto parsed = parse_frame(encode_frame(frame));
        ASSERT_TRUE(parsed.ok()) << parsed.error().describe();
        EXPECT_TRUE(test::same(*parsed, frame)) << body.index();
    }
}

// A peer of a later version may refuse with a code that this one lacks.
TEST(Frames, AnUnknownErrorNumberReadsAsInternal) {
    const auto number = static_cast<ErrorCode>(998);
    const auto refusal =
        parse_frame(encode_frame({1, Refusal{number, Retry::later, "", std::nullopt}})).value();
    EXPECT_EQ(std::get<Refusal>(refusal.body).code, ErrorCode::internal);
    EXPECT_EQ(std::get<Refusal>(refusal.body).retry, Retry::later);
    const auto cut = parse_frame(encode_frame({0, Cut{number}})).value();
    EXPECT_EQ(std::get<Cut>(cut.body).code, ErrorCode::internal);
}

TEST(ChannelEntries, AnEntryIsCalledByItsHeaderItsStatementOrWhatItReplaces) {
    test::SeededRandom random(1);
    const EnvelopeEntry envelope = sample_envelope_entry(random);
    EXPECT_EQ(entry_digest(envelope), header_digest(envelope.header.bytes));
    EXPECT_EQ(entry_digest(Tombstone{entry_digest(envelope), std::nullopt}),
              entry_digest(envelope));
    const Bytes statement = random.bytes(50);
    EXPECT_EQ(entry_digest(NoticeEntry{statement}), statement_digest(statement));
    EXPECT_EQ(entry_digest(MarkedEntry{statement}), statement_digest(statement));
}

}  // namespace
}  // namespace relais::wire
