// delegation.h: who reads and answers in the place of a party that is away: whom a sender adds to
// an act, and what the broker and the reader hold against it. The delegate moves the party's own
// state in the table, which knows nothing of it. Pure.
#pragma once

#include <span>
#include <vector>

#include "schemas/directory/state.h"
#include "schemas/envelope/header.h"
#include "schemas/workflow/thread.h"

namespace relais::workflow {

struct Delegate {
    Address mailbox;
    std::size_t party;  // the place, among the recipients, of whom it stands in for
};

// A sender's clock may differ from the broker's: an absence that ended not longer ago than this
// counts as one that may last. A box too much is not handed over.
inline constexpr Milliseconds kAbsenceMargin = std::chrono::hours(1);

// For an act of `from` that opens a thread with the parties `to`: of each, the delegate of its
// first absence not over at `when`, as the directory stood at `at`, where that one takes the kind,
// has a key, and takes no part already (with this act, the opener, or as the delegate of another).
[[nodiscard]] std::vector<Delegate> opening_delegates(const directory::DirectoryState& directory,
                                                      const Kind& kind, const Address& from,
                                                      std::span<const Address> to, WallTime when,
                                                      DirectorySize at);

// For a later act to these parties of the thread: the delegates that its opening named, where they
// can still be written to.
[[nodiscard]] std::vector<Delegate> later_delegates(const directory::DirectoryState& directory,
                                                    const Kind& kind, const Thread& thread,
                                                    std::span<const Address> to, DirectorySize at);

// That every delegate of a header is one that its party named, at the sender's head (for an act
// that opens a thread) or with the opening; and that those who were called in are among them.
// `thread`: null for an opening act. Errors: recipient_refused  it stands in for none of them;
// delegate_missing.
Result<void> check_delegates(const directory::DirectoryState& directory, const Kind& kind,
                             const Thread* thread, const Header& header);

}  // namespace relais::workflow
