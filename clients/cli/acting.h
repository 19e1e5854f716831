// acting.h: the next act of a thread as a draft: whom it goes to and what it answers follow from
// the act as its kind declares it and from the thread's state. One thread.
#pragma once

#include "clients/station/api/draft.h"
#include "clients/station/api/threads.h"

namespace relais::cli {

// Requires a view whose kind and state are known, and an act that its table may accept now.
// Errors: usage  it goes to some of the parties, and which is not said; act_refused  to no party.
Result<station::Draft> next_draft(station::Station& station, const station::ThreadView& view,
                                  const station::DraftAct& filled);

}  // namespace relais::cli
