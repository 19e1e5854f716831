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
    std::uint64_t size = 0;  // records, as the heads tell, and no more than the folder can hold
    LogMaterial material;
    std::string checkpoint;  // the file's text
    std::vector<std::string> notes;
    // The head that decides the shape of the folder: of the checkpoint, or of the last note.
    std::optional<merkle::Checkpoint> shape;
    std::set<std::string> expected;  // every file that such a log has, relative to the whole folder
};

// Reads the signed heads of `folder`/<log>; no hash and no record yet. `present`: every file of the
// whole folder, relative. Whatever is wrong is a finding.
// Errors: io_failed; others of reading files, not_found apart.
Result<LogFiles> read_heads(const std::filesystem::path& folder, wire::LogName log,
                            const std::set<std::string>& present, Findings& findings);

// What is done with a record, which is gone afterwards. Those of one bundle come in their order,
// from one thread; bundles come from several threads at once.
using TakeRecord = std::function<void(std::uint64_t index, ByteView record)>;

// Reads the records and the hashes kept for them, bundle by bundle, into `files.material`.
// Whatever is wrong is a finding. Errors: as read_heads.
Result<void> read_records(const std::filesystem::path& folder, const std::set<std::string>& present,
                          const TakeRecord& take, LogFiles& files, Findings& findings);

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
