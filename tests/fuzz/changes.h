// changes.h: what a target whose inputs have a structure adds (STRUCTURED in CMakeLists.txt): how
// to change an input so that it still gets past its reader's first checks. libFuzzer then mixes
// these changes with its own; the replay makes some of each valid file of the corpus.
#pragma once

#include "core/base/bytes.h"
#include "tests/support/random.h"

namespace relais::fuzz {

// `input` with one change. What has not the target's structure may come back as it was.
Bytes changed(ByteView input, test::SeededRandom& random);

}  // namespace relais::fuzz
