// manifest.h: manifest.json, which says what a folder of evidence holds. Everything in it follows
// from the rest of the folder: it is derived again and compared, so that it can mislead no one.
#pragma once

#include <string>

#include "core/base/names.h"
#include "core/merkle/checkpoint.h"

namespace relais::evidence {

inline constexpr const char* kFormat = "relais-evidence/1";

struct Manifest {
    Name domain;
    Digest authority;  // fingerprint of the domain authority, as the first directory entry shows it
    merkle::Checkpoint audit;
    std::uint64_t audit_heads = 0;  // signed heads kept
    merkle::Checkpoint directory;
    std::uint64_t directory_heads = 0;
};

// The file's text: one for each manifest.
[[nodiscard]] std::string manifest_text(const Manifest& manifest);
// The domain's name, all that a reader takes from it before the rest is known.
// Errors: malformed; unsupported_version  another format; invalid_field.
Result<Name> manifest_domain(std::string_view text);

}  // namespace relais::evidence
