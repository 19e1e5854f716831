#include "schemas/workflow/register_act.h"

#include <algorithm>

#include "core/base/limits.h"
#include "schemas/workflow/permission.h"

namespace relais::workflow {

namespace {

bool sets(const Kind& kind, const ActInput& input, const ThreadId& thread, const SetEntry& entry) {
    const auto fits = [&](const Effect& effect) {
        if (effect.op != EffectOp::set_register) return false;
        const auto set = registered_by(effect, thread, input);
        return set && kind.registers[set->reg].name == entry.name && set->key == entry.key &&
               set->value == entry.value;
    };
    return std::ranges::any_of(kind.rows, [&](const Row& row) {
        return row.trigger == TriggerKind::act && row.index == input.act &&
               std::ranges::any_of(row.effects, fits);
    });
}

// One RPPS may have several entries of the directory.
bool of_one_person(const directory::DirectoryState& directory, const SettingAct& a,
                   const SettingAct& b) {
    const PersonId& one = a.header.on_behalf_of.value_or(a.header.by);
    const PersonId& other = b.header.on_behalf_of.value_or(b.header.by);
    if (one == other) return true;
    const auto* first = directory.person(one, a.at);
    const auto* second = directory.person(other, b.at);
    return first != nullptr && second != nullptr && !first->person.rpps.empty() &&
           first->person.rpps == second->person.rpps;
}

bool of_one_organisation(const Address& a, const Address& b) {
    return a.domain() == b.domain() && a.organisation() == b.organisation();
}

}  // namespace

bool was_said_before(const directory::DirectoryState& directory, const SettingAct& act,
                     const SettingAct& standing) {
    const bool prompt = act.accepted - act.header.time <= limits::kClockStepTolerated;
    const WallTime said = std::min(standing.header.time, standing.accepted);
    if (prompt || act.header.time >= said) return false;
    return of_one_organisation(act.header.from, standing.header.from) ||
           of_one_person(directory, act, standing);
}

Result<void> check_set(const directory::DirectoryState& directory, const Kind& kind,
                       const Header& header, DirectorySize at, WallTime accepted,
                       const SetEntry& entry) {
    const auto index = kind.act(header.act);
    if (!index || header.kind != kind.digest) return fail(ErrorCode::act_refused, header.act);
    const Act& act = kind.acts[*index];
    RELAIS_TRY(check_shape(kind, act, header));
    RELAIS_TRY(check_signer(directory, kind, act, header, at, accepted));
    // Its digest moves the thread, not the register.
    const ActInput input = act_input(directory, kind, *index, header, {}, at, accepted, nullptr);
    if (sets(kind, input, header.thread, entry)) return {};
    return fail(ErrorCode::evidence_altered, "not what its act sets");
}

}  // namespace relais::workflow
