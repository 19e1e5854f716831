// The header: what comes back, and each rule of parse_header with the header that breaks it alone.
#include "schemas/envelope/header.h"

#include <functional>

#include "core/base/limits.h"
#include "core/merkle/tree.h"
#include "schemas/envelope/envelope.h"
#include "tests/unit/schemas/envelope/raw.h"

namespace relais {
namespace {

class HeaderTest : public testing::Test {
protected:
    // What parse_header says of the full header with one thing changed.
    ErrorCode verdict(const std::function<void(fb::HeaderT&)>& change) {
        auto object = opened<fb::Header>(encode_header(test::full_header(random)));
        change(*object);
        return parse_header(closed(*object)).code();
    }
    // The same, and which field is named.
    std::string field(const std::function<void(fb::HeaderT&)>& change) {
        auto object = opened<fb::Header>(encode_header(test::full_header(random)));
        change(*object);
        const auto parsed = parse_header(closed(*object));
        if (parsed.ok()) return "accepted";
        EXPECT_EQ(parsed.code(), ErrorCode::invalid_field);
        return parsed.error().detail;
    }

    test::SeededRandom random{1};
};

TEST_F(HeaderTest, EveryFieldComesBackAsItWasWritten) {
    const Header header = test::full_header(random);
    const auto parsed = parse_header(encode_header(header));
    ASSERT_TRUE(parsed.ok()) << parsed.error().describe();
    EXPECT_TRUE(test::same(*parsed, header));
}

TEST_F(HeaderTest, WhatIsOptionalComesBackAbsent) {
    const Header header = test::make_header({}, random);
    const auto parsed = parse_header(encode_header(header));
    ASSERT_TRUE(parsed.ok()) << parsed.error().describe();
    EXPECT_TRUE(test::same(*parsed, header));
    EXPECT_FALSE(parsed->follows || parsed->answers || parsed->on_behalf_of);
    EXPECT_TRUE(parsed->publics.empty());
}

TEST_F(HeaderTest, ThePublicValueOfANumberIsFoundOrAbsent) {
    Header header = test::make_header({.publics = {{2, 7}, {5, -1}}}, random);
    EXPECT_EQ(header.public_value(2), 7);
    EXPECT_EQ(header.public_value(5), -1);
    EXPECT_EQ(header.public_value(3), std::nullopt);
}

TEST_F(HeaderTest, ADelegateStandsInForAPartyThatStandsBeforeIt) {
    Header header = test::make_header(
        {.to = {"a.ch-valmont@indre", "b.ch-valmont@indre", "c.ch-valmont@indre"}}, random);
    header.to[2].standing = Standing::delegate;
    header.to[2].in_place_of = 2;
    const auto parsed = parse_header(encode_header(header));
    ASSERT_TRUE(parsed.ok()) << parsed.error().describe();
    EXPECT_TRUE(test::same(*parsed, header));
    EXPECT_EQ(parsed->absent(parsed->to[2]), parsed->to[1].mailbox);
    EXPECT_EQ(box_release(*parsed, 3, Release::at_once), Release::absence);
    EXPECT_EQ(box_release(*parsed, 3, Release::chosen), Release::chosen)
        << "no earlier than its own";
    EXPECT_EQ(box_release(*parsed, 2, Release::at_once), Release::at_once);

    const auto field_with = [&](auto change) {
        Header changed = header;
        change(changed.to);
        const auto wrong = parse_header(encode_header(changed));
        return wrong.ok() ? std::string("accepted") : wrong.error().detail;
    };
    for (const std::uint16_t place : {std::uint16_t{0}, std::uint16_t{3}, std::uint16_t{4}}) {
        EXPECT_EQ(field_with([&](auto& to) { to[2].in_place_of = place; }), "to.in_place_of");
    }
    EXPECT_EQ(field_with([](auto& to) { to[2].standing = Standing::party; }), "to.in_place_of");
    EXPECT_EQ(field_with([](auto& to) { to[1].standing = Standing::fallback; }), "to.in_place_of");
    EXPECT_EQ(field_with([&](auto& to) { to[2].attention = random.make<PersonId>(); }),
              "to.in_place_of");
    EXPECT_EQ(field_with([](auto& to) {
                  to[1].standing = Standing::delegate;
                  to[1].in_place_of = 1;
                  to[2].in_place_of = 1;
              }),
              "to.in_place_of")
        << "a second one of the same party";
}

TEST_F(HeaderTest, TheDigestOfAHeaderIsTheLeafHashOfItsBytes) {
    const Bytes bytes = encode_header(test::full_header(random));
    EXPECT_EQ(header_digest(bytes), merkle::leaf_hash(bytes));
}

TEST_F(HeaderTest, AnUnchangedHeaderPasses) {
    EXPECT_EQ(verdict([](fb::HeaderT&) {}), ErrorCode::ok);
}

TEST_F(HeaderTest, AnotherVersionIsNotSupported) {
    for (const int version : {0, 2, 255}) {
        EXPECT_EQ(verdict([&](fb::HeaderT& h) { h.version = static_cast<std::uint8_t>(version); }),
                  ErrorCode::unsupported_version);
    }
}

TEST_F(HeaderTest, MessageThreadAndFollowedThreadAreUuidsOfVersion7) {
    const auto not_v7 = [](const fb::Uuid& id, std::size_t byte) {
        fb::Uuid other = id;
        auto* bytes = reinterpret_cast<std::uint8_t*>(&other);
        bytes[byte] = static_cast<std::uint8_t>(bytes[byte] ^ 0xC0);
        return std::make_unique<fb::Uuid>(other);
    };
    for (const std::size_t byte : {6U, 8U}) {  // where the version and the variant stand
        EXPECT_EQ(field([&](fb::HeaderT& h) { h.id = not_v7(*h.id, byte); }), "id");
        EXPECT_EQ(field([&](fb::HeaderT& h) { h.thread = not_v7(*h.thread, byte); }), "thread");
        EXPECT_EQ(field([&](fb::HeaderT& h) { h.follows = not_v7(*h.follows, byte); }), "follows");
    }
}

TEST_F(HeaderTest, NoThreadFollowsItself) {
    EXPECT_EQ(field([&](fb::HeaderT& h) { h.follows = std::make_unique<fb::Uuid>(*h.thread); }),
              "follows");
}

TEST_F(HeaderTest, TheActIsASlug) {
    for (const char* act : {"", "Call", "call now", "-call", "call\n"}) {
        EXPECT_EQ(field([&](fb::HeaderT& h) { h.act = act; }), "act") << act;
    }
    EXPECT_EQ(verdict([](fb::HeaderT& h) { h.act = std::string(40, 'a'); }), ErrorCode::ok);
    EXPECT_EQ(field([](fb::HeaderT& h) { h.act = std::string(41, 'a'); }), "act");
}

TEST_F(HeaderTest, SenderAndRecipientsAreAddresses) {
    EXPECT_EQ(verdict([](fb::HeaderT& h) { h.from = "cabinet"; }), ErrorCode::invalid_field);
    EXPECT_EQ(verdict([](fb::HeaderT& h) { h.to[1]->mailbox = "a.b.c@indre"; }),
              ErrorCode::invalid_field);
}

TEST_F(HeaderTest, ThereAreAtMost64Recipients) {
    const auto with = [](std::size_t count) {
        return [count](fb::HeaderT& h) {
            h.to.clear();
            for (std::size_t i = 0; i < count; ++i) {
                h.to.push_back(std::make_unique<fb::RecipientT>());
                h.to.back()->mailbox = "u" + std::to_string(i) + ".ch@indre";
                h.to.back()->counter = 1;
            }
        };
    };
    EXPECT_EQ(verdict(with(0)), ErrorCode::ok) << "an act to nobody";
    EXPECT_EQ(verdict(with(1)), ErrorCode::ok);
    EXPECT_EQ(verdict(with(64)), ErrorCode::ok);
    EXPECT_EQ(field(with(65)), "to");
}

TEST_F(HeaderTest, NoRecipientTwice) {
    EXPECT_EQ(field([](fb::HeaderT& h) { h.to[1]->mailbox = h.to[0]->mailbox; }), "to: repeated");
}

TEST_F(HeaderTest, CountersStartAt1AndFitAStore) {
    EXPECT_EQ(field([](fb::HeaderT& h) { h.to[1]->counter = 0; }), "to.counter");
    EXPECT_EQ(field([](fb::HeaderT& h) { h.to[1]->standing = static_cast<fb::Standing>(3); }),
              "to.standing");
    EXPECT_EQ(verdict([](fb::HeaderT& h) { h.to[1]->counter = INT64_MAX; }), ErrorCode::ok);
    EXPECT_EQ(field([](fb::HeaderT& h) { h.to[1]->counter = UINT64_MAX; }), "to.counter");
    EXPECT_EQ(field([](fb::HeaderT& h) { h.to[1]->counter = std::uint64_t{1} << 63; }),
              "to.counter");
}

TEST_F(HeaderTest, ThereAreThreeLanes) {
    EXPECT_EQ(field([](fb::HeaderT& h) { h.lane = static_cast<fb::Lane>(3); }), "lane");
    EXPECT_EQ(verdict([](fb::HeaderT& h) { h.lane = fb::Lane::crisis; }), ErrorCode::ok);
}

TEST_F(HeaderTest, PublicFieldsRiseByNumber) {
    EXPECT_EQ(field([](fb::HeaderT& h) { std::swap(h.public_[0], h.public_[1]); }), "public");
    EXPECT_EQ(field([](fb::HeaderT& h) { h.public_[1] = h.public_[0]; }), "public");
}

TEST_F(HeaderTest, ThereAreAtMost16PublicFields) {
    const auto with = [](std::uint16_t count) {
        return [count](fb::HeaderT& h) {
            h.public_.clear();
            for (std::uint16_t i = 1; i <= count; ++i) h.public_.emplace_back(i, 0);
        };
    };
    EXPECT_EQ(verdict(with(16)), ErrorCode::ok);
    EXPECT_EQ(field(with(17)), "public");
}

TEST_F(HeaderTest, ThePaddedContentIsOfASizeThatExists) {
    const auto of = [](std::size_t bytes) {
        return [bytes](fb::HeaderT& h) { h.content_bytes = static_cast<std::uint32_t>(bytes); };
    };
    EXPECT_EQ(field(of(0)), "content_bytes");
    EXPECT_EQ(field(of(limits::kContentPaddedBytesMin - 1)), "content_bytes");
    EXPECT_EQ(verdict(of(limits::kContentPaddedBytesMin)), ErrorCode::ok);
    EXPECT_EQ(verdict(of(limits::kContentPaddedBytesMax)), ErrorCode::ok);
    EXPECT_EQ(field(of(limits::kContentPaddedBytesMax + 1)), "content_bytes");
}

TEST_F(HeaderTest, TheClaimedTimeFitsItsFormat) {
    const std::uint64_t last = std::uint64_t{1} << 48;
    EXPECT_EQ(verdict([&](fb::HeaderT& h) { h.time_ms = last; }), ErrorCode::ok);
    EXPECT_EQ(field([&](fb::HeaderT& h) { h.time_ms = last + 1; }), "time_ms");
    EXPECT_EQ(field([](fb::HeaderT& h) { h.time_ms = UINT64_MAX; }), "time_ms");
}

// Else a post to the largest group would be refused for the length of its members' names.
TEST_F(HeaderTest, TheLargestHeaderThatItsFieldsAllowFits) {
    Header header = test::full_header(random);
    header.act = std::string(limits::kNameBytesMax, 'a');
    const std::string longest(limits::kNameBytesMax - 2, 'n');
    header.to.clear();
    for (std::size_t i = 10; i < 10 + limits::kRecipientsMax; ++i) {
        const std::string unit = longest + std::to_string(i);
        header.to.push_back({test::address(unit + "." + longest + "aa@" + longest + "aa"), 1,
                             Standing::fallback, random.make<PersonId>()});
        EXPECT_EQ(header.to.back().mailbox.text().size(), limits::kAddressBytesMax);
    }
    header.publics.clear();
    for (std::uint16_t i = 1; i <= limits::kPublicFieldsMax; ++i) header.publics.push_back({i, i});
    const auto parsed = parse_header(encode_header(header));
    ASSERT_TRUE(parsed.ok()) << parsed.error().describe();
    EXPECT_TRUE(test::same(*parsed, header));
}

TEST_F(HeaderTest, AHeaderOverItsLimitIsTooLarge) {
    Bytes bytes = encode_header(test::full_header(random));
    bytes.resize(limits::kHeaderBytesMax);
    EXPECT_TRUE(parse_header(bytes).ok());
    bytes.resize(limits::kHeaderBytesMax + 1);
    EXPECT_EQ(parse_header(bytes).code(), ErrorCode::too_large);
}

// A header whose field `left_out`, counted from the version, is not written.
Bytes header_without(int left_out) {
    flatbuffers::FlatBufferBuilder builder;
    const auto mailbox = builder.CreateString("geriatrie.ch-valmont@indre");
    const auto to = builder.CreateVector(std::vector{fb::CreateRecipient(builder, mailbox, 1)});
    const auto act = builder.CreateString("call");
    test::SeededRandom random(1);
    const auto id = flat::to_struct<fb::Uuid>(make_uuid_v7<MessageId>(random, test::kTestTime));
    const fb::Digest digest;
    const fb::Head head;
    int field = 0;
    const auto written = [&] { return field++ != left_out; };
    fb::HeaderBuilder out(builder);
    if (written()) out.add_version(1);
    if (written()) out.add_id(&id);
    if (written()) out.add_thread(&id);
    if (written()) out.add_kind(&digest);
    if (written()) out.add_act(act);
    if (written()) out.add_by(&id);
    if (written()) out.add_station(&id);
    if (written()) out.add_from(mailbox);
    if (written()) out.add_to(to);
    if (written()) out.add_head(&head);
    if (written()) out.add_content_digest(&digest);
    if (written()) out.add_content_bytes(512);
    builder.Finish(flatbuffers::Offset<fb::Header>(builder.EndTable(out.start_)));
    return to_bytes(flat::finished(builder));
}

TEST(HeaderRequired, NoMandatoryFieldMayBeLeftOut) {
    constexpr int kFields = 12;
    EXPECT_TRUE(parse_header(header_without(kFields)).ok());
    EXPECT_EQ(parse_header(header_without(0)).code(), ErrorCode::unsupported_version);
    for (int field = 1; field < kFields - 1; ++field) {
        EXPECT_EQ(parse_header(header_without(field)).code(), ErrorCode::malformed) << field;
    }
    EXPECT_EQ(parse_header(header_without(kFields - 1)).code(), ErrorCode::invalid_field);
}

}  // namespace
}  // namespace relais
