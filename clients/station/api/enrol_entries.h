// enrol_entries.h: what an enrolling station proposes. Private to the enrolment.
#pragma once

#include "clients/station/api/enrol.h"

namespace relais::station {

// Keys and ids made for the enrolment, and the proposal that shows their public parts.
struct PreparedEnrolment {
    StationId station;
    std::optional<PersonId> person;
    StationKeys keys;
    std::optional<P256Key> person_key;
    Secret recovery_secret;  // to be printed; empty for a station
    Digest authority;
    std::vector<std::pair<Address, P256Key>> epochs;  // first epochs, made here
    EnrolmentProposal proposal;
};

// Errors: invalid_field; wrong_recovery_sheet.
Result<PreparedEnrolment> prepare_enrolment(const Invitation& invitation,
                                            const EnrolmentRequest& request, Random& random,
                                            WallTime now);

}  // namespace relais::station
