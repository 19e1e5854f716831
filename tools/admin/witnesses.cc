// witnesses.cc: what the domain asks of those who cosign the heads of its logs.
#include "core/base/limits.h"
#include "tools/admin/commands.h"

namespace relais::admin {

Result<void> set_witness_policy(Operator& op, DomainSigner& authority, unsigned organisations,
                                std::chrono::seconds late_after, const Output& output) {
    if (organisations > limits::kWitnessOrganisationsMax) {
        return fail(
            ErrorCode::usage,
            "at most " + std::to_string(limits::kWitnessOrganisationsMax) + " organisations");
    }
    RELAIS_ASSIGN(const auto state, op.directory());
    std::set<std::string> have;
    for (const directory::WitnessRecord* record : state.witnesses()) {
        if (state.established(record->organisation)) have.insert(record->organisation);
    }
    const directory::WitnessPolicy policy{static_cast<std::uint8_t>(organisations), late_after};
    RELAIS_ASSIGN(const auto entry, op.sign(authority.key, policy));
    RELAIS_TRY(op.append({entry.bytes}));
    output.line("Heads must be cosigned by " + std::to_string(organisations) +
                " organisations, and are late after " + std::to_string(late_after.count()) + " s.");
    if (have.size() < organisations) {
        output.line("  note: only " + std::to_string(have.size()) +
                    " established organisations have a witness (`relais witness enable`)");
    }
    output.result({{"organisations", organisations},
                   {"late_after_s", late_after.count()},
                   {"with_witness", have.size()}});
    return {};
}

}  // namespace relais::admin
