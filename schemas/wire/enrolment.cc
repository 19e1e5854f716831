#include "schemas/wire/enrolment.h"

#include <algorithm>

#include "core/codecs/codecs.h"
#include "core/crypto/sha256.h"
#include "schemas/flat/flat.h"
#include "schemas/generated/enrolment_generated.h"

namespace relais {

namespace {

constexpr std::string_view kPrefix = "relais-invitation-1.";
constexpr std::size_t kCheckBytes = 4;  // of a SHA-256 over the rest: catches slips, not attacks
constexpr std::size_t kAuthenticatorBytes = 16;
constexpr std::size_t kInvitationBytesMax = 4096;

Bytes flat_invitation(const Invitation& invitation) {
    flatbuffers::FlatBufferBuilder b(1024);
    const auto domain = flat::text(b, invitation.domain.text());
    const auto authenticator = flat::bytes(b, invitation.authenticator.expose());
    const auto broker = flat::text(b, invitation.broker_endpoint);
    const auto enrolment = flat::text(b, invitation.enrolment_endpoint);
    const auto checkpoint = flat::text(b, invitation.checkpoint);
    const auto organisation = flat::text(b, invitation.organisation);
    const auto locator = flat::to_struct<fb::Uuid>(invitation.locator);
    const auto inviter = flat::to_struct<fb::Digest>(invitation.inviter);
    const auto authority = flat::to_struct<fb::Digest>(invitation.domain_authority);
    const auto curve = flat::to_struct<fb::CurveKey>(invitation.broker_curve);
    const auto enrolment_curve = flat::to_struct<fb::CurveKey>(invitation.enrolment_curve);
    const auto previous = flat::to_struct<fb::Digest>(invitation.chain_previous);
    b.Finish(fb::CreateInvitation(b, domain, static_cast<fb::InvitationPurpose>(invitation.purpose),
                                  &locator, authenticator,
                                  static_cast<std::uint64_t>(invitation.expires.ms), &inviter,
                                  &authority, &curve, &enrolment_curve, broker, enrolment,
                                  checkpoint, organisation, invitation.chain_next, &previous));
    return to_bytes(flat::finished(b));
}

Result<wire::InvitationPurpose> purpose(fb::InvitationPurpose raw) {
    if (raw < fb::InvitationPurpose::organisation || raw > fb::InvitationPurpose::recovery) {
        return fail(ErrorCode::invalid_field, "purpose");
    }
    return static_cast<wire::InvitationPurpose>(raw);
}

Result<Invitation> from_flat(ByteView bytes) {
    RELAIS_ASSIGN(const auto raw, flat::root<fb::Invitation>(bytes, kInvitationBytesMax));
    RELAIS_ASSIGN(Name domain, Name::parse(flat::view(raw->domain())));
    RELAIS_ASSIGN(const auto use, purpose(raw->purpose()));
    if (raw->authenticator()->size() != kAuthenticatorBytes) {
        return fail(ErrorCode::malformed, "authenticator");
    }
    return Invitation{std::move(domain),
                      use,
                      flat::id<Locator>(*raw->locator()),
                      Secret::copy_of(flat::view(raw->authenticator())),
                      {static_cast<std::int64_t>(raw->expires_ms())},
                      flat::id<Digest>(*raw->inviter()),
                      flat::id<Digest>(*raw->domain_authority()),
                      flat::id<CurvePublic>(*raw->broker_curve()),
                      flat::id<CurvePublic>(*raw->enrolment_curve()),
                      raw->broker_endpoint()->str(),
                      raw->enrolment_endpoint()->str(),
                      raw->checkpoint()->str(),
                      std::string(flat::view(raw->organisation())),
                      raw->chain_next(),
                      flat::optional_id<Digest>(raw->chain_previous()).value_or(Digest{})};
}

}  // namespace

Secret encode_invitation(const Invitation& invitation) {
    Bytes bytes = flat_invitation(invitation);
    const Digest check = sha256(bytes);
    append(bytes, check.view().first(kCheckBytes));
    std::string token = std::string(kPrefix) + base64url(bytes);
    wipe(bytes);
    Secret secret = Secret::copy_of(token);
    wipe({reinterpret_cast<std::uint8_t*>(token.data()), token.size()});
    return secret;
}

Result<Invitation> parse_invitation(std::string_view token) {
    std::string compact(token);
    std::erase_if(compact, [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
    if (!compact.starts_with(kPrefix)) {
        return fail(ErrorCode::malformed, "an invitation begins with relais-invitation-1.");
    }
    RELAIS_ASSIGN(Bytes bytes, parse_base64url(std::string_view(compact).substr(kPrefix.size())));
    if (bytes.size() < kCheckBytes) return fail(ErrorCode::malformed, "invitation too short");
    const ByteView body = ByteView(bytes).first(bytes.size() - kCheckBytes);
    if (!bytes_equal(sha256(body).view().first(kCheckBytes), ByteView(bytes).last(kCheckBytes))) {
        return fail(ErrorCode::malformed, "invitation incomplete or mistyped");
    }
    auto invitation = from_flat(body);
    wipe(bytes);
    wipe({reinterpret_cast<std::uint8_t*>(compact.data()), compact.size()});
    return invitation;
}

Bytes encode_proposal(const EnrolmentProposal& proposal) {
    flatbuffers::FlatBufferBuilder b(2048);
    std::vector<flatbuffers::Offset<fb::SignedBytes>> entries;
    for (const Bytes& entry : proposal.entries) {
        entries.push_back(fb::CreateSignedBytes(b, flat::bytes(b, entry)));
    }
    const auto entry_vector = b.CreateVector(entries);
    const auto organisation = flat::text(b, proposal.organisation);
    const auto person = flat::bytes(b, proposal.person);
    const auto station = flat::bytes(b, proposal.station);
    b.Finish(fb::CreateEnrolmentProposal(b, static_cast<fb::InvitationPurpose>(proposal.purpose),
                                         organisation, entry_vector, person, station));
    return to_bytes(flat::finished(b));
}

Result<EnrolmentProposal> parse_proposal(ByteView bytes) {
    RELAIS_ASSIGN(const auto raw,
                  flat::root<fb::EnrolmentProposal>(bytes, limits::kProposalBytesMax));
    RELAIS_ASSIGN(const auto use, purpose(raw->purpose()));
    RELAIS_ASSIGN(const Name organisation, Name::parse(flat::view(raw->organisation())));
    EnrolmentProposal proposal{use,
                               organisation.text(),
                               {},
                               to_bytes(flat::view(raw->person())),
                               to_bytes(flat::view(raw->station()))};
    if (flat::size(raw->entries()) > limits::kEntriesPerFrameMax) {
        return fail(ErrorCode::too_large, "entries");
    }
    if (raw->entries() == nullptr) return proposal;
    for (const fb::SignedBytes* entry : *raw->entries()) {
        proposal.entries.push_back(to_bytes(flat::view(entry->bytes())));
    }
    return proposal;
}

}  // namespace relais
