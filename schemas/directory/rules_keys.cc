// rules_keys.cc: stations, epochs and grants: who holds which key.
#include <algorithm>

#include "core/base/limits.h"
#include "core/crypto/p256.h"
#include "schemas/directory/state.h"

namespace relais::directory {

Result<void> DirectoryState::admit(const Context& context, const Station& body) {
    RELAIS_ASSIGN(const OrganisationRecord* const record, own(context));
    const std::string& chain = context.entry.chain;
    if (body.persons.empty() || body.units.empty()) {
        return fail(ErrorCode::bad_entry, "a station has a person and a mailbox at least");
    }
    for (const PersonId& id : body.persons) {
        const PersonRecord* known = person(id);
        if (known == nullptr || known->organisation != chain) {
            return fail(ErrorCode::unknown_person, "person of the station");
        }
    }
    for (const std::string& unit : body.units) {
        if (!unit.empty() && this->unit(chain, unit) == nullptr) {
            return fail(ErrorCode::unknown_object, "unit " + unit);
        }
    }
    RELAIS_TRY(check_p256_point(body.sealing));
    RELAIS_TRY(check_p256_point(body.signing));
    const auto known = stations_.find(body.id);
    if (known != stations_.end()) {
        const StationRecord* before = known->second.now();
        if (before == nullptr) {
            return fail(ErrorCode::revoked, "a revoked station does not come back");
        }
        const Station& station = before->station;
        if (before->organisation != chain || station.curve != body.curve ||
            station.sealing != body.sealing || station.signing != body.signing) {
            return fail(ErrorCode::bad_entry, "a station keeps its keys and organisation");
        }
    } else {
        RELAIS_TRY(claim_keys({body.curve.view(), body.sealing.view(), body.signing.view()}));
        by_curve_.emplace(body.curve, body.id);
    }
    stations_[body.id].set(context.position, {record->name.text(), body, context.entry.time});
    return {};
}

// Each grantee is a station of that mailbox, named once; at most one grant goes to the recovery
// key.
Result<void> DirectoryState::check_grants(const OrganisationRecord& organisation,
                                          const std::string& unit,
                                          const std::vector<Grant>& grants) const {
    std::set<std::optional<StationId>> seen;
    for (const Grant& grant : grants) {
        if (!seen.insert(grant.station).second) return fail(ErrorCode::bad_entry, "grant repeated");
        if (!grant.station) continue;
        const StationRecord* record = station(*grant.station);
        const bool own_station =
            record != nullptr && record->organisation == organisation.name.text();
        if (!own_station ||
            std::ranges::find(record->station.units, unit) == record->station.units.end()) {
            return fail(ErrorCode::bad_entry, "grant to a station that does not serve the mailbox");
        }
    }
    return {};
}

Result<void> DirectoryState::admit(const Context& context, const Epoch& body) {
    RELAIS_ASSIGN(OrganisationRecord* const record, own(context));
    if (!body.unit.empty() && unit(record->name.text(), body.unit) == nullptr) {
        return fail(ErrorCode::unknown_object, "unit " + body.unit);
    }
    const auto known = record->epochs.find(body.unit);
    const std::uint64_t next = known == record->epochs.end() ? 1 : known->second.size() + 1;
    if (body.number.value != next) {
        return fail(ErrorCode::bad_entry, "the next epoch is " + std::to_string(next));
    }
    RELAIS_TRY(check_grants(*record, body.unit, body.grants));
    const auto to_recovery = [](const Grant& grant) { return !grant.station.has_value(); };
    if (std::ranges::none_of(body.grants, to_recovery)) {
        return fail(ErrorCode::bad_entry, "no grant to the recovery key");
    }
    RELAIS_TRY(check_p256_point(body.key));
    RELAIS_TRY(claim_keys({body.key.view()}));
    record->epochs[body.unit].push_back({body, context.position, context.committed});
    return {};
}

Result<void> DirectoryState::admit(const Context& context, const GrantsAdded& body) {
    RELAIS_ASSIGN(OrganisationRecord* const record, own(context));
    const auto known = record->epochs.find(body.unit);
    if (known == record->epochs.end() || body.number.value == 0 ||
        body.number.value > known->second.size()) {
        return fail(ErrorCode::unknown_object, "epoch");
    }
    RELAIS_TRY(check_grants(*record, body.unit, body.grants));
    Epoch& epoch = known->second[body.number.value - 1].epoch;
    for (const Grant& grant : body.grants) {
        if (std::ranges::find(epoch.grants, grant.station, &Grant::station) != epoch.grants.end()) {
            return fail(ErrorCode::bad_entry, "already granted");
        }
    }
    if (epoch.grants.size() + body.grants.size() > limits::kGrantsMax) {
        return fail(ErrorCode::too_large, "grants of one epoch");
    }
    epoch.grants.insert(epoch.grants.end(), body.grants.begin(), body.grants.end());
    return {};
}

}  // namespace relais::directory
