// duties.h: what the organisation owes its mailboxes: a new epoch for one that a revoked station
// could read, for one older than 90 days, and for one without any. The next authorised station does
// it; until then it is shown as pending.
#pragma once

#include "clients/station/api/registrar.h"

namespace relais::station {

enum class DutyReason { no_epoch, reader_revoked, too_old };

struct Duty {
    Address mailbox;
    DutyReason reason;
};

[[nodiscard]] std::vector<Duty> pending_duties(Station& station);
// Rolls what is due. Errors: as Registrar::roll_epoch.
Result<void> perform_duties(Station& station, Registrar& registrar);

}  // namespace relais::station
