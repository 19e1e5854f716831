// Invitations and proposals: what comes back; slips and forgeries that are refused.
#include "schemas/wire/enrolment.h"

#include <gtest/gtest.h>

#include "core/base/limits.h"
#include "core/codecs/codecs.h"
#include "core/crypto/sha256.h"
#include "schemas/flat/flat.h"
#include "schemas/generated/enrolment_generated.h"
#include "tests/support/members.h"
#include "tests/support/printers.h"
#include "tests/support/random.h"

namespace relais {
namespace {

constexpr std::string_view kPrefix = "relais-invitation-1.";

class Invitations : public testing::Test {
protected:
    Invitations()
        : invitation{.domain = test::name("indre"),
                     .purpose = wire::InvitationPurpose::station,
                     .locator = random.make<Locator>(),
                     .authenticator = Secret::copy_of(random.bytes(16)),
                     .expires = {1'790'000'000'000},
                     .inviter = random.make<Digest>(),
                     .domain_authority = random.make<Digest>(),
                     .broker_curve = random.make<CurvePublic>(),
                     .enrolment_curve = random.make<CurvePublic>(),
                     .broker_endpoint = "tcp://relais.indre.example:5601",
                     .enrolment_endpoint = "tcp://relais.indre.example:5602",
                     .checkpoint = "indre/directory\n42\nabc=\n\n— indre/directory sig\n",
                     .organisation = "ch-valmont",
                     .chain_next = 41,
                     .chain_previous = random.make<Digest>()} {}

    [[nodiscard]] std::string token() const {
        return std::string(as_text(encode_invitation(invitation).expose()));
    }

    // A token whose check is right, of an invitation that was altered.
    template <typename Change>
    ErrorCode verdict(Change change) const {
        const std::string text = token().substr(kPrefix.size());
        const Bytes bytes = parse_base64url(text).value();
        const std::unique_ptr<fb::InvitationT> object(
            flatbuffers::GetRoot<fb::Invitation>(bytes.data())->UnPack());
        change(*object);
        flatbuffers::FlatBufferBuilder builder;
        builder.Finish(fb::Invitation::Pack(builder, object.get()));
        Bytes altered = to_bytes(flat::finished(builder));
        const Digest check = sha256(altered);
        append(altered, check.view().first(4));
        return parse_invitation(std::string(kPrefix) + base64url(altered)).code();
    }

    test::SeededRandom random{1};
    Invitation invitation;
};

TEST_F(Invitations, EveryFieldComesBackAsItWasWritten) {
    const auto parsed = parse_invitation(token());
    ASSERT_TRUE(parsed.ok()) << parsed.error().describe();
    EXPECT_EQ(parsed->domain, invitation.domain);
    EXPECT_EQ(parsed->purpose, invitation.purpose);
    EXPECT_EQ(parsed->locator, invitation.locator);
    EXPECT_TRUE(bytes_equal(parsed->authenticator.expose(), invitation.authenticator.expose()));
    EXPECT_EQ(parsed->expires, invitation.expires);
    EXPECT_EQ(parsed->inviter, invitation.inviter);
    EXPECT_EQ(parsed->domain_authority, invitation.domain_authority);
    EXPECT_EQ(parsed->broker_curve, invitation.broker_curve);
    EXPECT_EQ(parsed->enrolment_curve, invitation.enrolment_curve);
    EXPECT_EQ(parsed->broker_endpoint, invitation.broker_endpoint);
    EXPECT_EQ(parsed->enrolment_endpoint, invitation.enrolment_endpoint);
    EXPECT_EQ(parsed->checkpoint, invitation.checkpoint);
    EXPECT_EQ(parsed->organisation, invitation.organisation);
    EXPECT_EQ(parsed->chain_next, invitation.chain_next);
    EXPECT_EQ(parsed->chain_previous, invitation.chain_previous);
}

TEST_F(Invitations, ATokenIsOneWord) {
    EXPECT_EQ(token().find_first_of(" \t\r\n"), std::string::npos);
    EXPECT_TRUE(token().starts_with(kPrefix));
}

// As a mail program folds it, or a person copies it.
TEST_F(Invitations, WhiteSpaceAroundAndInsideIsIgnored) {
    std::string folded = "  \n";
    for (std::size_t i = 0; i < token().size(); ++i) {
        folded += token()[i];
        if (i % 60 == 59) folded += "\r\n\t";
    }
    EXPECT_TRUE(parse_invitation(folded + " \n").ok());
}

TEST_F(Invitations, ALostDoubledOrChangedCharacterIsNoticed) {
    const std::string whole = token();
    for (std::size_t i = 0; i < whole.size(); ++i) {
        ASSERT_EQ(parse_invitation(std::string(whole).erase(i, 1)).code(), ErrorCode::malformed);
        std::string doubled = whole;
        doubled.insert(i, 1, whole[i]);
        ASSERT_EQ(parse_invitation(doubled).code(), ErrorCode::malformed) << i;
        std::string changed = whole;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        ASSERT_EQ(parse_invitation(changed).code(), ErrorCode::malformed) << i;
        ASSERT_EQ(parse_invitation(whole.substr(0, i)).code(), ErrorCode::malformed) << i;
    }
}

TEST_F(Invitations, WhatIsNoInvitationIsMalformed) {
    for (const char* text : {"", "relais-invitation-1.", "relais-invitation-1.AAAA",
                             "relais-invitation-2.AAAA", "not one", "relais-invitation-1.!!"}) {
        EXPECT_EQ(parse_invitation(text).code(), ErrorCode::malformed) << text;
    }
}

TEST_F(Invitations, ItsFieldsKeepTheirRules) {
    EXPECT_EQ(verdict([](fb::InvitationT&) {}), ErrorCode::ok);
    EXPECT_EQ(verdict([](fb::InvitationT& i) { i.domain = "Indre !"; }), ErrorCode::invalid_field);
    EXPECT_EQ(verdict([](fb::InvitationT& i) { i.authenticator.pop_back(); }),
              ErrorCode::malformed);
    EXPECT_EQ(verdict([](fb::InvitationT& i) { i.authenticator.push_back(0); }),
              ErrorCode::malformed);
    for (const int purpose : {0, 4}) {
        EXPECT_EQ(verdict([&](fb::InvitationT& i) {
                      i.purpose = static_cast<fb::InvitationPurpose>(purpose);
                  }),
                  ErrorCode::invalid_field);
    }
    EXPECT_EQ(verdict([](fb::InvitationT& i) { i.checkpoint = std::string(5000, 'x'); }),
              ErrorCode::too_large);
}

class EnrolmentProposals : public testing::Test {
protected:
    test::SeededRandom random{1};
    EnrolmentProposal proposal{wire::InvitationPurpose::organisation,
                               "ch-valmont",
                               {random.bytes(300), random.bytes(250)},
                               random.bytes(100),
                               random.bytes(200)};

