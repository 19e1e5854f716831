// overtaken.h: why the table refuses an act: because somebody else's act came before it, or because
// it was never to be done here. Pure.
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

}  // namespace relais::broker
