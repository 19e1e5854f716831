// file_error.h: what the system says of a file, as one of our errors. Thread-safe.
#pragma once

#include <filesystem>

#include "core/base/result.h"

namespace relais {

// not_found, already_exists, storage_full, wrong_permissions, or io_failed; names the file.
[[nodiscard]] Error file_error(int number, const std::filesystem::path& path);

}  // namespace relais
