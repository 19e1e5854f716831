// naming.h: the last step of what is written aside: its name, all at once.
#pragma once

#include "core/files/files.h"

namespace relais {

// Gives `aside`, in the same folder, the name `path`. With Replace::no a name that is taken is
// refused, whoever took it since it was looked at, on file systems without hard links too. What is
// left to the caller: syncing the folder, and, after an error, removing `aside`.
// Errors: already_exists  with Replace::no; those of files.
Result<void> give_name(const std::filesystem::path& aside, const std::filesystem::path& path,
                       Replace replace);

}  // namespace relais
