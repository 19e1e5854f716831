// A proposal of enrolment that is accepted says the same when it is written again.
#include "schemas/wire/enrolment.h"
#include "tests/fuzz/target.h"
#include "tests/support/members.h"

namespace relais::fuzz {

bool accepts(ByteView input) {
    const auto proposal = parse_proposal(input);
    if (!proposal.ok()) return false;
    const auto again = parse_proposal(encode_proposal(*proposal));
    RELAIS_CHECK((again.ok() && test::same(*again, *proposal)) ||
                 again.code() == ErrorCode::too_large);
    return true;
}

}  // namespace relais::fuzz
