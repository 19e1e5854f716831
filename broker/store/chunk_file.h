// chunk_file.h: where the file of a sealed chunk stands, and how it is read: by whoever serves it,
// and by whoever checks the store. Any thread.
#pragma once

#include <filesystem>

#include "core/base/ids.h"
#include "core/base/result.h"

namespace relais::broker {

// `<folder>/ab/<digest in hex>`, ab its first two digits.
[[nodiscard]] std::filesystem::path chunk_path(const std::filesystem::path& folder,
                                               const Digest& digest);
// The chunk, checked against its name. Errors: corrupt  also where it is not there; io_failed.
Result<Bytes> read_chunk(const std::filesystem::path& folder, const Digest& digest);

}  // namespace relais::broker
