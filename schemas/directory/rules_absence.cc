// rules_absence.cc: when a unit is away, who reads in its place, and what is asked of it.
#include <algorithm>

#include "schemas/directory/state.h"

namespace relais::directory {

Result<void> DirectoryState::admit(const Context& context, const Absence& body) {
    RELAIS_ASSIGN(OrganisationRecord* const record, own(context));
    const Address mailbox = Address::of(body.unit.text(), record->name, domain_name_);
    if (unit(mailbox) == nullptr) return fail(ErrorCode::unknown_object, mailbox.text());
    for (const AbsencePeriod& period : body.periods) {
        if (!period.delegate) continue;
        if (*period.delegate == mailbox) return fail(ErrorCode::bad_entry, "its own delegate");
        if (!mailbox_exists(*period.delegate) || period.delegate->unit().empty()) {
            return fail(ErrorCode::unknown_object, period.delegate->text());
        }
    }
    record->absences[body.unit.text()].set(context.position, body);
    return {};
}

const Absence* DirectoryState::absence(const Address& mailbox, DirectorySize at) const {
    if (unit(mailbox, at) == nullptr) return nullptr;
    const auto& absences = organisation(mailbox.organisation())->absences;
    const auto found = absences.find(std::string(mailbox.unit()));
    return found == absences.end() ? nullptr : found->second.at(at);
}

const AbsencePeriod* DirectoryState::away(const Address& mailbox, WallTime when,
                                          DirectorySize at) const {
    const Absence* said = absence(mailbox, at);
    if (said == nullptr) return nullptr;
    const auto found = std::ranges::find_if(
        said->periods, [&](const AbsencePeriod& period) { return period.holds(when); });
    return found == said->periods.end() ? nullptr : &*found;
}

bool DirectoryState::stood_in(const Address& delegate, const Address& mailbox,
                              WallTime when) const {
    const OrganisationRecord* record = organisation(mailbox.organisation());
    if (record == nullptr || mailbox.domain() != domain_name_.text()) return false;
    const auto found = record->absences.find(std::string(mailbox.unit()));
    if (found == record->absences.end()) return false;
    return found->second.ever([&](const Absence& said) {
        return std::ranges::any_of(said.periods, [&](const AbsencePeriod& period) {
            return period.delegate == delegate && period.from <= when;
        });
    });
}

}  // namespace relais::directory
