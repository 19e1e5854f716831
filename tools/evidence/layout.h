// layout.h: where what stands in a folder of evidence. The two logs are C2SP tlog-tiles trees that
// any client of that format can read; beside them stand a manifest and the keys.
//
//   manifest.json, verifier-keys
//   audit/checkpoint                 the last signed head
//   audit/checkpoints/000, 001, ...  every signed head, by rising size, 1,024 a file
//   audit/tile/<L>/<N>[.p/<W>]       hashes
//   audit/tile/entries/<N>[.p/<W>]   records
//   directory/...                    the same
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "schemas/wire/frame.h"

namespace relais::evidence {

inline constexpr wire::LogName kLogs[] = {wire::LogName::audit, wire::LogName::directory};
inline constexpr const char* kManifestFile = "manifest.json";
inline constexpr const char* kKeysFile = "verifier-keys";
inline constexpr const char* kCheckpointFile = "checkpoint";
inline constexpr std::size_t kNotesPerFile = 1024;

inline constexpr std::size_t kManifestBytesMax = 64 * 1024;
inline constexpr std::size_t kBundleBytesMax = 256 * (2 + 65535);
inline constexpr std::size_t kTileBytesMax = 256 * 32;
inline constexpr std::size_t kNotesBytesMax = kNotesPerFile * (64 * 1024 + 1);

// "audit", "directory": the folder, and the word in findings.
[[nodiscard]] std::string log_folder(wire::LogName log);
// "checkpoints/007"
[[nodiscard]] std::string notes_path(std::uint64_t number);
// "tile/entries/000.p/20": the bundle that holds the record at `index` of a log of `size` records.
[[nodiscard]] std::string record_path(std::uint64_t index, std::uint64_t size);
// How many tiles of `level` a log of `size` leaves has.
[[nodiscard]] std::uint64_t tile_count(unsigned level, std::uint64_t size);

// Signed notes one after the other, an empty line between two. Each note ends in a newline.
[[nodiscard]] std::string join_notes(const std::vector<std::string>& notes);
// The notes of such a text. Only a text that join_notes gives again was one.
[[nodiscard]] std::vector<std::string> split_notes(std::string_view text);

// Every file below `folder`, as relative paths. Errors: not_found; io_failed.
Result<std::set<std::string>> list_files(const std::filesystem::path& folder);

}  // namespace relais::evidence
