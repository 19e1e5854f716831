// prune.h: a binary schema reduced to its form. Internal to this module; pure.
#pragma once

#include "core/base/bytes.h"

namespace relais::compiler {

// The same schema with the root table, what can be reached from it, and nothing else: no other
// table or enumeration of the included files, and no file name, which would differ from one machine
// to the next. Requires a schema that the parser has just made, with a root table.
[[nodiscard]] Bytes prune_schema(ByteView bfbs);

}  // namespace relais::compiler
