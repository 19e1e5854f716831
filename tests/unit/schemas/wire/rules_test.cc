// What parse_frame refuses, body by body, each with the frame next to it that passes.
#include <gtest/gtest.h>

#include <functional>

#include "core/base/limits.h"
#include "schemas/flat/flat.h"
#include "schemas/generated/wire_generated.h"
#include "schemas/wire/frame.h"
#include "tests/support/envelopes.h"
#include "tests/support/frames.h"
#include "tests/support/printers.h"

namespace relais::wire {
namespace {

class FrameRules : public testing::Test {
protected:
    // What parse_frame says of the sample of `Raw`, changed.
    template <typename Raw>
    ErrorCode verdict(const std::function<void(typename Raw::NativeTableType&)>& change) {
        constexpr auto kType = fb::BodyTraits<Raw>::enum_value;
        const Body body = sample_bodies(random)[static_cast<std::size_t>(kType) - 1];
        const Bytes bytes = encode_frame({5, body});
        const std::unique_ptr<fb::FrameT> object(
            flatbuffers::GetRoot<fb::Frame>(bytes.data())->UnPack());
        change(*reinterpret_cast<typename Raw::NativeTableType*>(object->body.value));
        return verdict_of(*object);
    }

    static ErrorCode verdict_of(const fb::FrameT& frame) {
        flatbuffers::FlatBufferBuilder builder;
        builder.Finish(fb::Frame::Pack(builder, &frame));
        return parse_frame(flat::finished(builder)).code();
    }
    static ErrorCode verdict_of(const Body& body) {
        return parse_frame(encode_frame({1, body})).code();
    }

