// checkpoint.h: signed tree heads (C2SP tlog-checkpoint): a note whose text is the log's origin,
// its size and its root. A log never signs two that contradict each other; keeping to that is the
// caller's part. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/merkle/note.h"

namespace relais::merkle {

struct Checkpoint {
    std::string origin;  // which log: one line, by custom also the name of its key
    std::uint64_t size = 0;
    Digest root;
    // Further lines. The specification admits them and advises against them, since no one can audit
    // them: Relais writes none, gives them no meaning, and keeps those of others so that text() is
    // what was signed.
    std::vector<std::string> extensions = {};

    // The text of the note. Requires lines without newlines, as parse_checkpoint gives them.
    [[nodiscard]] std::string text() const;
    bool operator==(const Checkpoint&) const = default;
};

// Reads the text of a note; parse(text).text() is that text again.
// Errors: malformed  fewer than three lines, an empty line, characters no note may hold, a size
// with
//                    leading zeros or from 2^64, a root that is not base64 of 32 bytes, or a root
//                    of size 0 that is not the empty tree's.
[[nodiscard]] Result<Checkpoint> parse_checkpoint(std::string_view text);

// The note with the log's signature. The log signs as its origin.
// Errors: invalid_field  `as` is not an Ed25519 key named like the origin; malformed  text() would
//         not parse; too_large.
[[nodiscard]] Result<std::string> sign_checkpoint(const Checkpoint& head, const VerifierKey& as,
                                                  Signer& signer);

// Whom a reader of one log believes.
struct LogTrust {
    std::string origin;
    VerifierKey log;
    std::vector<VerifierKey> witnesses = {};  // of type cosignature
    std::size_t witnesses_min = 0;  // cosignatures by different keys that a head must carry
};

// A witness that cosigned, and when it says it did.
struct Witnessed {
    std::string witness;
    Ed25519Public key;
    WallTime time;
};

// A head that the log signed and enough witnesses cosigned.
class VerifiedCheckpoint {
public:
    [[nodiscard]] const Checkpoint& head() const { return head_; }
    // The signed text, and the whole note as it came.
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] const std::string& note() const { return note_; }
    // Those of the known witnesses that cosigned.
    [[nodiscard]] const std::vector<Witnessed>& witnessed() const { return witnessed_; }

private:
    friend Result<VerifiedCheckpoint> verify_checkpoint(std::string_view, const LogTrust&);
    VerifiedCheckpoint() = default;
    Checkpoint head_;
    std::string text_;
    std::string note_;
    std::vector<Witnessed> witnessed_;
};

// Errors: malformed, too_large  not a note or not a checkpoint; note_invalid  not signed by the
// log's
//         key, a known key's signature fails, another origin, or too few witnesses;
//         bad_configuration  keys of the wrong type, or one key twice.
[[nodiscard]] Result<VerifiedCheckpoint> verify_checkpoint(std::string_view note,
                                                           const LogTrust& trust);

}  // namespace relais::merkle
