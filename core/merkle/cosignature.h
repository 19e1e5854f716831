// cosignature.h: what a witness says of a checkpoint (C2SP tlog-cosignature, Ed25519, type 0x04):
// that at this time this was the largest consistent head it had seen of that log. The line stands
// in the checkpoint's note beside the log's. A key cosigns for one witness alone, since the signed
// bytes do not hold its name. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/merkle/checkpoint.h"

namespace relais::merkle {

// What is signed: "cosignature/v1", "time <seconds>", then the checkpoint's text, whole.
[[nodiscard]] std::string cosignature_message(std::uint64_t posix_seconds,
                                              std::string_view checkpoint_text);

// The witness's line over a head that it has verified and found consistent with the last one it
// cosigned: that is for the caller to know. The time is `now` in whole seconds, rounded down.
// Errors: invalid_field  `as` is not a cosignature key, or a time before 1970.
[[nodiscard]] Result<NoteSignature> cosign(const VerifiedCheckpoint& seen, const VerifierKey& as,
                                           Signer& signer, WallTime now);

// Checks one cosignature of the checkpoint with that text and returns its time, whole seconds.
// Whether the time is plausible is for the caller to judge. Errors: note_invalid  not by this
// witness, does not verify, or a time that no WallTime can hold.
[[nodiscard]] Result<WallTime> verify_cosignature(std::string_view checkpoint_text,
                                                  const NoteSignature& signature,
                                                  const VerifierKey& witness);

// The note with this line, in place of one by the same name and key, if it has one: a witness has
// one line in a note. Errors: those of parse_note, of the note given and of the note made.
[[nodiscard]] Result<std::string> put_cosignature(std::string_view note,
                                                  const NoteSignature& signature);

}  // namespace relais::merkle
