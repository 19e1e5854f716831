// kinds.h: the forms that targets over forms read against: those of the admission, compiled once.
#pragma once

#include "core/base/result.h"
#include "schemas/compiler/compiler.h"
#include "schemas/forms/form_schema.h"
#include "schemas/workflow/kind.h"

namespace relais::fuzz {

// The call, without an identity, and the dossier, with one.
inline const std::vector<forms::FormSchema>& known_forms() {
    static const std::vector<forms::FormSchema> forms = [] {
        const Bytes bundle =
            compiler::compile_kind(RELAIS_SOURCE_DIR "/schemas/kinds/admission").value();
        const workflow::Kind kind = workflow::Kind::load(bundle).value();
        std::vector<forms::FormSchema> list;
        for (const char* name : {"Call", "Dossier"}) {
            list.push_back(forms::FormSchema::load(kind.form(name)->schema).value());
        }
        return list;
    }();
    return forms;
}

}  // namespace relais::fuzz
