// silence.h: what this station knows of silence in the territory: of its own mailboxes, the days on
// which it and the broker count otherwise; at the coordinator's, the broker's daily reckonings, and
// whether they come at all.
#pragma once

#include "clients/station/api/station.h"
#include "schemas/envelope/reckoning.h"

namespace relais::station {

// A reckoning that this station holds, signed by the broker; of several of the same days the last.
// `verdict`: ok; invalid_field  days that were not over when it was made; wrong_position  they do
// not follow those of the one before.
struct HeldReckoning {
    Reckoning reckoning;
    WallTime posted;
    ErrorCode verdict = ErrorCode::ok;
};

// A day of one of its mailboxes.
struct MailboxDay {
    Address mailbox;
    StoredDay day;

    // Stated, and the broker counts otherwise what was sent, or more than is here.
    [[nodiscard]] bool differs() const;
};

struct SilenceReport {
    bool coordinator = false;               // whether this station gets the reckonings
    std::vector<HeldReckoning> reckonings;  // oldest first
    std::optional<CivilDay> missing_since;  // the first day whose reckoning is due and is not here
    std::size_t invalid_notices = 0;        // with a signature that is not the broker's
    std::vector<MailboxDay> days;           // of every mailbox, those that are over

    // Whether anything calls for somebody. Of findings, those of the last reckoning.
    [[nodiscard]] bool wrong() const;
};

// In the order of their days, one for each, judged. Pure.
[[nodiscard]] std::vector<HeldReckoning> judged(std::vector<HeldReckoning> all);
// The first day from `from` on whose reckoning should be here by now and is not. Pure.
[[nodiscard]] std::optional<CivilDay> first_missing(CivilDay from,
                                                    const std::vector<HeldReckoning>& held,
                                                    WallTime now);

// Of the last `days` days. Errors: the store's.
Result<SilenceReport> silence(Station& station, std::int32_t days);

}  // namespace relais::station
