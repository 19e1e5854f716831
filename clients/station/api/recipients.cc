#include "clients/station/api/recipients.h"

#include <algorithm>
#include <set>

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

Presence presence_of(const directory::DirectoryState& directory, const Address& mailbox,
                     WallTime now) {
    Presence presence{.mailbox = mailbox};
    const directory::AbsencePeriod* away = directory.away(mailbox, now);
    if (away != nullptr) presence.away_until = away->until;
    if (const directory::Unit* unit = directory.unit(mailbox)) {
        presence.hours = unit->hours;
        presence.closed_until = closed_until(unit->hours, now);
    }
    return presence;
}

// Those that the draft's opening act reaches besides, should nobody answer.
std::set<Address> draft_fallbacks(Station& station, const Draft& draft) {
    const auto kind = station.kinds().get(draft.kind_digest);
    if (!kind.ok() || draft.acts.empty()) return {};
    const auto first = (*kind)->kind.act(draft.acts.front().act);
    if (!first) return {};
    const directory::DirectoryState& directory = station.directory();
    return workflow::required_fallbacks(directory, (*kind)->kind, (*kind)->kind.acts[*first],
                                        draft.from, draft.to, directory.size());
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
    const std::set<Address> fallbacks = draft_fallbacks(station, draft);
    const std::vector<Address> served = station.sync().mailboxes();
    RELAIS_ASSIGN(const auto signs, last_signs(station.store(), station.judge()));
    for (const Address& mailbox : draft.to) {
        RecipientFacts facts{.presence = presence_of(directory, mailbox, station.now()),
                             .known = directory.mailbox_exists(mailbox),
                             .confirmed = directory.established(mailbox.organisation()),
                             .takes = directory.takes(mailbox, draft.kind),
                             .read = directory.has_reader(mailbox)};
        for (const workflow::Delegate& delegate : delegates) {
            if (facts.presence.away_until && draft.to[delegate.party] == mailbox) {
                facts.delegate = presence_of(directory, delegate.mailbox, station.now());
            }
        }
        if (const directory::Unit* unit = directory.unit(mailbox)) {
            facts.rung = !unit->rings.empty();
            facts.phone = unit->phone;
            if (unit->fallback && fallbacks.contains(*unit->fallback)) {
                facts.fallback = presence_of(directory, *unit->fallback, station.now());
            }
        }
        facts.ours = std::ranges::find(served, mailbox) != served.end();
        const auto sign = signs.find(mailbox.text());
        if (sign != signs.end()) facts.last_sign = sign->second;
        all.push_back(std::move(facts));
    }
    return all;
}

}  // namespace relais::station
