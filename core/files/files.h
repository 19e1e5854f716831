// files.h: whole files, with the care that keys and evidence want: owner and mode checked, written
// aside and renamed, synced before success is said.
#pragma once

#include <filesystem>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace relais {

// Errors: not_found; too_large  over `bytes_max`; io_failed.
Result<Bytes> read_file(const std::filesystem::path& path, std::size_t bytes_max);

// A file that only its owner may read: mode 0600 or 0400, owned by this process's user.
// Errors: as read_file; wrong_permissions.
Result<Secret> read_secret_file(const std::filesystem::path& path, std::size_t bytes_max);

enum class Replace { no, yes };

// The mode of what is sealed for one person, or names patients.
inline constexpr unsigned kOwnerAlone = 0600;

// Writes, syncs and renames into place: afterwards the file has all of the bytes or is as it was.
// Errors: already_exists  with Replace::no; storage_full; io_failed.
Result<void> write_file(const std::filesystem::path& path, ByteView bytes, unsigned mode,
                        Replace replace);

// Makes the names in the folder durable. Errors: io_failed.
Result<void> sync_folder(const std::filesystem::path& folder);

// Makes a folder of mode 0700 where there is none. Errors: wrong_permissions  it exists and others
// may enter it, or it is another user's; io_failed.
Result<void> make_private_folder(const std::filesystem::path& path);

}  // namespace relais
