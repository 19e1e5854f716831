#include "clients/station/api/recipients.h"

#include <algorithm>

#include "core/calendar/calendar.h"
#include "schemas/workflow/delegation.h"
#include "schemas/workflow/permission.h"

namespace relais::station {

namespace {

// None where it is open, where it keeps no hours, or where this machine does not know its zone.
std::optional<WallTime> closed_until(const calendar::Hours& hours, WallTime now) {
    const auto opens = calendar::next_opening(hours, now);
    if (!opens.ok() || *opens <= now) return std::nullopt;
    return *opens;
}

}  // namespace

EveryParty every_party(const directory::DirectoryState& directory, const workflow::Kind& kind,
                       const workflow::Thread& thread) {
    EveryParty all;
    for (const workflow::Party& party : thread.parties) {
        const bool there = workflow::can_read(directory, kind, party.mailbox, directory.size());
        (there ? all.there : all.gone).push_back(party.mailbox);
    }
    return all;
}

Result<std::vector<RecipientFacts>> recipient_facts(Station& station, const Draft& draft) {
    const directory::DirectoryState& directory = station.directory();
    std::vector<RecipientFacts> all;
    const std::vector<workflow::Delegate> delegates = draft_delegates(station, draft);
    const std::vector<Address> served = station.sync().mailboxes();
    RELAIS_ASSIGN(const auto signs, last_signs(station.store(), station.judge()));
    for (const Address& mailbox : draft.to) {
        RecipientFacts facts{.mailbox = mailbox,
                             .known = directory.mailbox_exists(mailbox),
                             .confirmed = directory.established(mailbox.organisation()),
                             .takes = directory.takes(mailbox, draft.kind),
                             .read = directory.epoch(mailbox) != nullptr};
        const directory::AbsencePeriod* away = directory.away(mailbox, station.now());
        if (away != nullptr) facts.away_until = away->until;
        for (const workflow::Delegate& delegate : delegates) {
            if (away != nullptr && draft.to[delegate.party] == mailbox) {
                facts.delegate = delegate.mailbox;
            }
        }
        if (const directory::Unit* unit = directory.unit(mailbox)) {
            facts.hours = unit->hours;
            facts.closed_until = closed_until(unit->hours, station.now());
            facts.rung = !unit->rings.empty();
            facts.phone = unit->phone;
        }
        facts.ours = std::ranges::find(served, mailbox) != served.end();
        const auto sign = signs.find(mailbox.text());
        if (sign != signs.end()) facts.last_sign = sign->second;
        all.push_back(std::move(facts));
    }
    return all;
}

}  // namespace relais::station
