// enrolment.h: the invitation given out of band, and the proposal that answers it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/secret.h"
#include "schemas/wire/frame.h"

namespace relais {

// Whoever holds the token may propose one station or organisation until it expires. The
// authenticator never reaches the broker: it lets the inviter know the proposal, and the invitee
// the decision.
struct Invitation {
    Name domain;
    wire::InvitationPurpose purpose;
    Locator locator;
    Secret authenticator;  // 16 bytes
    WallTime expires;
    Digest inviter;           // fingerprint of the key that will sign the admission
    Digest domain_authority;  // fingerprint
    CurvePublic broker_curve;
    CurvePublic enrolment_curve;
    std::string broker_endpoint;
    std::string enrolment_endpoint;
    std::string checkpoint;        // of the directory; what the replica must contain
    std::string organisation;      // station, recovery: whose; otherwise empty
    std::uint64_t chain_next = 0;  // recovery: where that organisation's chain continues
    Digest chain_previous = {};
};

// "relais-invitation-1." and base64url: one word to copy, with a check against slips.
[[nodiscard]] Secret encode_invitation(const Invitation& invitation);
// White space around and inside is ignored. Errors: malformed  also where a character was lost.
Result<Invitation> parse_invitation(std::string_view token);

struct EnrolmentProposal {
    wire::InvitationPurpose purpose;
    std::string organisation;
    std::vector<Bytes> entries;  // organisation, recovery: SignedEntry each, in order
    Bytes person;                // station: Entry with a Person body; empty: no new person
    Bytes station;               // station: Entry with a Station body
};

[[nodiscard]] Bytes encode_proposal(const EnrolmentProposal& proposal);
// Errors: malformed; too_large; invalid_field.
Result<EnrolmentProposal> parse_proposal(ByteView bytes);

}  // namespace relais
