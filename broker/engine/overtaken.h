// overtaken.h: why the table refuses an act: because somebody else's act came before it, or because
// it was never to be done here; and whose part is over, who is shown nothing that came after. Pure.
#pragma once

#include "broker/engine/store.h"
#include "schemas/workflow/kind.h"

namespace relais::broker {

// Whether `act`, which the table of the thread's kind refuses, had a place there before an act of
// another person moved the thread on, or the party that it is about. `winner`: the act that last
// changed something. What the course of a thread no longer holds (indicators::kStepsMax) counts as
// nothing.
[[nodiscard]] bool was_overtaken(const workflow::Kind& kind, const StoredThread& thread,
                                 const Header& act, const Header& winner);

// Whether what it was asked is withdrawn: then its part of the thread is over, and it hears no more
// of what others do there. Kinds name such a state by the effect that leads to it.
[[nodiscard]] bool is_withdrawn(const workflow::Kind& kind, const workflow::Party& party);

// Whether that act, which was accepted then, is the one by which the party came to its state; false
// also where the course of the thread no longer tells.
[[nodiscard]] bool withdrew(const workflow::Kind& kind, const StoredThread& thread,
                            const workflow::Party& party, const Header& act, WallTime accepted);

}  // namespace relais::broker
