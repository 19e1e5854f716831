// flat_changes.cc: the changes of a target that reads one FlatBuffer.
#include "tests/fuzz/changes.h"
#include "tests/fuzz/flat_layout.h"

namespace relais::fuzz {

Bytes changed(ByteView input, test::SeededRandom& random) {
    Bytes bytes = to_bytes(input);
    change_flat(bytes, random);
    return bytes;
}

}  // namespace relais::fuzz
