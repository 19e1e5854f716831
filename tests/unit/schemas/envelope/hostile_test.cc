// Bytes that no honest station makes: cut, flipped, or random. None crashes; none passes for
// another signed thing.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/base/limits.h"
#include "tests/unit/schemas/envelope/raw.h"

namespace relais {
namespace {

class Hostile : public testing::Test {
protected:
    test::SeededRandom random{1};
    P256Key key = test::make_p256_key(random);
    P256Verifier verifier;
    Header header = test::full_header(random);
    Bytes bytes = test::make_envelope(header, key, random);
};

// The last bytes may be padding, which no field reads: a cut there leaves the same header, but not
// its digest.
TEST_F(Hostile, ACutEnvelopeIsRefusedUnlessPaddingAloneIsGone) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const auto envelope = Envelope::parse(truncated(bytes, size));
        if (!envelope.ok()) continue;
        ASSERT_GT(size + sizeof(std::uint64_t), bytes.size());
        ASSERT_TRUE(test::same(envelope->header(), header));
    }
}

TEST_F(Hostile, ACutHeaderIsRefusedOrHasAnotherDigest) {
    const Bytes whole = encode_header(header);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const Bytes cut = truncated(whole, size);
        if (!parse_header(cut).ok()) continue;
        ASSERT_GT(size + sizeof(std::uint64_t), whole.size());
        ASSERT_NE(header_digest(cut), header_digest(whole));
    }
}

// Boxes and content are not under the signature: HPKE and the content digest protect them. What is
// under it must be, byte for byte, what was signed.
TEST_F(Hostile, NoFlippedBitMakesAnotherHeaderPassUnderTheSignature) {
    const Envelope original = Envelope::parse(bytes).value();
    std::size_t parsed = 0;
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        const auto envelope = Envelope::parse(flipped(bytes, bit));
        if (!envelope.ok()) continue;
        ++parsed;
        const bool verifies = verify_header_signature(envelope->digest(), envelope->signature(),
                                                      key.public_key(), verifier)
                                  .ok();
        if (!verifies) continue;
        ASSERT_TRUE(bytes_equal(envelope->header_bytes(), original.header_bytes())) << bit;
        ASSERT_TRUE(test::same(envelope->header(), original.header())) << bit;
        ASSERT_TRUE(test::same(envelope->signature(), original.signature())) << bit;
    }
    EXPECT_GT(parsed, 8 * header.content_bytes) << "a flip within the content changes no shape";
}

TEST_F(Hostile, AFlippedBitOfTheHeaderAlwaysBreaksTheSignature) {
    const SignedHeader good = test::sign_header(header, key);
    for (std::size_t bit = 0; bit < 8 * good.bytes.size(); ++bit) {
        ASSERT_EQ(verify_header_signature(header_digest(flipped(good.bytes, bit)), good.signature,
                                          key.public_key(), verifier)
                      .code(),
                  ErrorCode::bad_signature)
            << bit;
    }
}

// What a flip lets through is still a header: written again it is read as the same.
TEST_F(Hostile, AHeaderThatParsesAfterAFlipIsWholeAndCanBeWrittenAgain) {
    const Bytes whole = encode_header(header);
    for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
        const auto parsed = parse_header(flipped(whole, bit));
        if (!parsed.ok()) continue;
        const auto again = parse_header(encode_header(*parsed));
        ASSERT_TRUE(again.ok()) << bit << " " << again.error().describe();
        ASSERT_TRUE(test::same(*again, *parsed)) << bit;
    }
}

// Every reader of this module: whether it accepts the bytes.
bool accepted_by_any(ByteView bytes) {
    const bool notice = parse_notice(bytes).ok();
    const bool statement = parse_statement(bytes).ok();
    const bool delivered = parse_delivered(bytes).ok();
    const bool opened_statement = parse_opened(bytes).ok();
    const bool mark = parse_mark(bytes).ok();
    return notice || statement || delivered || opened_statement || mark;
}

TEST_F(Hostile, StatementsAndNoticesSurviveEveryCutAndFlip) {
    const Bytes notice = encode_notice(test::full_notice(random, key, 2));
    const Bytes statement = encode_statement({random.bytes(40), random.make<Signature>()});
    const Bytes mark = encode_mark({random.make<PersonId>(), header.from, header.id,
                                    random.make<Digest>(), Word::opened, test::kTestTime});
    for (const Bytes& whole : {notice, statement, mark}) {
        ASSERT_TRUE(accepted_by_any(whole));
        for (std::size_t size = 0; size + sizeof(std::uint64_t) <= whole.size(); ++size) {
            ASSERT_FALSE(accepted_by_any(truncated(whole, size))) << size;
        }
        std::size_t refused = 0;
        for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
            if (!accepted_by_any(flipped(whole, bit))) ++refused;
        }
        EXPECT_GT(refused, 0U);
    }
}

RC_GTEST_PROP(HostileBytes, RandomBytesAreNoEnvelope, (const std::vector<std::uint8_t>& noise)) {
    RC_ASSERT(!Envelope::parse(noise).ok());
    RC_ASSERT(!parse_header(noise).ok());
    RC_ASSERT(!parse_notice(noise).ok());
    RC_ASSERT(!parse_statement(noise).ok());
}

// Many offsets to one table cost an attacker four bytes each and the reader a table each.
TEST(HostileTables, MoreTablesThanTheBudgetAreRefusedHoweverTheyAreShared) {
    flatbuffers::FlatBufferBuilder builder;
    const fb::Uuid id;
    const auto item = fb::CreateDeliveredItem(builder, &id);
    const auto items = builder.CreateVector(
        std::vector<flatbuffers::Offset<fb::DeliveredItem>>(limits::kTablesMax + 1, item));
    fb::NoticeBuilder notice(builder);
    notice.add_kind(fb::NoticeKind::delivered);
    notice.add_delivered(items);
    builder.Finish(notice.Finish());
    EXPECT_EQ(parse_notice(flat::finished(builder)).code(), ErrorCode::malformed);
}

}  // namespace
}  // namespace relais
