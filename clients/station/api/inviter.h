// inviter.h: inviting a station (and a person) into one's own organisation, and approving it when
// it proposes itself: only if the proposal was made with the invitation's authenticator, which the
// broker never had.
#pragma once

#include "clients/station/api/registrar.h"
#include "schemas/wire/enrolment.h"

namespace relais::station {

struct StationInvitation {
    std::vector<std::string> units;  // mailboxes the station will serve; "": the organisation's
    std::vector<PersonId> persons;   // already in the directory, who will use it
    bool new_person = false;         // whether the invitee may bring one
    std::chrono::seconds lifetime{24 * 3600};
};

// Opens an invitation at the broker and keeps it here, sealed. The token is for the invitee alone.
// Errors: forbidden, those of ask().
Result<Secret> invite_station(Station& station, const Registrar& registrar,
                              const StationInvitation& invitation);

struct ApprovalOutcome {
    std::string station_title{};
    std::string person_title{};  // empty: none came
    // Refused: authenticator_wrong  somebody else made it; invitation_unknown  two stations claim
    // the invitation, and neither is let in.
    Result<void> verdict{};
    bool decided = true;  // else it stays open: what hinders it may pass (ends_proposal)
};
// Whether that error of admitting is final for the proposal: nobody could ever take it. Only then
// is the answer "no", after which the invitee has to begin anew. What passes, what is wrong with
// this machine or with the service, and what this inviter may not do leave it open.
[[nodiscard]] bool ends_proposal(ErrorCode code);
// Looks at what waits for the invitations made here. Each proposal is approved, refused, or left
// open; one that the directory took already, before it could be answered, is approved.
Result<std::vector<ApprovalOutcome>> approve_waiting(Station& station, Registrar& registrar);

// The HMACs of enrolment (docs/protocol.md).
[[nodiscard]] Digest proposal_mac(const Secret& authenticator, const Locator& locator,
                                  ByteView payload);
[[nodiscard]] Digest answer_mac(const Secret& authenticator, const Digest& proposal, bool approved);

}  // namespace relais::station
