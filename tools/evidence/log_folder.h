// log_folder.h: one log's part of a folder of evidence, read as far as it can be: what is missing
// or cut is left out and named. Nothing that is read is trusted here.
#pragma once

#include "tools/evidence/keys.h"
#include "tools/evidence/layout.h"
#include "tools/evidence/log_check.h"

namespace relais::evidence {

// A log as its folder shows it.
struct LogFiles {
    std::string log;
    LogMaterial material;
    std::vector<Bytes> records;  // those that could be read, by their place; empty where not
    std::string checkpoint;      // the file's text
    std::vector<std::string> notes;
    // The head that decides the shape of the folder: of the checkpoint, or of the last note.
    std::optional<merkle::Checkpoint> shape;
    std::set<std::string> expected;  // every file that such a log has, relative to the whole folder
};

// Reads `folder`/<log>. `present`: every file of the whole folder, relative. Whatever is wrong is
// a finding. Errors: io_failed; others of reading files, not_found apart.
Result<LogFiles> read_log(const std::filesystem::path& folder, wire::LogName log,
                          const std::set<std::string>& present, Findings& findings);

// Tiles from files.
class FolderTiles final : public merkle::TileReader {
public:
    FolderTiles(std::filesystem::path folder, std::set<std::string>& expected, std::string prefix)
        : folder_(std::move(folder)), expected_(expected), prefix_(std::move(prefix)) {}
    // Errors: not_found; corrupt  another length; io_failed.
    Result<std::vector<Digest>> tile(unsigned level, std::uint64_t index,
                                     std::size_t width) override;

private:
    std::filesystem::path folder_;
    std::set<std::string>& expected_;  // notes each tile that was asked for
    std::string prefix_;
};

}  // namespace relais::evidence
