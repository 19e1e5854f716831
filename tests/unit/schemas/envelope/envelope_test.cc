// The envelope: what comes back, and each rule of Envelope::parse with the envelope that breaks it.
#include "schemas/envelope/envelope.h"

#include <functional>

#include "core/base/limits.h"
#include "tests/unit/schemas/envelope/raw.h"

namespace relais {
namespace {

class EnvelopeTest : public testing::Test {
protected:
    [[nodiscard]] Bytes sample() { return test::make_envelope(header, key, random); }

    ErrorCode verdict(const std::function<void(fb::EnvelopeT&)>& change) {
        auto object = opened<fb::Envelope>(sample());
        change(*object);
        return Envelope::parse(closed(*object)).code();
    }

    test::SeededRandom random{1};
    P256Key key = test::make_p256_key(random);
    Header header = test::full_header(random);
};

TEST_F(EnvelopeTest, EveryPartComesBackAsItWasWritten) {
    const SignedHeader signed_header = test::sign_header(header, key);
    const Bytes content = random.bytes(header.content_bytes + kContentTagBytes);
    const std::vector<KeyBox> boxes = test::make_boxes(header, random, Release::chosen);
    const auto envelope =
        Envelope::parse(encode_envelope(signed_header, content, boxes, test::full_chunks()));
    ASSERT_TRUE(envelope.ok()) << envelope.error().describe();
    EXPECT_TRUE(test::same(envelope->header(), header));
    EXPECT_TRUE(test::same(envelope->signed_header(), signed_header));
    EXPECT_TRUE(bytes_equal(envelope->header_bytes(), signed_header.bytes));
    EXPECT_TRUE(bytes_equal(envelope->content(), content));
    EXPECT_EQ(envelope->digest(), header_digest(signed_header.bytes));
    EXPECT_TRUE(test::same(std::vector(envelope->boxes().begin(), envelope->boxes().end()), boxes));
    EXPECT_EQ(std::vector(envelope->chunks().begin(), envelope->chunks().end()),
              test::full_chunks());
}

TEST_F(EnvelopeTest, ItsSignatureVerifiesWithTheSignersKeyAlone) {
    const Envelope envelope = Envelope::parse(sample()).value();
    const P256Verifier verifier;
    EXPECT_TRUE(
        verify_header_signature(envelope.digest(), envelope.signature(), key.public_key(), verifier)
            .ok());
    const P256Key other = test::make_p256_key(random);
    EXPECT_EQ(verify_header_signature(envelope.digest(), envelope.signature(), other.public_key(),
                                      verifier)
                  .code(),
              ErrorCode::bad_signature);
}

TEST_F(EnvelopeTest, EachBoxIsOfTheMailboxAtItsPosition) {
    const Envelope envelope = Envelope::parse(sample()).value();
    EXPECT_EQ(envelope.mailbox_at(0), header.from);
    EXPECT_EQ(envelope.mailbox_at(1), header.to[0].mailbox);
    EXPECT_EQ(envelope.mailbox_at(2), header.to[1].mailbox);
    EXPECT_DEATH((void)envelope.mailbox_at(3), "position");
}

// Its views point into its own bytes: they must follow a move, and a copy would leave them behind.
TEST_F(EnvelopeTest, AMovedEnvelopeStillSeesItsBytes) {
    const Bytes bytes = sample();
    auto first = std::make_unique<Envelope>(Envelope::parse(bytes).value());
    const Envelope second = std::move(*first);
    first.reset();
    EXPECT_TRUE(bytes_equal(second.bytes(), bytes));
    EXPECT_GE(second.content().data(), second.bytes().data());
    EXPECT_LE(second.content().data() + second.content().size(),
              second.bytes().data() + second.bytes().size());
    EXPECT_EQ(header_digest(second.header_bytes()), second.digest());
}

TEST_F(EnvelopeTest, AnEnvelopeIsNotCopied) {
    EXPECT_FALSE(std::is_copy_constructible_v<Envelope>);
    EXPECT_FALSE(std::is_copy_assignable_v<Envelope>);
    EXPECT_TRUE(std::is_nothrow_move_constructible_v<Envelope>);
}

TEST_F(EnvelopeTest, AnUnchangedEnvelopePasses) {
    EXPECT_EQ(verdict([](fb::EnvelopeT&) {}), ErrorCode::ok);
}

TEST_F(EnvelopeTest, ItsHeaderKeepsTheRulesOfHeaders) {
    EXPECT_EQ(verdict([](fb::EnvelopeT& e) {
                  auto object = opened<fb::Header>(e.header);
                  object->version = 2;
                  e.header = closed(*object);
              }),
              ErrorCode::unsupported_version);
    EXPECT_EQ(verdict([](fb::EnvelopeT& e) { e.header.resize(limits::kHeaderBytesMax + 1); }),
              ErrorCode::too_large);
    EXPECT_EQ(verdict([](fb::EnvelopeT& e) { e.header.clear(); }), ErrorCode::malformed);
}

TEST_F(EnvelopeTest, OneBoxForTheSenderAndOneForEachRecipient) {
    const auto mismatch = ErrorCode::boxes_mismatch;
    EXPECT_EQ(verdict([](fb::EnvelopeT& e) { e.boxes.pop_back(); }), mismatch);
    EXPECT_EQ(verdict([](fb::EnvelopeT& e) { e.boxes.clear(); }), mismatch);
    EXPECT_EQ(verdict([](fb::EnvelopeT& e) {
                  e.boxes.push_back(std::make_unique<fb::KeyBoxT>(*e.boxes[2]));
                  e.boxes[3]->position = 3;
              }),
              mismatch);
}

TEST_F(EnvelopeTest, BoxesStandInTheOrderOfTheHeader) {
    EXPECT_EQ(verdict([](fb::EnvelopeT& e) { std::swap(e.boxes[1], e.boxes[2]); }),
              ErrorCode::boxes_mismatch);
    EXPECT_EQ(verdict([](fb::EnvelopeT& e) { e.boxes[2]->position = 1; }),
              ErrorCode::boxes_mismatch);
    EXPECT_EQ(verdict([](fb::EnvelopeT& e) { std::swap(e.boxes[0], e.boxes[2]); }),
              ErrorCode::boxes_mismatch);
}

TEST_F(EnvelopeTest, TheSendersOwnBoxIsNeverHeld) {
    for (const auto release : {fb::Release::chosen, fb::Release::overdue, fb::Release::absence,
                               fb::Release::confirmed, fb::Release::turn}) {
        EXPECT_EQ(verdict([&](fb::EnvelopeT& e) { e.boxes[0]->release = release; }),
                  ErrorCode::boxes_mismatch);
        EXPECT_EQ(verdict([&](fb::EnvelopeT& e) { e.boxes[1]->release = release; }), ErrorCode::ok);
    }
}

TEST_F(EnvelopeTest, AReleaseOutsideItsEnumerationIsRefused) {
    EXPECT_EQ(verdict([](fb::EnvelopeT& e) { e.boxes[1]->release = static_cast<fb::Release>(6); }),
              ErrorCode::invalid_field);
}

TEST_F(EnvelopeTest, AnEpochFitsAStore) {
    EXPECT_EQ(verdict([](fb::EnvelopeT& e) { e.boxes[1]->epoch = INT64_MAX; }), ErrorCode::ok);
    EXPECT_EQ(verdict([](fb::EnvelopeT& e) { e.boxes[1]->epoch = std::uint64_t{1} << 63; }),
              ErrorCode::invalid_field);
}

TEST_F(EnvelopeTest, ThereIsOneSuiteAndItsSizesAreFixed) {
    EXPECT_EQ(verdict([](fb::EnvelopeT& e) { e.boxes[1]->suite = 2; }),
              ErrorCode::unsupported_version);
    EXPECT_EQ(verdict([](fb::EnvelopeT& e) { e.boxes[1]->suite = 0; }),
              ErrorCode::unsupported_version);
    EXPECT_EQ(verdict([](fb::EnvelopeT& e) { e.boxes[1]->enc.pop_back(); }), ErrorCode::malformed);
    EXPECT_EQ(verdict([](fb::EnvelopeT& e) { e.boxes[1]->enc.push_back(0); }),
              ErrorCode::malformed);
    EXPECT_EQ(verdict([](fb::EnvelopeT& e) { e.boxes[1]->sealed_key.pop_back(); }),
              ErrorCode::malformed);
    EXPECT_EQ(verdict([](fb::EnvelopeT& e) { e.boxes[1]->sealed_key.push_back(0); }),
              ErrorCode::malformed);
}

TEST_F(EnvelopeTest, TheContentIsOfTheSizeThatTheHeaderSignsPlusTheTag) {
    EXPECT_EQ(verdict([](fb::EnvelopeT& e) { e.content.pop_back(); }), ErrorCode::malformed);
    EXPECT_EQ(verdict([](fb::EnvelopeT& e) { e.content.push_back(0); }), ErrorCode::malformed);
    EXPECT_EQ(verdict([](fb::EnvelopeT& e) { e.content.clear(); }), ErrorCode::malformed);
}

TEST_F(EnvelopeTest, APathOverEightHashesIsTooLarge) {
    const auto with = [](std::size_t hashes) {
        return [hashes](fb::EnvelopeT& e) { e.signed_->path.resize(hashes); };
    };
    EXPECT_EQ(verdict(with(8)), ErrorCode::ok);
    EXPECT_EQ(verdict(with(9)), ErrorCode::too_large);
}

TEST_F(EnvelopeTest, TheLargestContentFitsAndAnEnvelopeOver1MibDoesNot) {
    header.content_bytes = limits::kContentPaddedBytesMax;
    EXPECT_TRUE(Envelope::parse(sample()).ok());
    Bytes bytes = sample();
    bytes.resize(limits::kFrameBytesMax);
    EXPECT_TRUE(Envelope::parse(bytes).ok());
    bytes.push_back(0);
    EXPECT_EQ(Envelope::parse(bytes).code(), ErrorCode::too_large);
}

TEST_F(EnvelopeTest, TheLargestNumberOfRecipientsFits) {
    header.to.clear();
    for (std::size_t i = 0; i < limits::kRecipientsMax; ++i) {
        header.to.push_back({test::address("u" + std::to_string(i) + ".ch@indre"), 1});
    }
    const auto envelope = Envelope::parse(sample());
    ASSERT_TRUE(envelope.ok()) << envelope.error().describe();
    EXPECT_EQ(envelope->boxes().size(), limits::kRecipientsMax + 1);
}

// A post to two groups: the sender, one mailbox by name, three members.
class GroupEnvelope : public testing::Test {
protected:
    GroupEnvelope() {
        header.chunks.reset();
        header.to = {{test::address("samu@indre"), 3},
                     {group("#alertes.cpts-indre@indre"), 4},
                     {group("#garde.cpts-indre@indre"), 5}};
    }
    static Address group(const char* text) { return Address::parse_group(text).value(); }
    [[nodiscard]] Bytes sample() {
        return test::make_envelope(header, key, random, Release::at_once, {}, readers);
    }
    ErrorCode verdict(const std::function<void(fb::EnvelopeT&)>& change) {
        auto object = opened<fb::Envelope>(sample());
        change(*object);
        return Envelope::parse(closed(*object)).code();
    }

