// Audit leaves: what comes back, and what is refused.
#include "schemas/audit/leaf.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "schemas/flat/flat.h"
#include "schemas/generated/audit_generated.h"
#include "tests/support/leaves.h"
#include "tests/support/members.h"
#include "tests/support/printers.h"
#include "tests/support/random.h"

namespace relais {
namespace {

using test::full_leaf;

ErrorCode verdict(const std::function<void(fb::LeafT&)>& change) {
    test::SeededRandom random(1);
    const Bytes bytes = encode_leaf(full_leaf(random));
    const std::unique_ptr<fb::LeafT> object(flatbuffers::GetRoot<fb::Leaf>(bytes.data())->UnPack());
    change(*object);
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(fb::Leaf::Pack(builder, object.get()));
    return parse_leaf(flat::finished(builder)).code();
}

TEST(AuditLeaf, EveryFieldComesBackAsItWasWritten) {
    test::SeededRandom random(1);
    const Leaf leaf = full_leaf(random);
    const auto parsed = parse_leaf(encode_leaf(leaf));
    ASSERT_TRUE(parsed.ok()) << parsed.error().describe();
    EXPECT_TRUE(test::same(*parsed, leaf));
}

TEST(AuditLeaf, WhatALeafDoesNotSayComesBackAbsent) {
    const Leaf leaf{.event = Event::broker_started};
    const auto parsed = parse_leaf(encode_leaf(leaf));
    ASSERT_TRUE(parsed.ok()) << parsed.error().describe();
    EXPECT_TRUE(test::same(*parsed, leaf));
    EXPECT_FALSE(parsed->station || parsed->person || parsed->message || parsed->thread ||
                 parsed->header);
}

// The numbers are in files that outlive this version.
TEST(AuditLeaf, EveryEventComesBackAndHasANameOfItsOwn) {
    std::set<std::string_view> names;
    for (const fb::Event raw : fb::EnumValuesEvent()) {
        if (raw == fb::Event::unset) continue;
        const auto event = static_cast<Event>(raw);
        EXPECT_NE(event_name(event), "unknown");
        EXPECT_TRUE(names.insert(event_name(event)).second);
        EXPECT_EQ(parse_leaf(encode_leaf({.event = event})).value().event, event);
    }
    EXPECT_EQ(event_name(Event::submitted), "submitted");
    EXPECT_EQ(event_name(Event::evidence_read), "evidence_read");
}

TEST(AuditLeaf, AnEventOutsideItsEnumerationIsRefused) {
    EXPECT_EQ(verdict([](fb::LeafT&) {}), ErrorCode::ok);
    for (const int number : {0, 5, 9, 63, 1000, 65535}) {
        EXPECT_EQ(verdict([&](fb::LeafT& l) { l.event = static_cast<fb::Event>(number); }),
                  ErrorCode::invalid_field)
            << number;
        EXPECT_EQ(event_name(static_cast<Event>(number)), "unknown");
    }
}

TEST(AuditLeaf, ALaneOutsideTheThreeIsRefused) {
    EXPECT_EQ(verdict([](fb::LeafT& l) { l.lane = static_cast<fb::Lane>(3); }),
              ErrorCode::invalid_field);
    EXPECT_EQ(verdict([](fb::LeafT& l) { l.lane = fb::Lane::routine; }), ErrorCode::ok);
}

// A broker of a later version may have written a code that this one lacks: its leaf stays readable.
TEST(AuditLeaf, AnErrorNumberOfAnotherVersionIsKept) {
    test::SeededRandom random(1);
    Leaf leaf = full_leaf(random);
    leaf.code = static_cast<ErrorCode>(998);
    EXPECT_EQ(static_cast<int>(parse_leaf(encode_leaf(leaf)).value().code), 998);
}

TEST(AuditLeaf, ALeafOver16KibIsTooLarge) {
    test::SeededRandom random(1);
    Bytes bytes = encode_leaf(full_leaf(random));
    bytes.resize(16 * 1024);
    EXPECT_TRUE(parse_leaf(bytes).ok());
    bytes.push_back(0);
    EXPECT_EQ(parse_leaf(bytes).code(), ErrorCode::too_large);
}

TEST(AuditLeaf, ALeafSurvivesEveryCutAndFlip) {
    test::SeededRandom random(1);
    const Bytes whole = encode_leaf(full_leaf(random));
    for (std::size_t size = 0; size + sizeof(std::uint64_t) <= whole.size(); ++size) {
        ASSERT_FALSE(parse_leaf(ByteView(whole).first(size)).ok()) << size;
    }
    for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
        Bytes bad = whole;
        bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1U << (bit % 8)));
        const auto parsed = parse_leaf(bad);
        if (!parsed.ok()) continue;
        ASSERT_TRUE(test::same(parse_leaf(encode_leaf(*parsed)).value(), *parsed)) << bit;
    }
}

}  // namespace
}  // namespace relais