    template <typename Change>
    ErrorCode verdict(Change change) const {
        const Bytes bytes = encode_proposal(proposal);
        const std::unique_ptr<fb::EnrolmentProposalT> object(
            flatbuffers::GetRoot<fb::EnrolmentProposal>(bytes.data())->UnPack());
        change(*object);
        flatbuffers::FlatBufferBuilder builder;
        builder.Finish(fb::EnrolmentProposal::Pack(builder, object.get()));
        return parse_proposal(flat::finished(builder)).code();
    }
};

TEST_F(EnrolmentProposals, EveryFieldComesBackAsItWasWritten) {
    const auto parsed = parse_proposal(encode_proposal(proposal));
    ASSERT_TRUE(parsed.ok()) << parsed.error().describe();
    EXPECT_TRUE(test::same(*parsed, proposal));
    const EnrolmentProposal bare{wire::InvitationPurpose::station, "cabinet", {}, {}, {}};
    EXPECT_TRUE(test::same(parse_proposal(encode_proposal(bare)).value(), bare));
}

TEST_F(EnrolmentProposals, ItsFieldsKeepTheirRules) {
    EXPECT_EQ(verdict([](auto&) {}), ErrorCode::ok);
    EXPECT_EQ(verdict([](auto& p) { p.organisation = ""; }), ErrorCode::invalid_field);
    EXPECT_EQ(verdict([](auto& p) { p.organisation = "CH Valmont"; }), ErrorCode::invalid_field);
    for (const int purpose : {0, 4}) {
        EXPECT_EQ(
            verdict([&](auto& p) { p.purpose = static_cast<fb::InvitationPurpose>(purpose); }),
            ErrorCode::invalid_field);
    }
    proposal.entries.assign(limits::kEntriesPerFrameMax, {});
    EXPECT_EQ(parse_proposal(encode_proposal(proposal)).code(), ErrorCode::ok);
    proposal.entries.assign(limits::kEntriesPerFrameMax + 1, {});
    EXPECT_EQ(parse_proposal(encode_proposal(proposal)).code(), ErrorCode::too_large);
    EXPECT_EQ(parse_proposal(Bytes(limits::kProposalBytesMax + 1)).code(), ErrorCode::too_large);
}

TEST_F(EnrolmentProposals, AProposalSurvivesEveryCutAndFlip) {
    const Bytes whole = encode_proposal(proposal);
    for (std::size_t size = 0; size + sizeof(std::uint64_t) <= whole.size(); ++size) {
        ASSERT_FALSE(parse_proposal(ByteView(whole).first(size)).ok()) << size;
    }
    for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
        Bytes bad = whole;
        bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1U << (bit % 8)));
        const auto parsed = parse_proposal(bad);
        if (!parsed.ok()) continue;
        ASSERT_TRUE(test::same(parse_proposal(encode_proposal(*parsed)).value(), *parsed));
    }
}

}  // namespace
}  // namespace relais
