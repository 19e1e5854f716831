// broker_word.h: whether a statement is the broker's own: signed with the key that the domain names
// for it, now or before. What was signed is not undone by the key's replacement; how long a key
// counts is for the directory to say. Pure.
#pragma once

#include "core/base/ports.h"
#include "schemas/directory/state.h"
#include "schemas/envelope/notice.h"

namespace relais::workflow {

// Until when the key counts that signed the statement as a notice: the end that the directory gave
// it last. Errors: ahead_of_directory  the domain has no entry yet; bad_signature  by none of its
// keys. One verification for each key that was tried, the present one first.
Result<WallTime> check_broker_word(const directory::DirectoryState& directory,
                                   const Verifier& verifier, const Statement& statement);

// The same of any message that a broker signs as itself.
Result<WallTime> check_broker_signature(const directory::DirectoryState& directory,
                                        const Verifier& verifier, ByteView message,
                                        const Signature& signature);

// A notice, and until when its key counts.
struct BrokerWord {
    Notice notice;
    WallTime until;
};
// Errors: those of check_broker_word; malformed, invalid_field; revoked  dated beyond the end of
// its key.
Result<BrokerWord> open_broker_word(const directory::DirectoryState& directory,
                                    const Verifier& verifier, ByteView statement);

}  // namespace relais::workflow
