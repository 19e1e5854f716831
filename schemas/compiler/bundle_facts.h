// bundle_facts.h: a bundle as facts to compare and to read: what it is about, and what it says of
// it. Internal to this module; pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace relais::compiler {

// "act \"offer\"" and what is declared of it, in the order of the bundle; subjects are distinct.
using Facts = std::vector<std::pair<std::string, std::string>>;

// Errors: as describe_difference.
[[nodiscard]] Result<Facts> bundle_facts(ByteView bundle);

}  // namespace relais::compiler
