// export.h: writes what a domain's logs hold into a folder that a stranger can verify offline
// (layout.h). The folder appears whole or not at all.
#pragma once

#include <filesystem>
#include <functional>

#include "tools/evidence/layout.h"

namespace relais::evidence {

// Where the logs are read: a running broker, a stopped one's store, a test. Errors: its own.
class Source {
public:
    virtual ~Source() = default;
    // The records from `from` on, as many as come at once; empty at the end.
    virtual Result<std::vector<Bytes>> records(wire::LogName log, std::uint64_t from) = 0;
    // Signed heads of at least `from_size`, by rising size, as many as come at once.
    virtual Result<std::vector<std::string>> heads(wire::LogName log, std::uint64_t from_size) = 0;
    // A full tile as it is kept there; none where the source does not show them.
    virtual Result<std::optional<std::vector<Digest>>> kept_tile(wire::LogName log, unsigned level,
                                                                 std::uint64_t index);
    // The least size of the audit log's head that an export should wait for; see BrokerSource.
    virtual Result<std::uint64_t> audit_wanted() { return std::uint64_t{0}; }
};

struct Exported {
    std::string domain;
    std::uint64_t audit_size = 0;
    std::uint64_t directory_size = 0;
    std::uint64_t heads = 0;  // of both logs
};

// Called now and then with what has been written of a log.
using Progress = std::function<void(const std::string& log, std::uint64_t done, std::uint64_t of)>;

// Writes the audit as far as a signed head (records after it are not covered and stay out), and of
// the directory what there was at first and what this audit tells of, which may be more. What is
// found is written even where it does not fit together: that is for the verifier to say.
// Errors: already_exists  `folder`; not_yet_proven  no signed head; malformed  no directory to be
// read; those of the source and of files. None leaves anything behind.
Result<Exported> export_evidence(Source& source, const std::filesystem::path& folder,
                                 const Progress& progress);

}  // namespace relais::evidence
