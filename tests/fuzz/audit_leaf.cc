// A leaf that is accepted says the same when it is written again, and its event has a name.
#include "schemas/audit/leaf.h"

#include "tests/fuzz/target.h"
#include "tests/support/members.h"

namespace relais::fuzz {

bool accepts(ByteView input) {
    const auto leaf = parse_leaf(input);
    if (!leaf.ok()) return false;
    const Bytes bytes = encode_leaf(*leaf);
    const auto again = parse_leaf(bytes);
    RELAIS_CHECK(again.ok() && test::same(*again, *leaf));
    RELAIS_CHECK(encode_leaf(*again) == bytes);
    RELAIS_CHECK(event_name(leaf->event) != "unknown");
    return true;
}

}  // namespace relais::fuzz
