// target.h: what a fuzz target is: one function over one decoder. libFuzzer drives it in the preset
// `fuzz` (libfuzzer_main.cc); everywhere else replay_main.cc runs it over its corpus as an ordinary
// test. A target stops the process (RELAIS_CHECK) where the property it states does not hold.
#pragma once

#include "core/base/bytes.h"
#include "core/base/check.h"

namespace relais::fuzz {

// True where the decoder accepted the input. The replay holds files of the corpus to it: valid-*
// are accepted and bad-* are refused, so that a corpus cannot go stale unnoticed.
bool accepts(ByteView input);

}  // namespace relais::fuzz
