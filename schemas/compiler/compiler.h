// compiler.h: from a folder of kinds/<kind> (declaration.toml and forms as .fbs) to the bundle that
// is signed, published and named by its digest in every envelope. Reads files, keeps nothing; any
// thread.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace relais::compiler {

// The KindBundle (schemas/kind.fbs) of the folder. The same files give the same bytes, wherever the
// folder stands. Forms may include files of the folder and of the folder above it.
// Errors: bad_configuration  what is wrong, a line for each mistake, as
//                            declaration.toml:120: act "offer": unknown state "hld"
//         not_found          a file that cannot be read.
//         too_large          the bundle is above limits::kKindBundleBytesMax.
[[nodiscard]] Result<Bytes> compile_kind(const std::filesystem::path& folder);

// What changes between two bundles, in English, for the operator who is about to sign: roles,
// states, public fields, acts, clocks, rows of the table and fields of forms, added, removed or
// changed, one a line. An empty `published` means that nothing is published yet. No change: an
// empty text. Errors: as workflow::Kind::load and FormSchema::load, of either.
[[nodiscard]] Result<std::string> describe_difference(ByteView published, ByteView proposed);

}  // namespace relais::compiler
