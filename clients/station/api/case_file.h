// case_file.h: what shows a stranger what became of one case: each act with the proof that the
// broker accepted it, what the broker told of who held and opened them, with the signed statements
// of their stations, and the directory that says whose keys these are. Nothing of a content.
#pragma once

#include "clients/station/api/proofs.h"
#include "clients/station/api/threads.h"

namespace relais::station {

struct CaseAct {
    MessageId message;
    std::string act;
    Address from;
    std::string proof;  // a proof file (proofs.h)
};

struct CaseFile {
    std::vector<CaseAct> acts;     // in the broker's order
    std::vector<Bytes> notices;    // statements signed by the broker, encoded
    std::vector<Bytes> directory;  // every entry, in order
};

// Of what `mailbox` has of the thread (absent: the first of ours). Waits for heads that cover the
// acts. Errors: unknown_thread; unknown_object  no act of it is valid here; those of fetch_proof.
Result<CaseFile> case_file(Station& station, const ThreadId& thread,
                           const std::optional<Address>& mailbox,
                           std::chrono::milliseconds patience);

}  // namespace relais::station
