// enrol.h: how a station comes to be: from an invitation, by keys made here, to its entry in the
// directory. Nothing leaves but public keys, under an HMAC that the inviter alone can check.
//
// begin_enrolment makes the folder and the keys; where there is a recovery sheet it is printed or
// written somewhere else then, and sheet_is_kept says so; continue_enrolment may be called until
// the answer is there, in this run or a later one.
#pragma once

#include "clients/station/api/inviter.h"

namespace relais::station {

struct NewPerson {
    std::string title;
    std::string profession;  // code (schemas/directory/professions.h)
    std::string rpps;        // may be empty
};

struct NewOrganisation {
    Name name;
    std::string title;
    directory::OrganisationKind kind;
    std::string identifier;  // FINESS or SIRET
};

struct EnrolmentRequest {
    std::string station_title;
    std::optional<NewPerson> person;              // needed for an organisation and for a recovery
    std::optional<NewOrganisation> organisation;  // for an organisation
    Secret recovery_secret;                       // for a recovery: from the printed sheet
    Secret passphrase;                            // of the station
    Secret person_passphrase;                     // empty: the station's
    ScryptCost scrypt;                            // weaker in tests only
};

struct EnrolmentBegun {
    // What is to be printed and put into the safe: of a new or recovered organisation; else empty.
    Secret recovery_secret;
    Digest authority;  // fingerprint to read out when the organisation is confirmed; else zero
};

// Makes the folder, keys and proposal; nothing is sent. Of two at once in one folder one waits, and
// finds what the other made. Errors: already_enrolled  there is a station; invalid_field  missing
// or wrong details; wrong_recovery_sheet; invitation_unknown expired.
Result<EnrolmentBegun> begin_enrolment(const StationFolder& folder, const Invitation& invitation,
                                       EnrolmentRequest request);

// What is to be printed and put into the safe.
struct RecoverySheet {
    Name domain;
    std::string organisation;  // as people call it
    Secret secret;
    Digest authority;
};
// The sheet of a new or recovered organisation, until somebody has said that it is kept: whoever
// was cut off before can still write it. Absent: there is none, or it is kept.
// Errors: those of a vault; corrupt.
Result<std::optional<RecoverySheet>> sheet_to_keep(const StationFolder& folder,
                                                   const Secret& passphrase);
// Says that it is; its secret leaves the vault. Again: nothing. Errors: those of a vault.
Result<void> sheet_is_kept(const StationFolder& folder, const Secret& passphrase);

// Whether an enrolment was begun in this vault and has not been completed.
[[nodiscard]] bool enrolment_pending(const Vault& vault);

enum class EnrolmentState { waiting, approved };

// Sends the proposal (again) and asks for the decision; once approved, connects, checks that the
// directory is the one the invitation spoke of and that the inviter signed, and completes what a
// recovery needs. Errors: enrolment_refused: what was begun is removed, and the folder may serve
// another invitation; unreachable; authenticator_wrong  the answer is not
// the inviter's; inconsistent_log; not_found  nothing was begun; missing_field  its recovery sheet
// is not kept yet: nothing was sent.
Result<EnrolmentState> continue_enrolment(const StationFolder& folder, const Secret& passphrase,
                                          std::chrono::milliseconds patience);

}  // namespace relais::station