    test::SeededRandom random{1};
};

constexpr auto kInvalid = ErrorCode::invalid_field;

TEST_F(FrameRules, AFrameHasABody) {
    flatbuffers::FlatBufferBuilder builder;
    const auto done = fb::CreateDone(builder);
    builder.Finish(fb::CreateFrame(builder, 1, fb::Body::NONE, done.Union()));
    EXPECT_FALSE(parse_frame(flat::finished(builder)).ok());
}

TEST_F(FrameRules, ABodyOfALaterVersionIsRefused) {
    flatbuffers::FlatBufferBuilder builder;
    const auto done = fb::CreateDone(builder);
    const auto later = static_cast<fb::Body>(static_cast<int>(fb::Body::MAX) + 1);
    builder.Finish(fb::CreateFrame(builder, 1, later, done.Union()));
    EXPECT_EQ(parse_frame(flat::finished(builder)).code(), kInvalid);
}

TEST_F(FrameRules, AFrameOver1MibIsTooLarge) {
    EXPECT_EQ(parse_frame(Bytes(limits::kFrameBytesMax + 1)).code(), ErrorCode::too_large);
    EXPECT_EQ(parse_frame(Bytes(limits::kFrameBytesMax)).code(), ErrorCode::malformed);
    Bytes padded = encode_frame({1, Done{}});
    padded.resize(limits::kFrameBytesMax);
    EXPECT_TRUE(parse_frame(padded).ok());
    padded.push_back(0);
    EXPECT_EQ(parse_frame(padded).code(), ErrorCode::too_large);
}

TEST_F(FrameRules, SoftwareIsATitle) {
    EXPECT_EQ(verdict<fb::Hello>([](auto&) {}), ErrorCode::ok);
    EXPECT_EQ(verdict<fb::Hello>([](auto& h) { h.software = ""; }), kInvalid);
    EXPECT_EQ(verdict<fb::Hello>([](auto& h) { h.software = "a\nb"; }), kInvalid);
    EXPECT_EQ(verdict<fb::Hello>([](auto& h) { h.software = std::string(120, 'a'); }),
              ErrorCode::ok);
    EXPECT_EQ(verdict<fb::Hello>([](auto& h) { h.software = std::string(121, 'a'); }), kInvalid);
}

TEST_F(FrameRules, AttachNamesAMailboxAndThreeCursorsFrom1) {
    EXPECT_EQ(verdict<fb::Attach>([](auto&) {}), ErrorCode::ok);
    EXPECT_EQ(verdict<fb::Attach>([](auto& a) { a.mailbox = "geriatrie"; }), kInvalid);
    EXPECT_EQ(verdict<fb::Attach>([](auto& a) { a.lanes.pop_back(); }), kInvalid);
    EXPECT_EQ(verdict<fb::Attach>([](auto& a) { a.lanes.push_back(a.lanes[0]); }), kInvalid);
    EXPECT_EQ(verdict<fb::Attach>([](auto& a) { a.lanes[1] = fb::LaneCursor(0, 1); }), kInvalid);
}

TEST_F(FrameRules, EntriesAre256AtMostAndEachOfABoundedSize) {
    const auto entries = [](std::size_t count, std::size_t bytes) {
        return AppendEntries{std::vector<Bytes>(count, Bytes(bytes))};
    };
    EXPECT_EQ(verdict_of(entries(256, 10)), ErrorCode::ok);
    EXPECT_EQ(verdict_of(entries(257, 10)), ErrorCode::too_large);
    EXPECT_EQ(verdict_of(entries(2, limits::kEntryBytesMax)), ErrorCode::ok);
    EXPECT_EQ(verdict_of(entries(2, limits::kEntryBytesMax + 1)), ErrorCode::too_large);
    EXPECT_EQ(verdict_of(Leaves{0, std::vector<Bytes>(257)}), ErrorCode::too_large);
    EXPECT_EQ(verdict_of(DirectoryEntries{{1}, std::vector<Bytes>(257), ""}), ErrorCode::too_large);
}

TEST_F(FrameRules, ALogIsOneOfTheTwo) {
    for (const int log : {0, 3}) {
        const auto to = static_cast<fb::LogName>(log);
        EXPECT_EQ(verdict<fb::FetchConsistency>([&](auto& f) { f.log = to; }), kInvalid);
        EXPECT_EQ(verdict<fb::FetchLeaves>([&](auto& f) { f.log = to; }), kInvalid);
        EXPECT_EQ(verdict<fb::FetchCheckpoints>([&](auto& f) { f.log = to; }), kInvalid);
    }
    EXPECT_EQ(verdict<fb::FetchLeaves>([](auto& f) { f.log = fb::LogName::directory; }),
              ErrorCode::ok);
}

TEST_F(FrameRules, PurposesAndCommandsAreOfTheirEnumerations) {
    for (const int purpose : {0, 4}) {
        EXPECT_EQ(verdict<fb::OpenInvitation>(
                      [&](auto& o) { o.purpose = static_cast<fb::InvitationPurpose>(purpose); }),
                  kInvalid);
    }
    for (const int command : {0, 7}) {
        EXPECT_EQ(verdict<fb::Administer>(
                      [&](auto& a) { a.command = static_cast<fb::Command>(command); }),
                  kInvalid);
    }
}

TEST_F(FrameRules, WelcomeNamesADomain) {
    EXPECT_EQ(verdict<fb::Welcome>([](auto&) {}), ErrorCode::ok);
    EXPECT_EQ(verdict<fb::Welcome>([](auto& w) { w.domain = "Indre"; }), kInvalid);
}

TEST_F(FrameRules, AttachedHasThreeLanes) {
    EXPECT_EQ(verdict<fb::Attached>([](auto&) {}), ErrorCode::ok);
    EXPECT_EQ(verdict<fb::Attached>([](auto& a) { a.lanes.pop_back(); }), kInvalid);
    EXPECT_EQ(verdict<fb::Attached>([](auto& a) { a.lanes.clear(); }), kInvalid);
}

TEST_F(FrameRules, ARefusalSaysWhetherToRetryInALineOfText) {
    EXPECT_EQ(verdict<fb::Refusal>([](auto&) {}), ErrorCode::ok);
    EXPECT_EQ(verdict<fb::Refusal>([](auto& r) { r.retry = 3; }), kInvalid);
    EXPECT_EQ(verdict<fb::Refusal>([](auto& r) { r.detail = "a\nb"; }), kInvalid);
    EXPECT_EQ(verdict<fb::Refusal>([](auto& r) { r.detail = "\xFF"; }), kInvalid);
    EXPECT_EQ(verdict<fb::Refusal>([](auto& r) { r.detail = std::string(300, 'a'); }),
              ErrorCode::ok);
    EXPECT_EQ(verdict<fb::Refusal>([](auto& r) { r.detail = std::string(301, 'a'); }), kInvalid);
    EXPECT_EQ(verdict<fb::Refusal>(
                  [](auto& r) { r.winning->header.resize(limits::kHeaderBytesMax + 1); }),
              ErrorCode::too_large);
}

// A refusal that its reader would refuse would leave the request without an answer.
TEST_F(FrameRules, WhateverTheDetailTheRefusalCanBeRead) {
    const auto detail = [&](const std::string& text) {
        const Frame frame{1, Refusal{ErrorCode::internal, Retry::never, text, std::nullopt}};
        const auto parsed = parse_frame(encode_frame(frame));
        return parsed.ok() ? std::get<Refusal>(parsed->body).detail : parsed.error().describe();
    };
    EXPECT_EQ(detail("chain 'cabinet'"), "chain 'cabinet'");
    EXPECT_EQ(detail(std::string(1000, 'a')), std::string(300, 'a'));
    EXPECT_EQ(detail(std::string(299, 'a') + "\xC3\xA9"), std::string(299, 'a'))
        << "not cut within a character";
    EXPECT_EQ(detail("line\nline"), "line line");
    EXPECT_EQ(detail("not \xFF text"), "");
}

TEST_F(FrameRules, ProofsHaveABoundedNumberOfHashes) {
    const auto proof = [](std::size_t hashes) {
        return Proof{{}, {1}, std::vector<Digest>(hashes), ""};
    };
    EXPECT_EQ(verdict_of(proof(limits::kProofHashesMax)), ErrorCode::ok);
    EXPECT_EQ(verdict_of(proof(limits::kProofHashesMax + 1)), ErrorCode::too_large);
    const auto consistency = [](std::size_t hashes) {
        return Consistency{1, std::vector<Digest>(hashes), ""};
    };
    EXPECT_EQ(verdict_of(consistency(2 * limits::kProofHashesMax)), ErrorCode::ok);
    EXPECT_EQ(verdict_of(consistency(2 * limits::kProofHashesMax + 1)), ErrorCode::too_large);
}

TEST_F(FrameRules, CheckpointsAre256AtMostAndEachOfTheSizeOfANote) {
    const auto notes = [](std::size_t count, std::size_t bytes) {
        return Checkpoints{std::vector<std::string>(count, std::string(bytes, 'n'))};
    };
    EXPECT_EQ(verdict_of(notes(256, 10)), ErrorCode::ok);
    EXPECT_EQ(verdict_of(notes(257, 10)), ErrorCode::too_large);
    EXPECT_EQ(verdict_of(notes(1, limits::kNoteBytesMax)), ErrorCode::ok);
    EXPECT_EQ(verdict_of(notes(1, limits::kNoteBytesMax + 1)), ErrorCode::too_large);
}

TEST_F(FrameRules, ProposalsAre256AtMostAndEachOfABoundedSize) {
    EXPECT_EQ(verdict_of(Proposals{std::vector<Proposal>(256)}), ErrorCode::ok);
    EXPECT_EQ(verdict_of(Proposals{std::vector<Proposal>(257)}), ErrorCode::too_large);
    const auto of = [](std::size_t bytes) { return Proposals{{{{}, Bytes(bytes), {}}}}; };
    EXPECT_EQ(verdict_of(of(limits::kProposalBytesMax)), ErrorCode::ok);
    EXPECT_EQ(verdict_of(of(limits::kProposalBytesMax + 1)), ErrorCode::too_large);
    EXPECT_EQ(verdict_of(Enrol{{}, Bytes(limits::kProposalBytesMax), {}}), ErrorCode::ok);
    EXPECT_EQ(verdict_of(Enrol{{}, Bytes(limits::kProposalBytesMax + 1), {}}),
              ErrorCode::too_large);
}

TEST_F(FrameRules, ADeliveryHasAMailboxALaneAPlaceAndAnEntry) {
    EXPECT_EQ(verdict<fb::Delivery>([](auto&) {}), ErrorCode::ok);
    EXPECT_EQ(verdict<fb::Delivery>([](auto& d) { d.mailbox = "x"; }), kInvalid);
    EXPECT_EQ(verdict<fb::Delivery>([](auto& d) { d.lane = static_cast<fb::Lane>(3); }), kInvalid);
    EXPECT_EQ(verdict<fb::Delivery>([](auto& d) { d.seq = 0; }), kInvalid);
    EXPECT_EQ(verdict<fb::Delivery>([](auto& d) {
                  auto& entry = *reinterpret_cast<fb::EnvelopeEntryT*>(d.entry.value);
                  entry.box->suite = 9;
              }),
              ErrorCode::unsupported_version);
    EXPECT_EQ(verdict<fb::Delivery>([](auto& d) {
                  auto& entry = *reinterpret_cast<fb::EnvelopeEntryT*>(d.entry.value);
                  entry.signed_->path.resize(9);
              }),
              ErrorCode::too_large);
}

TEST_F(FrameRules, ADayThatIsCountedIsOneOfAMailbox) {
    EXPECT_EQ(verdict<fb::DayCounted>([](auto&) {}), ErrorCode::ok);
    EXPECT_EQ(verdict<fb::DayCounted>([](auto& d) { d.mailbox = "@indre"; }), kInvalid);
    EXPECT_EQ(verdict<fb::DayCounted>([](auto& d) { d.day = -1; }), kInvalid);
    EXPECT_EQ(verdict<fb::DayCounted>([](auto& d) { d.day = limits::kDayNumberMax + 1; }),
              kInvalid);
}

TEST_F(FrameRules, ARegisterIsReadFromANumberThatAStoreCanKeep) {
    const auto from = [](std::uint64_t number) {
        return [=](fb::FetchRegisterT& fetch) { fetch.from = number; };
    };
    EXPECT_EQ(verdict<fb::FetchRegister>(from(limits::kNumberMax)), ErrorCode::ok);
    EXPECT_EQ(verdict<fb::FetchRegister>(from(limits::kNumberMax + 1)), kInvalid);
    EXPECT_EQ(verdict<fb::FetchRegister>(from(UINT64_MAX)), kInvalid);
}

TEST_F(FrameRules, AWitnessedHeadComesWithItsHashesOrNeitherDoes) {
    using Raw = fb::ConsistencyT;
    const auto said = [&](const std::function<void(Raw&)>& change) {
        return verdict<fb::Consistency>(change);
    };
    EXPECT_EQ(said([](Raw& c) { c.witnessed = "indre/directory"; }), ErrorCode::ok);
    EXPECT_EQ(said([](Raw& c) { c.witnessed.clear(); }), kInvalid);
}

}  // namespace
}  // namespace relais::wire
