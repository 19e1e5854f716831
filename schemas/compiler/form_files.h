// form_files.h: the forms of a folder, compiled in this process. Reads files. Internal to this
// module.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "schemas/compiler/draft.h"

namespace relais::compiler {

// The whole file. Errors: not_found; too_large.
[[nodiscard]] Result<std::string> read_text(const std::filesystem::path& file);

// Every .fbs of the folder that has a root type, by file name; one without serves to be included.
// Errors: bad_configuration  the file, line and reason, or the rule of forms that is broken.
//         not_found, too_large.
[[nodiscard]] Result<std::vector<FormKnown>> compile_forms(const std::filesystem::path& folder);

}  // namespace relais::compiler
