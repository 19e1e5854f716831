// compiled_kind.h: the kinds of schemas/kinds as the tests use them: each compiled and loaded once
// in a test program, with its forms and its examples by name.
#pragma once

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "schemas/compiler/compiler.h"
#include "schemas/forms/forms.h"
#include "schemas/workflow/kind.h"
#include "tests/unit/schemas/compiler/folder.h"

namespace relais::compiler {

class CompiledKind {
public:
    // Throws where it does not compile or load: the test says why, and the others go on.
    explicit CompiledKind(const std::string& name)
        : folder(std::filesystem::path(RELAIS_SOURCE_DIR "/schemas/kinds") / name),
          bytes(compiled(folder)),
          kind(workflow::Kind::load(bytes).value()) {}

    static const CompiledKind& of(const std::string& name) {
        static std::map<std::string, std::unique_ptr<CompiledKind>> known;
        std::unique_ptr<CompiledKind>& found = known[name];
        if (!found) found = std::make_unique<CompiledKind>(name);
        return *found;
    }

    // Every folder of schemas/kinds that declares a kind, by name.
    static std::vector<std::string> names() {
        std::vector<std::string> names;
        for (const auto& entry :
             std::filesystem::directory_iterator(RELAIS_SOURCE_DIR "/schemas/kinds")) {
            if (!std::filesystem::exists(entry.path() / "declaration.toml")) continue;
            names.push_back(entry.path().filename().string());
        }
        std::ranges::sort(names);
        return names;
    }

    [[nodiscard]] forms::FormSchema form(const std::string& name) const {
        return forms::FormSchema::load(kind.form(name)->schema).value();
    }
    [[nodiscard]] forms::FormSchema form_of(const std::string& act) const {
        return form(kind.acts[*kind.act(act)].form);
    }
    [[nodiscard]] nlohmann::json example(const std::string& act) const {
        return forms::parse_json(read_file(folder / "examples" / (act + ".json"))).value();
    }

    std::filesystem::path folder;
    Bytes bytes;
    workflow::Kind kind;

private:
    static Bytes compiled(const std::filesystem::path& folder) {
        Result<Bytes> bytes = compile_kind(folder);
        if (!bytes.ok()) throw std::runtime_error(bytes.error().describe());
        return std::move(bytes).value();
    }
};

// A message of the form with each mandatory field of `paths` ("/patient/status") taken out in turn
// must be refused for that field.
void expect_mandatory(const CompiledKind& of, const std::string& act,
                      const std::vector<std::string>& paths);

void expect_part(const std::string& text, const std::string& part);

}  // namespace relais::compiler
