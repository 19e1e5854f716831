// random_kind.h: kinds and acts drawn from a seed, to say of every kind what the examples show of a
// few.
#pragma once

#include "schemas/workflow/decide.h"
#include "tests/support/kinds.h"
#include "tests/support/random.h"

namespace relais::workflow {

// A bundle with states, acts, clocks and rows at random; clock 0 runs from the opening. About one
// in two breaks a rule, most often that of endings.
[[nodiscard]] test::KindBuilder random_bundle(test::SeededRandom& random);

// The first that loads.
[[nodiscard]] Kind random_kind(test::SeededRandom& random);

// Acts of a thread of `kind`: most go from and to whom the act says, some do not.
[[nodiscard]] ActInput random_opening(const Kind& kind, test::SeededRandom& random);
[[nodiscard]] ActInput random_act(const Kind& kind, const Thread& thread,
                                  test::SeededRandom& random);

}  // namespace relais::workflow
