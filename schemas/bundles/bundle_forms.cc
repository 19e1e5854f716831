#include "schemas/bundles/bundle_forms.h"

namespace relais::bundles {

Result<std::map<std::string, forms::FormSchema>> load_forms(const workflow::Kind& kind) {
    std::map<std::string, forms::FormSchema> loaded;
    for (const workflow::Form& form : kind.forms) {
        RELAIS_ASSIGN(auto schema, forms::FormSchema::load(form.schema));
        if (kind.patient == workflow::PatientData::never && schema.holds_identity()) {
            return fail(ErrorCode::invalid_field,
                        "form " + form.name + ": an identity in a kind without patients");
        }
        loaded.emplace(form.name, std::move(schema));
    }
    return loaded;
}

}  // namespace relais::bundles
