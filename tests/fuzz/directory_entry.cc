// An entry that is accepted keeps its bytes as they came (they are the log's leaf) and says what it
// says again when it is written anew. No entry that is not the next of its chain changes a
// directory.
#include <optional>

#include "schemas/directory/state.h"
#include "schemas/directory/verified_before.h"
#include "tests/fuzz/target.h"
#include "tests/support/members.h"
#include "tests/support/random.h"

namespace relais::fuzz {

namespace {

// A directory that trusts whoever signs first: signatures are not what is searched here.
void offer(const directory::SignedEntry& entry) {
    directory::DirectoryState state(entry.entry.domain, entry.entry.signer);
    const auto done = state.apply(entry, directory::VerifiedBefore());
    RELAIS_CHECK(state.size().value == (done.ok() ? 1U : 0U));
    if (!done.ok()) RELAIS_CHECK(state.domain() == nullptr && state.organisations().empty());
    // The same entry again never continues its own chain.
    RELAIS_CHECK(!state.apply(entry, directory::VerifiedBefore()).ok());
}

}  // namespace

bool accepts(ByteView input) {
    const auto entry = directory::parse_signed_entry(input);
    if (!entry.ok()) return false;
    RELAIS_CHECK(bytes_equal(entry->bytes, input));
    const auto again = directory::parse_entry(directory::encode_entry(entry->entry));
    RELAIS_CHECK(again.ok() && test::same(*again, entry->entry));
    RELAIS_CHECK(!directory::body_name(entry->entry.body).empty());
    offer(*entry);
    return true;
}

}  // namespace relais::fuzz
