// The extra data of a proof file says the same when it is written again.
#include "schemas/audit/proof_extra.h"

#include "tests/fuzz/target.h"
#include "tests/support/members.h"

namespace relais::fuzz {

bool accepts(ByteView input) {
    const auto extra = parse_proof_extra(input);
    if (!extra.ok()) return false;
    const auto again = parse_proof_extra(encode_proof_extra(*extra));
    RELAIS_CHECK(again.ok() && again->leaf == extra->leaf);
    RELAIS_CHECK(test::same(again->header, extra->header));
    return true;
}

}  // namespace relais::fuzz
