#include "schemas/workflow/kind.h"

#include <algorithm>

namespace relais::workflow {

bool PublicDeclared::allows(std::int64_t value) const {
    switch (type) {
        case PublicType::boolean: return value == 0 || value == 1;
        case PublicType::integer: return value >= min && value <= max;
        case PublicType::code:
            return std::ranges::find(values, value, &PublicValue::value) != values.end();
    }
    return false;
}

std::optional<ActIndex> Kind::act(std::string_view act_name) const {
    const auto found = std::ranges::find(acts, act_name, &Act::name);
    if (found == acts.end()) return std::nullopt;
    return static_cast<ActIndex>(found - acts.begin());
}

const PublicDeclared* Kind::public_field(std::uint16_t number) const {
    const auto found = std::ranges::find(publics, number, &PublicDeclared::number);
    return found == publics.end() ? nullptr : &*found;
}

const PublicDeclared* Kind::public_field(std::string_view field_name) const {
    const auto found = std::ranges::find(publics, field_name, &PublicDeclared::name);
    return found == publics.end() ? nullptr : &*found;
}

const Form* Kind::form(std::string_view form_name) const {
    const auto found = std::ranges::find(forms, form_name, &Form::name);
    return found == forms.end() ? nullptr : &*found;
}

const Act* Kind::opening_act() const {
    const auto found = std::ranges::find_if(acts, &Act::opens);
    return found == acts.end() ? nullptr : &*found;
}

}  // namespace relais::workflow