    test::SeededRandom random{3};
    P256Key key = test::make_p256_key(random);
    Header header = test::full_header(random);
    std::vector<Address> readers = {test::address("cabinet-a@indre"),
                                    test::address("cabinet-b@indre"),
                                    test::address("pharmacie@indre")};
};

TEST_F(GroupEnvelope, HasABoxForEachMemberAfterThoseOfTheMailboxes) {
    const auto envelope = Envelope::parse(sample());
    ASSERT_TRUE(envelope.ok()) << envelope.error().describe();
    EXPECT_EQ(envelope->header().mailboxes().size(), 1u);
    EXPECT_EQ(envelope->header().groups().size(), 2u);
    ASSERT_EQ(envelope->boxes().size(), 5u);
    EXPECT_EQ(envelope->mailbox_at(1).text(), "samu@indre");
    for (std::size_t i = 0; i < readers.size(); ++i) {
        EXPECT_EQ(envelope->mailbox_at(2 + i), readers[i]);
        EXPECT_EQ(envelope->boxes()[2 + i].mailbox, readers[i]);
    }
}

TEST_F(GroupEnvelope, MembersComeOnceInTheirOrderAndAreAddressedNoOtherWay) {
    EXPECT_EQ(verdict([](auto&) {}), ErrorCode::ok);
    EXPECT_EQ(verdict([](auto& raw) { std::swap(raw.boxes[2]->mailbox, raw.boxes[3]->mailbox); }),
              ErrorCode::boxes_mismatch);
    EXPECT_EQ(verdict([](auto& raw) { raw.boxes[3]->mailbox = raw.boxes[2]->mailbox; }),
              ErrorCode::boxes_mismatch);
    EXPECT_EQ(verdict([](auto& raw) { raw.boxes[4]->mailbox = "samu@indre"; }),
              ErrorCode::boxes_mismatch);
    EXPECT_EQ(verdict([&](auto& raw) { raw.boxes[2]->mailbox = header.from.text(); }),
              ErrorCode::boxes_mismatch);
    EXPECT_EQ(verdict([](auto& raw) { raw.boxes[2]->mailbox.clear(); }), ErrorCode::boxes_mismatch);
    EXPECT_EQ(verdict([](auto& raw) { raw.boxes[1]->mailbox = "samu@indre"; }),
              ErrorCode::boxes_mismatch)
        << "the header has it";
    EXPECT_EQ(verdict([](auto& raw) { raw.boxes[2]->mailbox = "#alertes.cpts-indre@indre"; }),
              ErrorCode::invalid_field)
        << "a group has no key";
    EXPECT_EQ(verdict([](auto& raw) { raw.boxes[2]->position = 7; }), ErrorCode::boxes_mismatch);
}

TEST_F(GroupEnvelope, WithoutAGroupNobodyElseHasABox) {
    header.to.erase(header.to.begin() + 1, header.to.end());
    EXPECT_EQ(Envelope::parse(sample()).code(), ErrorCode::boxes_mismatch);
}

TEST_F(GroupEnvelope, ThreeThousandMembersFitIntoAFrame) {
    readers.clear();
    for (std::size_t i = 0; i < limits::kGroupReadersMax; ++i) {
        std::string number = std::to_string(i);
        number.insert(0, 5 - number.size(), '0');
        readers.push_back(test::address("medecine-generale.cabinet-" + number + "@indre"));
    }
    const Bytes bytes = sample();
    EXPECT_LT(bytes.size(), limits::kFrameBytesMax - 64 * 1024);
    const auto envelope = Envelope::parse(bytes);
    ASSERT_TRUE(envelope.ok()) << envelope.error().describe();
    EXPECT_EQ(envelope->mailbox_at(3001), readers.back());
    readers.push_back(test::address("zzz@indre"));
    EXPECT_EQ(Envelope::parse(sample()).code(), ErrorCode::boxes_mismatch) << "one more";
}

TEST_F(GroupEnvelope, GroupsOfAHeaderHaveTheirRules) {
    const auto parsed = [&](const std::function<void(Header&)>& change) {
        Header changed = header;
        change(changed);
        return parse_header(encode_header(changed)).code();
    };
    EXPECT_EQ(parsed([](Header&) {}), ErrorCode::ok);
    EXPECT_EQ(parsed([](Header& h) { std::swap(h.to[0], h.to[1]); }), ErrorCode::invalid_field);
    EXPECT_EQ(parsed([](Header& h) { h.to[1].standing = Standing::fallback; }),
              ErrorCode::invalid_field);
    EXPECT_EQ(parsed([&](Header& h) { h.to[1].attention = random.make<PersonId>(); }),
              ErrorCode::invalid_field);
    EXPECT_EQ(parsed([](Header& h) { h.to[2].mailbox = h.to[1].mailbox; }),
              ErrorCode::invalid_field);
    EXPECT_EQ(parsed([&](Header& h) {
                  for (int i = 0; i < 7; ++i) {
                      const std::string name = "#g" + std::to_string(i) + ".cpts-indre@indre";
                      h.to.push_back({group(name.c_str()), 1});
                  }
              }),
              ErrorCode::invalid_field)
        << "nine groups";
}

}  // namespace
}  // namespace relais
