// rules_witness.cc: which stations cosign the heads of the logs, and how many the domain asks for.
#include <algorithm>

#include "core/base/limits.h"
#include "schemas/directory/state.h"

namespace relais::directory {

Result<void> DirectoryState::admit(const Context& context, const Witness& body) {
    RELAIS_ASSIGN(const OrganisationRecord* const record, own(context));
    const StationRecord* of = station(body.station);
    if (of == nullptr || of->organisation != context.entry.chain) {
        return fail(ErrorCode::unknown_object, "station of the witness");
    }
    const WitnessRecord* before = witness(body.station);
    if (body.withdrawn) {
        if (before == nullptr || before->witness.key != body.key) {
            return fail(ErrorCode::unknown_object, "witness");
        }
        witnesses_[body.station].end(context.position);
        return {};
    }
    if (before != nullptr) return fail(ErrorCode::bad_entry, "withdraw the present key first");
    // Whoever reads a head is shown its line: not before others vouch for it.
    if (!record->established) return fail(ErrorCode::provisional, context.entry.chain);
    const auto standing = witnesses();
    const auto own_ones = static_cast<std::size_t>(
        std::ranges::count(standing, context.entry.chain, &WitnessRecord::organisation));
    if (own_ones >= limits::kWitnessesOfOrganisationMax) {
        return fail(ErrorCode::quota_reached, "witnesses of this organisation");
    }
    if (standing.size() >= limits::kWitnessesMax) {
        return fail(ErrorCode::quota_reached, "witnesses of this domain");
    }
    RELAIS_TRY(claim_keys({body.key.view()}));
    const WitnessRecord made{record->name.text(), body};
    witnesses_[body.station].set(context.position, made);
    witnesses_ever_.push_back(made);
    return {};
}

Result<void> DirectoryState::admit(const Context& context, const WitnessPolicy& body) {
    if (!context.entry.chain.empty()) return fail(ErrorCode::bad_entry, "chain of the domain only");
    if (!context.authority) {
        return fail(ErrorCode::not_a_signer,
                    "only the domain authority says what witnesses it asks");
    }
    if (body.organisations > limits::kWitnessOrganisationsMax ||
        body.late_after < limits::kWitnessLateMin || body.late_after > limits::kWitnessLateMax) {
        return fail(ErrorCode::bad_entry, "number of organisations, or delay, out of bounds");
    }
    witness_policy_.set(context.position, body);
    return {};
}

const WitnessRecord* DirectoryState::witness(const StationId& id, DirectorySize at) const {
    const auto found = witnesses_.find(id);
    return found == witnesses_.end() ? nullptr : found->second.at(at);
}

std::vector<const WitnessRecord*> DirectoryState::witnesses(DirectorySize at) const {
    std::vector<const WitnessRecord*> found;
    for (const auto& [id, history] : witnesses_) {
        if (const WitnessRecord* record = history.at(at)) found.push_back(record);
    }
    return found;
}

std::vector<const WitnessRecord*> DirectoryState::witnesses_ever() const {
    std::vector<const WitnessRecord*> found;
    for (const WitnessRecord& record : witnesses_ever_) found.push_back(&record);
    return found;
}

const WitnessPolicy* DirectoryState::witness_policy(DirectorySize at) const {
    return witness_policy_.at(at);
}

}  // namespace relais::directory
