// declaration.h: declaration.toml, read into a draft of the bundle. Internal to this module.
#pragma once

#include <string_view>
#include <vector>

#include "schemas/compiler/draft.h"

namespace relais::compiler {

// Errors: bad_configuration  not TOML, or mistakes; each with its line.
[[nodiscard]] Result<fb::KindBundleT> read_declaration(std::string_view text,
                                                       std::vector<FormKnown> forms);

// The parts of the reading, in their order; each adds to `draft` and to the mistakes of its
// sections.
void read_acts(Section& top, Draft& draft);
void read_rows(Section& top, Draft& draft);
void read_indicators(Section& top, Draft& draft);
void read_references(Section& top, Draft& draft);
// What no single section shows: what is never used, never reached, never ends. Requires a draft
// without mistakes so far.
void check_whole(const Draft& draft, Mistakes& mistakes);
// That what supersedes a content is judged by what that content is. Requires the same.
void check_corrections(const Draft& draft, Mistakes& mistakes);

}  // namespace relais::compiler
