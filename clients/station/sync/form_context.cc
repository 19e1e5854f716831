#include "clients/station/sync/form_context.h"

#include <algorithm>

#include "schemas/workflow/permission.h"
#include "schemas/workflow/public_value.h"

namespace relais::station {

forms::Publics publics_of(const workflow::Kind& kind, const workflow::Act& act,
                          const std::map<std::string, std::string>& values) {
    forms::Publics publics;
    for (const workflow::PublicUse& use : act.publics) {
        const workflow::PublicDeclared* field = kind.public_field(use.number);
        if (field == nullptr) continue;
        forms::PublicAnswer& answer = publics[field->name];
        answer.label = field->label;
        for (const auto& [value, code, label] : field->values) answer.labels[code] = label;
        if (const auto given = values.find(field->name); given != values.end()) {
            answer.answer = given->second;
        }
    }
    return publics;
}

forms::Publics publics_of(const workflow::Kind& kind, const workflow::Act& act,
                          const std::vector<PublicField>& values) {
    std::map<std::string, std::string> named;
    for (const PublicField& given : values) {
        const workflow::PublicDeclared* field = kind.public_field(given.number);
        if (field == nullptr) continue;
        named[field->name] = workflow::write_public(*field, given.value);
    }
    return publics_of(kind, act, named);
}

std::optional<forms::Attention> attention_in(const directory::DirectoryState& directory,
                                             std::span<const Recipient> to, DirectorySize at) {
    const auto* record = workflow::attention_of(directory, to, at);
    if (record == nullptr) return std::nullopt;
    return forms::Attention{record->person.rpps, record->person.title};
}

}  // namespace relais::station
