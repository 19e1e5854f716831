// kinds.h: the forms that targets over forms read against: those of every kind of the tree,
// compiled once. An input says which on a line of its own: "admission/Call\n", then the form.
#pragma once

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "core/base/bytes.h"
#include "schemas/compiler/compiler.h"
#include "schemas/forms/form_schema.h"
#include "schemas/workflow/kind.h"

namespace relais::fuzz {

inline std::set<std::string> kind_names() {
    std::set<std::string> names;
    for (const auto& item :
         std::filesystem::directory_iterator(RELAIS_SOURCE_DIR "/schemas/kinds")) {
        if (item.is_directory()) names.insert(item.path().filename().string());
    }
    return names;
}

inline workflow::Kind load_kind(const std::string& name) {
    const std::string folder = RELAIS_SOURCE_DIR "/schemas/kinds/" + name;
    return workflow::Kind::load(compiler::compile_kind(folder).value()).value();
}

// By "kind/Form".
inline const std::map<std::string, forms::FormSchema, std::less<>>& known_forms() {
    static const auto forms = [] {
        std::map<std::string, forms::FormSchema, std::less<>> all;
        for (const std::string& name : kind_names()) {
            const workflow::Kind kind = load_kind(name);
            for (const workflow::Form& form : kind.forms) {
                all.emplace(name + "/" + form.name, forms::FormSchema::load(form.schema).value());
            }
        }
        return all;
    }();
    return forms;
}

// What an input is about, and the form itself; no schema where the line names none.
struct Chosen {
    const forms::FormSchema* schema = nullptr;
    ByteView line;  // with its end
    ByteView form;
};

inline Chosen chosen_form(ByteView input) {
    const auto end = std::ranges::find(input, std::uint8_t{'\n'});
    if (end == input.end()) return {};
    const auto length = static_cast<std::size_t>(end - input.begin());
    const auto found = known_forms().find(as_text(input.first(length)));
    if (found == known_forms().end()) return {};
    return {&found->second, input.first(length + 1), input.subspan(length + 1)};
}

}  // namespace relais::fuzz
