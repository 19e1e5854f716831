// keys.h: whose signatures evidence is held to. Keys that the reader brings decide; without them
// the keys are those that the domain authority put into the directory, and the authority the one
// that the evidence names: then the evidence can only be said to agree with itself.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/merkle/checkpoint.h"
#include "schemas/directory/state.h"
#include "schemas/wire/frame.h"

namespace relais::evidence {

struct Pins {
    std::vector<merkle::VerifierKey> keys;  // "indre/audit+...": of logs
    std::optional<Digest> authority;        // fingerprint of the domain authority
};

// "indre/audit"
[[nodiscard]] std::string log_origin(const Name& domain, wire::LogName log);
// Of every Domain entry so far, without repetition, oldest first.
[[nodiscard]] std::vector<merkle::VerifierKey> directory_keys(
    const directory::DirectoryState& state, wire::LogName log);
// The pinned keys of a log.
[[nodiscard]] std::vector<merkle::VerifierKey> pinned_keys(const Pins& pins,
                                                           std::string_view origin);
// Whether `name` is one under which an audit log of the name `base` goes on after a restore:
// "<domain>/audit/<16 hex digits>". A directory never gets another.
[[nodiscard]] bool is_later_name(const std::string& name, const std::string& base);
// The keys of logs that may sign a head of that name: those of the name, and, where it is a later
// one, those of the name that the log had first, which are the same under the new one.
[[nodiscard]] std::vector<merkle::VerifierKey> keys_of_origin(
    const std::vector<merkle::VerifierKey>& keys, const std::string& origin);
// The key lines of all logs, one a line: the file verifier-keys.
[[nodiscard]] std::string key_lines(const directory::DirectoryState& state);
// The head that one of the keys signed. Errors: those of verify_checkpoint, of the last key.
Result<merkle::VerifiedCheckpoint> verify_head(std::string_view note,
                                               const std::vector<merkle::VerifierKey>& keys);

}  // namespace relais::evidence
