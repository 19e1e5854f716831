#include "clients/station/api/duties.h"

#include <algorithm>

#include "core/base/limits.h"

namespace relais::station {

namespace {

// Somebody who was granted the epoch no longer serves the mailbox.
bool granted_to_gone(const directory::DirectoryState& state, const directory::Epoch& epoch,
                     const Address& mailbox) {
    return std::ranges::any_of(epoch.grants, [&](const directory::Grant& grant) {
        if (!grant.station) return false;
        const auto* record = state.station(*grant.station);
        return record == nullptr || !state.serves(*record, mailbox);
    });
}

std::optional<DutyReason> duty_of(Station& station, const Address& mailbox) {
    const directory::DirectoryState& state = station.directory();
    if (state.stations_of(mailbox).empty()) return std::nullopt;  // nobody to grant it to
    const auto* record = state.epoch(mailbox);
    if (record == nullptr) return DutyReason::no_epoch;
    if (granted_to_gone(state, record->epoch, mailbox)) return DutyReason::reader_revoked;
    const WallTime made = station.replica().entry_time(record->from);
    if (station.now() - made > limits::kEpochLifetime) return DutyReason::too_old;
    return std::nullopt;
}

}  // namespace

std::vector<Duty> pending_duties(Station& station) {
    const Identity& identity = station.identity();
    const auto* organisation = station.directory().organisation(identity.organisation.text());
    std::vector<Duty> duties;
    if (organisation == nullptr) return duties;
    std::vector<std::string> units = {""};
    for (const auto& [unit, history] : organisation->units) {
        if (history.now() != nullptr) units.push_back(unit);
    }
    for (const std::string& unit : units) {
        Address mailbox = Address::of(unit, identity.organisation, identity.domain);
        if (const auto reason = duty_of(station, mailbox)) {
            duties.push_back({std::move(mailbox), *reason});
        }
    }
    return duties;
}

Result<void> perform_duties(Station& station, Registrar& registrar) {
    for (const Duty& duty : pending_duties(station)) {
        RELAIS_TRY(registrar.roll_epoch(duty.mailbox));
    }
    return {};
}

}  // namespace relais::station
