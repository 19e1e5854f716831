// commands.h: what relais-audit does. Each command says its result through Output; damage is an
// error (evidence_altered) after it has been said, so that the exit code tells.
#pragma once

#include <filesystem>

#include "tools/evidence/output.h"
#include "tools/evidence/trail.h"

namespace relais::audit {

using evidence::Output;

struct ExportRequest {
    std::filesystem::path data;
    std::filesystem::path socket;
    bool stopped = false;
    std::filesystem::path folder;
};
Result<void> export_logs(const ExportRequest& request, const Output& output);

// Texts of the command line: keys as lines, or files of such lines; heads as files.
struct TrustRequest {
    std::vector<std::string> keys;
    std::string authority;
    std::vector<std::filesystem::path> expected;
    bool witnessed = false;  // what the domain asks of witnesses must be met
};
// Errors: not_found, malformed, unsupported_version, invalid_field  of a key.
Result<std::vector<merkle::VerifierKey>> read_keys(const std::vector<std::string>& keys);

Result<void> verify(const std::filesystem::path& folder, const TrustRequest& trust,
                    const Output& output);
// One proof file; or the folder of one case (`relais proof --thread`).
struct CheckRequest {
    std::filesystem::path proof;
    std::vector<std::string> keys;
    std::string authority;          // of a folder
    std::size_t organisations = 0;  // how many must have cosigned, by the keys given
};
Result<void> check(const CheckRequest& request, const Output& output);

// "indre/witness/<organisation>/<station>": the organisation.
std::string organisation_of(const std::string& witness);

struct ShowRequest {
    std::string thread;
    std::string message;
    std::string event;
    std::string actor;
    std::string from;
    std::string to;
};
// Verifies first: what is shown of altered evidence is said to be so.
Result<void> show(const std::filesystem::path& folder, const TrustRequest& trust,
                  const ShowRequest& request, const Output& output);

}  // namespace relais::audit
